// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Cost.h"

#include "dialects/KV/IR/KV.h"
#include "dialects/Tern/IR/Axes.h"
#include "passes/CPU/Elementwise.h"
#include "passes/Dispatch/SchemaChoice.h"
#include "passes/Dispatch/Views.h"
#include "passes/Plan/Storage.h"
#include "passes/Saturate/Terms.h"

using namespace mlir;

namespace tern::saturate {

/// Seconds that each term costs, so that of terms that cost the same the smaller one wins.
static constexpr double termPrice = 1e-9;

/// Seconds that a term costs for which there is no kernel, so that it is chosen only where the
/// module says it.
static constexpr double missingKernelPrice = 1;

/// The columns of a packed panel.
static constexpr int64_t panelColumns = 32;

/// How much longer a contraction takes that no schema with packed weights computes.
static constexpr double plainSlowdown = 4;

/// A byte that is resident costs as much as reading it once in so many steps.
static constexpr double stepsPerResidentRead = 50;

/// Operations on an element of a row: it is read for a fold, then for the result.
static constexpr double operationsOfRow = 4;

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

CostModel::CostModel(Machine machine, Use use, ModuleOp module) : machine(machine), use(use) {
  if (!module)
    return;
  for (auto dim : module.getOps<DimOp>())
    ranges[dim.getSymName()] = {static_cast<double>(dim.getMin()),
                                static_cast<double>(dim.getMax())};
}

/// As dispatch::halvesOf() asks, as far as a term knows.
static bool isHalf(Operation *op) {
  auto slice = dyn_cast<SliceOp>(op);
  if (!slice)
    return false;
  RankedTensorType type = tensorOf(slice.getX());
  bool isHalf = type.getRank() == 2 && slice.getAxis() == 1 &&
                2 * static_cast<int64_t>(slice.getSize()) == type.getDimSize(1) &&
                slice.getSize() % panelColumns == 0;
  return isHalf && (slice.getOffset() == 0 || slice.getOffset() == slice.getSize());
}

/// As dispatch::canNarrow() asks, as far as a term knows.
static bool isNarrowing(Operation *op) {
  RankedTensorType type = tensorOf(op->getResult(0));
  if (isa<QuantiseOp>(op))
    return type.getRank() == 2 && type.getDimSize(1) % panelColumns == 0;
  return isa<CastOp>(op) && (type.getElementType().isBF16() || type.getElementType().isF16());
}

Work CostModel::workOf(Operation *op) {
  if (isa<ChoiceOp>(op))
    return Work::Choice;
  if (isa<ConstantOp>(op) || !isa<RankedTensorType>(op->getResult(0).getType()))
    return Work::Free;
  if (isa<WeightOp, LoadedOp>(op))
    return Work::View;
  if (dispatch::isRepeated(op))
    return Work::Repeated;
  if (dispatch::isView(op)) {
    auto reshape = dyn_cast<ReshapeOp>(op);
    bool isJoint = reshape && dispatch::joinsHeads(reshape);
    return isJoint ? Work::Joint : isHalf(op) ? Work::Half : Work::View;
  }
  if (auto transpose = dyn_cast<TransposeOp>(op); transpose && movesUnits(transpose))
    return Work::View;
  if (isNarrowing(op))
    return Work::Narrowing;
  if (isa<RotaryOp>(op))
    return Work::Rotation;
  if (isa<ContractOp>(op) || dispatch::isAttention(op))
    return Work::Contraction;
  if (dispatch::rootSchema(op))
    return Work::Kernel;
  if (dispatch::isPointwise(op))
    return Work::Pointwise;
  return dispatch::isMovement(op) ? Work::Movement : Work::Row;
}

/// Prompts are read in steps of as many rows as there may be, then each sequence has a token a
/// step, with half of what is to come in the cache.
template <typename Seconds> double CostModel::mean(Seconds seconds) const {
  auto prompt = static_cast<double>(std::max<int64_t>(use.prompt, 1));
  auto batch = static_cast<double>(std::max<int64_t>(use.batch, 1));
  auto context = std::max(static_cast<double>(use.context), prompt);
  auto range = ranges.find("T");
  double most = range == ranges.end() ? prompt * batch : std::max(range->second.second, 1.0);
  double chunks = std::ceil(prompt * batch / most), tokens = context - prompt;
  Variant first{prompt * batch / chunks, prompt / 2}, next{batch, (prompt + context) / 2};
  return (chunks * seconds(first) + tokens * seconds(next)) / (chunks + tokens);
}

/// What a cache holds is read by kv.attend alone.
static bool hasKernel(Operation *op) {
  if (isa<kv::KeysOp, kv::ValuesOp, kv::PositionsOp, kv::VisibleOp>(op))
    return false;
  Type element = getElementTypeOrSelf(op->getResult(0));
  return !element.isF64() || !cpu::isRealFunction(op) || cpu::isExactInDouble(op);
}

double CostModel::step(Operation *op, ArrayRef<bool> loads) const {
  if (!hasKernel(op))
    return missingKernelPrice;
  Work work = workOf(op);
  if (work == Work::Choice || work == Work::Free)
    return 0;
  if (work == Work::View || work == Work::Half || work == Work::Joint || work == Work::Repeated)
    return termPrice;
  bool isLaunched = work == Work::Contraction || work == Work::Kernel;
  return termPrice + (isLaunched ? machine.launch : 0) +
         mean([&](Variant variant) { return this->work(op, variant, loads); });
}

double CostModel::load(Operation *op) const {
  if (!hasKernel(op))
    return missingKernelPrice;
  Work work = workOf(op);
  if (work == Work::Choice || work == Work::Free || isa<WeightOp>(op))
    return 0;
  Variant once{1, 0};
  double written = bytes(tensorOf(op->getResult(0)), once);
  SmallVector<bool> loads(op->getNumOperands(), true);
  double moved = (readBytes(op, once) + written) / machine.bytesPerSecond;
  return (termPrice + machine.launch + moved + this->work(op, once, loads)) /
         static_cast<double>(std::max<int64_t>(use.stepsPerLoad, 1));
}

double CostModel::resident(RankedTensorType type) const {
  return bytes(type, {1, 0}) / machine.bytesPerSecond / stepsPerResidentRead;
}

double CostModel::moved(RankedTensorType type) const {
  return mean([&](Variant variant) { return bytes(type, variant) / machine.bytesPerSecond; });
}

double CostModel::readBytes(Operation *op, Variant variant) const {
  double read = 0;
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
      read += bytes(type, variant);
  return read;
}

double CostModel::work(Operation *op, Variant variant, ArrayRef<bool> loads) const {
  switch (workOf(op)) {
  case Work::Choice:
  case Work::Free:
  case Work::View:
  case Work::Half:
  case Work::Joint:
  case Work::Repeated:
    return 0;
  case Work::Movement:
    return readBytes(op, variant) / machine.bytesPerSecond;
  case Work::Pointwise:
  case Work::Row:
  case Work::Rotation:
  case Work::Narrowing:
    return operations(op, variant) / machine.floatOps;
  case Work::Contraction:
    if (auto contract = dyn_cast<ContractOp>(op))
      return contraction(contract, variant, loads[1]);
    return roofline(readBytes(op, variant), operations(op, variant), machine.floatOps);
  case Work::Kernel:
    break;
  }
  double written = bytes(tensorOf(op->getResult(0)), variant);
  // Of a table only the rows that are asked for are read.
  double read = isa<GatherOp>(op) ? written : readBytes(op, variant);
  return roofline(read + written, operations(op, variant), machine.floatOps);
}

double CostModel::operations(Operation *op, Variant variant) const {
  double results = elements(tensorOf(op->getResult(0)), variant);
  if (auto attention = dyn_cast<AttentionOp>(op)) {
    ExtentAttr slots = getExtents(tensorOf(attention.getKey()))[0];
    double scored = elements(tensorOf(attention.getQuery()), variant);
    return 2 * (scored + results) * extent(slots, variant);
  }
  if (dispatch::isPointwise(op) || dispatch::isMovement(op) || isa<ConcatOp>(op))
    return results;
  return operationsOfRow * elements(tensorOf(op->getOperand(0)), variant);
}

/// True for `..k,nk->..n` and `..k,kn->..n`, whose right operand can be packed.
static bool hasPackedForm(const Axes &axes) {
  StringRef left = axes.operands[0], right = axes.operands[1], result = axes.result;
  if (left.empty() || result.empty() || left.drop_back() != result.drop_back())
    return false;
  char n = result.back(), k = left.back();
  return n != k && (right == std::string{n, k} || right == std::string{k, n});
}

double CostModel::contraction(ContractOp op, Variant variant, bool isLoaded) const {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  RankedTensorType lhs = tensorOf(op.getLhs()), rhs = tensorOf(op.getRhs());
  double summed = 1;
  for (char letter : axes->summed()) {
    size_t at = axes->operands[0].find(letter);
    bool isLeft = at != std::string::npos;
    llvm::SmallVector<ExtentAttr> own = getExtents(isLeft ? lhs : rhs);
    summed *= extent(own[isLeft ? at : axes->operands[1].find(letter)], variant);
  }
  double operations = 2 * summed * elements(tensorOf(op.getResult()), variant);
  double right = bytes(rhs, variant);
  if (op.getGroups()) {
    // Of a stack of matrices those that rows choose are read.
    double matrices = extent(getExtents(rhs)[0], variant);
    double rows = elements(tensorOf(op.getGroups()), variant);
    right *= std::min(rows, matrices) / std::max(matrices, 1.0);
  }
  Type left = lhs.getElementType(), element = rhs.getElementType();
  auto isHalf = [](Type type) { return type.isBF16() || type.isF16(); };
  double peak = isa<BlockType>(left) && isa<BlockType>(element)                ? machine.byteOps
                : isHalf(left) && (isHalf(element) || isa<BlockType>(element)) ? machine.halfOps
                                                                               : machine.floatOps;
  return roofline(bytes(lhs, variant) + right, operations, peak) *
         (isLoaded && hasPackedForm(*axes) ? 1 : plainSlowdown);
}

double CostModel::roofline(double bytes, double operations, double peak) const {
  return std::max(bytes / machine.bytesPerSecond, operations / peak);
}

/// Rows of a step are named T, sequences and rows of logits B and R; any other name counts slots.
double CostModel::extent(ExtentAttr extent, Variant variant) const {
  if (!extent)
    return variant.rows;
  auto size = static_cast<double>(extent.getConstant());
  for (auto [name, factor] : llvm::zip_equal(extent.getNames(), extent.getFactors())) {
    StringRef text = name.getValue();
    double value = text == "T"                  ? variant.rows
                   : text == "B" || text == "R" ? static_cast<double>(use.batch)
                                                : variant.slots;
    if (auto range = ranges.find(text); range != ranges.end())
      value = std::clamp(value, range->second.first, range->second.second);
    size += static_cast<double>(factor) * value;
  }
  return std::max(size, 0.0);
}

double CostModel::elements(RankedTensorType type, Variant variant) const {
  double count = 1;
  for (ExtentAttr own : getExtents(type))
    count *= extent(own, variant);
  return count;
}

static double bitsOf(Type element) {
  if (auto block = dyn_cast<BlockType>(element))
    return block.getBitsPerElement();
  return element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
}

/// Matrices of weights are packed before they are read.
static bool isPacked(RankedTensorType type) {
  auto block = dyn_cast<BlockType>(type.getElementType());
  return type.hasStaticShape() && (type.getRank() == 2 || type.getRank() == 3) && block &&
         block.getFormat();
}

double CostModel::bytes(RankedTensorType type, Variant variant) const {
  if (isPacked(type))
    return static_cast<double>(plan::packedBytesOf(type));
  return elements(type, variant) * bitsOf(type.getElementType()) / 8;
}

} // namespace tern::saturate
