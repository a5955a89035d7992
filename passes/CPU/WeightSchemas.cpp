// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The schemas that read or make packed weights: contraction, gather, pack.
#include "passes/CPU/WeightSchemas.h"
#include "passes/CPU/Contraction.h"
#include "passes/CPU/Epilogue.h"
#include "passes/CPU/Gather.h"
#include "passes/CPU/LoopContraction.h"
#include "passes/CPU/Pack.h"
#include "passes/CPU/Schema.h"

#include "dialects/Tern/IR/Axes.h"

using namespace mlir;

namespace tern::cpu {

static std::optional<Storage> storageOf(Type element) {
  if (element.isF32())
    return Storage::F32;
  if (element.isF16())
    return Storage::F16;
  if (element.isBF16())
    return Storage::BF16;
  if (auto block = dyn_cast<BlockType>(element))
    if (const BlockFormat *format = block.getFormat())
      return Storage{format->name};
  return std::nullopt;
}

static std::optional<ActivationForm> activationOf(Type element) {
  if (element.isF32())
    return ActivationForm::F32;
  if (element.isF16())
    return ActivationForm::F16;
  if (element.isBF16())
    return ActivationForm::BF16;
  if (auto block = dyn_cast<BlockType>(element))
    if (block.getBits() == 8 && block.getScale().isF32() && block.getGroup() == 32 &&
        !block.getFormat())
      return ActivationForm::Q8;
  return std::nullopt;
}

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static bool isPacked(Value value) {
  return isa_and_present<PanelsAttr>(tensorOf(value).getEncoding());
}

/// The operation of that kind in the body: there is one.
template <typename OpTy> static OpTy rootOf(DispatchOp dispatch) {
  auto roots = dispatch.getBody().getOps<OpTy>();
  return roots.empty() ? OpTy() : *roots.begin();
}

static unsigned argumentOf(Value value) { return cast<BlockArgument>(value).getArgNumber(); }

/// True for `rk,nk->rn` with a packed right operand, and for `rk,nk->rn` and `rak,nk->ran` with
/// groups of rows.
static bool isPackedProduct(ContractOp op) {
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  if (failed(axes) || !isPacked(op.getRhs()) || !isa<BlockArgument>(op.getLhs()) ||
      !isa<BlockArgument>(op.getRhs()))
    return false;
  Value groups = op.getGroups();
  if (!groups)
    return axes->canonical() == "ab,cb->ac";
  int64_t rank = tensorOf(groups).getRank();
  return isa<BlockArgument>(groups) && tensorOf(groups).getElementType().isInteger(32) &&
         axes->canonical() == (rank == 1 ? "ab,cb->ac" : "abc,dc->abd") && rank <= 2;
}

/// What a spec says of rows that choose a weight each.
static void addGroups(ContractionSpec &spec, ContractOp op, const DispatchBuffers &buffers,
                      llvm::ArrayRef<Layout> layouts) {
  RankedTensorType groups = tensorOf(op.getGroups());
  bool isBlocks = spec.activations == ActivationForm::Q8;
  spec.groups = tensorOf(op.getRhs()).getDimSize(0);
  spec.groupBuffer = buffers.ofInput(op.getGroups());
  spec.choices = groups.getRank() == 2 ? groups.getDimSize(1) : 1;
  spec.sourceStride = spec.activationStride;
  spec.groupStride = groups.getRank() == 2 ? layouts[argumentOf(op.getGroups())].rowStride : 1;
  // Whole vectors, and not a multiple of the distance at which rows meet in the first cache.
  spec.activationStride = isBlocks ? spec.k / 32 : llvm::alignTo(spec.k, 16) + 16;
}

ContractOp packedContractionOf(DispatchOp dispatch) {
  auto op = rootOf<ContractOp>(dispatch);
  return op && (isPacked(op.getRhs()) || isPacked(op.getLhs())) ? op : ContractOp();
}

FailureOr<ContractionSpec> contractionSpecOf(DispatchOp dispatch, ContractOp op,
                                             llvm::ArrayRef<Layout> layouts,
                                             const EpilogueWriter &epilogue) {
  if (!isPackedProduct(op))
    return op.emitOpError("has no kernel: expected \"rk,nk->rn\" with packed weights, found \"")
           << op.getAxes() << "\" of " << op.getLhs().getType() << " and " << op.getRhs().getType();
  RankedTensorType lhs = tensorOf(op.getLhs()), rhs = tensorOf(op.getRhs());
  std::optional<Storage> weights = storageOf(rhs.getElementType());
  std::optional<ActivationForm> activations = activationOf(lhs.getElementType());
  if (!weights || !activations)
    return op.emitOpError("has no kernel for elements of ") << lhs << " and " << rhs;
  DispatchBuffers buffers(dispatch);
  ContractionSpec spec;
  spec.weights = *weights;
  spec.activations = *activations;
  spec.n = rhs.getDimSize(rhs.getRank() - 2);
  spec.k = rhs.getShape().back();
  int64_t stride = layouts[argumentOf(op.getLhs())].rowStride;
  spec.activationStride = *activations == ActivationForm::Q8 ? stride / 32 : stride;
  spec.activationBuffer = buffers.ofInput(op.getLhs());
  spec.weightBuffer = buffers.ofInput(op.getRhs());
  spec.rowsSize = 0;
  spec.isPaired = epilogue.readsHalves();
  if (spec.isPaired)
    spec.n /= 2;
  spec.isAlternating = cast<PanelsAttr>(rhs.getEncoding()).getAlternating();
  spec.byPanels = isa_and_present<QuantiseOp>(
      dispatch.getBody().front().getTerminator()->getOperand(0).getDefiningOp());
  if (op.getGroups())
    addGroups(spec, op, buffers, layouts);
  return spec;
}

FailureOr<KernelInfo> emitContraction(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                      StringRef name, ModuleOp module, const Target &target) {
  ContractOp op = packedContractionOf(dispatch);
  if (!op)
    return emitLoopContraction(dispatch, rootOf<ContractOp>(dispatch), layouts, name, module,
                               target);
  EpilogueWriter epilogue(dispatch, op.getResult(), layouts, name, module);
  FailureOr<ContractionSpec> spec = contractionSpecOf(dispatch, op, layouts, epilogue);
  if (failed(spec))
    return failure();
  llvm::Expected<ContractionKernel> kernel = addContraction(module, target, name, *spec, epilogue);
  if (!kernel)
    return op.emitOpError(llvm::toString(kernel.takeError()));
  return KernelInfo{{getExtents(tensorOf(op.getLhs()))[0]},
                    DispatchBuffers(dispatch).indexInputs(),
                    ExtentAttr::getConstant(op.getContext(), kernel->tiles),
                    kernel->scratchBytes};
}

FailureOr<KernelInfo> emitGather(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                 StringRef name, ModuleOp module, const Target &target) {
  auto op = rootOf<GatherOp>(dispatch);
  if (!isPacked(op.getTable()))
    return emitRows(dispatch, layouts, name, module, target);
  RankedTensorType table = tensorOf(op.getTable());
  std::optional<Storage> storage = storageOf(table.getElementType());
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  if (!storage || failed(axes) || axes->canonical() != "ab,c->cb")
    return op.emitOpError("has no kernel for \"") << op.getAxes() << "\" of " << table;
  DispatchBuffers buffers(dispatch);
  GatherSpec spec;
  spec.storage = *storage;
  spec.n = table.getDimSize(0);
  spec.k = table.getDimSize(1);
  spec.idBuffer = buffers.ofInput(op.getIndices());
  spec.weightBuffer = buffers.ofInput(op.getTable());
  EpilogueWriter epilogue(dispatch, op.getResult(), layouts, name, module);
  llvm::Expected<int64_t> scratch = addGather(module, target, name, spec, epilogue);
  if (!scratch)
    return op.emitOpError(llvm::toString(scratch.takeError()));
  return KernelInfo{{}, buffers.indexInputs(), getExtents(tensorOf(op.getIndices()))[0], *scratch};
}

static KernelInfo emitBlocks(DispatchOp dispatch, BlocksOp op, llvm::ArrayRef<Layout> layouts,
                             StringRef name, ModuleOp module, const Target &target) {
  RankedTensorType type = tensorOf(op.getResult());
  DispatchBuffers buffers(dispatch);
  BlocksSpec spec;
  spec.format = cast<BlockType>(type.getElementType()).getFormat();
  spec.n = type.getDimSize(0);
  spec.k = type.getDimSize(1);
  auto rowsOf = [&](Value matrix) {
    return BlocksSpec::Rows{buffers.ofInput(matrix), layouts[argumentOf(matrix)].rowStride};
  };
  spec.codes = rowsOf(op.getCodes());
  spec.scales = rowsOf(op.getScales());
  if (op.getZeros())
    spec.zeros = rowsOf(op.getZeros());
  spec.resultBuffer = buffers.ofResult(0);
  addBlocks(module, target, name, spec);
  return KernelInfo{{}, 0, ExtentAttr::getConstant(op.getContext(), spec.n), 0};
}

FailureOr<KernelInfo> emitPack(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts, StringRef name,
                               ModuleOp module, const Target &target) {
  if (auto blocks = rootOf<BlocksOp>(dispatch))
    return emitBlocks(dispatch, blocks, layouts, name, module, target);
  auto op = rootOf<PackOp>(dispatch);
  std::optional<Storage> storage = storageOf(tensorOf(op.getResult()).getElementType());
  if (!storage)
    return op.emitOpError("has no layout for ") << op.getType();
  // Operands that are packed side by side are packed by one kernel each: `part` says which.
  auto part = dispatch->getAttrOfType<IntegerAttr>("part");
  unsigned number = part ? part.getInt() : 0;
  DispatchBuffers buffers(dispatch);
  PackSpec spec;
  spec.storage = *storage;
  spec.isTurned = op.getTurned();
  RankedTensorType packed = tensorOf(op.getResult());
  spec.k = packed.getShape().back();
  spec.alternating = op.getAlternating() ? panels(packed.getDimSize(0)) : 0;
  // Rows of a matrix, or matrices of a stack.
  auto countOf = [&](Value operand) { return tensorOf(operand).getDimSize(spec.isTurned ? 1 : 0); };
  bool isStack = packed.getRank() == 3;
  int64_t columnsOfEach = isStack ? panels(packed.getDimSize(1)) * kPanelColumns : 1;
  for (Value before : op.getOperands().take_front(number))
    spec.firstColumn += countOf(before) * columnsOfEach;
  spec.n = isStack ? packed.getDimSize(1) : countOf(op.getOperands()[number]);
  spec.matrices = isStack ? countOf(op.getOperands()[number]) : 1;
  spec.sourceBuffer = buffers.ofInput(op.getOperands()[number]);
  auto source = cast<BlockArgument>(op.getOperands()[number]);
  if (!isStack || spec.matrices > 1) // the stride of one matrix alone says nothing
    spec.sourceStride = layouts[source.getArgNumber()].rowStride;
  spec.packedBuffer = buffers.ofResult(0);
  llvm::Expected<int64_t> tiles = addPack(module, target, name, spec);
  if (!tiles)
    return op.emitOpError(llvm::toString(tiles.takeError()));
  return KernelInfo{{}, 0, ExtentAttr::getConstant(op.getContext(), *tiles), 0};
}

} // namespace tern::cpu
