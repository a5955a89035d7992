// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Container.h"
#include "runtime/format/Encode.h"
#include "runtime/format/Print.h"
#include "tern/tern.hpp"
#include "tools/cache/CompileCache.h"
#include "tools/command/CommandLine.h"
#include "tools/generate/ModelTokenizer.h"
#include "tools/tern-dump/DumpCheckpoint.h"

#include <fstream>
#include <iostream>

using namespace tern;
using command::UserError;

namespace {

/// What of a file is shown; nothing chosen means all.
struct DumpOptions {
  std::string file, kernels;
  bool sections = false, plan = false, remarks = false, verify = false;
  CheckpointParts model{};
  bool showsAll() const {
    return !sections && !plan && !remarks && !verify && !model.keys && !model.tensors &&
           !model.chatTemplate && !model.unused && model.spectral.empty() && kernels.empty();
  }
};

} // namespace

static void dumpSections(const format::Container &container) {
  for (const format::SectionEntry &section : container.sections())
    std::cout << "section " << section.view() << " at " << section.offset << ", " << section.length
              << " bytes, " << format::toHex(section.hash) << "\n";
}

/// The kernels that are not from their best schema.
static void dumpRemarks(const format::Index &index) {
  for (const format::Kernel &kernel : index.kernels)
    if (!kernel.remark.empty())
      std::cout << "kernel " << kernel.name << ": " << kernel.remark << "\n";
}

/// The linked image of all kernels, for a disassembler.
static void saveCode(std::span<const std::byte> code, const std::string &path) {
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
  if (options.remarks)
    dumpRemarks(index);
  if (!options.kernels.empty())
    saveCode(code, options.kernels);
}

static void dump(const DumpOptions &options) {
  auto file = checkpoint::MappedFile::open(options.file);
  if (file && isArtefact(options.file))
    dumpArtefact(options, file->bytes());
  else
    dumpCheckpoint(options.file, options.showsAll() ? CheckpointParts{true, true, true, true, ""}
                                                    : options.model);
}

int main(int argc, char **argv) {
  command::Application app("Shows what a file holds.", argc, argv);
  DumpOptions options;
  app.add_option("FILE", options.file, "artefact, GGUF file or Hugging Face directory")->required();
  app.add_flag("--sections", options.sections, "an artefact's sections");
  app.add_flag("--plan", options.plan, "an artefact's target, kernels, weights and programs");
  app.add_flag("--remarks", options.remarks,
               "an artefact's kernels that are not from their best schema, and why");
  app.add_flag("--verify", options.verify, "check the hashes of all sections of an artefact");
  app.add_flag("--metadata", options.model.keys, "a model's keys and their values");
  app.add_flag("--tensors", options.model.tensors, "a model's tensors");
  app.add_flag("--chat-template", options.model.chatTemplate, "a model's chat template");
  app.add_flag("--not-understood", options.model.unused,
               "a model's keys and tensors that are not understood and taken to change nothing");
  app.add_option("--sigma-max", options.model.spectral,
                 "the largest singular value of each of a model's matrices whose names have this "
                 "part; '*' for all")
      ->type_name("NAME");
  app.add_option("--save-code", options.kernels, "writes an artefact's code as an ELF file")
      ->type_name("FILE");
  return app.run([&] {
    try {
      dump(options);
    } catch (const Error &error) {
      throw UserError(error.what());
    }
    return command::exitcode::done;
  });
}
