// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/DistributeLanes.h"

#include "passes/CPU/KernelBuilder.h"
#include "passes/NVPTX/Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace tern::nvptx {

//===----------------------------------------------------------------------===//
// Memory that other threads read
//===----------------------------------------------------------------------===//

/// What an address was made from; null if that is not one value.
static Value rootOf(Value address) {
  while (Operation *op = address.getDefiningOp()) {
    if (auto element = dyn_cast<LLVM::GEPOp>(op))
      address = element.getBase();
    else
      return isa<LLVM::AddressOfOp, LLVM::LoadOp>(op) ? address : Value();
  }
  bool isArgument = isa<func::FuncOp>(cast<BlockArgument>(address).getOwner()->getParentOp());
  return isArgument ? address : Value();
}

/// The table entry that a root was loaded from; two loads of one entry are one root.
static std::pair<Value, int64_t> entryOf(Value root) {
  auto load = root.getDefiningOp<LLVM::LoadOp>();
  if (!load)
    return {root, 0};
  auto place = load.getAddr().getDefiningOp<LLVM::GEPOp>();
  if (!place)
    return {load.getAddr(), 0};
  return {place.getBase(), place.getRawConstantIndices().front() / 8};
}

namespace {

/// Which stores write what the kernel also reads.
class ReadBack {
public:
  explicit ReadBack(func::FuncOp kernel) {
    kernel.walk([&](Operation *op) {
      Value address;
      if (auto load = dyn_cast<LLVM::LoadOp>(op))
        address = load.getAddr();
      else if (auto masked = dyn_cast<LLVM::MaskedLoadOp>(op))
        address = masked.getData();
      else
        return;
      Value root = rootOf(address);
      readsUnknown |= !root;
      if (root)
        read.insert(entryOf(root));
    });
  }

  bool isOf(Value address) const {
    Value root = rootOf(address);
    return !root || readsUnknown || read.contains(entryOf(root));
  }

private:
  llvm::DenseSet<std::pair<Value, int64_t>> read;
  bool readsUnknown = false;
};

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// Writes a kernel's operations again, for one thread.
class Distribution {
public:
  Distribution(func::FuncOp from, func::FuncOp to, const KernelShape &shape)
      : from(from), shape(shape), readBack(from), ops(from.getLoc(), from.getContext()) {
    Block *entry = to.addEntryBlock();
    ops.setInsertionPointToEnd(entry);
    addArguments(entry->getArguments());
  }

  LogicalResult write() { return write(from.getBody().front()); }

private:
  Value index(int64_t value) {
    return arith::ConstantOp::create(ops, ops.getI64IntegerAttr(value));
  }
  Value wide(Value number) { return arith::ExtUIOp::create(ops, ops.getI64Type(), number); }

  void addArguments(ValueRange arguments) {
    buffers = arguments.take_front(shape.buffers);
    sizes = arguments.drop_front(shape.buffers).take_front(shape.sizes);
    Value thread = NVVM::ThreadIdXOp::create(ops, ops.getI32Type());
    auto i32 = [&](int32_t value) {
      return arith::ConstantOp::create(ops, ops.getI32IntegerAttr(value));
    };
    lane = arith::AndIOp::create(ops, thread, i32(kWarp - 1));
    Value warp = wide(arith::ShRUIOp::create(ops, thread, i32(5)));
    Value block = wide(NVVM::BlockIdXOp::create(ops, ops.getI32Type()));
    Value first = arith::MulIOp::create(ops, block, index(shape.warps));
    Value begin = arith::AddIOp::create(ops, first, warp);
    Value isTile = arith::CmpIOp::create(ops, arith::CmpIPredicate::ult, begin, arguments.back());
    Value next = arith::AddIOp::create(ops, begin, index(1));
    values.map(from.getArgument(2), shape.isScratchGlobal
                                        ? scratchOf(arguments.drop_back().back(), begin)
                                        : sharedScratchOf(warp));
    values.map(from.getArgument(3), begin);
    values.map(from.getArgument(4), arith::SelectOp::create(ops, isTile, next, begin).getResult());
  }

  Value scratchOf(Value all, Value number) {
    Value offset = arith::MulIOp::create(ops, number, index(shape.scratchBytes));
    return LLVM::GEPOp::create(ops, all.getType(), ops.getI8Type(), all,
                               llvm::ArrayRef<LLVM::GEPArg>{offset});
  }

  Value sharedScratchOf(Value warp) {
    if (shape.scratchBytes == 0)
      return {};
    auto pointer = LLVM::LLVMPointerType::get(ops.getContext());
    Value all = LLVM::AddrSpaceCastOp::create(ops, pointer, sharedMemory(ops));
    return scratchOf(all, warp);
  }

  LogicalResult write(Block &block) {
    for (Operation &op : block) {
      ops.setLoc(op.getLoc());
      if (failed(write(&op)))
        return failure();
    }
    return success();
  }

  Value of(Value value) const { return values.lookup(value); }
  SmallVector<Value> of(ValueRange range) const {
    return llvm::map_to_vector(range, [&](Value value) { return of(value); });
  }
  SmallVector<Type> typesOf(TypeRange types) const {
    return llvm::map_to_vector(types, [](Type type) -> Type {
      auto vector = dyn_cast<VectorType>(type);
      return vector ? Lanes::typeOf(vector) : type;
    });
  }

  LogicalResult refuse(Operation *op) const {
    return op->emitError("a warp has no form of '") << op->getName() << "' as it is here";
  }

  LogicalResult write(Operation *op) {
    Lanes lanes(ops, lane);
    for (Type type : op->getResultTypes())
      if (auto vector = dyn_cast<VectorType>(type);
          vector && (vector.getRank() != 1 || !Lanes::isDistributed(vector.getNumElements())))
        return refuse(op);
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](arith::ConstantOp constant) {
          auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
          if (!elements)
            return copy(op);
          values.map(constant.getResult(), lanes.constant(elements));
          return success();
        })
        .Case([&](vector::BroadcastOp broadcast) {
          if (isa<VectorType>(broadcast.getSourceType()))
            return refuse(op);
          values.map(broadcast.getResult(),
                     lanes.broadcast(of(broadcast.getSource()),
                                     Lanes::typeOf(broadcast.getResultVectorType())));
          return success();
        })
        .Case([&](vector::ExtractOp extract) { return writeExtract(lanes, extract); })
        .Case([&](vector::InsertOp insert) { return writeInsert(lanes, insert); })
        .Case([&](vector::ShuffleOp shuffle) {
          if (shuffle.getV1VectorType() != shuffle.getV2VectorType())
            return refuse(op);
          values.map(shuffle.getResult(),
                     lanes.shuffle(of(shuffle.getV1()), of(shuffle.getV2()),
                                   shuffle.getV1VectorType(), shuffle.getResultVectorType(),
                                   shuffle.getMask()));
          return success();
        })
        .Case([&](vector::BitCastOp cast) {
          VectorType source = cast.getSourceVectorType(), result = cast.getResultVectorType();
          int64_t least = std::min(source.getNumElements(), result.getNumElements());
          if (source.getNumElements() != result.getNumElements() && least < kWarp)
            return refuse(op);
          values.map(cast.getResult(), lanes.bitcast(of(cast.getSource()), Lanes::typeOf(result)));
          return success();
        })
        .Case([&](LLVM::LoadOp load) { return writeLoad(lanes, load); })
        .Case([&](LLVM::MaskedLoadOp load) {
          values.map(load.getRes(),
                     lanes.load(cast<VectorType>(load.getRes().getType()), of(load.getData()),
                                static_cast<unsigned>(load.getAlignment()), of(load.getMask()),
                                of(load.getPassThru())));
          return success();
        })
        .Case([&](LLVM::StoreOp store) { return writeStore(lanes, store); })
        .Case([&](LLVM::MaskedStoreOp store) {
          return inStep(store.getData(), [&] {
            if (store->hasAttr(cpu::kOwnLane))
              return lanes.storeApart(of(store.getValue()), of(store.getData()),
                                      static_cast<unsigned>(store.getAlignment()),
                                      of(store.getMask()));
            lanes.store(cast<VectorType>(store.getValue().getType()), of(store.getValue()),
                        of(store.getData()), static_cast<unsigned>(store.getAlignment()),
                        of(store.getMask()));
          });
        })
        .Case([&](LLVM::GEPOp place) {
          bool isOfTable = isTable(place.getBase());
          return isOfTable ? success() : copy(op);
        })
        .Case([&](LLVM::InlineAsmOp hidden) { // what an optimiser for CPUs must not know
          if (!hidden.getAsmString().empty())
            return refuse(op);
          values.map(hidden.getResult(0), of(hidden.getOperand(0)));
          return success();
        })
        .Case([&](LLVM::Prefetch) { return success(); })
        .Case([&](scf::ForOp loop) { return writeLoop(loop); })
        .Case([&](scf::IfOp branch) { return writeBranch(branch); })
        .Default([&](Operation *) {
          bool isElementwise = isa<arith::ArithDialect, math::MathDialect>(op->getDialect());
          bool hasVectors = llvm::any_of(op->getOperandTypes(), llvm::IsaPred<VectorType>) ||
                            llvm::any_of(op->getResultTypes(), llvm::IsaPred<VectorType>);
          return isElementwise || !hasVectors || isa<scf::YieldOp>(op) ? copy(op) : refuse(op);
        });
  }

  /// The same operation on a thread's elements.
  LogicalResult copy(Operation *op) {
    if (op->getNumRegions())
      return refuse(op);
    OperationState state(op->getLoc(), op->getName(), of(op->getOperands()),
                         typesOf(op->getResultTypes()), op->getAttrs());
    Operation *own = ops.create(state);
    values.map(op->getResults(), own->getResults());
    return success();
  }

  bool isTable(Value address) {
    return address == from.getArgument(0) || address == from.getArgument(1);
  }

  LogicalResult writeExtract(Lanes &lanes, vector::ExtractOp op) {
    bool isOwn = op->hasAttr(cpu::kOwnLane);
    if (isOwn && op.hasDynamicPosition() && op.getSourceVectorType().getNumElements() == kWarp) {
      Value from =
          arith::IndexCastOp::create(ops, ops.getI32Type(), of(op.getDynamicPosition()[0]));
      values.map(op.getResult(), lanes.fromLane(of(op.getSource()), from));
      return success();
    }
    if (op.hasDynamicPosition() || op.getStaticPosition().size() != 1)
      return refuse(op);
    int64_t at = op.getStaticPosition()[0], width = Lanes::widthOf(op.getSourceVectorType());
    Value own = lanes.slot(of(op.getSource()), at % width);
    values.map(op.getResult(), isOwn ? own : lanes.fromLane(own, lanes.number(at / width)));
    return success();
  }

  LogicalResult writeInsert(Lanes &lanes, vector::InsertOp op) {
    if (op.hasDynamicPosition() || op.getStaticPosition().size() != 1)
      return refuse(op);
    int64_t at = op.getStaticPosition()[0], width = Lanes::widthOf(op.getDestVectorType());
    Value before = of(op.getDest()), isOwn = lanes.isAnyOf(uint32_t(1) << (at / width));
    Value after = arith::SelectOp::create(ops, isOwn, of(op.getValueToStore()),
                                          lanes.slot(before, at % width));
    values.map(op.getResult(), lanes.withSlot(before, at % width, after));
    return success();
  }

  LogicalResult writeLoad(Lanes &lanes, LLVM::LoadOp op) {
    auto [table, entry] = entryOf(op.getResult());
    if (isTable(table)) {
      values.map(op.getResult(), (table == from.getArgument(0) ? buffers : sizes)[entry]);
      return success();
    }
    auto type = dyn_cast<VectorType>(op.getResult().getType());
    if (!type)
      return copy(op);
    Value condition = lanes.isOneOf(type);
    Value otherwise =
        condition ? lanes.constant(cast<DenseElementsAttr>(ops.getZeroAttr(type))) : Value();
    values.map(op.getResult(), lanes.load(type, of(op.getAddr()),
                                          static_cast<unsigned>(op.getAlignment().value_or(0)),
                                          condition, otherwise));
    return success();
  }

  LogicalResult writeStore(Lanes &lanes, LLVM::StoreOp op) {
    auto alignment = static_cast<unsigned>(op.getAlignment().value_or(0));
    return inStep(op.getAddr(), [&] {
      if (auto type = dyn_cast<VectorType>(op.getValue().getType()))
        lanes.store(type, of(op.getValue()), of(op.getAddr()), alignment, lanes.isOneOf(type));
      else
        lanes.storeScalar(of(op.getValue()), of(op.getAddr()), alignment);
    });
  }

  /// Stores to what is read back: after all that was read before, before all that is read after.
  LogicalResult inStep(Value address, llvm::function_ref<void()> store) {
    bool isReadBack = readBack.isOf(address);
    auto wait = [&] {
      Value all = arith::ConstantOp::create(ops, ops.getI32IntegerAttr(-1));
      NVVM::SyncWarpOp::create(ops, all);
    };
    if (isReadBack)
      wait();
    store();
    if (isReadBack)
      wait();
    return success();
  }

  LogicalResult writeLoop(scf::ForOp loop) {
    auto own = scf::ForOp::create(ops, of(loop.getLowerBound()), of(loop.getUpperBound()),
                                  of(loop.getStep()), of(loop.getInitArgs()),
                                  [](OpBuilder &, Location, Value, ValueRange) {});
    values.map(loop.getBody()->getArguments(), own.getBody()->getArguments());
    values.map(loop.getResults(), own.getResults());
    return writeInto(*own.getBody(), *loop.getBody());
  }

  LogicalResult writeBranch(scf::IfOp branch) {
    auto own = scf::IfOp::create(ops, typesOf(branch.getResultTypes()), of(branch.getCondition()),
                                 /*addThenBlock=*/true, /*addElseBlock=*/!!branch.elseBlock());
    values.map(branch.getResults(), own.getResults());
    if (failed(writeInto(*own.thenBlock(), *branch.thenBlock())))
      return failure();
    return branch.elseBlock() ? writeInto(*own.elseBlock(), *branch.elseBlock()) : success();
  }

  LogicalResult writeInto(Block &to, Block &body) {
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPointToEnd(&to);
    return write(body);
  }

  func::FuncOp from;
  const KernelShape &shape;
  ReadBack readBack;
  ImplicitLocOpBuilder ops;
  IRMapping values;
  ValueRange buffers, sizes;
  Value lane;
};

} // namespace

Value sharedMemory(ImplicitLocOpBuilder &ops) {
  constexpr StringLiteral name = "tern_scratch";
  auto type = LLVM::LLVMPointerType::get(ops.getContext(),
                                         static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared));
  auto module = ops.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPointToStart(module.getBody());
    LLVM::GlobalOp::create(ops, LLVM::LLVMArrayType::get(ops.getI8Type(), 0),
                           /*isConstant=*/false, LLVM::Linkage::External, name, Attribute(),
                           /*alignment=*/128, type.getAddressSpace());
  }
  return LLVM::AddressOfOp::create(ops, type, name);
}

LogicalResult distributeLanes(func::FuncOp kernel, const KernelShape &shape) {
  MLIRContext *context = kernel.getContext();
  context->loadDialect<NVVM::NVVMDialect>();
  OpBuilder ops(kernel);
  Type pointer = LLVM::LLVMPointerType::get(context), i64 = ops.getI64Type();
  SmallVector<Type> arguments(shape.buffers, pointer);
  arguments.append(shape.sizes, i64);
  if (shape.isScratchGlobal)
    arguments.push_back(pointer);
  arguments.push_back(i64);
  auto own = func::FuncOp::create(ops, kernel.getLoc(), kernel.getName(),
                                  ops.getFunctionType(arguments, {}));
  own->setAttr(kThreads, ops.getI32IntegerAttr(static_cast<int32_t>(shape.warps * kWarp)));
  if (failed(Distribution(kernel, own, shape).write()))
    return failure();
  kernel.erase();
  return success();
}

} // namespace tern::nvptx
