// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_PLAN_PROGRAMPLANNER_H
#define TERN_PASSES_PLAN_PROGRAMPLANNER_H

#include "dialects/Plan/IR/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

namespace tern::plan {

/// A load function and the layer that it is called for, -1 for none.
using Load = std::pair<mlir::func::FuncOp, int64_t>;

/// What the programs of a module share: kernels, and the weights that the load program makes.
class ModulePlan {
public:
  explicit ModulePlan(mlir::ModuleOp module) : module(module) {}

  /// The kernel of `dispatch` with operands and results at these row strides.
  llvm::StringRef kernelFor(DispatchOp dispatch, llvm::ArrayRef<int64_t> rowStrides);
  /// The name of result `index` of a load function, which the load program will make.
  llvm::StringRef weightFor(mlir::func::FuncOp function, int64_t layer, int64_t index,
                            int64_t bytes);
  /// Records the type of a cache or a state in the module's attribute `plan.caches`.
  void addCache(llvm::StringRef name, mlir::Type type);
  /// The load functions that were read, in that order.
  llvm::ArrayRef<Load> loads() const { return loadOrder.getArrayRef(); }
  size_t numKernels() const { return kernels.size(); }
  /// The largest value of a sum of named dimensions.
  mlir::FailureOr<int64_t> largest(mlir::Operation *op, ExtentAttr sum) const;

  mlir::ModuleOp module;

private:
  llvm::StringMap<std::string> kernels; ///< names by text
  llvm::StringMap<int64_t> weights;
  llvm::SetVector<Load> loadOrder;
};

/// Writes one program.
class ProgramPlanner {
public:
  ProgramPlanner(ModulePlan &plan, llvm::StringRef name) : plan(plan), name(name) {}

  /// Adds the commands of a function, whose arguments and results are the program's.
  mlir::LogicalResult addFunction(mlir::func::FuncOp function);
  /// Adds the commands of a load function, whose results are weights.
  mlir::LogicalResult addLoad(mlir::func::FuncOp function, int64_t layer);
  /// Places the arena and writes the program into the module.
  mlir::LogicalResult write();

  size_t numCommands() const { return commands.size(); }

private:
  using Extents = llvm::SmallVector<ExtentAttr, 2>;
  /// `bytes`, multiplied by each of `times`.
  struct Memory {
    Space space;
    std::string name;
    ExtentAttr bytes;
    Extents times;
    mlir::Type source = {}; ///< of a weight
  };
  /// Bytes of a memory: all but `offset` at its start and `rest` at its end.
  struct Range {
    size_t memory;
    int64_t offset;
    ExtentAttr rest = {}; ///< null for 0
  };
  /// What a value is at run time: the ranges that a kernel gets for it, or an index.
  struct Bound {
    llvm::SmallVector<Range, 3> ranges;
    int64_t rowStride = 0;
    std::optional<int64_t> index;
  };
  struct Command {
    std::string kernel; ///< empty: a copy from the second range to the first
    llvm::SmallVector<Range> ranges;
    llvm::SmallVector<int64_t> indices;
    ExtentAttr bytes; ///< of a copy, multiplied by each of `times`
    Extents times;
  };
  using Environment = llvm::DenseMap<mlir::Value, Bound>;
  using Bounds = llvm::SmallVector<Bound>;

  size_t addMemory(Space space, llvm::StringRef name, ExtentAttr bytes,
                   llvm::ArrayRef<ExtentAttr> times = {});
  mlir::FailureOr<int64_t> largest(const Memory &memory) const;
  mlir::ArrayAttr timesAttr(llvm::ArrayRef<ExtentAttr> times) const;
  void addArgument(llvm::StringRef name, mlir::Type type, bool isOutput);
  mlir::FailureOr<Bound> bindArgument(mlir::func::FuncOp function, mlir::Type type,
                                      llvm::StringRef name);
  mlir::FailureOr<Bound> allocate(mlir::Operation *op, mlir::Type type, Space space,
                                  llvm::StringRef name, bool isDense);
  ExtentAttr constant(int64_t value) const;

  /// Walks a function's body; `targets` says where its results belong, none for anywhere.
  mlir::FailureOr<Bounds> walk(mlir::func::FuncOp function, llvm::ArrayRef<Bound> arguments,
                               llvm::ArrayRef<std::optional<Bound>> targets);
  mlir::LogicalResult visit(mlir::Operation &op, Environment &values,
                            const llvm::DenseMap<mlir::Value, Bound> &placed);
  mlir::LogicalResult launch(DispatchOp op, Environment &values,
                             const llvm::DenseMap<mlir::Value, Bound> &placed);
  mlir::LogicalResult repeat(RepeatOp op, Environment &values);
  mlir::LogicalResult read(LoadedOp op, Environment &values);
  mlir::LogicalResult source(tern::WeightOp op, Environment &values);
  mlir::LogicalResult view(mlir::Operation *op, Environment &values);
  mlir::LogicalResult copy(mlir::Operation *op, mlir::Type type, const Bound &to,
                           const Bound &from);
  void writeCommand(mlir::OpBuilder &builder, const Command &command,
                    llvm::ArrayRef<int64_t> arenaOffsets);
  mlir::Value writeRange(mlir::OpBuilder &builder, Range range,
                         llvm::ArrayRef<int64_t> arenaOffsets);

  ModulePlan &plan;
  std::string name;
  bool isLoad = false;
  llvm::DenseSet<mlir::Operation *> active; ///< functions on the way to what is visited
  std::vector<Memory> memories;
  std::vector<Command> commands;
  llvm::SmallVector<std::string> argumentNames;
  llvm::SmallVector<mlir::Type> argumentTypes;
  int64_t inputCount = 0;
};

} // namespace tern::plan

#endif
