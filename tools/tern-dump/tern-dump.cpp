// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/ModelConfig.h"
#include "runtime/format/CodeImage.h"
#include "runtime/format/Container.h"
#include "runtime/format/Encode.h"
#include "runtime/format/Print.h"
#include "runtime/format/Verify.h"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>

using namespace tern;

namespace {

/// What of a file is shown; nothing chosen means all.
struct DumpOptions {
  std::string file, kernels;
  bool sections = false, plan = false, tensors = false, metadata = false;
  bool showsAll() const { return !sections && !plan && !tensors && !metadata && kernels.empty(); }
};

struct DumpError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace

static void check(const format::Error &error, const std::string &path) {
  if (error)
    throw DumpError(path + ": " + error.message());
}

static bool isArtefact(std::span<const std::byte> bytes) {
  constexpr std::string_view magic(format::Header::expectedMagic, 8);
  return bytes.size() >= 8 &&
         std::string_view(reinterpret_cast<const char *>(bytes.data()), 8) == magic;
}

static void dumpSections(const format::Container &container) {
  for (const format::SectionEntry &section : container.sections())
    std::cout << "section " << section.view() << " at " << section.offset << ", "
              << section.length << " bytes, " << format::toHex(section.hash) << "\n";
}

/// The linked image of all kernels, for a disassembler.
static void saveCode(std::span<const std::byte> code, const std::string &path) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char *>(code.data()),
             static_cast<std::streamsize>(code.size()));
  if (!file.flush())
    throw DumpError(path + ": the code could not be written");
}

static void dumpArtefact(const DumpOptions &options, std::span<const std::byte> bytes) {
  format::Container container;
  check(format::Container::read(bytes, container), options.file);
  std::span<const std::byte> indexBytes, code;
  check(container.section(format::section::index, indexBytes), options.file);
  check(container.section(format::section::code, code), options.file);
  format::Index index;
  check(format::decodeIndex(indexBytes, index), options.file);
  format::CodeImage image;
  check(format::readCodeImage(code, image), options.file);
  check(format::verifyIndex(index, image), options.file);
  if (options.showsAll() || options.sections)
    dumpSections(container);
  if (options.showsAll() || options.plan)
    std::cout << format::printIndex(index);
  if (!options.kernels.empty())
    saveCode(code, options.kernels);
}

static std::string textOf(const checkpoint::GgufValue &value) {
  if (auto text = value.text())
    return checkpoint::quote(*text);
  if (auto integer = value.integer())
    return std::to_string(*integer);
  if (auto real = value.real())
    return checkpoint::toText(*real);
  if (auto boolean = value.boolean())
    return *boolean ? "true" : "false";
  return "array of " + std::to_string(value.count());
}

static void dumpCheckpoint(const DumpOptions &options) {
  auto opened = checkpoint::Checkpoint::open(options.file);
  if (!opened)
    throw DumpError(opened.error().message);
  // What runs must be readable too: an unknown family or setting is refused here as there.
  auto config = checkpoint::readModelConfig(*opened);
  if (!config)
    throw DumpError(config.error().message);
  if (options.showsAll() || options.metadata)
    for (const checkpoint::GgufEntry &entry : opened->metadata().entries())
      std::cout << "key " << checkpoint::quote(entry.key) << " = " << textOf(entry.value) << "\n";
  if (options.showsAll() || options.tensors)
    for (const checkpoint::Tensor &tensor : opened->tensors()) {
      std::cout << "tensor " << checkpoint::quote(tensor.name) << " " << tensor.typeName << " [";
      for (size_t i = 0; i < tensor.shape.size(); ++i)
        std::cout << (i ? ", " : "") << tensor.shape[i];
      std::cout << "] at " << tensor.offset << ", " << tensor.bytes << " bytes\n";
    }
}

static void dump(const DumpOptions &options) {
  auto file = checkpoint::MappedFile::open(options.file);
  if (file && isArtefact(file->bytes()))
    dumpArtefact(options, file->bytes());
  else
    dumpCheckpoint(options);
}

int main(int argc, char **argv) {
  CLI::App app("Shows what a file holds.", "tern-dump");
  DumpOptions options;
  app.add_option("FILE", options.file, "artefact, GGUF file or Hugging Face directory")->required();
  app.add_flag("--sections", options.sections, "an artefact's sections");
  app.add_flag("--plan", options.plan, "an artefact's target, kernels, weights and programs");
  app.add_flag("--metadata", options.metadata, "a GGUF file's keys");
  app.add_flag("--tensors", options.tensors, "a checkpoint's tensors");
  app.add_option("--save-code", options.kernels, "writes an artefact's code as an ELF file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    dump(options);
  } catch (const std::exception &error) {
    std::cerr << "tern-dump: " << error.what() << "\n";
    return 1;
  }
}
