// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/Interpreter.h"
#include "runtime/src/Weights.h"
#include "tern/model.h"

namespace tern::runtime {

struct Model {
  std::shared_ptr<const Artefact> artefact;
  std::shared_ptr<Device> device;
  std::unique_ptr<LoadedCode> code;
  Weights weights;
  Memory constants; ///< of a device that does not share the host's memory

  const format::Index &index() const { return artefact->index; }

  /// Packed weights and constants, without sources and caches.
  Spaces spaces() const;

  static format::Error load(std::shared_ptr<const Artefact> artefact,
                            std::shared_ptr<Device> device, const LoadOptions &options,
                            std::shared_ptr<const Model> &out);

private:
  format::Error upload();
};

} // namespace tern::runtime

struct tern_model_t {
  std::shared_ptr<const tern::runtime::Model> model;
};
