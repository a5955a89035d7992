// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Dispatch/SchemaChoice.h"

#include "dialects/KV/IR/KV.h"
#include "dialects/Tern/IR/Axes.h"
#include "passes/Dispatch/Views.h"

using namespace mlir;
using llvm::StringRef;

namespace tern::dispatch {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

bool isRepeated(Operation *op) { return isa<ConstantOp, BroadcastOp, IotaOp, SizeOp>(op); }

bool isMovement(Operation *op) {
  return isa<BroadcastOp, TransposeOp, SliceOp, ReshapeOp, GatherOp, OneHotOp>(op);
}

/// True for a fold that schema rows has.
static bool isRowFold(Operation *op) {
  return isa<SumOp, MeanOp, AmaxOp, AminOp, SoftmaxOp, RmsNormOp, LayerNormOp>(op);
}

static bool isFold(Operation *op) {
  return isRowFold(op) || isa<LogSumExpOp, MaskedSoftmaxOp, CumsumOp>(op);
}

bool isPointwise(Operation *op) {
  return isa<TermOpInterface>(op) && !isMovement(op) && !isFold(op) && !isRepeated(op) &&
         !isa<kv::KVDialect>(op->getDialect()) &&
         !isa<WeightOp, LoadedOp, ContractOp, ConcatOp, PadOp, TopKMaskOp, ScatterAddOp, RotaryOp,
              AttentionOp, QuantiseOp, DequantiseOp, BlocksOp, PackOp>(op);
}

//===- Rows -----------------------------------------------------------------===//

static bool hasRowElements(Value value) {
  Type element = tensorOf(value).getElementType();
  bool isNumber = element.isF32() || element.isBF16() || element.isF16() || element.isInteger(32);
  return isNumber || (element.isF64() && value.getDefiningOp<ConstantOp>()) ||
         (isa<BlockType>(element) && value.getDefiningOp<QuantiseOp>());
}

static bool hasRows(RankedTensorType type) {
  auto fits = [](int64_t extent) { return !ShapedType::isDynamic(extent) && extent != 0; };
  return type.getRank() > 0 && llvm::all_of(type.getShape().drop_front(), fits);
}

/// True for a look-up of whole rows of one length.
static bool isMatrixOfRows(GatherOp op) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  return succeeded(axes) && axes->canonical() == "ab,c->cb" && hasRows(tensorOf(op.getTable())) &&
         tensorOf(op.getIndices()).getElementType().isInteger(32);
}

/// True if the letters of `axes` that the result lacks, or that stand after the slash, are the last
/// ones, and not all.
static bool foldsLast(StringRef text) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(text, why);
  if (failed(axes))
    return false;
  StringRef letters = axes->operands[0];
  std::string folded = axes->along.empty() ? axes->summed() : axes->along;
  if (folded.size() >= letters.size())
    return false;
  StringRef kept = letters.drop_back(folded.size()), last = letters.take_back(folded.size());
  bool isLast = llvm::all_of(folded, [&](char letter) { return last.contains(letter); });
  return isLast && (!axes->along.empty() || axes->result == kept);
}

/// True if a dispatch of schema rows can repeat the operation.
static bool isRepeatedByRows(Operation *op) {
  if (auto constant = dyn_cast<ConstantOp>(op))
    return tensorOf(constant.getResult()).getRank() == 0;
  auto broadcast = dyn_cast<BroadcastOp>(op);
  if (!broadcast)
    return false;
  std::string why;
  FailureOr<Axes> axes = Axes::parse(broadcast.getAxes(), why);
  if (failed(axes) || axes->result.empty())
    return false;
  StringRef from = axes->operands[0], to = axes->result;
  bool keepsRows = !from.empty() && from[0] == to[0];
  StringRef rest = keepsRows ? from.drop_front() : from;
  if (rest.contains(to[0]) || !to.drop_front().contains(rest))
    return false;
  Operation *source = broadcast.getX().getDefiningOp();
  if (source && isa<ConstantOp>(source))
    return !keepsRows || tensorOf(broadcast.getX()).getRank() == 0;
  if (source && isRepeated(source))
    return keepsRows && isRepeatedByRows(source);
  RankedTensorType type = tensorOf(broadcast.getX());
  bool isStatic = keepsRows ? hasRows(type) : type.hasStaticShape() && canBeDense(broadcast.getX());
  return isStatic && hasRowElements(broadcast.getX());
}

bool fitsRows(Operation *op) {
  if (!isPointwise(op) && !isRowFold(op) && !isa<RotaryOp, QuantiseOp>(op))
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  bool isScalar = type.getRank() == 0 && !isRowFold(op);
  if ((!isScalar && !hasRows(type)) || !hasRowElements(op->getResult(0)))
    return false;
  if (isRowFold(op) && !foldsLast(op->getAttrOfType<StringAttr>("axes").getValue()))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    Operation *source = operand.getDefiningOp();
    bool isInMemory = isa<RotaryOp, QuantiseOp>(op);
    if (source && isRepeated(source) && !isInMemory && !isRepeatedByRows(source))
      return false;
    RankedTensorType operandType = tensorOf(operand);
    return hasRowElements(operand) && (operandType.getRank() == 0 || hasRows(operandType));
  });
}

//===- Roots ----------------------------------------------------------------===//

std::optional<Schema> rootSchema(Operation *op) {
  if (isa<ContractOp>(op))
    return Schema::contraction;
  if (isa<AttentionOp, kv::AttendOp>(op))
    return Schema::attention;
  if (isa<kv::AppendOp>(op))
    return Schema::append;
  if (isa<kv::ConvolveOp, kv::ScanOp>(op))
    return Schema::recurrence;
  if (isa<BlocksOp, PackOp>(op))
    return Schema::pack;
  if (isa<SampleOp>(op))
    return Schema::sampling;
  if (isa<TopKOp, TopKMaskOp>(op))
    return Schema::selection;
  if (isa<ScatterAddOp>(op))
    return Schema::scatter;
  if (isa<ConcatOp, PadOp, DequantiseOp>(op))
    return Schema::loops;
  if (auto gather = dyn_cast<GatherOp>(op))
    return isMatrixOfRows(gather) ? Schema::gather : Schema::loops;
  if (isFold(op) && !fitsRows(op))
    return Schema::fold;
  return std::nullopt;
}

/// The columns of a packed panel, and of a block of codes.
static constexpr int64_t panelColumns = 32, blockColumns = 32;

static bool isPackedContraction(Operation *op) {
  return isa<ContractOp>(op) &&
         isa_and_present<PanelsAttr>(tensorOf(op->getOperand(1)).getEncoding());
}

std::array<SliceOp, 2> halvesOf(ContractOp op) {
  RankedTensorType type = tensorOf(op.getResult());
  if (!isPackedContraction(op) || op.getGroups() || type.getRank() != 2 ||
      type.getDimSize(1) % (2 * panelColumns))
    return {};
  std::array<SliceOp, 2> halves;
  for (Operation *user : op->getUsers()) {
    auto slice = dyn_cast<SliceOp>(user);
    if (!slice || slice.getAxis() != 1 ||
        2 * static_cast<int64_t>(slice.getSize()) != type.getDimSize(1))
      return {};
    SliceOp &half = halves[slice.getOffset() == 0 ? 0 : 1];
    if (half || (slice.getOffset() != 0 && slice.getOffset() != slice.getSize()))
      return {};
    half = slice;
  }
  return halves[0] && halves[1] ? halves : std::array<SliceOp, 2>();
}

bool isAttention(Operation *op) {
  return isa<AttentionOp, kv::AttendOp>(op) && op->getNumResults() == 1;
}

bool joinsHeads(ReshapeOp op) {
  RankedTensorType from = tensorOf(op.getX()), to = tensorOf(op.getResult());
  return from.getRank() == 3 && to.getRank() == 2 && isView(op) && keepsRows(from, to);
}

RotaryOp rotationOf(Operation *root) {
  Value turned;
  if (auto attend = dyn_cast<kv::AttendOp>(root))
    turned = attend.getQuery();
  else if (auto append = dyn_cast<kv::AppendOp>(root))
    turned = append.getKey();
  auto rotary = turned ? turned.getDefiningOp<RotaryOp>() : RotaryOp();
  bool isOwn = rotary && rotary->getBlock() == root->getBlock() && rotary->hasOneUse();
  return isOwn && fitsRows(rotary) && tensorOf(turned).getElementType().isF32() ? rotary
                                                                                : RotaryOp();
}

/// Neighbours that one tile of the root writes to a row.
static int64_t neighboursOf(Operation *root) {
  return isAttention(root) ? tensorOf(root->getResult(0)).getDimSize(2) : panelColumns;
}

bool canNarrow(Operation *root, Operation *last) {
  auto contraction = dyn_cast<ContractOp>(root);
  bool isMatrix = contraction && isPackedContraction(root) && !contraction.getGroups() &&
                  tensorOf(root->getResult(0)).getRank() == 2;
  if (!isMatrix && !isAttention(root))
    return false;
  if (isa<CastOp>(last))
    return fitsRows(last);
  RankedTensorType type = tensorOf(last->getResult(0));
  return isa<QuantiseOp>(last) && type.getRank() == 2 && neighboursOf(root) % blockColumns == 0 &&
         type.getDimSize(1) % neighboursOf(root) == 0;
}

bool readsMemory(Operation *op) {
  std::optional<Schema> schema = rootSchema(op);
  bool isPacked = isPackedContraction(op);
  return schema && (isPacked || (schema != Schema::fold && !isa<ContractOp>(op)));
}

} // namespace tern::dispatch
