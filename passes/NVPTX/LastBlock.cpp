// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/LastBlock.h"

#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringSet.h"

#include <set>

using namespace mlir;

namespace tern::nvptx {

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

/// Writes the function of both: kernel(buffers of both..., sizes of both..., number of rows,
/// scratch of the contraction, tiles of the contraction).
class Writer {
public:
  /// Which buffers of the rows are the contraction's result, its last one.
  Writer(const Part &contraction, const Part &rows, llvm::ArrayRef<bool> isResult)
      : contraction(contraction), rows(rows), isResult(isResult),
        ops(contraction.function.getLoc(), contraction.function.getContext()) {}

  void write(StringRef name) {
    auto added = static_cast<size_t>(llvm::count(isResult, false));
    TypeRange old = contraction.function.getArgumentTypes();
    Type pointer = LLVM::LLVMPointerType::get(ops.getContext()), i64 = ops.getI64Type();
    SmallVector<Type> types(old.take_front(contraction.buffers()));
    types.append(added, pointer);
    types.append(contraction.sizes() + rows.sizes() + 1, i64);
    llvm::append_range(types, old.drop_front(contraction.buffers() + contraction.sizes()));
    ops.setInsertionPointAfter(contraction.function);
    own = func::FuncOp::create(ops, name, ops.getFunctionType(types, {}));
    for (StringRef attribute : {StringRef(kThreads), StringRef(kLeastBlocks)})
      if (Attribute value = contraction.function->getAttr(attribute))
        own->setAttr(attribute, value);
    // Not noalias: rows may be written where the contraction has read.
    for (unsigned i = 0; i < contraction.buffers(); ++i)
      if (Attribute alignment = contraction.function.getArgAttr(i, alignmentName))
        own.setArgAttr(i, alignmentName, alignment);
    Block *entry = own.addEntryBlock();
    ops.setInsertionPointToEnd(entry);
    writeContraction(entry->getArguments(), added);
    writeRows(entry->getArguments());
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

  void writeContraction(ValueRange arguments, size_t added) {
    size_t buffers = contraction.buffers(), sizes = contraction.sizes();
    SmallVector<Value> its(arguments.take_front(buffers));
    llvm::append_range(its, arguments.drop_front(buffers + added).take_front(sizes));
    llvm::append_range(its, arguments.take_back(contraction.hasGlobalScratch() ? 2 : 1));
    IRMapping values;
    values.map(contraction.function.getArguments(), its);
    copy(contraction.function, values);
    // What is constant for the contraction is not for the rows after it.
    own.walk([](LLVM::LoadOp load) { load.setInvariant(false); });
  }

  void writeRows(ValueRange arguments) {
    ValueRange more = arguments.drop_front(contraction.buffers());
    SmallVector<Value> its;
    for (bool isIt : isResult) {
      its.push_back(isIt ? arguments[contraction.buffers() - 1] : more.front());
      more = more.drop_front(isIt ? 0 : 1);
    }
    more = more.drop_front(contraction.sizes());
    llvm::append_range(its, more.take_front(rows.sizes()));
    Value tiles = more[rows.sizes()];
    its.push_back(tiles);
    int64_t warps = contraction.threads() / kWarp;
    Value most = arith::ConstantOp::create(ops, ops.getI64IntegerAttr(warps));
    Value isFew = arith::CmpIOp::create(ops, arith::CmpIPredicate::ule, tiles, most);
    within(isFew, [&] {
      within(isLast(), [&] {
        fence();
        IRMapping values;
        values.map(rows.function.getArguments(), its);
        // A warp's row is its number, as in a first block.
        Value first = number(0);
        rows.function.walk([&](NVVM::BlockIdXOp block) { values.map(block.getResult(), first); });
        copy(rows.function, values);
      });
    });
  }

  void within(Value condition, llvm::function_ref<void()> write) {
    auto branch = scf::IfOp::create(ops, condition, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPoint(branch.thenYield());
    write();
  }

  Value number(int32_t value) {
    return arith::ConstantOp::create(ops, ops.getI32IntegerAttr(value));
  }

  void fence() { LLVM::FenceOp::create(ops, LLVM::AtomicOrdering::acq_rel, "device"); }

  /// Whether all other blocks have ended what comes before. The count of those that have goes from
  /// the number of blocks back to 0.
  Value isLast() {
    NVVM::BarrierOp::create(ops);
    Value thread = NVVM::ThreadIdXOp::create(ops, ops.getI32Type());
    Value isFirst = arith::CmpIOp::create(ops, arith::CmpIPredicate::eq, thread, number(0));
    auto branch = scf::IfOp::create(ops, ops.getI32Type(), isFirst, /*addThenBlock=*/true, true);
    {
      OpBuilder::InsertionGuard guard(ops);
      ops.setInsertionPointToEnd(branch.thenBlock());
      fence();
      Value blocks = NVVM::GridDimXOp::create(ops, ops.getI32Type());
      Value others = arith::SubIOp::create(ops, blocks, number(1));
      Value before = LLVM::AtomicRMWOp::create(ops, LLVM::AtomicBinOp::uinc_wrap, ended(), others,
                                               LLVM::AtomicOrdering::monotonic, "device");
      Value isLast = arith::CmpIOp::create(ops, arith::CmpIPredicate::eq, before, others);
      scf::YieldOp::create(ops, arith::ExtUIOp::create(ops, ops.getI32Type(), isLast).getResult());
      ops.setInsertionPointToEnd(branch.elseBlock());
      scf::YieldOp::create(ops, number(0));
    }
    auto either = NVVM::BarrierReductionAttr::get(ops.getContext(), NVVM::BarrierReduction::OR);
    Value any = NVVM::BarrierOp::create(ops, ops.getI32Type(), Value(), Value(), either,
                                        branch.getResult(0))
                    .getRes();
    return arith::CmpIOp::create(ops, arith::CmpIPredicate::ne, any, number(0));
  }

  /// Launches follow one another, so one count is enough.
  Value ended() {
    constexpr StringLiteral name = "tern_ended";
    auto module = own->getParentOfType<ModuleOp>();
    auto global = static_cast<unsigned>(NVVM::NVVMMemorySpace::Global);
    if (!module.lookupSymbol(name)) {
      OpBuilder::InsertionGuard guard(ops);
      ops.setInsertionPointToStart(module.getBody());
      LLVM::GlobalOp::create(ops, ops.getI32Type(), /*isConstant=*/false, LLVM::Linkage::Internal,
                             name, ops.getI32IntegerAttr(0), /*alignment=*/4, global);
    }
    return LLVM::AddressOfOp::create(ops, LLVM::LLVMPointerType::get(ops.getContext(), global),
                                     name);
  }

  const Part &contraction, &rows;
  llvm::ArrayRef<bool> isResult;
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
  return rows.kernel.getName().starts_with("rows") && block[2] == 0 && !rows.hasGlobalScratch() &&
         !rows.launch.getCondition();
}

/// The contraction right before, whose rows are as many: with that for more of them in between, if
/// it has one.
static plan::LaunchOp contractionBefore(ArrayRef<plan::LaunchOp> launches, plan::LaunchOp rows) {
  if (launches.empty())
    return {};
  plan::LaunchOp last = launches.back();
  if (last.getCondition() && launches.size() > 1) {
    plan::LaunchOp few = launches[launches.size() - 2];
    if (last.getKernel() == (few.getKernel() + "_many").str())
      last = few;
  }
  bool isOfRows = last.getKernel().starts_with("contraction") && !last.getSizes()->empty() &&
                  last.getSizes()->getValue().front() == rows.getTilesAttr();
  return isOfRows ? last : plan::LaunchOp();
}

namespace {

class Joiner {
public:
  Joiner(ModuleOp plan, ModuleOp device) : plan(plan), device(device) {}

  void join(plan::LaunchOp before, plan::LaunchOp after) {
    Part contraction(before, plan, device), rows(after, plan, device);
    if (!isPlain(rows) || rows.threads() < contraction.threads())
      return;
    SmallVector<Value> buffers(before.getBuffers());
    SmallVector<bool> isResult;
    std::string name = (before.getKernel() + "_" + after.getKernel()).str();
    for (auto [i, buffer] : llvm::enumerate(after.getBuffers())) {
      isResult.push_back(isSame(buffer, before.getBuffers().back()));
      if (isResult.back())
        name += "_" + std::to_string(i);
      else
        buffers.push_back(buffer);
    }
    if (!plan.lookupSymbol(name))
      addKernel(contraction, rows, isResult, name);
    SmallVector<Attribute> sizes(before.getSizes()->getValue());
    llvm::append_range(sizes, *after.getSizes());
    sizes.push_back(after.getTilesAttr());
    for (Value buffer : buffers)
      if (Operation *op = buffer.getDefiningOp(); before->isBeforeInBlock(op))
        op->moveBefore(before);
    before.getBuffersMutable().assign(buffers);
    left.insert(before.getKernel().str());
    before.setSizesAttr(ArrayAttr::get(plan.getContext(), sizes));
    before.setKernelAttr(FlatSymbolRefAttr::get(plan.getContext(), name));
    ExtentAttr most = ExtentAttr::getConstant(plan.getContext(), contraction.threads() / kWarp);
    after.setConditionAttr(after.getTilesAttr().plus(most.times(-1)));
  }

  /// Kernels that all launches have left.
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
  void addKernel(const Part &contraction, const Part &rows, ArrayRef<bool> isResult,
                 StringRef name) {
    OpBuilder builder(plan.getContext());
    builder.setInsertionPointAfter(contraction.kernel);
    auto kernel = cast<plan::KernelOp>(builder.clone(*contraction.kernel));
    kernel.setSymName(name);
    Writer(contraction, rows, isResult).write(name);
  }

  ModuleOp plan, device;
  std::set<std::string> left;
};

} // namespace

void addRowsToContractions(ModuleOp plan, ModuleOp device) {
  Joiner joiner(plan, device);
  for (auto program : plan.getOps<plan::ProgramOp>()) {
    if (program.getName() == "load")
      continue;
    SmallVector<plan::LaunchOp> before;
    for (Operation &command : program.getBody().front()) {
      if (isa<plan::CopyOp>(command))
        before.clear();
      auto launch = dyn_cast<plan::LaunchOp>(command);
      if (!launch)
        continue;
      if (plan::LaunchOp contraction = contractionBefore(before, launch))
        joiner.join(contraction, launch);
      before.push_back(launch);
    }
  }
  joiner.eraseUnused();
}

} // namespace tern::nvptx
