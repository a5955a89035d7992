// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/AttentionKernels.h"

#include "passes/NVPTX/AttentionMerge.h"
#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"
#include "passes/NVPTX/LastArrival.h"
#include "passes/NVPTX/TensorAttention.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using tern::cpu::KernelBuilder;
using tern::cpu::Values;

namespace tern::nvptx {

/// Most rows whose chunks are computed apart, and the most memory that these may need.
static constexpr int64_t kApartRows = 8, kWorkspaceBytes = 64 << 20;

/// Segments that a multiprocessor is to have registers for: 255 for each thread, so that ptxas may
/// move the loads of several turns of a loop ahead.
static constexpr int32_t kSegmentsAtOnce = 8;

namespace {

/// Writes the kernels of a dispatch.
class Emission {
public:
  Emission(DispatchOp dispatch, llvm::ArrayRef<cpu::Layout> layouts,
           llvm::ArrayRef<int64_t> alignments, StringRef name, ModuleOp module)
      : dispatch(dispatch), layouts(layouts), alignments(alignments), name(name), module(module),
        buffers(dispatch) {}

  LogicalResult write(kv::AttendOp op, const cpu::Target &warp, bool rounds) {
    FailureOr<int64_t> maxBlocks = cpu::maxBlocksOf(dispatch);
    if (failed(maxBlocks))
      return failure();
    bool isNarrow = !op.getCache().getType().getElementType().isF32();
    AttentionSpec spec(op, *maxBlocks, /*isTensor=*/true);
    if (rounds && isNarrow)
      result.remark = whyNot(spec);
    if (!rounds || !isNarrow || !result.remark.empty())
      spec = AttentionSpec(op, *maxBlocks, /*isTensor=*/false);
    rows = result.rows = getExtents(cast<RankedTensorType>(op.getQuery().getType()))[0];
    entries = ExtentAttr::getName(op.getContext(), op.getBatch().getType().getEntries().getValue());
    if (spec.isTensor)
      addAll(spec);
    if (spec.records().count == 1)
      return success();
    result.apartRows =
        std::clamp<int64_t>(kWorkspaceBytes / spec.records().bytesOf(1), 1, kApartRows);
    result.workspaceBytes = spec.records().bytesOf(result.apartRows);
    if (failed(spec.isTensor ? addChunks(spec) : addSegments(spec, warp)))
      return failure();
    addMerge(spec);
    return success();
  }

  AttentionKernels result;

private:
  std::string whyNot(const AttentionSpec &spec) const {
    if (spec.rotary)
      return whyNotTensor(spec, 0, 16);
    unsigned number = cast<BlockArgument>(spec.op.getQuery()).getArgNumber();
    return whyNotTensor(spec, layouts[number].rowStride, alignments[buffers.ofInput(number)]);
  }

  KernelParameters parameters(bool isApart) const {
    KernelParameters own{llvm::to_vector(alignments), buffers.indexInputs() + (isApart ? 0 : 1)};
    if (isApart)
      own.alignments.push_back(64);
    return own;
  }

  void addAll(const AttentionSpec &spec) {
    TensorKernel start = addTensorAttention(dispatch, spec, layouts, parameters(false), name,
                                            module, /*isApart=*/false);
    ExtentAttr lines = rows.times(spec.group).plus(entries.times(kBlockLines - 1));
    result.all = {{{entries}, buffers.indexInputs(), lines.times(spec.keyHeads * spec.parts)},
                  start};
  }

  LogicalResult addChunks(const AttentionSpec &spec) {
    TensorKernel start = addTensorAttention(dispatch, spec, layouts, parameters(true),
                                            (name + "_apart").str(), module, /*isApart=*/true);
    int64_t tiles = spec.keyHeads * spec.parts * spec.records().count;
    result.apart = {{{}, buffers.indexInputs(), entries.times(tiles)}, start};
    return success();
  }

  /// A warp, a block of its own, for each segment.
  LogicalResult addSegments(const AttentionSpec &spec, const cpu::Target &warp) {
    std::string own = (name + "_apart").str();
    FailureOr<cpu::KernelInfo> info =
        cpu::emitSegments(dispatch, layouts, own, module, warp, spec.records());
    if (failed(info))
      return failure();
    KernelShape shape;
    shape.buffers = buffers.buffers() + 1;
    shape.sizes = info->indexInputs;
    shape.scratchBytes = llvm::alignTo(info->scratchBytes, 64);
    if (failed(distributeLanes(module.lookupSymbol<func::FuncOp>(own), shape)))
      return failure();
    // If it is left to choose, ptxas keeps in memory what has no register.
    auto function = module.lookupSymbol<func::FuncOp>(own);
    function->setAttr(kLeastBlocks, Builder(function).getI32IntegerAttr(kSegmentsAtOnce));
    result.apart = {*info, {kWarp, 1, 0, shape.scratchBytes}};
    return success();
  }

  void addMerge(const AttentionSpec &spec) {
    bool isLast = AttentionMerge::isForOneWarp(spec);
    std::string own = (name + "_merge").str(), apart = (name + "_apart").str();
    int64_t threads = isLast ? kWarp : AttentionMerge::threads(spec);
    func::FuncOp merge =
        addFlatKernel(module, own, threads, parameters(true), [&](KernelBuilder &k) {
          cpu::EpilogueWriter epilogue(dispatch, spec.op.getResult(), layouts, own, module);
          AttentionMerge writer(k, spec, buffers, epilogue, layouts.back().rowStride);
          if (isLast)
            writer.writeLast(
                countsOf(k.builder(), module, apart + "_ended", result.apartRows * spec.keyHeads));
          else
            writer.writeLine();
        });
    if (isLast)
      append(merge, module.lookupSymbol<func::FuncOp>(apart));
    else
      result.merge = {{{}, buffers.indexInputs(), rows.times(spec.heads())}, {threads, 1, 0, 0}};
  }

  /// Moves what a kernel does to the end of another with the same arguments.
  static void append(func::FuncOp kernel, func::FuncOp to) {
    OpBuilder builder(to.getBody().front().getTerminator());
    IRMapping values;
    values.map(kernel.getArguments(), to.getArguments());
    for (Operation &op : kernel.getBody().front().without_terminator())
      builder.clone(op, values);
    kernel.erase();
  }

  DispatchOp dispatch;
  llvm::ArrayRef<cpu::Layout> layouts;
  llvm::ArrayRef<int64_t> alignments;
  StringRef name;
  ModuleOp module;
  cpu::DispatchBuffers buffers;
  ExtentAttr rows, entries;
};

} // namespace

FailureOr<AttentionKernels> emitAttentionKernels(DispatchOp dispatch,
                                                 llvm::ArrayRef<cpu::Layout> layouts,
                                                 llvm::ArrayRef<int64_t> alignments, StringRef name,
                                                 ModuleOp module, const cpu::Target &warp,
                                                 bool rounds) {
  auto ops = dispatch.getBody().getOps<kv::AttendOp>();
  if (ops.empty())
    return AttentionKernels();
  Emission emission(dispatch, layouts, alignments, name, module);
  if (failed(emission.write(*ops.begin(), warp, rounds)))
    return failure();
  return emission.result;
}

} // namespace tern::nvptx
