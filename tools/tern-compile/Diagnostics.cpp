// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

#include <utility>

using namespace mlir;

namespace tern {

static std::string describe(const Diagnostic &diagnostic) {
  std::string text;
  llvm::raw_string_ostream out(text);
  if (auto place = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
    out << place.getFilename().getValue() << ":" << place.getLine() << ":" << place.getColumn()
        << ": ";
  out << diagnostic;
  return text;
}

Diagnostics::Diagnostics(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (first.empty() && diagnostic.getSeverity() == DiagnosticSeverity::Error)
          first = describe(diagnostic);
        return success();
      }) {}

std::string Diagnostics::take(const std::string &otherwise) {
  return first.empty() ? otherwise : std::exchange(first, "");
}

} // namespace tern
