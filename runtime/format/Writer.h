// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"
#include "runtime/format/Index.h"

#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace tern::format {

/// All that goes into an artefact.
struct Artefact {
  Index index;

  /// A linked image as CodeImage.h wants it; kernels' offsets are addresses in
  /// it (readCodeImage finds them by name).
  std::vector<std::byte> code;
  std::string ptx;   ///< text of a GPU's kernels, or empty
  std::string cubin; ///< an ELF file of the same kernels, or empty
  std::vector<std::byte> constants;

  std::string tokenizer;    ///< bytes of a tokenizer.json, or empty
  std::string chatTemplate; ///< or empty
  std::string decisions;    ///< JSON, or empty

  /// Empty, or the bytes of each of index.tensors: they are then put into the
  /// artefact, and the written index says so. Borrowed until it is written.
  std::vector<std::span<const std::byte>> embedded;

  /// Further sections: a name of at most 15 characters, and the bytes.
  std::vector<std::pair<std::string, std::string>> extra;
};

/// The artefact's bytes: equal artefacts give equal bytes. Sets the lengths
/// of constants and embedded weights in the index itself. Fails, as opening
/// the result would, if the code or the index is not what it must be.
Error serialise(const Artefact &artefact, std::vector<std::byte> &out);

/// Writes the artefact's bytes aside, then renames them to `path`; gives up with TERN_INTERRUPTED,
/// leaving nothing, once `goesOn` is false.
Error writeArtefact(
    const Artefact &artefact, const std::string &path,
    const std::function<bool()> &goesOn = [] { return true; });

} // namespace tern::format
