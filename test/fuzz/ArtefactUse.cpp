// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/fuzz/ArtefactUse.h"

#include "runtime/format/CodeImage.h"
#include "runtime/format/Container.h"
#include "runtime/format/Encode.h"
#include "runtime/format/Print.h"
#include "runtime/format/Verify.h"

#include <cstring>

namespace tern::format {

void rehash(std::vector<std::byte> &file) {
  Header header;
  if (file.size() < sizeof header)
    return;
  std::memcpy(&header, file.data(), sizeof header);
  for (uint32_t i = 0; i < std::min(header.sectionCount, Header::maxSections); ++i) {
    SectionEntry &section = header.sections[i];
    if (section.offset <= file.size() && section.length <= file.size() - section.offset)
      section.hash = hashBytes(std::span(file).subspan(section.offset, section.length));
  }
  header.hash = hashHeader(header);
  std::memcpy(file.data(), &header, sizeof header);
}

Error useArtefact(std::span<const std::byte> file, std::string &text) {
  Container container;
  if (Error error = Container::read(file, container))
    return error;
  std::span<const std::byte> bytes;
  for (const SectionEntry &entry : container.sections())
    if (Error error = container.section(entry.view(), bytes))
      return error;
  CodeImage image;
  if (Error error = container.section(section::code, bytes))
    return error;
  if (Error error = readCodeImage(bytes, image))
    return error;
  Index index;
  if (Error error = container.section(section::index, bytes))
    return error;
  if (Error error = decodeIndex(bytes, index))
    return error;
  if (Error error = verifyIndex(index, image))
    return error;
  text = printIndex(index);
  return {};
}

} // namespace tern::format
