// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/FewRowsContraction.h"

#include "passes/NVPTX/Lanes.h"
#include "passes/NVPTX/MatrixUnit.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using tern::cpu::ContractionSpec;
using tern::cpu::KernelBuilder;
using tern::cpu::kPanelColumns;
using tern::cpu::Values;

namespace tern::nvptx {

namespace {

using IntPredicate = KernelBuilder::IntPredicate;

/// Tiles of 16 k that a turn reads before it multiplies them.
constexpr int64_t kAhead = 16;
constexpr int64_t kTilesOfPanel = kPanelColumns / kTileColumns;
/// From a tile of 16 k to the next, in a panel and in a row.
constexpr int64_t kPanelStep = kTileDepth / 2 * kLineBytes, kRowStep = 2 * kTileDepth;

class FewRowsWriter {
public:
  FewRowsWriter(KernelBuilder &kernel, const ContractionSpec &spec, cpu::Epilogue epilogue)
      : k(kernel), ops(kernel.builder()), spec(spec), unit(kernel, spec), epilogue(epilogue) {}

  void write() {
    Value lane = NVVM::ThreadIdXOp::create(ops, k.i32());
    tile = NVVM::BlockIdXOp::create(ops, k.i32());
    group = k.shiftRight(lane, 2);
    quarter = k.bitAnd(lane, 3);
    findPanels();
    Value rows = k.size(spec.rowsSize), activations = unit.globalOf(spec.activationBuffer);
    k.loop(k.index(0), rows, kFewRows, [&](Value first) {
      // Rows beyond the last are copies of it, whose sums nobody reads.
      Value own = k.min(k.add(first, unit.wide(group)), k.sub(rows, 1));
      Value offset = k.add(k.mul(own, 2 * spec.activationStride), unit.wide(k.mul(quarter, 4)));
      finish(first, rows, multiply(unit.displaced(activations, offset)));
    });
  }

  int64_t tiles() const { return cpu::panels(spec.n) * kTilesOfPanel; }

private:
  int64_t matrices() const { return spec.isPaired ? 2 : 1; }

  /// This thread's first words of the tile's columns, for each matrix.
  void findPanels() {
    Value weights = unit.globalOf(spec.weightBuffer);
    Value panel = unit.wide(k.div(tile, kTilesOfPanel)), part = k.rem(tile, kTilesOfPanel);
    int64_t word = unit.isBF16() ? 4 : 2;
    Value own = k.add(k.mul(part, word * kTileColumns), k.mul(group, word * kOwnColumns));
    own = k.add(own, k.mul(quarter, kLineBytes));
    for (int64_t matrix = 0; matrix < matrices(); ++matrix) {
      Value number = spec.isPaired ? k.add(k.mul(panel, 2), matrix) : panel;
      Value offset = k.mul(unit.placeOf(number), cpu::panelBytes(spec.weights, spec.k));
      panels.push_back(unit.displaced(weights, k.add(offset, unit.wide(own))));
    }
  }

  //===- Loads ------------------------------------------------------------===//

  Value load(Type type, Value address, int64_t offset, unsigned alignment) {
    return LLVM::LoadOp::create(ops, type, unit.displaced(address, static_cast<int32_t>(offset)),
                                alignment, /*isVolatile=*/false, /*isNonTemporal=*/false,
                                /*isInvariant=*/true);
  }

  /// What `read` reads where the condition holds; 0 elsewhere.
  Value loadIf(Value condition, Type type, llvm::function_ref<Value()> read) {
    return k.choose(
        condition, type, [&]() -> Values { return {read()}; },
        [&]() -> Values { return {k.zero(type)}; })[0];
  }

  /// The words of a tile of k at `offset`; of a cut one what `left` k of it hold.
  Values columnsAt(Value panel, int64_t offset, std::optional<int64_t> left) {
    Values words;
    for (int64_t half = 0; half < 2; ++half) {
      int64_t at = offset + half * kPanelStep / 2;
      auto isThere = [&](int64_t next) { // the first k of the pair, or the next one
        Value number = k.add(k.mul(quarter, 2), half * kTileDepth / 2 + next);
        return k.compare(IntPredicate::slt, number, k.integer(k.i32(), *left));
      };
      auto get = [&](Type type, int64_t place, unsigned alignment, int64_t next) {
        auto read = [&] { return load(type, panel, place, alignment); };
        return left ? loadIf(isThere(next), type, read) : read();
      };
      if (unit.isBF16()) { // of a pair without a partner that is 0
        Value two = get(k.vector(k.i32(), kOwnColumns), at, 8, 0);
        words.append({k.extract(two, 0), k.extract(two, 1)});
      } else {
        Value even = get(k.i32(), at, 4, 0), odd = get(k.i32(), at + kLineBytes / 2, 4, 1);
        words.append(unit.pairsOf(even, odd));
      }
    }
    return words;
  }

  Values rowAt(Value row, int64_t offset, std::optional<int64_t> left) {
    Values words;
    for (int64_t half = 0; half < 2; ++half) {
      int64_t at = offset + half * kRowStep / 2;
      auto pair = [&] { return load(k.i32(), row, at, 4); };
      if (!left) {
        words.push_back(pair());
        continue;
      }
      Value number = k.add(k.mul(quarter, 2), half * kTileDepth / 2);
      Value end = k.integer(k.i32(), *left);
      Value isPair = k.compare(IntPredicate::slt, k.add(number, 1), end);
      Value isOne = k.compare(IntPredicate::eq, k.add(number, 1), end);
      Value one = loadIf(isOne, k.i32(),
                         [&] { return k.extendUnsigned(load(k.i16(), row, at, 2), k.i32()); });
      words.push_back(k.bitOr(one, loadIf(isPair, k.i32(), pair)));
    }
    return words;
  }

  //===- Products ---------------------------------------------------------===//

  /// Adds `count` tiles of k from number `first` (i64) on.
  Values addTiles(Value row, Value first, int64_t count, ValueRange carried,
                  std::optional<int64_t> left = std::nullopt) {
    Value rowHere = unit.displaced(row, k.mul(first, kRowStep));
    SmallVector<Values> words;
    SmallVector<SmallVector<Values>> columns(panels.size());
    for (auto [matrix, panel] : llvm::enumerate(panels)) {
      Value here = unit.displaced(panel, k.mul(first, kPanelStep));
      for (int64_t i = 0; i < count; ++i)
        columns[matrix].push_back(columnsAt(here, i * kPanelStep, left));
    }
    for (int64_t i = 0; i < count; ++i)
      words.push_back(rowAt(rowHere, i * kRowStep, left));
    Values sums(carried);
    for (int64_t i = 0; i < count; ++i)
      for (size_t matrix = 0; matrix < panels.size(); ++matrix) {
        Values own(ArrayRef(sums).slice(4 * matrix, 4));
        llvm::copy(unit.multiplyAdd(columns[matrix][i], words[i], own), sums.begin() + 4 * matrix);
      }
    return sums;
  }

  Values multiply(Value row) {
    int64_t whole = spec.k / kTileDepth, turns = whole / kAhead;
    Values sums(4 * matrices(), k.constant(k.f32(), 0));
    if (turns > 0)
      sums = k.loop(k.index(0), k.index(turns), 1, sums, [&](Value turn, ValueRange carried) {
        return addTiles(row, k.mul(turn, kAhead), kAhead, carried);
      });
    if (whole % kAhead)
      sums = addTiles(row, k.index(turns * kAhead), whole % kAhead, sums);
    if (spec.k % kTileDepth)
      sums = addTiles(row, k.index(whole), 1, sums, spec.k % kTileDepth);
    return sums;
  }

  void finish(Value first, Value rows, const Values &sums) {
    Value column = unit.wide(k.add(k.mul(tile, kTileColumns), k.mul(group, kOwnColumns)));
    Value own = k.add(first, unit.wide(k.mul(quarter, 2)));
    for (int64_t second = 0; second < 2; ++second) {
      Value row = k.add(own, second);
      auto sumsOf = [&](int64_t matrix) {
        return unit.sumsOf(Values(ArrayRef(sums).slice(4 * matrix, 4)), second);
      };
      k.when(k.compare(IntPredicate::slt, row, rows), [&] {
        unit.finish(row, column, tiles() * kTileColumns, sumsOf(0),
                    spec.isPaired ? sumsOf(1) : Value(), epilogue);
      });
    }
  }

  KernelBuilder &k;
  ImplicitLocOpBuilder &ops;
  const ContractionSpec &spec;
  MatrixUnit unit;
  cpu::Epilogue epilogue;
  Value tile, group, quarter;
  Values panels;
};

} // namespace

bool takesFewRows(const ContractionSpec &spec, int64_t activationAlignment) {
  return !spec.groups && !spec.byPanels && spec.activationStride % 2 == 0 &&
         activationAlignment % 4 == 0;
}

TensorKernel addFewRowsContraction(ModuleOp module, StringRef name, const ContractionSpec &spec,
                                   const KernelParameters &parameters, cpu::Epilogue epilogue) {
  int64_t tiles = 0;
  addFlatKernel(module, name, kWarp, parameters, [&](KernelBuilder &k) {
    FewRowsWriter writer(k, spec, epilogue);
    tiles = writer.tiles();
    writer.write();
  });
  return {kWarp, 1, tiles, 0};
}

} // namespace tern::nvptx
