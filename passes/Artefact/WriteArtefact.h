// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_ARTEFACT_WRITEARTEFACT_H
#define TERN_PASSES_ARTEFACT_WRITEARTEFACT_H

#include "runtime/format/Writer.h"

#include "mlir/IR/BuiltinOps.h"

#include <functional>
#include <optional>

namespace tern {

/// What an artefact holds beside the module.
struct ArtefactSources {
  std::vector<format::SourceFile> files;
  /// The tensor of that name; none if the checkpoint lacks it.
  std::function<std::optional<format::SourceTensor>(llvm::StringRef)> findTensor;
  std::string producer; ///< name and version of the compiler
  std::string numerics, cacheType;
  std::string target, targetCpu;
  std::string tokenizer, chatTemplate, decisions;
};

/// The artefact of a module of stage `codegen`, whose kernels are compiled on the way. Fails with a
/// diagnostic.
mlir::FailureOr<format::Artefact> makeArtefact(mlir::ModuleOp module,
                                               const ArtefactSources &sources);

} // namespace tern

#endif
