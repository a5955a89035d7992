// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Contraction.h"

#include "passes/CPU/ContractionTile.h"
#include "passes/CPU/Pack.h"

using namespace llvm;

namespace tern::cpu {

StringRef nameOf(ActivationForm form) {
  static constexpr StringRef names[] = {"f32", "bf16", "f16", "q8"};
  return names[static_cast<int>(form)];
}

int64_t rowBytes(const ContractionSpec &spec) {
  switch (spec.activations) {
  case ActivationForm::F32:
    return 4 * spec.activationStride;
  case ActivationForm::Q8:
    return kRecordBytes * spec.activationStride;
  default:
    return 2 * spec.activationStride;
  }
}

void storeOutput(KernelBuilder &kernel, const OutputVector &output, Value base, int64_t stride) {
  Value element = kernel.add(kernel.mul(output.row, stride), output.column);
  kernel.storeFirst(output.sums, output.live, kernel.address(base, kernel.mul(element, 4)));
}

//===----------------------------------------------------------------------===//
// What a spec may say
//===----------------------------------------------------------------------===//

static Error failure(StringRef name, const Twine &message) {
  return createStringError("contraction '" + name + "': " + message);
}

static bool goTogether(Storage weights, ActivationForm activations) {
  switch (activations) {
  case ActivationForm::F32:
    return true;
  case ActivationForm::BF16:
    return weights == Storage::BF16;
  case ActivationForm::F16:
    return weights == Storage::F16;
  case ActivationForm::Q8:
    return layoutOf(weights).quantised();
  }
  llvm_unreachable("all forms are above");
}

static Error check(StringRef name, const ContractionSpec &spec) {
  PackedLayout layout = layoutOf(spec.weights);
  if (spec.n < 1 || spec.k < 1)
    return failure(name, "expected at least one column and one k, found N = " + Twine(spec.n) +
                             " and K = " + Twine(spec.k));
  if (layout.quantised() && spec.k % layout.depth)
    return failure(name, "expected K to be a multiple of " + Twine(layout.depth) + " for " +
                             nameOf(spec.weights) + " weights, found " + Twine(spec.k));
  if (!goTogether(spec.weights, spec.activations))
    return failure(name, "expected activations that go with " + nameOf(spec.weights) +
                             " weights, found " + nameOf(spec.activations));
  int64_t length = spec.activations == ActivationForm::Q8 ? spec.k / kUnitDepth : spec.k;
  if (spec.activationStride < length)
    return failure(name, "expected a stride of at least " + Twine(length) + ", found " +
                             Twine(spec.activationStride));
  if (spec.tileColumns != kPanelColumns && spec.tileColumns != kPanelColumns / 2)
    return failure(name, "expected tiles of 32 or 16 columns, found " + Twine(spec.tileColumns));
  bool needsPanels = spec.isPaired || spec.byPanels;
  if (needsPanels && (spec.n % kPanelColumns || spec.tileColumns != kPanelColumns || spec.groups))
    return failure(name, "expected whole panels of one weight, found N = " + Twine(spec.n));
  // Rows of a register tile are reached by 32-bit displacements.
  if (rowBytes(spec) > (int64_t(1) << 26))
    return failure(name, "expected rows of at most 64 MiB, found a stride of " +
                             Twine(spec.activationStride));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Which inner loops
//===----------------------------------------------------------------------===//

namespace {

struct InnerLoop {
  TileSums sums;
  RegisterTile tile;
};

/// Up to `few` rows take passes of the narrow loop over a panel, more take the wide loop.
struct InnerLoops {
  InnerLoop narrow;
  InnerLoop wide;
  int64_t few;
  bool widens = false; // the wide loop reads a widened panel
  bool oneLoop() const {
    return narrow.sums == wide.sums && narrow.tile.rows == wide.tile.rows &&
           narrow.tile.vectors == wide.tile.vectors;
  }
};

} // namespace

/// Tiles fill the registers without spilling, or keep their sums in scratch. On AVX2 a panel is
/// four vectors: few rows take all of them, so that a panel is read in one pass; many rows take two
/// halves.
static InnerLoops chooseLoops(const ContractionSpec &spec, const Target &target) {
  bool avx512 = target.avx512;
  if (!layoutOf(spec.weights).quantised()) {
    if (avx512)
      return {{denseSums, {12, 2}}, {denseSums, {12, 2}}, 12};
    if (spec.weights == Storage::BF16)
      return {{denseSums, {8, 4}}, {widenedDenseSums, {6, 2}}, 8, /*widens=*/true};
    if (spec.weights == Storage::F16)
      return {{denseSums, {2, 4}}, {denseSums, {6, 2}}, 2};
    return {{denseSums, {8, 4}}, {denseSums, {6, 2}}, 8};
  }
  if (spec.activations == ActivationForm::Q8) {
    if (avx512 && target.vnni)
      return {{integerSums, {8, 2}}, {integerSums, {6, 2}}, 8};
    if (avx512)
      return {{integerSums, {4, 2}}, {integerSums, {4, 2}}, 4};
    if (target.vnni)
      return {{integerSums, {1, 4}}, {integerSums, {3, 2}}, 1};
    return {{pairSums, {4, 4}}, {pairSums, {4, 4}}, 4};
  }
  // Widening a panel costs as much as some passes over it.
  bool minimum = layoutOf(spec.weights).minimum;
  if (avx512)
    return {{blockSums, {4, 2}}, {widenedSums, {minimum ? 5 : 6, 2}}, 16, /*widens=*/true};
  return {{blockSums, {2, 2}}, {widenedSums, {minimum ? 2 : 3, 2}}, 8, /*widens=*/true};
}

/// Activations as the inner loops read them: narrow ones that no instruction takes are widened to
/// f32 in scratch, a register tile's rows at a time.
static bool widensRows(const ContractionSpec &spec, const Target &target) {
  return spec.activations == ActivationForm::F16 ||
         (spec.activations == ActivationForm::BF16 && !target.bf16);
}

static ContractionSpec innerSpec(const ContractionSpec &spec, const Target &target) {
  ContractionSpec inner = spec;
  if (widensRows(spec, target)) {
    inner.activations = ActivationForm::F32;
    // Whole vectors, and not a multiple of the distance at which rows meet in the first cache.
    inner.activationStride = (spec.k + 15) / 16 * 16 + 16;
  }
  return inner;
}

static int64_t widenedPanelBytes(const ContractionSpec &spec, const InnerLoops &loops) {
  if (!loops.widens)
    return 0;
  return layoutOf(spec.weights).quantised() ? widenedBytes(spec) : widenedDenseBytes(spec);
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

namespace {

/// Scratch holds a register tile's sums, those of whole panels, then what is widened: panels, rows.
constexpr int64_t kMostRows = 12;
constexpr int64_t kSumsBytes = kMostRows * 4 * kPanelColumns;
/// Rows among which those of a weight are looked for at a time.
constexpr int64_t kListedRows = 512;

/// Where the parts of a kernel's scratch begin, and its size.
struct Scratch {
  int64_t panelSums = kSumsBytes, widenedPanel, widenedRows, gatheredRows, list, bytes;

  Scratch(const ContractionSpec &spec, const InnerLoops &loops, const Target &target) {
    auto rowsOf = [](const ContractionSpec &rows) { return kMostRows * rowBytes(rows); };
    bool isGrouped = spec.groups != 0;
    int64_t matrices = spec.isPaired ? 2 : 1;
    widenedPanel = panelSums + (spec.isPaired || spec.byPanels ? matrices * kSumsBytes : 0);
    widenedRows = widenedPanel + matrices * widenedPanelBytes(spec, loops);
    gatheredRows = widenedRows + (widensRows(spec, target) ? rowsOf(innerSpec(spec, target)) : 0);
    list = llvm::alignTo(gatheredRows + (isGrouped ? rowsOf(spec) : 0), 64);
    bytes = list + (isGrouped ? 4 * (kListedRows + 1) : 0);
  }
};

class ContractionWriter {
public:
  ContractionWriter(KernelBuilder &kernel, const ContractionSpec &spec, const InnerLoops &loops,
                    Epilogue epilogue)
      : k(kernel), spec(spec), inner(innerSpec(spec, kernel.target())), loops(loops),
        scratch(spec, loops, kernel.target()), epilogue(epilogue) {}

  void write() {
    Value activations = k.buffer(spec.activationBuffer), weights = k.buffer(spec.weightBuffer);
    Value rows = k.size(spec.rowsSize);
    k.forEachTile([&](Value tile) {
      Value column = k.mul(tile, spec.tileColumns);
      int64_t all = panels(spec.n) * (spec.isPaired ? 2 : 1);
      int64_t bytes = panelBytes(spec.weights, spec.k);
      Value place = placeOfPanel(k, k.div(column, kPanelColumns), spec.isAlternating ? all : 0);
      Value panel = k.address(weights, k.mul(place, bytes));
      Tile here{tile, column, {activations, panel, k.rem(column, kPanelColumns)}, rows, panel};
      if (spec.isPaired)
        here.second = k.address(panel, spec.isAlternating ? bytes : all / 2 * bytes);
      spec.groups ? overGroups(here) : overAllRows(here);
    });
  }

private:
  struct Tile {
    Value number;
    Value column;          // of y
    TileOperands operands; // at row 0 and the tile's first column
    Value rows;
    Value second; // the panel of the second matrix
  };

  void overAllRows(const Tile &tile) {
    if (loops.oneLoop())
      return overRows(tile, loops.wide);
    auto isFew = k.compare(KernelBuilder::IntPredicate::sle, tile.rows, loops.few);
    k.when(isFew, [&] { overRows(tile, loops.narrow); }, [&] { overManyRows(tile); });
  }

  //===- Groups -----------------------------------------------------------===//

  void overGroups(const Tile &tile) {
    Value rows = k.mul(tile.rows, spec.choices);
    k.loop(k.index(0), k.index(spec.groups), 1, [&](Value group) {
      Tile own = tile;
      int64_t bytes = packedBytes(spec.weights, spec.n, spec.k);
      own.operands.panel = k.address(tile.operands.panel, k.mul(group, bytes));
      k.loop(k.index(0), rows, kListedRows, [&](Value first) {
        own.rows = listRows(group, first, k.min(k.add(first, kListedRows), rows));
        k.when(k.compare(KernelBuilder::IntPredicate::sgt, own.rows, 0), [&] { overAllRows(own); });
      });
    });
  }

  Value listAt(Value place) {
    return k.address(k.address(k.scratch(), scratch.list), k.mul(place, 4));
  }

  /// Lists the rows from `first` below `end` that chose `group`; how many there are.
  Value listRows(Value group, Value first, Value end) {
    Value numbers = k.buffer(spec.groupBuffer);
    return k.loop(first, end, 1, {k.index(0)}, [&](Value row, mlir::ValueRange carried) -> Values {
      Value place =
          k.add(k.mul(k.div(row, spec.choices), spec.groupStride), k.rem(row, spec.choices));
      Value number = k.extendSigned(k.load(k.i32(), k.address(numbers, k.mul(place, 4))), k.i64());
      number = k.max(k.min(number, k.index(spec.groups - 1)), k.index(0));
      // What is no row of the group is written over.
      k.store(k.truncate(row, k.i32()), listAt(carried[0]));
      auto isOwn = k.compare(KernelBuilder::IntPredicate::eq, number, group);
      return {k.add(carried[0], k.select(isOwn, k.index(1), k.index(0)))};
    })[0];
  }

  /// The row of the whole that stands at a place of the list.
  Value listed(Value place) {
    if (spec.groups == 0)
      return place;
    return k.extendSigned(k.load(k.i32(), listAt(place)), k.i64());
  }

  int64_t denseRowBytes() const {
    ContractionSpec dense = spec;
    dense.activationStride = spec.activations == ActivationForm::Q8 ? spec.k / 32 : spec.k;
    return rowBytes(dense);
  }

  Value sourceRow(const Tile &tile, Value place) {
    ContractionSpec source = spec;
    source.activationStride = spec.sourceStride;
    Value row = listed(place);
    Value bytes = k.add(k.mul(k.div(row, spec.choices), rowBytes(source)),
                        k.mul(k.rem(row, spec.choices), denseRowBytes()));
    return k.address(tile.operands.activations, bytes);
  }

  /// Rows from a place of the list on, one after the other. One alone is read where it lies.
  Value gatherRows(const Tile &tile, Value place, Value count) {
    Value gathered = k.address(k.scratch(), scratch.gatheredRows);
    auto isOne = k.compare(KernelBuilder::IntPredicate::eq, count, 1);
    return k.choose(
        isOne, {k.pointer()}, [&]() -> Values { return {sourceRow(tile, place)}; },
        [&]() -> Values {
          k.loop(k.index(0), count, 1, [&](Value turn) {
            copyRow(sourceRow(tile, k.add(place, turn)),
                    k.address(gathered, k.mul(turn, rowBytes(spec))));
          });
          return {gathered};
        })[0];
  }

  void copyRow(Value from, Value to) {
    int64_t unit = denseRowBytes() % 4 == 0 ? 4 : 2, units = denseRowBytes() / unit;
    auto type = k.vector(unit == 4 ? k.i32() : k.i16(), k.lanes());
    int64_t whole = units / k.lanes() * k.lanes();
    auto alignment = static_cast<unsigned>(unit);
    k.loop(k.index(0), k.index(whole), k.lanes(), [&](Value first) {
      Value offset = k.mul(first, unit);
      k.store(k.load(type, k.address(from, offset), 0, alignment), k.address(to, offset), 0,
              alignment);
    });
    if (whole < units)
      k.storeFirst(k.loadFirst(type, units - whole, from, whole * unit, alignment), units - whole,
                   to, whole * unit, alignment);
  }

  //===- Rows -------------------------------------------------------------===//

  void overManyRows(Tile tile) {
    if (loops.widens) {
      Value widened = k.address(k.scratch(), scratch.widenedPanel);
      auto *widen = layoutOf(spec.weights).quantised() ? widenPanel : widenDensePanel;
      widen(k, inner, tile.operands.panel, widened);
      tile.operands.panel = widened;
      if (spec.isPaired) {
        widened = k.address(widened, widenedPanelBytes(spec, loops));
        widen(k, inner, tile.second, widened);
        tile.second = widened;
      }
    }
    overRows(tile, loops.wide);
  }

  /// Rows of a register tile.
  struct Rows {
    Value first, count;
    Value activations;
  };

  /// All rows, for one group of the tile's vectors after the other; rows that must be widened are
  /// so for all groups at once.
  void overRows(const Tile &tile, const InnerLoop &loop) {
    int64_t vectors = std::min(loop.tile.vectors, spec.tileColumns / k.lanes());
    bool widens = widensRows(spec, k.target()), needsPanels = spec.isPaired || spec.byPanels;
    if (widens || needsPanels)
      return forEachRows(tile, loop, [&](Rows rows) {
        if (widens)
          rows.activations = widenRows(rows.activations, rows.count);
        if (needsPanels)
          return addPanel(tile, loop, rows, vectors);
        for (int64_t first = 0; first < spec.tileColumns; first += vectors * k.lanes())
          addGroup(tile, loop, rows, first, vectors);
      });
    for (int64_t first = 0; first < spec.tileColumns; first += vectors * k.lanes())
      forEachRows(tile, loop, [&](Rows rows) { addGroup(tile, loop, rows, first, vectors); });
  }

  void forEachRows(const Tile &tile, const InnerLoop &loop, function_ref<void(Rows)> body) {
    k.loop(k.index(0), tile.rows, loop.tile.rows, [&](Value row) {
      Value rest = k.sub(tile.rows, row);
      Value count = k.min(rest, k.index(loop.tile.rows));
      Value activations = spec.groups
                              ? gatherRows(tile, row, count)
                              : k.address(tile.operands.activations, k.mul(row, rowBytes(spec)));
      body({row, count, activations});
    });
  }

  void addGroup(Tile tile, const InnerLoop &loop, const Rows &rows, int64_t first,
                int64_t vectors) {
    tile.operands.column = k.add(tile.operands.column, first);
    tile.operands.activations = rows.activations;
    storeSums(tile.operands, loop.sums, {loop.tile.rows, vectors}, rows.count);
    finish(tile, first, vectors, rows.first, rows.count);
  }

  //===- Whole panels -----------------------------------------------------===//

  /// Sums of a row of a panel, in scratch.
  Value panelSums(int64_t matrix, Value row) {
    return k.address(k.address(k.scratch(), scratch.panelSums + matrix * kSumsBytes),
                     k.mul(row, 4 * kPanelColumns));
  }

  /// All columns of a panel, or of one of each matrix.
  void addPanel(const Tile &tile, const InnerLoop &loop, const Rows &rows, int64_t vectors) {
    for (int64_t matrix = 0; matrix < (spec.isPaired ? 2 : 1); ++matrix)
      for (int64_t first = 0; first < kPanelColumns; first += vectors * k.lanes()) {
        TileOperands operands{rows.activations, matrix == 0 ? tile.operands.panel : tile.second,
                              k.index(first)};
        storeSums(operands, loop.sums, {loop.tile.rows, vectors}, rows.count);
        keepSums(matrix, first, vectors, rows.count);
      }
    k.loop(k.index(0), rows.count, 1, [&](Value turn) {
      for (int64_t lane = 0; lane < kPanelColumns; lane += k.lanes()) {
        auto sumsOf = [&](int64_t matrix) { return loadSums(panelSums(matrix, turn), 4 * lane); };
        epilogue(k, {k.add(rows.first, turn), k.add(tile.column, lane), sumsOf(0), k.lanes(),
                     spec.isPaired ? sumsOf(1) : Value()});
      }
    });
  }

  /// Moves what storeSums() left to its place in the panel.
  void keepSums(int64_t matrix, int64_t first, int64_t vectors, Value count) {
    k.loop(k.index(0), count, 1, [&](Value turn) {
      Value from = k.address(k.scratch(), k.mul(turn, vectors * vectorBytes()));
      for (int64_t v = 0; v < vectors; ++v)
        k.store(loadSums(from, v * vectorBytes()), panelSums(matrix, turn),
                4 * first + v * vectorBytes(), static_cast<unsigned>(vectorBytes()));
    });
  }

  Value loadSums(Value base, int64_t offset) {
    return k.load(k.vector(k.f32()), base, offset, static_cast<unsigned>(vectorBytes()));
  }

  //===- Rows in f32, and sums --------------------------------------------===//

  /// Copies `count` rows to scratch as f32; their address there.
  Value widenRows(Value rows, Value count) {
    Value widened = k.address(k.scratch(), scratch.widenedRows);
    Type element = spec.activations == ActivationForm::F16 ? k.f16() : k.bf16();
    auto copy = [&](Value from, Value to, Value first, int64_t live) {
      Value narrow = k.loadFirst(k.vector(element), live, k.address(from, k.mul(first, 2)), 0, 2);
      k.store(k.convertFloat(narrow, k.f32()), k.address(to, k.mul(first, 4)));
    };
    k.loop(k.index(0), count, 1, [&](Value row) {
      Value from = k.address(rows, k.mul(row, rowBytes(spec)));
      Value to = k.address(widened, k.mul(row, rowBytes(inner)));
      int64_t whole = spec.k / k.lanes() * k.lanes();
      k.loop(k.index(0), k.index(whole), k.lanes(),
             [&](Value first) { copy(from, to, first, k.lanes()); });
      if (whole < spec.k)
        copy(from, to, k.index(whole), spec.k - whole);
    });
    return widened;
  }

  /// Sums of `count` of the tile's rows, to scratch.
  void storeSums(const TileOperands &operands, TileSums sums, RegisterTile tile, Value count) {
    if (tile.rows == 0)
      return;
    auto isAll = k.compare(KernelBuilder::IntPredicate::eq, count, tile.rows);
    k.when(
        isAll,
        [&] {
          Values results = sums(k, inner, tile, operands);
          for (size_t i = 0; i < results.size(); ++i)
            k.store(results[i], k.scratch(), static_cast<int64_t>(i) * vectorBytes(),
                    static_cast<unsigned>(vectorBytes()));
        },
        [&] { storeSums(operands, sums, {tile.rows - 1, tile.vectors}, count); });
  }

  /// Hands the sums in scratch to the epilogue, which is written once for all numbers of rows.
  void finish(const Tile &tile, int64_t first, int64_t vectors, Value row, Value count) {
    int64_t whole = spec.n / spec.tileColumns;
    if (spec.n % spec.tileColumns == 0)
      return finishRows(tile, first, vectors, row, count, spec.tileColumns);
    auto isWhole = k.compare(KernelBuilder::IntPredicate::slt, tile.number, whole);
    k.when(
        isWhole, [&] { finishRows(tile, first, vectors, row, count, spec.tileColumns); },
        [&] { finishRows(tile, first, vectors, row, count, spec.n % spec.tileColumns); });
  }

  /// `columns` of the tile exist; `first` is the group's first.
  void finishRows(const Tile &tile, int64_t first, int64_t vectors, Value row, Value count,
                  int64_t columns) {
    k.loop(k.index(0), count, 1, [&](Value turn) {
      Value sums = k.address(k.scratch(), k.mul(turn, vectors * vectorBytes()));
      for (int64_t v = 0; v < vectors; ++v) {
        int64_t lane = first + v * k.lanes(), live = std::min(k.lanes(), columns - lane);
        if (live <= 0)
          return;
        epilogue(k, {listed(k.add(row, turn)), k.add(tile.column, lane),
                     loadSums(sums, v * vectorBytes()), live, Value()});
      }
    });
  }

  int64_t vectorBytes() const { return 4 * k.lanes(); }

  KernelBuilder &k;
  const ContractionSpec &spec;
  ContractionSpec inner; // as the inner loops see it
  const InnerLoops &loops;
  const Scratch scratch;
  Epilogue epilogue;
};

} // namespace

Expected<ContractionKernel> addContraction(mlir::ModuleOp module, const Target &target,
                                           StringRef name, const ContractionSpec &spec,
                                           Epilogue epilogue) {
  if (Error error = check(name, spec))
    return error;
  InnerLoops loops = chooseLoops(spec, target);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &kernel) {
    ContractionWriter(kernel, spec, loops, epilogue).write();
  });
  return ContractionKernel{(spec.n + spec.tileColumns - 1) / spec.tileColumns,
                           Scratch(spec, loops, target).bytes};
}

} // namespace tern::cpu
