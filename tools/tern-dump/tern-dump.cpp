// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Container.h"
#include "runtime/format/Encode.h"
#include "runtime/format/Print.h"
#include "tern/tern.hpp"
#include "tools/cache/CompileCache.h"
#include "tools/command/CommandLine.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-dump/Assembly.h"
#include "tools/tern-dump/DumpCheckpoint.h"

#include <filesystem>
#include <fstream>
#include <iostream>

using namespace tern;
using command::UserError;

namespace {

/// What of a file is shown; nothing chosen means all.
struct DumpOptions {
  std::string file, kernels, assembly, ptx, cubin;
  bool sections = false, plan = false, verify = false;
  CheckpointParts model{};
  bool showsAll() const {
    return !sections && !plan && !model.remarks && !verify && !model.keys && !model.tensors &&
           !model.chatTemplate && !model.unused && model.spectral.empty() && kernels.empty() &&
           assembly.empty() && ptx.empty() && cubin.empty();
  }
};

} // namespace

static void dumpSections(const format::Container &container) {
  for (const format::SectionEntry &section : container.sections())
    std::cout << "section " << section.view() << " at " << section.offset << ", " << section.length
              << " bytes, " << format::toHex(section.hash) << "\n";
}

/// What is slower or larger than it could be: of the model, and of kernels that are not from their
/// best schema.
static void dumpRemarks(const format::Index &index) {
  for (const std::string &remark : index.model.remarks)
    std::cout << remark << "\n";
  for (const format::Kernel &kernel : index.kernels)
    if (!kernel.remark.empty())
      std::cout << "kernel " << kernel.name << ": " << kernel.remark << "\n";
}

/// A section, for other programs.
static void saveSection(std::span<const std::byte> code, const std::string &path) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char *>(code.data()),
             static_cast<std::streamsize>(code.size()));
  if (!file.flush())
    throw UserError(path + ": expected a file that can be written");
}

static void check(const format::Error &error, const std::string &path) {
  if (error)
    throw UserError(path + ": " + error.message());
}

/// A section that an artefact may lack.
static void saveSection(const format::Container &container, std::string_view name,
                        const DumpOptions &options, const std::string &path) {
  std::span<const std::byte> bytes;
  check(container.section(name, bytes), options.file);
  if (bytes.empty())
    throw UserError(options.file + ": expected a section '" + std::string(name) + "', found none");
  saveSection(bytes, path);
}

static void dumpArtefact(const DumpOptions &options, std::span<const std::byte> bytes) {
  // What can't run is refused here as there.
  Artefact artefact(options.file);
  generate::readTokenizer(artefact.section("tokenizer"), options.file);
  if (options.verify)
    artefact.verify();
  format::Container container;
  check(format::Container::read(bytes, container), options.file);
  std::span<const std::byte> indexBytes, code;
  check(container.section(format::section::index, indexBytes), options.file);
  check(container.section(format::section::code, code), options.file);
  format::Index index;
  check(format::decodeIndex(indexBytes, index), options.file);
  if (options.showsAll() || options.sections)
    dumpSections(container);
  if (options.showsAll() || options.plan)
    std::cout << format::printIndex(index);
  if (options.model.remarks)
    dumpRemarks(index);
  if (!options.assembly.empty())
    dumpAssembly(index, code, options.assembly);
  if (!options.kernels.empty())
    saveSection(code, options.kernels);
  if (!options.ptx.empty())
    saveSection(container, format::section::ptx, options, options.ptx);
  if (!options.cubin.empty())
    saveSection(container, format::section::cubin, options, options.cubin);
}

constexpr std::string_view artefactGroup = "What an artefact holds";
constexpr std::string_view modelGroup = "What a model holds";

/// Refuses parts of what the file is not.
static void checkParts(const CLI::App &app, std::string_view absent, const std::string &what) {
  std::vector<std::string> words = command::givenOptions(app, {&absent, 1});
  if (!words.empty())
    throw UserError(what + ", so " + words.front().substr(0, words.front().find('=')) +
                    " has no effect");
}

static void dump(const CLI::App &app, const DumpOptions &options) {
  auto file = checkpoint::MappedFile::open(options.file);
  if (file && isArtefact(options.file)) {
    checkParts(app, modelGroup, options.file + ": is an artefact");
    return dumpArtefact(options, file->bytes());
  }
  if (std::filesystem::exists(options.file))
    checkParts(app, artefactGroup, options.file + ": is no artefact");
  dumpCheckpoint(options.file, options.showsAll()
                                   ? CheckpointParts{true, true, true, true, true, ""}
                                   : options.model);
}

static void declare(CLI::App &app, DumpOptions &options) {
  app.add_option("FILE", options.file, "artefact, GGUF file or Hugging Face directory")->required();
  app.add_flag("--remarks", options.model.remarks,
               "weights that are held in more than a model's file has or are of another type than "
               "--quantize asks for, maps that are slower than they could be, an artefact's "
               "kernels that are not from their best schema, and why");
  app.option_defaults()->group(std::string(artefactGroup));
  app.add_flag("--sections", options.sections, "its sections");
  app.add_flag("--plan", options.plan, "its target, kernels, weights and programs");
  app.add_flag("--verify", options.verify, "check the hashes of all its sections");
  app.add_option("--assembly", options.assembly,
                 "the instructions of each of its kernels whose names have this part; '*' for all")
      ->type_name("NAME");
  app.add_option("--save-code", options.kernels, "writes its code as an ELF file")
      ->type_name("FILE");
  app.add_option("--save-ptx", options.ptx, "writes its text of a GPU's kernels")
      ->type_name("FILE");
  app.add_option("--save-cubin", options.cubin,
                 "writes its machine code of a GPU's kernels as an ELF file")
      ->type_name("FILE");
  app.option_defaults()->group(std::string(modelGroup));
  app.add_flag("--metadata", options.model.keys, "its keys and their values");
  app.add_flag("--tensors", options.model.tensors, "its tensors");
  app.add_flag("--chat-template", options.model.chatTemplate, "its chat template");
  app.add_flag("--not-understood", options.model.unused,
               "its keys and tensors that are not understood and taken to change nothing");
  app.add_option("--sigma-max", options.model.spectral,
                 "the largest singular value of each of its matrices whose names have this part; "
                 "'*' for all")
      ->type_name("NAME");
}

int main(int argc, char **argv) {
  command::Application app("Shows what a file holds: all of it, or the parts that are named.", argc,
                           argv);
  DumpOptions options;
  declare(app, options);
  return app.run([&] {
    try {
      dump(app, options);
    } catch (const Error &error) {
      throw UserError(error.what());
    }
    return command::exitcode::done;
  });
}
