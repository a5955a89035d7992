// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_UNIT_DIALECTS_REFERENCEMODULE_H
#define TERN_TEST_UNIT_DIALECTS_REFERENCEMODULE_H

#include "dialects/Tern/Reference/Interpreter.h"

#include "mlir/IR/OwningOpRef.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace tern::test {

/// A module in text whose functions run by the references of tern and kv.
class ReferenceModule {
public:
  /// `text` must parse and verify; it has no weights.
  explicit ReferenceModule(llvm::StringRef text);

  /// The results of `@f`; none, and errors() has the reason, if it fails.
  reference::Interpreter::Values call(llvm::ArrayRef<reference::Datum> arguments);

  /// What was reported, one line each.
  const std::string &errors() const { return reported; }
  reference::Interpreter &getInterpreter() { return *interpreter; }
  mlir::MLIRContext &getContext() { return context; }

private:
  mlir::MLIRContext context;
  std::string reported;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<reference::Interpreter> interpreter;
};

/// A tensor of these numbers in row-major order.
reference::Tensor tensor(llvm::ArrayRef<int64_t> shape, std::vector<double> numbers);

/// The numbers of a result that is a tensor.
std::vector<double> numbersOf(const reference::Datum &datum);

inline std::vector<double> list(std::initializer_list<double> numbers) { return numbers; }

/// True if the numbers are these but for the rounding of a few operations in f64.
bool areNear(const std::vector<double> &found, const std::vector<double> &expected);

/// The body of `@f`, which returns its last value, run on the arguments: `%0` is the first.
std::vector<double> evaluate(llvm::StringRef signature, llvm::StringRef operation,
                             llvm::ArrayRef<reference::Datum> arguments);

} // namespace tern::test

#endif
