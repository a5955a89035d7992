// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Plan/ProgramPlanner.h"

#include "dialects/KV/IR/KV.h"
#include "passes/Dispatch/Views.h"
#include "passes/Plan/Arena.h"
#include "passes/Plan/Storage.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::plan {

ExtentAttr ProgramPlanner::constant(int64_t value) const {
  return ExtentAttr::getConstant(plan.module.getContext(), value);
}

//===- Memory -------------------------------------------------------------===//

size_t ProgramPlanner::addMemory(Space space, StringRef name, ExtentAttr bytes,
                                 ArrayRef<ExtentAttr> times) {
  memories.push_back({space, name.str(), bytes, Extents(times), {}});
  return memories.size() - 1;
}

FailureOr<int64_t> ProgramPlanner::largest(const Memory &memory) const {
  FailureOr<int64_t> bytes = plan.largest(plan.module, memory.bytes);
  for (ExtentAttr extent : memory.times) {
    FailureOr<int64_t> factor = plan.largest(plan.module, extent);
    if (failed(bytes) || failed(factor))
      return failure();
    *bytes *= *factor;
  }
  return bytes;
}

ArrayAttr ProgramPlanner::timesAttr(ArrayRef<ExtentAttr> times) const {
  if (times.empty())
    return {};
  return Builder(plan.module.getContext()).getArrayAttr({times.begin(), times.end()});
}

void ProgramPlanner::addArgument(StringRef name, Type type, bool isOutput) {
  argumentNames.push_back(name.str());
  argumentTypes.push_back(type);
  inputCount += isOutput ? 0 : 1;
}

FailureOr<ProgramPlanner::Bound> ProgramPlanner::allocate(Operation *op, Type type, Space space,
                                                          StringRef name, bool isDense) {
  auto tensor = cast<RankedTensorType>(type);
  if (isa_and_present<PanelsAttr>(tensor.getEncoding()))
    return Bound{{{addMemory(space, name, constant(packedBytesOf(tensor))), 0}}, 0, {}};
  Type element = tensor.getElementType();
  auto refuse = [&] {
    return op->emitError("@") << this->name << " has a tensor of type " << type;
  };
  if (!hasBytes(element))
    return refuse() << ", whose elements have no size in bytes";
  SmallVector<ExtentAttr> extents = getExtents(tensor);
  if (!llvm::all_of(extents, [](ExtentAttr extent) { return static_cast<bool>(extent); }))
    return refuse() << ": each dynamic axis needs a name";
  if (auto block = dyn_cast<BlockType>(element);
      block && (tensor.getRank() == 0 || tensor.getShape().back() % block.getElements() != 0))
    return refuse() << ": its last axis is not made of blocks of " << block.getElements();
  int64_t stride = rowStrideOf(tensor);
  if (!isDense && tensor.getRank() > 1 && !ShapedType::isDynamic(stride))
    stride = paddedRow(element, stride);
  Extents times;
  ExtentAttr bytes = constant(1);
  int64_t elements = 1;
  if (tensor.getRank() > 1 && !ShapedType::isDynamic(stride)) {
    bytes = extents[0];
    elements = stride;
  } else {
    for (ExtentAttr extent : extents)
      if (extent.isConstant())
        elements *= extent.getConstant();
      else if (bytes.isConstant())
        bytes = extent;
      else
        times.push_back(extent);
  }
  return Bound{
      {{addMemory(space, name, bytes.times(bytesOf(element, elements)), times), 0}}, stride, {}};
}

FailureOr<ProgramPlanner::Bound> ProgramPlanner::bindArgument(func::FuncOp function, Type type,
                                                              StringRef name) {
  MLIRContext *context = type.getContext();
  if (isa<kv::CacheType>(type)) {
    plan.addCache(name, type);
    Bound bound;
    for (Space space : {Space::cache_pool, Space::cache_table, Space::cache_lengths})
      bound.ranges.push_back({addMemory(space, name, constant(0)), 0});
    return bound;
  }
  if (isa<kv::StateType>(type)) {
    plan.addCache(name, type);
    Bound bound;
    for (Space space : {Space::state_pool, Space::state_table})
      bound.ranges.push_back({addMemory(space, name, constant(0)), 0});
    return bound;
  }
  if (auto batch = dyn_cast<kv::BatchType>(type)) {
    ExtentAttr rows = ExtentAttr::getName(context, batch.getRows());
    ExtentAttr entries = ExtentAttr::getName(context, batch.getEntries());
    std::pair<StringRef, ExtentAttr> parts[] = {
        {"rowEntry", rows}, {"rowStart", entries.plus(constant(1))}, {"slot", entries}};
    Bound bound;
    for (auto [part, extent] : parts) {
      addArgument(part, getTensor({extent}, IntegerType::get(context, 32)), false);
      bound.ranges.push_back({addMemory(Space::input, part, extent.times(4)), 0});
    }
    return bound;
  }
  if (!isa<RankedTensorType>(type))
    return function.emitError("@")
           << this->name << " has an argument of type " << type << ", which no program takes";
  addArgument(name, type, false);
  return allocate(function, type, Space::input, name, /*isDense=*/true);
}

//===- Functions ----------------------------------------------------------===//

static std::string nameOf(DictionaryAttr attributes, StringRef otherwise, size_t i) {
  if (auto name = attributes ? attributes.getAs<StringAttr>("tern.name") : StringAttr())
    return name.str();
  return (otherwise + std::to_string(i)).str();
}

LogicalResult ProgramPlanner::addFunction(func::FuncOp function) {
  Bounds arguments;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    FailureOr<Bound> bound =
        bindArgument(function, type, nameOf(function.getArgAttrDict(i), "arg", i));
    if (failed(bound))
      return failure();
    arguments.push_back(*bound);
  }
  SmallVector<std::optional<Bound>> targets;
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    if (kv::isLinear(type)) {
      targets.push_back(std::nullopt);
      continue;
    }
    std::string result = nameOf(function.getResultAttrDict(i), "result", i);
    addArgument(result, type, true);
    FailureOr<Bound> bound = allocate(function, type, Space::output, result, /*isDense=*/true);
    if (failed(bound))
      return failure();
    targets.push_back(*bound);
  }
  return walk(function, arguments, targets);
}

LogicalResult ProgramPlanner::addLoad(func::FuncOp function, int64_t layer) {
  isLoad = true;
  SmallVector<std::optional<Bound>> targets;
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    FailureOr<Bound> bound = allocate(function, type, Space::packed, "", /*isDense=*/true);
    if (failed(bound))
      return failure();
    Memory &memory = memories[bound->ranges[0].memory];
    memory.name = plan.weightFor(function, layer, i, memory.bytes.getConstant());
    targets.push_back(*bound);
  }
  Bounds arguments;
  if (layer >= 0)
    arguments.push_back(Bound{{}, 0, layer});
  return walk(function, arguments, targets);
}

FailureOr<ProgramPlanner::Bounds> ProgramPlanner::walk(func::FuncOp function,
                                                       ArrayRef<Bound> arguments,
                                                       ArrayRef<std::optional<Bound>> targets) {
  if (!active.insert(function).second)
    return function.emitError("@") << function.getName() << " repeats itself";
  llvm::scope_exit leave([&] { active.erase(function); });
  Block &body = function.getBody().front();
  Operation *end = body.getTerminator();
  Environment values, placed;
  for (auto [argument, bound] : llvm::zip_equal(body.getArguments(), arguments))
    values.try_emplace(argument, bound);
  // A value that is returned once is computed where it belongs.
  for (auto [value, target] : llvm::zip(end->getOperands(), targets))
    if (target && value.getDefiningOp<DispatchOp>())
      placed.try_emplace(value, *target);
  for (Operation &op : body.without_terminator())
    if (failed(visit(op, values, placed)))
      return failure();
  Bounds results;
  for (auto [i, value] : llvm::enumerate(end->getOperands())) {
    Bound bound = values.lookup(value);
    bool isThere = i >= targets.size() || !targets[i] ||
                   bound.ranges[0].memory == targets[i]->ranges[0].memory;
    if (!isThere && failed(copy(function, value.getType(), *targets[i], bound)))
      return failure();
    results.push_back(bound);
  }
  return results;
}

LogicalResult ProgramPlanner::copy(Operation *op, Type type, const Bound &to, const Bound &from) {
  if (to.rowStride != from.rowStride)
    return op->emitError("returns a view of type ")
           << type << " whose rows do not lie side by side";
  const Memory &memory = memories[to.ranges[0].memory];
  commands.push_back({"", {to.ranges[0], from.ranges[0]}, {}, memory.bytes, memory.times});
  return success();
}

//===- Operations ---------------------------------------------------------===//

LogicalResult ProgramPlanner::visit(Operation &op, Environment &values,
                                    const llvm::DenseMap<Value, Bound> &placed) {
  if (auto dispatch = dyn_cast<DispatchOp>(op))
    return launch(dispatch, values, placed);
  if (auto repeatOp = dyn_cast<RepeatOp>(op))
    return repeat(repeatOp, values);
  if (auto loaded = dyn_cast<LoadedOp>(op))
    return read(loaded, values);
  if (auto weight = dyn_cast<tern::WeightOp>(op))
    return source(weight, values);
  if (isa<ReshapeOp, SliceOp>(op))
    return view(&op, values);
  if (auto constant = dyn_cast<arith::ConstantIndexOp>(op)) {
    values.try_emplace(constant, Bound{{}, 0, constant.value()});
    return success();
  }
  if (auto call = dyn_cast<func::CallOp>(op))
    return op.emitError("@") << name << " calls @" << call.getCallee()
                             << ", expected one that is defined and does not call itself";
  return op.emitOpError("in @") << name << " can't be planned: it is in no dispatch";
}

LogicalResult ProgramPlanner::launch(DispatchOp op, Environment &values,
                                     const llvm::DenseMap<Value, Bound> &placed) {
  Command command;
  SmallVector<int64_t> strides;
  for (Value input : op.getInputs()) {
    const Bound &bound = values.at(input);
    command.ranges.append(bound.ranges.begin(), bound.ranges.end());
    strides.push_back(bound.rowStride);
    if (bound.index)
      command.indices.push_back(*bound.index);
  }
  for (Value result : op.getResults()) {
    Bound bound;
    if (kv::isLinear(result.getType())) {
      auto input = llvm::find_if(op.getInputs(),
                                 [&](Value value) { return value.getType() == result.getType(); });
      bound = values.at(*input);
    } else {
      auto at = placed.find(result);
      FailureOr<Bound> fresh = at != placed.end()
                                   ? FailureOr<Bound>(at->second)
                                   : allocate(op, result.getType(), Space::arena, "",
                                              isLoad || dispatch::needsDense(result));
      if (failed(fresh))
        return failure();
      bound = *fresh;
      command.ranges.append(bound.ranges.begin(), bound.ranges.end());
    }
    strides.push_back(bound.rowStride);
    values.try_emplace(result, bound);
  }
  // Matrices that are packed side by side may share a panel, so they are packed one by one.
  auto packs = op.getBody().front().getOps<PackOp>();
  int64_t parts = packs.empty() ? 1 : (*packs.begin())->getNumOperands();
  for (int64_t part = 0; part < parts; ++part) {
    if (parts > 1)
      op->setAttr("part", Builder(op).getI64IntegerAttr(part));
    command.kernel = plan.kernelFor(op, strides);
    commands.push_back(command);
  }
  return success();
}

LogicalResult ProgramPlanner::repeat(RepeatOp op, Environment &values) {
  auto callee = plan.module.lookupSymbol<func::FuncOp>(op.getCallee());
  Bounds carried, fixed;
  for (Value value : op.getCarried())
    carried.push_back(values.at(value));
  for (Value value : op.getFixed())
    fixed.push_back(values.at(value));
  for (int64_t layer : op.getLayers()) {
    Bounds arguments{Bound{{}, 0, layer}};
    arguments.append(carried);
    arguments.append(fixed);
    FailureOr<Bounds> results = walk(callee, arguments, {});
    if (failed(results))
      return failure();
    carried = std::move(*results);
  }
  for (auto [result, bound] : llvm::zip_equal(op.getResults(), carried))
    values.try_emplace(result, bound);
  return success();
}

LogicalResult ProgramPlanner::read(LoadedOp op, Environment &values) {
  auto callee = plan.module.lookupSymbol<func::FuncOp>(op.getCallee());
  int64_t layer = op.getLayer() ? *values.at(op.getLayer()).index : -1;
  FailureOr<Bound> bound = allocate(op, op.getType(), Space::packed, "", /*isDense=*/true);
  if (failed(bound))
    return failure();
  Memory &memory = memories[bound->ranges[0].memory];
  memory.name = plan.weightFor(callee, layer, op.getIndex(), memory.bytes.getConstant());
  values.try_emplace(op.getResult(), *bound);
  return success();
}

LogicalResult ProgramPlanner::source(tern::WeightOp op, Environment &values) {
  if (!isLoad)
    return op.emitOpError("is read by a step: weights are read by load functions");
  std::string name = op.getName().str();
  if (op.getLayer())
    name.replace(name.find("{}"), 2, std::to_string(*values.at(op.getLayer()).index));
  FailureOr<Bound> bound = allocate(op, op.getType(), Space::source, name, /*isDense=*/true);
  if (failed(bound))
    return failure();
  memories[bound->ranges[0].memory].source = op.getType();
  values.try_emplace(op.getResult(), *bound);
  return success();
}

LogicalResult ProgramPlanner::view(Operation *op, Environment &values) {
  Bound bound = values.at(op->getOperand(0));
  auto type = cast<RankedTensorType>(op->getOperand(0).getType());
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  if (auto slice = dyn_cast<SliceOp>(op)) {
    int64_t step = 1;
    for (int64_t axis = slice.getAxis() + 1; axis < type.getRank(); ++axis)
      step *= type.getDimSize(axis);
    if (slice.getAxis() == 0 && type.getRank() > 1)
      step = bound.rowStride;
    Range &range = bound.ranges[0];
    range.offset += bytesOf(type.getElementType(), slice.getOffset() * step);
    auto end = static_cast<int64_t>(slice.getOffset() + slice.getSize());
    ExtentAttr rest = getExtents(type)[slice.getAxis()]
                          .plus(constant(-end))
                          .times(bytesOf(type.getElementType(), step));
    range.rest = range.rest ? range.rest.plus(rest) : rest;
  } else if (!dispatch::keepsRows(type, result)) {
    if (bound.rowStride != rowStrideOf(type))
      return op->emitOpError("regroups rows of ") << type << " that do not lie side by side";
    bound.rowStride = rowStrideOf(result);
  }
  values.try_emplace(op->getResult(0), bound);
  return success();
}

//===- Writing ------------------------------------------------------------===//

LogicalResult ProgramPlanner::write() {
  std::vector<Interval> intervals(memories.size(), Interval{0, -1, -1});
  for (auto [time, command] : llvm::enumerate(commands))
    for (Range range : command.ranges) {
      Interval &interval = intervals[range.memory];
      if (memories[range.memory].space != Space::arena)
        continue;
      FailureOr<int64_t> bytes = largest(memories[range.memory]);
      if (failed(bytes))
        return failure();
      interval.bytes = *bytes;
      interval.first = interval.first < 0 ? time : interval.first;
      interval.last = time;
    }
  int64_t total = 0;
  SmallVector<int64_t> offsets = placeIntervals(intervals, total);

  auto builder = OpBuilder::atBlockEnd(plan.module.getBody());
  SmallVector<StringRef> names(argumentNames.begin(), argumentNames.end());
  auto program =
      ProgramOp::create(builder, plan.module.getLoc(), name, builder.getStrArrayAttr(names),
                        builder.getTypeArrayAttr(argumentTypes), inputCount, total);
  builder.setInsertionPointToStart(&program.getBody().emplaceBlock());
  for (const Command &command : commands)
    writeCommand(builder, command, offsets);
  return success();
}

Value ProgramPlanner::writeRange(OpBuilder &builder, Range range, ArrayRef<int64_t> arenaOffsets) {
  const Memory &memory = memories[range.memory];
  int64_t offset = range.offset + (memory.space == Space::arena ? arenaOffsets[range.memory] : 0);
  ExtentAttr bytes = memory.bytes.plus(constant(-range.offset));
  if (range.rest)
    bytes = bytes.plus(range.rest.times(-1));
  return BufferOp::create(builder, plan.module.getLoc(), BufferType::get(builder.getContext()),
                          memory.space, memory.name, offset, bytes, timesAttr(memory.times),
                          memory.source ? TypeAttr::get(memory.source) : TypeAttr());
}

void ProgramPlanner::writeCommand(OpBuilder &builder, const Command &command,
                                  ArrayRef<int64_t> arenaOffsets) {
  SmallVector<Value> buffers;
  for (Range range : command.ranges)
    buffers.push_back(writeRange(builder, range, arenaOffsets));
  Location location = plan.module.getLoc();
  if (command.kernel.empty())
    CopyOp::create(builder, location, buffers[0], buffers[1], command.bytes,
                   timesAttr(command.times));
  else
    LaunchOp::create(builder, location, command.kernel, buffers,
                     builder.getDenseI64ArrayAttr(command.indices), ArrayAttr(), ExtentAttr(),
                     ExtentAttr());
}

} // namespace tern::plan
