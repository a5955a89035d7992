// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/RowAnalysis.h"

#include "dialects/Tern/IR/Inference.h"
#include "passes/CPU/Elementwise.h"
#include "passes/CPU/Record.h"

using namespace mlir;
using llvm::ArrayRef;

namespace tern::cpu {

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static Operation *yieldOf(DispatchOp dispatch) {
  return dispatch.getBody().front().getTerminator();
}

/// True for a dispatch on vectors and scalars of static size, which is one tile.
static bool isWhole(DispatchOp dispatch) {
  auto isSmall = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() <= 1 && tensor.hasStaticShape();
  };
  return llvm::all_of(dispatch.getInputs().getTypes(), isSmall) &&
         llvm::all_of(dispatch.getResults().getTypes(), isSmall);
}

namespace {

class Analyser {
public:
  Analyser(DispatchOp dispatch, ArrayRef<Layout> layouts) : dispatch(dispatch), layouts(layouts) {}

  FailureOr<RowAnalysis> run() {
    RowAnalysis result;
    result.role = isWhole(dispatch) ? Role::Whole : Role::Row;
    result.rows = ExtentAttr::getConstant(dispatch.getContext(), 1);
    if (result.role == Role::Row) {
      if (failed(findRows()))
        return failure();
      result.rows = rows;
    }
    for (Value value : yieldOf(dispatch)->getOperands())
      if (failed(demand({value, result.role}, yieldOf(dispatch))))
        return failure();
    for (Operation &op : dispatch.getBody().front())
      for (Role role : {Role::Whole, Role::Row})
        if (op.getNumResults() == 1 && isDemanded({op.getResult(0), role}))
          result.terms.push_back({op.getResult(0), role});
    return result;
  }

private:
  LogicalResult findRows() {
    for (Type type : dispatch.getResults().getTypes()) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      ExtentAttr first = tensor && tensor.getRank() > 0 ? getExtents(tensor)[0] : ExtentAttr();
      if (!first || (rows && rows != first))
        return dispatch.emitOpError("of schema rows has results that agree in a first axis of "
                                    "known size, found ")
               << dispatch.getResults().getTypes();
      rows = first;
    }
    return success(static_cast<bool>(rows));
  }

  bool isDemanded(Term term) const {
    return demanded.contains({term.first, static_cast<unsigned>(term.second)});
  }

  InFlightDiagnostic refuse(Operation *op, const llvm::Twine &why) {
    return op->emitOpError("has no row kernel for the CPU: ") << why;
  }

  LogicalResult demand(Term term, Operation *reader) {
    if (!demanded.insert({term.first, static_cast<unsigned>(term.second)}).second)
      return success();
    if (failed(checkType(term, reader)))
      return failure();
    Operation *op = term.first.getDefiningOp();
    if (!op)
      return checkInput(cast<BlockArgument>(term.first), term.second, reader);
    return visit(op, term.second);
  }

  LogicalResult checkType(Term term, Operation *reader) {
    auto type = dyn_cast<RankedTensorType>(term.first.getType());
    if (!type)
      return refuse(reader, "it reads what is not a tensor");
    Type element = type.getElementType();
    bool isConstant = term.first.getDefiningOp<ConstantOp>() != nullptr;
    bool isRecord = term.first.getDefiningOp<QuantiseOp>() && isa<YieldOp>(reader);
    bool isKnown = element.isF32() || element.isBF16() || element.isF16() ||
                   element.isInteger(32) || (element.isF64() && isConstant) || isRecord;
    if (!isKnown)
      return refuse(reader, "elements are f32, bf16, f16 or i32, found ") << type;
    bool isRow = term.second == Role::Row;
    if (isRow && (type.getRank() == 0 || !mayBeEqual(getExtents(type)[0], rows)))
      return refuse(reader, "its rows are not those of the dispatch");
    for (int64_t axis = isRow; axis < type.getRank(); ++axis)
      if (type.isDynamicDim(axis))
        return refuse(reader, "axes other than the rows' are static");
    return success();
  }

  LogicalResult checkInput(BlockArgument input, Role role, Operation *reader) {
    auto type = tensorOf(input);
    if (type.getEncoding() && !isa<DimsAttr>(type.getEncoding()))
      return refuse(reader, "it reads a packed weight");
    int64_t rank = type.getRank();
    if (role == Role::Row || rank < 2)
      return success();
    if (layouts[input.getArgNumber()].rowStride != sizeOf({input, Role::Row}))
      return refuse(reader, "a whole matrix is dense");
    return success();
  }

  LogicalResult demandOperands(Operation *op, Role role) {
    for (Value operand : op->getOperands())
      if (failed(demand(operandTerm(operand, role), op)))
        return failure();
    return success();
  }

  LogicalResult visit(Operation *op, Role role) {
    if (isa<ConstantOp>(op) && role == Role::Row)
      return refuse(op, "a constant has no rows");
    if (isa<ConstantOp>(op))
      return success();
    if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
      FailureOr<Spread> spread = spreadOf(broadcast, role);
      if (failed(spread))
        return refuse(op, "the operand's axes are not neighbours in the result");
      return demand({broadcast.getX(), spread->role}, op);
    }
    if (auto gather = dyn_cast<GatherOp>(op))
      return visitGather(gather, role);
    if (isa<SumOp, MeanOp, AmaxOp, AminOp, SoftmaxOp, RmsNormOp, LayerNormOp>(op)) {
      if (failed(foldedSize(op, role)))
        return refuse(op, "it does not fold the last axes of a row");
      return demandOperands(op, role);
    }
    return visitMap(op, role);
  }

  LogicalResult visitGather(GatherOp op, Role role) {
    FailureOr<Axes> axes = parseAxes(op.getLoc(), op.getAxes(), 2);
    auto table = dyn_cast<BlockArgument>(op.getTable());
    auto indices = dyn_cast<BlockArgument>(op.getIndices());
    bool isPlain = succeeded(axes) && role == Role::Row && table && indices &&
                   tensorOf(table).getRank() == 2 && tensorOf(indices).getRank() == 1 &&
                   axes->result == axes->operands[1] + axes->operands[0].substr(1) &&
                   tensorOf(indices).getElementType().isInteger(32);
    if (!isPlain)
      return refuse(op, "it does not read the rows of a matrix by a vector of i32");
    auto type = tensorOf(table);
    bool isPacked = type.getEncoding() && !isa<DimsAttr>(type.getEncoding());
    if (isPacked || isa<BlockType>(type.getElementType()))
      return refuse(op, "it reads a packed weight");
    return demand({indices, Role::Row}, op);
  }

  LogicalResult visitMap(Operation *op, Role role) {
    bool isReal = isRealFunction(op), isAny = isOperator(op) || isa<ReshapeOp, SliceOp>(op);
    if (auto quantise = dyn_cast<QuantiseOp>(op))
      return visitQuantise(quantise, role);
    if (isa<RotaryOp>(op) && role == Role::Row)
      return demandOperands(op, role);
    if (!isReal && !isAny)
      return refuse(op, "it does not map rows to rows");
    if (isReal && !isa<FloatType>(tensorOf(op->getOperand(0)).getElementType()))
      return refuse(op, "integers have sums, products and comparisons alone");
    if (auto slice = dyn_cast<SliceOp>(op); slice && role == Role::Row && slice.getAxis() == 0)
      return refuse(op, "it selects rows");
    return demandOperands(op, role);
  }

  LogicalResult visitQuantise(QuantiseOp op, Role role) {
    auto block = cast<BlockType>(tensorOf(op.getResult()).getElementType());
    bool isRecord =
        block.getBits() == 8 && block.getGroup() == kRecordNumbers && block.getScale().isF32();
    if (!isRecord || role != Role::Row)
      return refuse(op, "it quantises rows to blocks of 32 codes of 8 bits");
    return demandOperands(op, role);
  }

  DispatchOp dispatch;
  ArrayRef<Layout> layouts;
  ExtentAttr rows;
  llvm::DenseSet<std::pair<Value, unsigned>> demanded;
};

} // namespace

FailureOr<RowAnalysis> analyseRows(DispatchOp dispatch, ArrayRef<Layout> layouts) {
  return Analyser(dispatch, layouts).run();
}

} // namespace tern::cpu
