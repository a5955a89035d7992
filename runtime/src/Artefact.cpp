// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Artefact.h"

#include "runtime/format/Encode.h"
#include "runtime/format/Verify.h"
#include "runtime/src/Border.h"

using namespace tern::format;

namespace tern::runtime {

Error Artefact::open(const std::string &path, std::shared_ptr<const Artefact> &out) {
  auto artefact = std::make_shared<Artefact>();
  artefact->path = path;
  if (Error error = MappedFile::open(path, artefact->file))
    return error;
  if (Error error = artefact->read())
    return std::move(error).in(path);
  out = std::move(artefact);
  return {};
}

Error Artefact::read() {
  if (Error error = Container::read(file.bytes(), container))
    return error;
  for (std::string_view name : {section::index, section::code})
    if (!container.find(name))
      return makeError(TERN_BAD_FILE, "expected a section '%s', found none",
                       std::string(name).c_str());
  std::span<const std::byte> bytes;
  if (Error error = container.section(section::index, bytes))
    return error;
  if (Error error = decodeIndex(bytes, index))
    return error;
  if (Error error = container.section(section::code, bytes))
    return error;
  if (Error error = readCodeImage(bytes, image))
    return error;
  if (Error error = container.section(section::cubin, bytes))
    return error;
  if (Error error = verifyCubin(index, bytes))
    return error;
  if (Error error = container.section(section::constants, constants))
    return error;
  const SectionEntry *weights = container.find(section::weights);
  if (constants.size() != index.constantBytes ||
      (weights ? weights->length : 0) != index.embeddedBytes)
    return makeError(TERN_BAD_FILE,
                     "expected %llu bytes of constants and %llu of weights, found %zu and %llu",
                     static_cast<unsigned long long>(index.constantBytes),
                     static_cast<unsigned long long>(index.embeddedBytes), constants.size(),
                     static_cast<unsigned long long>(weights ? weights->length : 0));
  return verifyIndex(index, image);
}

Hash Artefact::packedKey() const {
  // The index has the load program, the features and the weights' hashes; the
  // weights section is hashed where weights are embedded.
  Hasher hasher;
  for (std::string_view name :
       {section::index, section::code, section::constants, section::weights})
    if (const SectionEntry *entry = container.find(name))
      hasher.update(std::as_bytes(std::span(entry->hash)));
  return hasher.finish();
}

} // namespace tern::runtime

using tern::runtime::atBorder;

tern_error_t *tern_artefact_open(const char *path, tern_artefact_t **out_artefact) {
  return atBorder({{"path", path}, {"out_artefact", out_artefact}}, [&]() -> Error {
    *out_artefact = nullptr;
    auto handle = std::make_unique<tern_artefact_t>();
    if (Error error = tern::runtime::Artefact::open(path, handle->artefact))
      return error;
    *out_artefact = handle.release();
    return {};
  });
}

void tern_artefact_free(tern_artefact_t *artefact) { delete artefact; }

void tern_artefact_get_facts(const tern_artefact_t *artefact, tern_artefact_facts_t *out_facts) {
  const Index &index = artefact->artefact->index;
  const Model &model = index.model;
  uint64_t packedBytes = 0;
  for (const PackedWeight &weight : index.packed)
    packedBytes += weight.bytes;
  *out_facts = {model.architecture.c_str(),
                model.numerics.c_str(),
                model.cacheType.c_str(),
                index.target.name.c_str(),
                index.target.cpu.c_str(),
                index.producer.c_str(),
                model.maxContext,
                model.maxRows,
                model.vocabulary,
                model.eos.data(),
                model.eos.size(),
                model.bos,
                model.addBos,
                packedBytes};
}

tern_error_t *tern_artefact_get_section(const tern_artefact_t *artefact, const char *name,
                                        const void **out_data, size_t *out_bytes) {
  std::initializer_list<tern::runtime::Needed> needed = {
      {"artefact", artefact}, {"name", name}, {"out_data", out_data}, {"out_bytes", out_bytes}};
  return atBorder(needed, [&]() -> Error {
    *out_data = nullptr;
    *out_bytes = 0;
    std::span<const std::byte> bytes;
    if (Error error = artefact->artefact->container.section(name, bytes))
      return std::move(error).in(artefact->artefact->path);
    *out_data = bytes.data();
    *out_bytes = bytes.size();
    return {};
  });
}

tern_error_t *tern_artefact_verify(const tern_artefact_t *artefact) {
  return atBorder({{"artefact", artefact}}, [&]() -> Error {
    const auto &container = artefact->artefact->container;
    for (const SectionEntry &section : container.sections())
      if (Error error = container.checkHash(section))
        return std::move(error).in(artefact->artefact->path);
    return {};
  });
}
