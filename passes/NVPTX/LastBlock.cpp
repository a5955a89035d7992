// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/LastBlock.h"

#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"
#include "passes/NVPTX/LastArrival.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringSet.h"

#include <map>
#include <set>

using namespace mlir;

namespace tern::nvptx {

/// What names of kernels of rows begin with.
static constexpr StringLiteral rowsName = "rows";

namespace {

/// A launch, and the arguments of its kernel's function: buffers, sizes, the scratch of all tiles
/// where it is global, the number of tiles.
struct Part {
  Part(plan::LaunchOp launch, ModuleOp plan, ModuleOp device)
      : launch(launch), kernel(plan.lookupSymbol<plan::KernelOp>(launch.getKernel())),
        function(device.lookupSymbol<func::FuncOp>(launch.getKernel())) {}

  size_t buffers() const { return launch.getBuffers().size(); }
  size_t sizes() const { return launch.getSizes()->size(); }
  bool hasGlobalScratch() const { return function.getNumArguments() > buffers() + sizes() + 1; }
  int64_t threads() const { return kernel.getBlock()->front(); }

  mutable plan::LaunchOp launch;
  mutable plan::KernelOp kernel;
  mutable func::FuncOp function;
};

/// Rows after a first kernel, and which of the arguments of all each of their buffers is.
struct Rows {
  Part part;
  SmallVector<int64_t> buffers;
};

/// Writes the function of all: kernel(buffers of all..., sizes of all..., number of rows, scratch
/// of the first, tiles of the first).
class Writer {
public:
  Writer(const Part &first, llvm::ArrayRef<Rows> rows)
      : first(first), rows(rows), ops(first.function.getLoc(), first.function.getContext()) {}

  void write(StringRef name, size_t buffers) {
    size_t sizes = first.sizes() + 1;
    for (const Rows &each : rows)
      sizes += each.part.sizes();
    TypeRange old = first.function.getArgumentTypes();
    Type pointer = LLVM::LLVMPointerType::get(ops.getContext()), i64 = ops.getI64Type();
    SmallVector<Type> types(buffers, pointer);
    types.append(sizes, i64);
    llvm::append_range(types, old.drop_front(first.buffers() + first.sizes()));
    ops.setInsertionPointAfter(first.function);
    own = func::FuncOp::create(ops, name, ops.getFunctionType(types, {}));
    for (StringRef attribute : {StringRef(kThreads), StringRef(kLeastBlocks)})
      if (Attribute value = first.function->getAttr(attribute))
        own->setAttr(attribute, value);
    // Not noalias: rows may be written where the first kernel has read.
    for (unsigned i = 0; i < first.buffers(); ++i)
      if (Attribute alignment = first.function.getArgAttr(i, alignmentName))
        own.setArgAttr(i, alignmentName, alignment);
    ValueRange arguments = own.addEntryBlock()->getArguments();
    ops.setInsertionPointToEnd(&own.getBody().front());
    writeFirst(arguments, arguments.drop_front(buffers));
    writeRows(arguments, arguments.drop_front(buffers + first.sizes()));
    func::ReturnOp::create(ops);
  }

private:
  static constexpr StringLiteral alignmentName = "llvm.align";

  /// All whose values are not given.
  void copy(func::FuncOp from, IRMapping &values) {
    for (Operation &op : from.getBody().front().without_terminator())
      if (op.getNumResults() != 1 || !values.contains(op.getResult(0)))
        ops.clone(op, values);
  }

  void writeFirst(ValueRange buffers, ValueRange sizes) {
    SmallVector<Value> its(buffers.take_front(first.buffers()));
    llvm::append_range(its, sizes.take_front(first.sizes()));
    llvm::append_range(its, sizes.take_back(first.hasGlobalScratch() ? 2 : 1));
    IRMapping values;
    values.map(first.function.getArguments(), its);
    copy(first.function, values);
    // What is constant for the first kernel is not for the rows after it.
    own.walk([](LLVM::LoadOp load) { load.setInvariant(false); });
  }

  void writeRows(ValueRange buffers, ValueRange sizes) {
    size_t before = 0;
    for (const Rows &each : rows)
      before += each.part.sizes();
    Value tiles = sizes[before];
    int64_t warps = first.threads() / kWarp;
    Value most = arith::ConstantOp::create(ops, ops.getI64IntegerAttr(warps));
    Value isFew = arith::CmpIOp::create(ops, arith::CmpIPredicate::ule, tiles, most);
    auto branch = scf::IfOp::create(ops, isFew, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPoint(branch.thenYield());
    inLastBlock([&] {
      for (const Rows &each : rows) {
        if (&each != rows.begin())
          NVVM::BarrierOp::create(ops);
        SmallVector<Value> its;
        for (int64_t buffer : each.buffers)
          its.push_back(buffers[buffer]);
        llvm::append_range(its, sizes.take_front(each.part.sizes()));
        sizes = sizes.drop_front(each.part.sizes());
        its.push_back(tiles);
        writeRow(each.part.function, its);
      }
    });
  }

  /// A warp's row is its number, as in a first block.
  void writeRow(func::FuncOp kernel, ValueRange arguments) {
    IRMapping values;
    values.map(kernel.getArguments(), arguments);
    Value first = arith::ConstantOp::create(ops, ops.getI32IntegerAttr(0));
    kernel.walk([&](NVVM::BlockIdXOp block) { values.map(block.getResult(), first); });
    copy(kernel, values);
  }

  /// Does what `write` writes in the block that ends last what comes before. Launches follow one
  /// another, so one count is enough.
  void inLastBlock(llvm::function_ref<void()> write) {
    Value blocks = NVVM::GridDimXOp::create(ops, ops.getI32Type());
    Value one = arith::ConstantOp::create(ops, ops.getI32IntegerAttr(1));
    Value count = countsOf(ops, own->getParentOfType<ModuleOp>(), "tern_ended", 1);
    whenLast(ops, count, arith::SubIOp::create(ops, blocks, one), write);
  }

  const Part &first;
  llvm::ArrayRef<Rows> rows;
  ImplicitLocOpBuilder ops;
  func::FuncOp own;
};

} // namespace

static bool isSame(Value left, Value right) {
  auto one = left.getDefiningOp<plan::BufferOp>(), other = right.getDefiningOp<plan::BufferOp>();
  return one->getAttrDictionary() == other->getAttrDictionary();
}

/// A row is a warp's, which needs no memory but its registers.
static bool isPlain(const Part &rows) {
  ArrayRef<int64_t> block = *rows.kernel.getBlock();
  return rows.kernel.getName().starts_with(rowsName) && block[2] == 0 && !rows.hasGlobalScratch() &&
         !rows.launch.getCondition();
}

static bool isContraction(plan::LaunchOp launch) {
  return launch.getKernel().starts_with("contraction");
}

/// Whether a launch is of as many rows as the one before it: sizes of a contraction, else tiles.
static bool isOfRows(plan::LaunchOp before, plan::LaunchOp rows) {
  if (!isContraction(before))
    return before.getTilesAttr() == rows.getTilesAttr();
  ArrayAttr sizes = *before.getSizes();
  return !sizes.empty() && sizes.getValue().front() == rows.getTilesAttr();
}

/// What rows may be joined to.
static bool isFirst(plan::LaunchOp launch) {
  StringRef kernel = launch.getKernel();
  return isContraction(launch) || kernel.starts_with("gather") || kernel.starts_with(rowsName);
}

namespace {

class Joiner {
public:
  Joiner(ModuleOp plan, ModuleOp device) : plan(plan), device(device) {}

  /// Joins a launch with the rows that follow it.
  void join(plan::LaunchOp before, ArrayRef<plan::LaunchOp> after) {
    Part first(before, plan, device);
    SmallVector<Value> buffers(before.getBuffers()), results{buffers.back()};
    SmallVector<Rows> all;
    SmallVector<Attribute> sizes(before.getSizes()->getValue());
    std::string name = before.getKernel().str();
    for (plan::LaunchOp launch : after) {
      Rows rows{Part(launch, plan, device), {}};
      if (!isPlain(rows.part) || !isOfRows(before, launch))
        break;
      for (Value buffer : launch.getBuffers()) {
        // The same argument for what is written and then read, so that an emulator sees it.
        auto *result = llvm::find_if(results, [&](Value other) { return isSame(buffer, other); });
        Value own = result == results.end() ? buffer : *result;
        rows.buffers.push_back(llvm::find(buffers, own) - buffers.begin());
        if (rows.buffers.back() == static_cast<int64_t>(buffers.size()))
          buffers.push_back(own);
      }
      results.push_back(buffers[rows.buffers.back()]);
      llvm::append_range(sizes, *launch.getSizes());
      name += (all.empty() ? "_" + launch.getKernel() : launch.getKernel().substr(rowsName.size()))
                  .str();
      all.push_back(std::move(rows));
    }
    if (all.empty())
      return;
    for (const Rows &rows : all)
      for (Value buffer : rows.part.launch.getBuffers())
        if (Operation *op = buffer.getDefiningOp(); before->isBeforeInBlock(op))
          op->moveBefore(before);
    ExtentAttr count = all.front().part.launch.getTilesAttr();
    int64_t warps = first.threads() / kWarp;
    for (Rows &rows : all)
      rows.part.launch.setConditionAttr(
          count.plus(ExtentAttr::getConstant(plan.getContext(), -warps)));
    left.insert(before.getKernel().str());
    sizes.push_back(count);
    before.setKernelAttr(kernelOf(first, all, name, buffers.size()));
    before.getBuffersMutable().assign(buffers);
    before.setSizesAttr(ArrayAttr::get(plan.getContext(), sizes));
  }

  /// Erases kernels that all launches have left.
  void eraseUnused() {
    llvm::StringSet<> used;
    plan.walk([&](plan::LaunchOp launch) { used.insert(launch.getKernel()); });
    for (const std::string &name : left)
      if (!used.contains(name)) {
        device.lookupSymbol(name)->erase();
        plan.lookupSymbol(name)->erase();
      }
  }

private:
  /// Launches of the same kernels may differ in what buffers are one; then a number is appended.
  FlatSymbolRefAttr kernelOf(const Part &first, ArrayRef<Rows> rows, StringRef kernels,
                             size_t buffers) {
    std::vector<int64_t> places;
    for (const Rows &each : rows)
      llvm::append_range(places, each.buffers);
    auto &forms = made[kernels.str()];
    auto form = llvm::find(forms, places);
    bool isNew = form == forms.end();
    size_t number = form - forms.begin();
    std::string name = kernels.str() + (number ? "_" + std::to_string(number + 1) : "");
    if (isNew) {
      forms.push_back(places);
      OpBuilder builder(plan.getContext());
      builder.setInsertionPointAfter(first.kernel);
      cast<plan::KernelOp>(builder.clone(*first.kernel)).setSymName(name);
      Writer(first, rows).write(name, buffers);
    }
    return FlatSymbolRefAttr::get(plan.getContext(), name);
  }

  ModuleOp plan, device;
  std::set<std::string> left;
  std::map<std::string, std::vector<std::vector<int64_t>>> made;
};

} // namespace

/// The commands of a program that are launches; none for a copy.
static SmallVector<plan::LaunchOp> commandsOf(plan::ProgramOp program) {
  SmallVector<plan::LaunchOp> commands;
  for (Operation &command : program.getBody().front())
    if (isa<plan::CopyOp, plan::LaunchOp>(command))
      commands.push_back(dyn_cast<plan::LaunchOp>(command));
  return commands;
}

void joinRows(ModuleOp plan, ModuleOp device) {
  Joiner joiner(plan, device);
  for (auto program : plan.getOps<plan::ProgramOp>()) {
    if (program.getName() == "load")
      continue;
    SmallVector<plan::LaunchOp> all = commandsOf(program);
    for (auto [i, launch] : llvm::enumerate(all)) {
      if (!launch || !isFirst(launch))
        continue;
      ArrayRef<plan::LaunchOp> after = ArrayRef(all).drop_front(i + 1);
      if (launch.getCondition()) { // that for more rows comes in between
        plan::LaunchOp many = after.empty() ? plan::LaunchOp() : after.front();
        if (!many || many.getKernel() != (launch.getKernel() + "_many").str())
          continue;
        after = after.drop_front();
      }
      joiner.join(launch, after.take_while([](plan::LaunchOp next) { return !!next; }));
    }
  }
  joiner.eraseUnused();
}

} // namespace tern::nvptx
