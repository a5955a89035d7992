// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/TensorContraction.h"

#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"
#include "passes/NVPTX/MatrixUnit.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using tern::cpu::ContractionSpec;
using tern::cpu::KernelBuilder;
using tern::cpu::kPanelColumns;
using tern::cpu::Values;

namespace tern::nvptx {

namespace {

constexpr int64_t kWarps = 4, kBlockThreads = kWarps * kWarp;
constexpr int64_t kBlockRows = 128, kWarpRows = 64;
constexpr int64_t kBlockPanels = 4, kWarpPanels = 2;
constexpr int64_t kRowTiles = kWarpRows / kTileRows, kColumnTiles = kPanelColumns / kTileColumns;
constexpr int64_t kSums = 4 * kRowTiles * kWarpPanels * kColumnTiles;
/// k of a slice, and its bytes: rows of 64, and lines of 128 that hold two k of a panel each.
constexpr int64_t kSlice = 32, kSteps = kSlice / kTileDepth;
constexpr int64_t kRowBytes = 2 * kSlice;
constexpr int64_t kRowsBytes = kBlockRows * kRowBytes;
constexpr int64_t kPanelBytes = kSlice / 2 * kLineBytes;
constexpr int64_t kStageBytes = kRowsBytes + kBlockPanels * kPanelBytes;
/// Slices that are on their way or at hand; a power of two, so that they go round by a mask.
constexpr int64_t kStages = 4;
/// Rows that all threads of a block copy at once, 16 bytes each.
constexpr int64_t kCopiedRows = kBlockThreads / (kRowBytes / 16);
constexpr int64_t kCopies = kBlockRows / kCopiedRows;
/// What a thread holds of 16 k: for each tile of rows and of columns the words that mma.sync reads.
struct Fragments {
  SmallVector<Values> rows, columns;
};

/// In shared memory the 16-byte parts of a row are exchanged by bits 1 and 2 of its number, those
/// of a line by twice bits 0 and 1: neither a copy nor a load meets itself in a bank.
class TensorWriter {
public:
  TensorWriter(KernelBuilder &kernel, const ContractionSpec &spec, cpu::Epilogue epilogue)
      : k(kernel), ops(kernel.builder()), spec(spec), unit(kernel, spec), epilogue(epilogue) {}

  void write() {
    Value thread = NVVM::ThreadIdXOp::create(ops, k.i32());
    Value block = NVVM::BlockIdXOp::create(ops, k.i32());
    lane = k.bitAnd(thread, kWarp - 1);
    warp = k.shiftRight(thread, 5);
    rows = k.truncate(k.size(spec.rowsSize), k.i32());
    Value rowBlocks = k.shiftRight(k.add(rows, kBlockRows - 1), 7);
    Value blocks = k.mul(rowBlocks, columnBlocks());
    k.when(k.compare(KernelBuilder::IntPredicate::ult, block, blocks), [&] {
      firstRow = k.mul(k.rem(block, rowBlocks), kBlockRows);
      firstPanel = k.mul(k.div(block, rowBlocks), kBlockPanels);
      shared = sharedMemory(ops);
      startCopies(thread);
      startLoads();
      multiply();
      finish();
    });
  }

  int64_t columnBlocks() const { return llvm::divideCeil(unit.panels(), kBlockPanels); }

private:
  //===- Where things lie -------------------------------------------------===//

  int64_t slices() const { return llvm::divideCeil(spec.k, kSlice); }
  Value displaced(Value address, LLVM::GEPArg bytes) { return unit.displaced(address, bytes); }
  Value wide(Value number) { return unit.wide(number); }
  Value exchanged(Value part, Value by) { return arith::XOrIOp::create(ops, part, by); }

  /// Where the block's panel `slot` lies, the last one for those beyond.
  Value placeOf(int64_t slot) {
    Value number = k.min(k.add(firstPanel, slot), k.integer(k.i32(), unit.panels() - 1));
    return unit.placeOf(wide(number));
  }

  //===- Global to shared memory ------------------------------------------===//

  void startCopies(Value thread) {
    Value row = k.shiftRight(thread, 2), part = k.bitAnd(thread, 3);
    Value turned = exchanged(part, k.bitAnd(k.shiftRight(row, 1), 3));
    rowsTo = k.add(k.mul(row, kRowBytes), k.mul(turned, 16));
    Value activations = unit.globalOf(spec.activationBuffer), last = k.sub(rows, 1);
    for (int64_t i = 0; i < kCopies; ++i) {
      // Rows beyond the last are copies of it, whose sums nobody reads.
      Value own = k.min(k.add(firstRow, k.add(row, i * kCopiedRows)), last);
      Value offset = k.add(k.mul(wide(own), 2 * spec.activationStride), wide(k.mul(part, 16)));
      sources.push_back(displaced(activations, offset));
    }
    Value line = k.shiftRight(thread, 3), place = k.bitAnd(thread, 7);
    turned = exchanged(place, k.shiftLeft(k.bitAnd(line, 3), 1));
    panelsTo = k.add(k.add(k.mul(line, kLineBytes), k.mul(turned, 16)), kRowsBytes);
    Value weights = unit.globalOf(spec.weightBuffer);
    for (int64_t slot = 0; slot < kBlockPanels; ++slot) {
      Value offset = k.mul(placeOf(slot), cpu::panelBytes(spec.weights, spec.k));
      sources.push_back(displaced(weights, k.add(offset, wide(k.mul(thread, 16)))));
    }
    // Of the last slice what lies beyond K is not read, and is 0.
    Value rest = k.sub(k.integer(k.i32(), 2 * (spec.k - (slices() - 1) * kSlice)), k.mul(part, 16));
    restOfRow = k.max(k.min(rest, k.integer(k.i32(), 16)), k.integer(k.i32(), 0));
    int64_t panelRest = cpu::panelBytes(spec.weights, spec.k) - (slices() - 1) * kPanelBytes;
    rest = k.sub(k.integer(k.i32(), panelRest), k.mul(thread, 16));
    restOfPanel = k.max(k.min(rest, k.integer(k.i32(), 16)), k.integer(k.i32(), 0));
  }

  /// Copies the slice that `from` points at to the stage at `stage`.
  void copySlice(ValueRange from, Value stage, bool isCut) {
    Value toRows = displaced(shared, k.add(rowsTo, stage));
    Value toPanels = displaced(shared, k.add(panelsTo, stage));
    for (int64_t i = 0; i < kCopies; ++i)
      copy(from[i], displaced(toRows, i * kCopiedRows * kRowBytes), isCut ? restOfRow : Value());
    for (int64_t slot = 0; slot < kBlockPanels; ++slot)
      copy(from[kCopies + slot], displaced(toPanels, slot * kPanelBytes),
           isCut ? restOfPanel : Value());
  }

  void copy(Value from, Value to, Value bytes) {
    NVVM::CpAsyncOp::create(ops, to, from, 16, NVVM::LoadCacheModifierKind::CG, bytes);
  }

  void commit() { NVVM::CpAsyncCommitGroupOp::create(ops); }

  Values nextSources(ValueRange from) {
    Values next;
    for (auto [i, address] : llvm::enumerate(from))
      next.push_back(
          displaced(address, static_cast<int64_t>(i) < kCopies ? kRowBytes : kPanelBytes));
    return next;
  }

  Value nextStage(Value stage) {
    return k.bitAnd(k.add(stage, kStageBytes), kStages * kStageBytes - 1);
  }

  /// Waits until all but `pending` slices that were asked for are there, for all threads.
  void await(int64_t pending) {
    NVVM::CpAsyncWaitGroupOp::create(ops, static_cast<uint32_t>(pending));
    NVVM::Barrier0Op::create(ops);
  }

  //===- Shared memory to registers ---------------------------------------===//

  void startLoads() {
    Value row = k.add(k.mul(warpRow(), kWarpRows),
                      k.add(k.bitAnd(lane, 7), k.mul(k.shiftRight(lane, 4), 8)));
    Value turn = k.bitAnd(k.shiftRight(row, 1), 3), half = k.bitAnd(k.shiftRight(lane, 3), 1);
    for (int64_t step = 0; step < kSteps; ++step) {
      Value part = k.bitXor(exchanged(half, turn), 2 * step);
      rowsFrom.push_back(k.add(k.mul(row, kRowBytes), k.mul(part, 16)));
    }
    Value group = k.shiftRight(lane, 2), quarter = k.bitAnd(lane, 3);
    Value panel = k.add(k.mul(warpPanel(), kWarpPanels * kPanelBytes), kRowsBytes);
    Value line = k.add(panel, k.mul(quarter, kLineBytes));
    // A column's words are 4 bytes apart in bf16, in f16 2 with those of the other k half a line
    // on.
    Value at = k.mul(group, unit.isBF16() ? 8 : 4);
    Value part = exchanged(k.shiftRight(at, 4), k.shiftLeft(quarter, 1));
    Value first = k.add(line, k.add(k.mul(part, 16), k.bitAnd(at, 15)));
    for (int64_t tile = 0; tile < kColumnTiles; ++tile) {
      columnsFrom.push_back(k.bitXor(first, tile * (unit.isBF16() ? 64 : 32)));
      if (!unit.isBF16())
        columnsFrom.push_back(k.bitXor(columnsFrom.back(), 64));
    }
  }

  Value warpRow() { return k.bitAnd(warp, 1); }
  Value warpPanel() { return k.shiftRight(warp, 1); }

  Fragments loadFragments(int64_t step, Value stage) {
    Fragments fragments;
    Value base = displaced(shared, k.add(rowsFrom[step], stage));
    for (int64_t m = 0; m < kRowTiles; m += 2) {
      Values two = loadMatrices(displaced(base, m * kTileRows * kRowBytes));
      fragments.rows.push_back({two[0], two[1]});
      fragments.rows.push_back({two[2], two[3]});
    }
    Values bases;
    for (Value from : columnsFrom)
      bases.push_back(displaced(shared, k.add(from, stage)));
    size_t each = bases.size() / kColumnTiles;
    for (int64_t panel = 0; panel < kWarpPanels; ++panel)
      for (int64_t tile = 0; tile < kColumnTiles; ++tile) {
        Values words;
        for (int64_t half = 0; half < 2; ++half)
          words.append(loadWords(ArrayRef(bases).slice(tile * each, each),
                                 panel * kPanelBytes + (2 * step + half) * 4 * kLineBytes));
        fragments.columns.push_back(words);
      }
    return fragments;
  }

  Values loadMatrices(Value address) {
    auto shape = NVVM::LdStMatrixShapeAttr::get(ops.getContext(), 8, 8);
    auto type = LLVM::LLVMStructType::getLiteral(ops.getContext(), SmallVector<Type>(4, k.i32()));
    Value four = NVVM::LdMatrixOp::create(ops, type, address, 4, NVVM::MMALayout::row, shape,
                                          NVVM::LdStMatrixEltType::B16);
    return parts(four, 4);
  }

  Values parts(Value aggregate, int64_t count) {
    Values result;
    for (int64_t i = 0; i < count; ++i)
      result.push_back(LLVM::ExtractValueOp::create(ops, aggregate, i));
    return result;
  }

  /// Two columns of a tile, a word of two k each.
  Values loadWords(ArrayRef<Value> bases, int64_t offset) {
    auto load = [&](Type type, Value base, unsigned alignment) -> Value {
      return LLVM::LoadOp::create(ops, type, displaced(base, offset), alignment);
    };
    if (unit.isBF16()) {
      Value words = load(k.vector(k.i32(), kOwnColumns), bases[0], 8);
      return {k.extract(words, 0), k.extract(words, 1)};
    }
    return unit.pairsOf(load(k.i32(), bases[0], 4), load(k.i32(), bases[1], 4));
  }

  //===- Products ---------------------------------------------------------===//

  /// What one turn leaves to the next.
  struct State {
    Values sums; ///< four of each pair of tiles, those of rows innermost
    Fragments next;
    Values sources;
    Value readStage, writeStage;
  };

  Values flatten(const State &state) {
    Values all = state.sums;
    for (const auto &tiles : {state.next.rows, state.next.columns})
      for (const Values &words : tiles)
        all.append(words);
    all.append(state.sources);
    all.append({state.readStage, state.writeStage});
    return all;
  }

  State unflatten(ValueRange all) {
    State state;
    auto take = [&](int64_t count) {
      Values taken(all.take_front(count));
      all = all.drop_front(count);
      return taken;
    };
    state.sums = take(kSums);
    for (int64_t row = 0; row < kRowTiles; ++row)
      state.next.rows.push_back(take(2));
    for (int64_t column = 0; column < kWarpPanels * kColumnTiles; ++column)
      state.next.columns.push_back(take(4));
    state.sources = take(kCopies + kBlockPanels);
    state.readStage = all[0];
    state.writeStage = all[1];
    return state;
  }

  void multiply() {
    int64_t ahead = std::min(kStages - 1, slices()), turns = slices() - ahead;
    bool isCut = spec.k % kSlice != 0;
    State state;
    state.sums.assign(kSums, k.constant(k.f32(), 0));
    state.sources = sources;
    for (int64_t slice = 0; slice < ahead; ++slice) {
      copySlice(state.sources, k.integer(k.i32(), slice * kStageBytes),
                isCut && slice == slices() - 1);
      commit();
      state.sources = nextSources(state.sources);
    }
    await(ahead - 1);
    state.readStage = k.integer(k.i32(), 0);
    state.writeStage = k.integer(k.i32(), ahead % kStages * kStageBytes);
    state.next = loadFragments(0, state.readStage);
    // The slice that is cut is copied in a turn of its own.
    int64_t steady = std::max<int64_t>(turns - (isCut ? 1 : 0), 0);
    if (steady > 0)
      state = repeat(steady, state);
    if (turns > steady)
      addSlice(state, Copy::Cut, ahead - 1);
    for (int64_t left = ahead; left > 0; --left)
      addSlice(state, Copy::None, left - 2);
    sums = state.sums;
  }

  State repeat(int64_t turns, const State &state) {
    auto number = [&](int64_t value) { return k.integer(k.i32(), value); };
    auto loop = scf::ForOp::create(ops, number(0), number(turns), number(1), flatten(state),
                                   [](OpBuilder &, Location, Value, ValueRange) {});
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPointToEnd(loop.getBody());
    State turn = unflatten(loop.getRegionIterArgs());
    addSlice(turn, Copy::Whole, kStages - 2);
    scf::YieldOp::create(ops, flatten(turn));
    return unflatten(loop.getResults());
  }

  enum class Copy { None, Whole, Cut };

  /// Multiplies the slice at hand and asks for another. `pending` slices may be on their way when
  /// the next one is needed; if there is no next one it is negative.
  void addSlice(State &state, Copy copied, int64_t pending) {
    Value nextRead = nextStage(state.readStage);
    for (int64_t step = 0; step < kSteps; ++step) {
      bool isLast = step == kSteps - 1;
      Fragments current = state.next;
      if (step == 0 && copied != Copy::None) {
        copySlice(state.sources, state.writeStage, copied == Copy::Cut);
        commit();
        state.sources = nextSources(state.sources);
        state.writeStage = nextStage(state.writeStage);
      }
      if (isLast && pending >= 0)
        await(pending);
      if (!isLast)
        state.next = loadFragments(step + 1, state.readStage);
      else if (pending >= 0)
        state.next = loadFragments(0, nextRead);
      addProducts(current, state.sums);
    }
    state.readStage = nextRead;
  }

  void addProducts(const Fragments &fragments, Values &to) {
    size_t first = 0;
    for (const Values &columns : fragments.columns)
      for (const Values &words : fragments.rows) {
        Values tile(ArrayRef(to).slice(first, 4));
        llvm::copy(unit.multiplyAdd(columns, words, tile), to.begin() + first);
        first += 4;
      }
  }

  //===- Epilogue ---------------------------------------------------------===//

  /// Rows and columns are a thread's first and a number: what they have in common is computed once.
  void finish() {
    Value group = k.shiftRight(lane, 2), quarter = k.bitAnd(lane, 3);
    Value row = k.add(firstRow, k.add(k.mul(warpRow(), kWarpRows), k.mul(quarter, 2)));
    Value panel = k.add(firstPanel, k.mul(warpPanel(), kWarpPanels));
    if (spec.isPaired)
      panel = k.shiftRight(panel, 1);
    Value column = k.add(k.mul(panel, kPanelColumns), k.mul(group, kOwnColumns));
    row = wide(row);
    column = wide(column);
    for (int64_t tile = 0; tile < kRowTiles; ++tile)
      for (int64_t second = 0; second < 2; ++second) {
        Value own = k.add(row, tile * kTileRows + second);
        k.when(k.compare(KernelBuilder::IntPredicate::slt, own, k.size(spec.rowsSize)), [&] {
          for (int64_t panel = 0; panel < kWarpPanels; panel += spec.isPaired ? 2 : 1)
            for (int64_t columns = 0; columns < kColumnTiles; ++columns)
              finishTile(own, k.add(column, panel * kPanelColumns + columns * kTileColumns), tile,
                         second, panel, columns);
        });
      }
  }

  void finishTile(Value row, Value column, int64_t tile, int64_t second, int64_t panel,
                  int64_t columns) {
    auto sumsAt = [&](int64_t at) {
      size_t first = 4 * ((at * kColumnTiles + columns) * kRowTiles + tile);
      return unit.sumsOf(Values(ArrayRef(sums).slice(first, 4)), second);
    };
    int64_t all = columnBlocks() * kBlockPanels * kPanelColumns / (spec.isPaired ? 2 : 1);
    unit.finish(row, column, all, sumsAt(panel), spec.isPaired ? sumsAt(panel + 1) : Value(),
                epilogue);
  }

  KernelBuilder &k;
  ImplicitLocOpBuilder &ops;
  const ContractionSpec &spec;
  MatrixUnit unit;
  cpu::Epilogue epilogue;
  Value lane, warp, rows, firstRow, firstPanel, shared;
  Values sources; ///< this thread's 16 bytes of the first slice, of rows and then of panels
  Value rowsTo, panelsTo, restOfRow, restOfPanel;
  Values rowsFrom, columnsFrom;
  Values sums;
};

} // namespace

bool isOfTensorTypes(const ContractionSpec &spec) {
  return (spec.weights == cpu::Storage::BF16 && spec.activations == cpu::ActivationForm::BF16) ||
         (spec.weights == cpu::Storage::F16 && spec.activations == cpu::ActivationForm::F16);
}

std::string whyNotTensor(const ContractionSpec &spec, int64_t activationAlignment) {
  if (spec.groups)
    return "tensor cores take rows of one weight, found rows that choose one each";
  if (spec.byPanels)
    return "tensor cores leave results of a row apart, found blocks of codes to write";
  if (spec.activationStride % 8 || activationAlignment % 16)
    return "tensor cores read rows at multiples of 16 bytes, found a stride of " +
           std::to_string(spec.activationStride) + " elements at a multiple of " +
           std::to_string(activationAlignment) + " bytes";
  return {};
}

func::FuncOp addFlatKernel(ModuleOp module, StringRef name, int64_t threads,
                           const KernelParameters &parameters, KernelBuilder::Body body) {
  cpu::Target target = MatrixUnit::thread();
  auto buffers = static_cast<unsigned>(parameters.alignments.size());
  func::FuncOp function =
      KernelBuilder::defineFlat(module, target, name, buffers, parameters.sizes, body);
  Builder builder(module.getContext());
  for (auto [i, alignment] : llvm::enumerate(parameters.alignments)) {
    auto buffer = static_cast<unsigned>(i);
    function.setArgAttr(buffer, LLVM::LLVMDialect::getAlignAttrName(),
                        builder.getI64IntegerAttr(alignment));
    // Nothing that is written is read, so many loads of an epilogue may go before its stores.
    function.setArgAttr(buffer, LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());
  }
  function->setAttr(kThreads, builder.getI32IntegerAttr(static_cast<int32_t>(threads)));
  return function;
}

TensorKernel addTensorContraction(ModuleOp module, StringRef name, const ContractionSpec &spec,
                                  const KernelParameters &parameters, cpu::Epilogue epilogue) {
  TensorKernel kernel{kBlockThreads, kBlockRows, 0, kStages * kStageBytes};
  addFlatKernel(module, name, kBlockThreads, parameters, [&](KernelBuilder &k) {
    TensorWriter writer(k, spec, epilogue);
    kernel.columnBlocks = writer.columnBlocks();
    writer.write();
  });
  return kernel;
}

} // namespace tern::nvptx
