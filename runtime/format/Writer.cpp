// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Writer.h"

#include "runtime/format/Container.h"
#include "runtime/format/Encode.h"
#include "runtime/format/Verify.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <unistd.h>

namespace tern::format {

namespace {

using Bytes = std::span<const std::byte>;

/// Consumes the file's bytes from the first to the last; false stops.
using Sink = std::function<bool(Bytes)>;

constexpr uint64_t tensorAlignment = 64;

uint64_t alignTo(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// A section as pieces to be laid one after the other.
struct Section {
  std::string_view name;
  std::vector<Bytes> pieces;

  uint64_t length() const {
    uint64_t total = 0;
    for (Bytes piece : pieces)
      total += piece.size();
    return total;
  }
};

constexpr std::byte zeros[pageBytes]{};

Bytes padding(uint64_t from, uint64_t alignment) {
  return Bytes(zeros).first(alignTo(from, alignment) - from);
}

/// Lays embedded tensors out, each 64-byte aligned, and says where in the index.
Section layOutWeights(const Artefact &artefact, Index &index) {
  Section weights{section::weights, {}};
  uint64_t end = 0;
  for (size_t i = 0; i < artefact.embedded.size(); ++i) {
    index.tensors[i].file = SourceTensor::embedded;
    index.tensors[i].offset = end;
    end += artefact.embedded[i].size();
    weights.pieces.push_back(artefact.embedded[i]);
    weights.pieces.push_back(padding(end, tensorAlignment));
    end = alignTo(end, tensorAlignment);
  }
  index.embeddedBytes = end;
  return weights;
}

Error checkEmbedded(const Artefact &artefact) {
  if (artefact.embedded.empty())
    return {};
  const auto &tensors = artefact.index.tensors;
  if (artefact.embedded.size() != tensors.size())
    return makeError(TERN_INVALID_ARGUMENT, "expected the bytes of %zu tensors, found %zu",
                     tensors.size(), artefact.embedded.size());
  for (size_t i = 0; i < tensors.size(); ++i)
    if (artefact.embedded[i].size() != tensors[i].length)
      return makeError(TERN_INVALID_ARGUMENT, "tensor '%s': expected %llu bytes, found %zu",
                       tensors[i].name.c_str(), static_cast<unsigned long long>(tensors[i].length),
                       artefact.embedded[i].size());
  return {};
}

Error layOutHeader(const std::vector<Section> &sections, Header &header) {
  if (sections.size() > Header::maxSections)
    return makeError(TERN_INVALID_ARGUMENT, "expected at most %u sections, found %zu",
                     Header::maxSections, sections.size());
  std::memcpy(header.magic, Header::expectedMagic, sizeof header.magic);
  header.version = formatVersion;
  header.sectionCount = static_cast<uint32_t>(sections.size());
  uint64_t end = pageBytes;
  for (size_t i = 0; i < sections.size(); ++i) {
    SectionEntry &entry = header.sections[i];
    if (sections[i].name.empty() || sections[i].name.size() >= sizeof entry.name)
      return makeError(TERN_INVALID_ARGUMENT, "section '%s': expected a name of 1 to 15 characters",
                       std::string(sections[i].name).c_str());
    std::memcpy(entry.name, sections[i].name.data(), sections[i].name.size());
    entry.offset = alignTo(end, pageBytes);
    entry.length = sections[i].length();
    Hasher hasher;
    for (Bytes piece : sections[i].pieces)
      hasher.update(piece);
    entry.hash = hasher.finish();
    end = entry.offset + entry.length;
  }
  header.fileBytes = end;
  header.hash = hashHeader(header);
  return {};
}

Error emit(const Artefact &artefact, const Sink &sink, bool &finished) {
  if (Error error = checkEmbedded(artefact))
    return error;
  Index index = artefact.index;
  Section weights = layOutWeights(artefact, index);
  index.constantBytes = artefact.constants.size();
  CodeImage image;
  if (Error error = readCodeImage(artefact.code, image))
    return error;
  if (Error error = verifyIndex(index, image))
    return error;
  auto cubin = std::as_bytes(std::span(artefact.cubin));
  if (Error error = verifyCubin(index, cubin))
    return error;

  std::vector<std::byte> encoded = encodeIndex(index);
  std::vector<Section> sections{{section::index, {encoded}}, {section::code, {artefact.code}}};
  auto addIfAny = [&](std::string_view name, Bytes bytes) {
    if (!bytes.empty())
      sections.push_back({name, {bytes}});
  };
  addIfAny(section::ptx, std::as_bytes(std::span(artefact.ptx)));
  addIfAny(section::cubin, cubin);
  addIfAny(section::constants, artefact.constants);
  addIfAny(section::tokenizer, std::as_bytes(std::span(artefact.tokenizer)));
  addIfAny(section::chatTemplate, std::as_bytes(std::span(artefact.chatTemplate)));
  addIfAny(section::decisions, std::as_bytes(std::span(artefact.decisions)));
  for (const auto &[name, bytes] : artefact.extra)
    sections.push_back({name, {std::as_bytes(std::span(bytes))}});
  if (!weights.pieces.empty())
    sections.push_back(std::move(weights));

  Header header{};
  if (Error error = layOutHeader(sections, header))
    return error;
  finished = sink(std::as_bytes(std::span(&header, 1)));
  uint64_t end = pageBytes;
  for (const Section &section : sections) {
    finished = finished && sink(padding(end, pageBytes));
    for (Bytes piece : section.pieces)
      finished = finished && sink(piece);
    end = alignTo(end, pageBytes) + section.length();
  }
  return {};
}

} // namespace

Error serialise(const Artefact &artefact, std::vector<std::byte> &out) {
  out.clear();
  bool finished = false;
  return emit(
      artefact,
      [&](Bytes bytes) {
        out.insert(out.end(), bytes.begin(), bytes.end());
        return true;
      },
      finished);
}

Error writeArtefact(const Artefact &artefact, const std::string &path,
                    const std::function<bool()> &goesOn) {
  std::string aside = path + ".part-" + std::to_string(getpid());
  std::unique_ptr<FILE, int (*)(FILE *)> file(std::fopen(aside.c_str(), "wb"), std::fclose);
  if (!file)
    return makeError(TERN_BAD_FILE, "%s: expected a file that can be written: %s", path.c_str(),
                     std::strerror(errno));
  bool finished = false;
  Error error = emit(
      artefact,
      [&](Bytes bytes) {
        return goesOn() &&
               (bytes.empty() || std::fwrite(bytes.data(), bytes.size(), 1, file.get()) == 1);
      },
      finished);
  if (!error && !goesOn())
    error = makeError(TERN_INTERRUPTED, "stopped while it was written");
  if (!error &&
      (!finished || std::fflush(file.get()) != 0 || std::rename(aside.c_str(), path.c_str()) != 0))
    error =
        makeError(TERN_BAD_FILE, "expected a file that can be written: %s", std::strerror(errno));
  if (!error)
    return {};
  std::remove(aside.c_str());
  return std::move(error).in(path);
}

} // namespace tern::format
