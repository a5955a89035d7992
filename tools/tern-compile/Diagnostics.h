// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_DIAGNOSTICS_H
#define TERN_TOOLS_TERN_COMPILE_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"

#include <string>

namespace tern {

/// Keeps the first error of a context as one sentence, in place of printing all.
class Diagnostics {
public:
  explicit Diagnostics(mlir::MLIRContext *context);

  /// The error with its place if it has one; `otherwise` if there was none.
  std::string take(const std::string &otherwise);

private:
  std::string first;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace tern

#endif
