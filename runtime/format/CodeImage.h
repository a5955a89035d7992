// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Reads the code section: an ELF64 shared image that can be mapped anywhere
/// and run as it is.
namespace tern::format {

/// A range of the image's address space and the file bytes that fill it.
struct CodeSegment {
  uint64_t address;
  uint64_t fileOffset;
  uint64_t bytes;
  bool executable;
};

struct CodeSymbol {
  std::string name;
  uint64_t address;
};

struct CodeImage {
  uint64_t memoryBytes = 0; ///< end of the last segment
  std::vector<CodeSegment> segments;
  std::vector<CodeSymbol> symbols; ///< functions and data that the image exports

  bool isExecutable(uint64_t address) const;

  /// NULL if there is none of that name.
  const CodeSymbol *find(std::string_view name) const;
};

/// Refuses, with a sentence, images
/// - (I1) that are not ELF64 little-endian shared objects for this processor,
/// - (I2) whose tables lie outside the file,
/// - (I3) with a writable segment, or memory that the file does not fill,
/// - (I4) whose segments overlap or exceed 1 GiB,
/// - (I5) with relocations, needed libraries or initialisers,
/// - (I6) with undefined symbols.
Error readCodeImage(std::span<const std::byte> file, CodeImage &out);

} // namespace tern::format
