// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/CodeImage.h"
#include "runtime/format/Container.h"
#include "runtime/format/Index.h"
#include "runtime/src/Memory.h"
#include "tern/artefact.h"

#include <memory>

namespace tern::runtime {

/// An artefact whose header, index and code were checked.
class Artefact {
public:
  static format::Error open(const std::string &path, std::shared_ptr<const Artefact> &out);

  std::string path;
  MappedFile file;
  format::Container container;
  format::Index index;
  format::CodeImage image;
  std::span<const std::byte> constants;

  /// Names what `load` makes of the weights: equal keys, equal packed bytes.
  format::Hash packedKey() const;

private:
  format::Error read();
};

} // namespace tern::runtime

struct tern_artefact_t {
  std::shared_ptr<const tern::runtime::Artefact> artefact;
};
