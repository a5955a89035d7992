// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECTS_TERN_REFERENCE_INTERPRETER_H
#define TERN_DIALECTS_TERN_REFERENCE_INTERPRETER_H

#include "dialects/Tern/IR/Tern.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace tern::reference {

/// Numbers in row-major order, every element type as f64. Copies share the numbers.
struct Tensor {
  llvm::SmallVector<int64_t> shape;
  std::shared_ptr<std::vector<double>> data;

  /// Zeros.
  static Tensor make(llvm::ArrayRef<int64_t> shape);
  int64_t size() const { return static_cast<int64_t>(data->size()); }
  double &operator[](int64_t i) { return (*data)[i]; }
  double operator[](int64_t i) const { return (*data)[i]; }
};

/// What a dialect's own type holds at run time: a cache, a batch.
struct State {
  virtual ~State() = default;
};

using Datum = std::variant<Tensor, int64_t, std::shared_ptr<State>>;

/// Numbers that lie so near a boundary between two roundings that arithmetic in f32 may take the
/// other one. All later numbers feel it, so who compares an f32 result with the reference asks
/// whether some choice among them gives it.
struct Ties {
  double reach = 0;    ///< how near, as a share of the largest number of the row or group
  uint64_t turned = 0; ///< bit i: the i-th of them, as they come, is rounded the other way
  int found = 0;

  /// The integer nearest to `x`, to the even one of two; `error` is what f32 may be off by.
  double nearest(double x, double error);
};

/// `x` rounded to nearest, ties to even, in the float format of `type`; toward zero for integers.
/// `ties` may be null; `largest` is the largest magnitude of the row.
double roundTo(double x, mlir::Type type, Ties *ties = nullptr, double largest = 0);

/// Runs functions of a module by the references of their operations, in f64 and plain loops.
class Interpreter {
public:
  using Values = llvm::SmallVector<Datum>;
  using Definition = std::function<mlir::LogicalResult(mlir::Operation *, llvm::ArrayRef<Datum>,
                                                       Values &, Interpreter &)>;
  using Weights =
      std::function<mlir::FailureOr<Tensor>(llvm::StringRef name, mlir::RankedTensorType type)>;

  /// `weights` finds the tensors that tern.weight names; it reports what it can't find.
  Interpreter(mlir::ModuleOp module, Weights weights);

  /// Gives operation `name` ("tern.add") its meaning.
  void define(llvm::StringRef name, Definition definition) {
    definitions[name] = std::move(definition);
  }
  bool defines(llvm::StringRef name) const { return definitions.contains(name); }
  /// Empty if it has none.
  Definition definition(llvm::StringRef name) const { return definitions.lookup(name); }

  /// Calls a function of the module. Named dimensions get their values from the arguments; fails
  /// with a diagnostic if they contradict each other or the types, or an operation fails.
  mlir::FailureOr<Values> call(llvm::StringRef function, llvm::ArrayRef<Datum> arguments);

  /// The size of each axis of `type` with the dimensions of the call at hand.
  mlir::FailureOr<llvm::SmallVector<int64_t>> shapeOf(mlir::Operation *op,
                                                      mlir::RankedTensorType type) const;

  /// Gives the name a value for the call at hand; fails at `op` if it has another one.
  mlir::LogicalResult bindDim(mlir::Operation *op, mlir::StringAttr name, int64_t value);

  /// Binds the dimensions that the arguments of a dialect's own types carry.
  using Binder =
      std::function<mlir::LogicalResult(mlir::func::FuncOp, llvm::ArrayRef<Datum>, Interpreter &)>;
  void addBinder(Binder binder) { binders.push_back(std::move(binder)); }

  const Weights &getWeights() const { return weights; }

  Ties ties;

private:
  mlir::LogicalResult bindArgument(mlir::func::FuncOp function, mlir::Type type,
                                   const Datum &value);
  mlir::FailureOr<Values> callFunction(mlir::func::FuncOp function,
                                       llvm::ArrayRef<Datum> arguments);
  mlir::FailureOr<Values> runBlock(mlir::Block &block, llvm::ArrayRef<Datum> arguments);
  mlir::LogicalResult run(mlir::Operation &op, llvm::ArrayRef<Datum> operands, Values &results);
  mlir::LogicalResult repeat(RepeatOp op, llvm::ArrayRef<Datum> operands, Values &results);
  mlir::LogicalResult loaded(LoadedOp op, llvm::ArrayRef<Datum> operands, Values &results);

  mlir::ModuleOp module;
  Weights weights;
  llvm::StringMap<Definition> definitions;
  std::vector<Binder> binders;
  llvm::DenseMap<mlir::StringAttr, int64_t> dims;
  llvm::DenseSet<mlir::Operation *> active; ///< functions that are being run
  /// What load functions returned, by function and layer (-1: none).
  llvm::DenseMap<std::pair<mlir::StringAttr, int64_t>, Values> loads;
};

/// The references of the tern dialect's operations.
void defineTern(Interpreter &interpreter);
void defineElementwise(Interpreter &interpreter);
void defineContraction(Interpreter &interpreter);
void defineLayout(Interpreter &interpreter);
void defineIndices(Interpreter &interpreter);
void defineTransformer(Interpreter &interpreter);
void defineSampling(Interpreter &interpreter);

} // namespace tern::reference

#endif
