// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/BlockContraction.h"

#include "passes/NVPTX/BlockCodes.h"
#include "passes/NVPTX/DistributeLanes.h"
#include "passes/NVPTX/Lanes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using tern::cpu::ContractionSpec;
using tern::cpu::kCodeRow;
using tern::cpu::KernelBuilder;
using tern::cpu::kPanelColumns;
using tern::cpu::kUnitDepth;
using tern::cpu::PackedLayout;
using tern::cpu::Values;

namespace tern::nvptx {

namespace {

using IntPredicate = KernelBuilder::IntPredicate;

constexpr int64_t kMostWarps = 8;
constexpr int64_t kColumnTiles = kPanelColumns / kTileColumns;
static_assert(kReadColumns == kOwnColumns * kColumnTiles);
/// Units of a turn of the loop over k, as long as they are whole blocks; warps share out turns.
constexpr int64_t kTurnUnits = 8;
/// Reads of codes that a thread starts before it multiplies the first.
constexpr int64_t kReadsAhead = 8;
/// From one row of a warp's sums to the next in shared memory: the threads that store at a time do
/// not meet in a bank.
constexpr int64_t kSumsBytes = 4 * (kPanelColumns + 4);
/// Rows among which those of a weight are looked for at a time.
constexpr int64_t kListedRows = 512;

/// What a kernel's blocks are.
struct BlockShape {
  BlockShape(const ContractionSpec &spec, int64_t rowTiles)
      : spec(spec), layout(cpu::layoutOf(spec.weights)), rowTiles(rowTiles) {}

  int64_t threads() const { return warps() * kWarp; }
  int64_t blockRows() const { return rowTiles * kTileRows; }
  int64_t blocks() const { return cpu::panels(spec.n) * std::max<int64_t>(spec.groups, 1); }
  /// All warps' sums, then the numbers of rows that chose a weight and how many there are.
  int64_t sharedBytes() const { return listPlace() + (spec.groups ? 4 * (kListedRows + 1) : 0); }
  int64_t listPlace() const { return warps() * warpBytes(); }

  int64_t matrices() const { return spec.isPaired ? 2 : 1; }
  int64_t blocksOfK() const { return spec.k / layout.depth; }
  /// Reads of 16 bytes of a unit's codes: of nibbles one holds both halves of k.
  int64_t readsOfUnit() const { return layout.codeBits / 4; }
  int64_t unitsAhead() const { return kReadsAhead / (readsOfUnit() * (rowTiles > 1 ? 2 : 1)); }
  int64_t blocksOfTurn() const { return std::max<int64_t>(kTurnUnits / layout.units(), 1); }
  int64_t turns() const { return blocksOfK() / blocksOfTurn(); }
  int64_t warps() const { return std::clamp<int64_t>(turns(), 1, kMostWarps); }
  int64_t warpBytes() const { return matrices() * blockRows() * kSumsBytes; }
  /// Sums are first those of a block in units of its scale and minimum, not where it has one each.
  bool hasBlockSums() const { return layout.scaleCodes && layout.depth > layout.group; }
  /// Then a thread has sums of a block and of minima, four times as many as else.
  bool hasMostSums() const { return hasBlockSums() && layout.minimum; }
  double offset() const { return BlockCodes::offset(layout); }
  /// Of a thread: of the products with codes, and as many of those with minima.
  int64_t sumsOfCodes() const { return 4 * kColumnTiles * rowTiles; }
  int64_t sumsOfThread() const { return sumsOfCodes() * (layout.minimum ? 2 : 1); }
  /// Where the four sums of a tile are among them.
  size_t placeOf(int64_t rowTile, int64_t tile) const {
    return 4 * (rowTile * kColumnTiles + tile);
  }

  const ContractionSpec &spec;
  PackedLayout layout;
  int64_t rowTiles; ///< of 8 rows
};

class BlockWriter : BlockShape {
public:
  BlockWriter(KernelBuilder &kernel, const BlockShape &shape, cpu::Epilogue epilogue)
      : BlockShape(shape), k(kernel), ops(kernel.builder()), unit(kernel, spec),
        epilogue(epilogue) {}

  void write() {
    thread = NVVM::ThreadIdXOp::create(ops, k.i32());
    Value block = NVVM::BlockIdXOp::create(ops, k.i32());
    warp = k.shiftRight(thread, 5);
    lane = k.bitAnd(thread, kWarp - 1);
    group = k.shiftRight(lane, 2);
    quarter = k.bitAnd(thread, 3);
    rows = k.size(spec.rowsSize);
    shared = sharedMemory(ops);
    codes.emplace(k, layout);
    if (spec.groups) {
      panel = unit.wide(k.rem(block, cpu::panels(spec.n)));
      return overGroup(unit.wide(k.div(block, cpu::panels(spec.n))));
    }
    weight = k.index(0);
    Value rowBlocks = k.div(k.add(k.truncate(rows, k.i32()), blockRows() - 1), blockRows());
    Value blocks = k.mul(rowBlocks, cpu::panels(spec.n));
    k.when(k.compare(IntPredicate::ult, block, blocks), [&] {
      firstRow = unit.wide(k.mul(k.rem(block, rowBlocks), blockRows()));
      panel = unit.wide(k.div(block, rowBlocks));
      overRows();
    });
  }

private:
  /// Rows from `firstRow` on.
  void overRows() {
    findRows();
    for (int64_t matrix = 0; matrix < matrices(); ++matrix)
      leave(matrix, multiply(panelOf(matrix)));
    NVVM::Barrier0Op::create(ops);
    finish();
  }

  //===- Rows that chose a weight -----------------------------------------===//

  void overGroup(Value number) {
    weight = k.mul(number, cpu::packedBytes(spec.weights, spec.n, spec.k));
    Value all = k.mul(rows, spec.choices);
    k.loop(k.index(0), all, kListedRows, [&](Value first) {
      auto isFirst = k.compare(IntPredicate::eq, warp, 0);
      k.when(isFirst, [&] { listRows(number, first, k.min(k.add(first, kListedRows), all)); });
      NVVM::Barrier0Op::create(ops);
      rows = listed(k.index(kListedRows));
      k.loop(k.index(0), rows, blockRows(), [&](Value row) {
        firstRow = row;
        overRows();
        NVVM::Barrier0Op::create(ops);
      });
      NVVM::Barrier0Op::create(ops);
    });
  }

  Value listAt(Value place) { return unit.displaced(shared, k.add(k.mul(place, 4), listPlace())); }
  Value listed(Value place) {
    return unit.wide(LLVM::LoadOp::create(ops, k.i32(), listAt(place), 4));
  }

  /// Lists the rows from `first` below `end` that chose the weight, and after all their count.
  void listRows(Value number, Value first, Value end) {
    Value zero = k.integer(k.i32(), 0), numbers = unit.globalOf(spec.groupBuffer);
    auto bitsOf = [&](Value word) { return k.intrinsic("llvm.ctpop.i32", k.i32(), {word}); };
    Value before = k.sub(arith::ShLIOp::create(ops, k.integer(k.i32(), 1), lane), 1);
    Value count = k.loop(first, end, kWarp, {zero}, [&](Value turn, ValueRange carried) -> Values {
      Value row = k.add(turn, unit.wide(lane));
      Value chosen = k.choose(
          k.compare(IntPredicate::slt, row, end), k.i64(),
          [&]() -> Values {
            Value place =
                k.add(k.mul(k.div(row, spec.choices), spec.groupStride), k.rem(row, spec.choices));
            Value own = load(k.i32(), unit.displaced(numbers, k.mul(place, 4)), 0, 4);
            own = k.min(k.extendSigned(own, k.i64()), k.index(spec.groups - 1));
            return {k.max(own, k.index(0))};
          },
          [&]() -> Values { return {k.index(spec.groups)}; })[0];
      Value isOwn = k.compare(IntPredicate::eq, chosen, number);
      Value all = NVVM::VoteSyncOp::create(ops, k.i32(), k.integer(k.i32(), -1), isOwn,
                                           NVVM::VoteSyncKind::ballot);
      k.when(isOwn, [&] {
        Value place = k.add(carried[0], bitsOf(k.bitAnd(all, before)));
        LLVM::StoreOp::create(ops, k.truncate(row, k.i32()), listAt(unit.wide(place)), 4);
      });
      return {k.add(carried[0], bitsOf(all))};
    })[0];
    k.when(k.compare(IntPredicate::eq, lane, 0),
           [&] { LLVM::StoreOp::create(ops, count, listAt(k.index(kListedRows)), 4); });
  }

  //===- Where things lie -------------------------------------------------===//

  /// The row of the whole that is at a place of those at hand.
  Value rowAt(Value place) { return spec.groups ? listed(place) : place; }

  Value offsetOf(Value row) {
    if (!spec.groups)
      return k.mul(row, 2 * spec.activationStride);
    return k.add(k.mul(k.div(row, spec.choices), 2 * spec.sourceStride),
                 k.mul(k.rem(row, spec.choices), 2 * spec.k));
  }

  void findRows() {
    Value activations = unit.globalOf(spec.activationBuffer);
    rowsFrom.clear();
    for (int64_t tile = 0; tile < rowTiles; ++tile) {
      // Rows beyond the last are copies of it, whose sums nobody reads.
      Value place = k.add(k.add(firstRow, unit.wide(group)), tile * kTileRows);
      Value row = rowAt(k.min(place, k.sub(rows, 1)));
      Value offset = k.add(offsetOf(row), unit.wide(k.mul(quarter, 8)));
      rowsFrom.push_back(unit.displaced(activations, offset));
    }
  }

  /// This thread's first bytes of each kind in a panel.
  struct Panel {
    Value codes, scales, minima, scaleCodes;
  };

  Panel panelOf(int64_t matrix) {
    auto own = [&](int64_t bytes) { return unit.wide(k.mul(group, kReadColumns * bytes)); };
    Value number = spec.isPaired ? k.add(k.mul(panel, 2), matrix) : panel;
    Value offset = k.mul(unit.placeOf(number), cpu::panelBytes(spec.weights, spec.k));
    Value first = unit.displaced(unit.globalOf(spec.weightBuffer), k.add(weight, offset));
    Value ownCodes = k.add(own(4), unit.wide(k.mul(quarter, kCodeRow)));
    return {unit.displaced(first, ownCodes), unit.displaced(first, own(layout.scaleBytes)),
            unit.displaced(first, own(2)), unit.displaced(first, own(1))};
  }

  Value load(Type type, Value address, int64_t offset, unsigned alignment) {
    return LLVM::LoadOp::create(ops, type, unit.displaced(address, static_cast<int32_t>(offset)),
                                alignment, /*isVolatile=*/false, /*isNonTemporal=*/false,
                                /*isInvariant=*/true);
  }

  //===- Weights ----------------------------------------------------------===//

  /// What a thread reads of 32 k of its columns.
  struct Unit {
    Values codes;                    ///< four words each
    Value scales, minima;            ///< of the block, in its first unit
    Values scaleCodes, minimumCodes; ///< of each group, a byte a column
  };

  Unit readUnit(const Panel &here, int64_t block, int64_t number) {
    Unit read;
    int64_t first = block * layout.packedBytes;
    int64_t codes = first + layout.headerBytes + number * layout.unitBytes();
    for (int64_t part = 0; part < readsOfUnit(); ++part)
      read.codes.push_back(
          load(k.vector(k.i32(), kReadColumns), here.codes, codes + part * 4 * kCodeRow, 16));
    if (number == 0) {
      auto bytes = static_cast<unsigned>(kReadColumns * layout.scaleBytes);
      Type type = layout.scaleBytes == 2 ? k.f16() : k.f32();
      read.scales = load(k.vector(type, kReadColumns), here.scales, first, bytes);
      if (layout.minimum)
        read.minima = load(k.vector(k.f16(), kReadColumns), here.minima,
                           first + layout.minimaOffset(), 2 * kReadColumns);
    }
    for (int64_t group = 0; layout.scaleCodes && group < layout.groupsOfUnit(); ++group) {
      int64_t at = first + (number * layout.groupsOfUnit() + group) * kPanelColumns;
      read.scaleCodes.push_back(
          load(k.i32(), here.scaleCodes, at + layout.scaleCodesOffset(), kReadColumns));
      if (layout.minimum)
        read.minimumCodes.push_back(
            load(k.i32(), here.scaleCodes, at + layout.minimumCodesOffset(), kReadColumns));
    }
    return read;
  }

  Values split(Value vector) {
    Values parts;
    for (int64_t i = 0; i < KernelBuilder::laneCount(vector); ++i)
      parts.push_back(k.extract(vector, i));
    return parts;
  }

  Values toFloats(Value numbers) {
    if (KernelBuilder::withElement(numbers, k.f32()) != numbers.getType())
      numbers = k.convertFloat(numbers, k.f32());
    return split(numbers);
  }

  //===- Products ---------------------------------------------------------===//

  /// Rows of 32 k: for each tile two halves of two words.
  using Rows = SmallVector<std::array<Values, 2>>;

  Rows readRows(ValueRange from, int64_t number) {
    Rows words;
    for (Value row : from) {
      auto half = [&](int64_t i) {
        return split(load(k.vector(k.i32(), 2), row, 2 * kUnitDepth * number + 32 * i, 8));
      };
      words.push_back({half(0), half(1)});
    }
    return words;
  }

  /// -offset() times each row's sum of x over `halves` of the unit.
  SmallVector<Values> starts(const Rows &words, ArrayRef<int64_t> halves) {
    int64_t bits = llvm::bit_cast<uint32_t>(static_cast<float>(-offset())) >> 16;
    Values columns(4, k.integer(k.i32(), bits * 0x10001));
    SmallVector<Values> sums;
    for (const auto &row : words) {
      Values sum(4, k.constant(k.f32(), 0));
      for (int64_t half : offset() == 0 ? ArrayRef<int64_t>() : halves)
        sum = unit.multiplyAdd(columns, row[half], sum);
      sums.push_back(sum);
    }
    return sums;
  }

  /// sums = fma(number of the column, part, sums), for the sums of a tile.
  void addScaled(MutableArrayRef<Value> sums, const Values &numbers, int64_t tile,
                 ArrayRef<Value> part) {
    for (int64_t i = 0; i < 4; ++i)
      sums[i] = k.fma(numbers[kOwnColumns * tile + i / 2], part[i], sums[i]);
  }

  /// The sums of a tile, and those with minima after them.
  MutableArrayRef<Value> sumsOf(MutableArrayRef<Value> all, size_t place, bool ofMinima) {
    return all.slice(place + (ofMinima ? sumsOfCodes() : 0), 4);
  }

  /// Adds what shares a scale.
  void addGroup(const Unit &read, const Rows &words, ArrayRef<int64_t> halves, const Values &scales,
                const Values &minima, MutableArrayRef<Value> sums) {
    SmallVector<Values> start = starts(words, halves);
    for (int64_t tile = 0; tile < kColumnTiles; ++tile) {
      SmallVector<Values> parts = start;
      for (int64_t half : halves)
        for (const Values &columns : codes->columns(read.codes, half, tile))
          for (auto [part, row] : llvm::zip_equal(parts, words))
            part = unit.multiplyAdd(columns, row[half], part);
      for (int64_t rowTile = 0; rowTile < rowTiles; ++rowTile) {
        size_t place = placeOf(rowTile, tile);
        addScaled(sumsOf(sums, place, false), scales, tile, parts[rowTile]);
        if (layout.minimum)
          addScaled(sumsOf(sums, place, true), minima, tile, start[rowTile]);
      }
    }
  }

  /// A block that is being added to the sums.
  struct Block {
    Values scales, minima; ///< in f32
    Values sums;           ///< in units of those, if there are such
  };

  Block startBlock(const Unit &first) {
    Block block{toFloats(first.scales), {}, {}};
    if (float factor = namedFactor(layout.numbers); factor != 1)
      for (Value &scale : block.scales)
        scale = k.mul(scale, k.constant(k.f32(), factor));
    if (layout.minimum)
      block.minima = toFloats(first.minima);
    if (hasBlockSums())
      block.sums = Values(sumsOfThread(), k.constant(k.f32(), 0));
    return block;
  }

  void finishBlock(Block &block, MutableArrayRef<Value> sums) {
    for (int64_t rowTile = 0; rowTile < rowTiles; ++rowTile)
      for (int64_t tile = 0; tile < kColumnTiles; ++tile)
        for (bool ofMinima : {false, true}) {
          if (ofMinima && !layout.minimum)
            continue;
          size_t place = placeOf(rowTile, tile);
          addScaled(sumsOf(sums, place, ofMinima), ofMinima ? block.minima : block.scales, tile,
                    sumsOf(block.sums, place, ofMinima));
        }
  }

  /// Adds a unit, number `number` of its block.
  void addUnit(const Unit &read, const Rows &words, int64_t number, Block &block,
               MutableArrayRef<Value> sums) {
    if (number == 0)
      block = startBlock(read);
    for (int64_t group = 0; group < layout.groupsOfUnit(); ++group) {
      SmallVector<int64_t> halves{0, 1};
      if (layout.groupsOfUnit() == 2)
        halves = {group};
      Values scales = block.scales, minima = block.minima;
      if (layout.scaleCodes) {
        scales = codes->scales(read.scaleCodes[group]);
        if (layout.minimum)
          minima = codes->scales(read.minimumCodes[group]);
      }
      if (layout.scaleCodes && !hasBlockSums())
        for (auto [own, ofBlock] : {std::pair(&scales, &block.scales), {&minima, &block.minima}})
          for (auto [code, number] : llvm::zip_equal(*own, *ofBlock))
            code = k.mul(number, code);
      addGroup(read, words, halves, scales, minima,
               hasBlockSums() ? MutableArrayRef<Value>(block.sums) : sums);
    }
    if (hasBlockSums() && number == layout.units() - 1)
      finishBlock(block, sums);
  }

  /// Adds `count` blocks from number `first` (i64) on.
  Values addBlocks(const Panel &panel, Value first, int64_t count, ValueRange carried) {
    Value offset = k.mul(first, layout.packedBytes);
    Panel here{unit.displaced(panel.codes, offset), unit.displaced(panel.scales, offset),
               unit.displaced(panel.minima, offset), unit.displaced(panel.scaleCodes, offset)};
    Values fromRows, sums(carried);
    for (Value row : rowsFrom)
      fromRows.push_back(unit.displaced(row, k.mul(first, 2 * layout.depth)));
    Block block;
    int64_t end = count * layout.units();
    for (int64_t begin = 0; begin < end; begin += unitsAhead()) {
      SmallVector<Unit> read;
      for (int64_t i = begin; i < std::min(begin + unitsAhead(), end); ++i)
        read.push_back(readUnit(here, i / layout.units(), i % layout.units()));
      for (auto [i, own] : llvm::enumerate(read)) {
        int64_t number = begin + static_cast<int64_t>(i);
        addUnit(own, readRows(fromRows, number), number % layout.units(), block, sums);
      }
    }
    return sums;
  }

  /// The sums of this warp's part of k: a run of turns, and for the last one what is left.
  Values multiply(const Panel &panel) {
    Values sums(sumsOfThread(), k.constant(k.f32(), 0));
    auto add = [&](Value from, Value to, int64_t count) {
      sums = k.loop(from, to, 1, sums, [&](Value turn, ValueRange carried) {
        return addBlocks(panel, k.mul(turn, count), count, carried);
      });
    };
    Value number = unit.wide(warp);
    auto firstOf = [&](Value warp) { return k.div(k.mul(warp, turns()), warps()); };
    if (turns() > 0)
      add(firstOf(number), firstOf(k.add(number, 1)), blocksOfTurn());
    if (blocksOfK() % blocksOfTurn()) {
      Value isLast = k.compare(IntPredicate::eq, number, warps() - 1);
      Value end = k.index(blocksOfK());
      add(k.select(isLast, k.index(turns() * blocksOfTurn()), end), end, 1);
    }
    Values all(ArrayRef(sums).take_front(sumsOfCodes()));
    if (layout.minimum) // their sums are -offset() times what they should be
      for (auto [sum, ofMinima] : llvm::zip_equal(all, ArrayRef(sums).drop_front(sumsOfCodes())))
        sum = k.fma(ofMinima, k.constant(k.f32(), -1 / offset()), sum);
    return all;
  }

  //===- Sums of all warps ------------------------------------------------===//

  /// Leaves a warp's sums of a matrix in shared memory, row by row.
  void leave(int64_t matrix, const Values &sums) {
    Value row = k.add(k.mul(warp, matrices() * blockRows()), k.mul(quarter, 2));
    Value first = k.add(k.mul(row, kSumsBytes), k.mul(group, 4 * kReadColumns));
    Value to = unit.displaced(shared, first);
    for (int64_t rowTile = 0; rowTile < rowTiles; ++rowTile)
      for (int64_t second = 0; second < 2; ++second) {
        Values own;
        for (int64_t tile = 0; tile < kColumnTiles; ++tile)
          for (int64_t column = 0; column < kOwnColumns; ++column)
            own.push_back(sums[placeOf(rowTile, tile) + 2 * column + second]);
        Value four = vector::FromElementsOp::create(ops, k.vector(k.f32(), kReadColumns), own);
        int64_t place = (matrix * blockRows() + rowTile * kTileRows + second) * kSumsBytes;
        LLVM::StoreOp::create(ops, four, unit.displaced(to, static_cast<int32_t>(place)), 16);
      }
  }

  /// Hands each pair of columns of a row to the epilogue, in one of the threads.
  void finish() {
    constexpr int64_t kPairs = kPanelColumns / kOwnColumns;
    Value live = k.min(k.sub(rows, firstRow), k.index(blockRows()));
    k.loop(unit.wide(thread), k.mul(live, kPairs), threads(), [&](Value pair) {
      Value row = k.div(pair, kPairs), own = k.rem(pair, kPairs);
      Value place = k.add(k.mul(row, kSumsBytes), k.mul(own, 4 * kOwnColumns));
      Value from = unit.displaced(shared, k.truncate(place, k.i32()));
      auto sumOf = [&](int64_t matrix) {
        Value sum;
        for (int64_t i = 0; i < warps(); ++i) {
          int64_t offset = i * warpBytes() + matrix * blockRows() * kSumsBytes;
          Value part = LLVM::LoadOp::create(ops, k.vector(k.f32(), kOwnColumns),
                                            unit.displaced(from, static_cast<int32_t>(offset)), 8);
          sum = sum ? k.add(sum, part) : part;
        }
        return sum;
      };
      Value column = k.add(k.mul(panel, kPanelColumns), k.mul(own, kOwnColumns));
      unit.finish(rowAt(k.add(firstRow, row)), column, cpu::panels(spec.n) * kPanelColumns,
                  sumOf(0), spec.isPaired ? sumOf(1) : Value(), epilogue);
    });
  }

  KernelBuilder &k;
  ImplicitLocOpBuilder &ops;
  MatrixUnit unit;
  cpu::Epilogue epilogue;
  Value thread, warp, lane, group, quarter, shared;
  Value weight;         ///< bytes before the one at hand
  Value panel;          ///< number
  Value rows, firstRow; ///< places of the rows at hand: their end, and those of the block
  Values rowsFrom;
  std::optional<BlockCodes> codes;
};

} // namespace

/// Tiles of 8 rows that a block of the kernel for many rows computes, as far as registers go.
static int64_t rowTilesOf(const BlockShape &few) {
  int64_t most = few.spec.isPaired || few.spec.groups ? 2 : 4;
  // With minima, codes in bytes take the registers of half of the rows.
  if (few.layout.minimum && !few.layout.nibbles())
    most /= 2;
  return few.hasMostSums() ? (few.spec.groups ? 1 : 2) : most;
}

bool isOfBlocks(const ContractionSpec &spec) {
  PackedLayout layout = layoutOf(spec.weights);
  bool isNamed = !layout.numbers.empty() && layout.numbers != "i8";
  return layout.quantised() && !isNamed && spec.activations == cpu::ActivationForm::BF16;
}

std::string whyNotBlocks(const ContractionSpec &spec, int64_t activationAlignment) {
  if (spec.byPanels)
    return "tensor cores leave results of a row apart, found blocks of codes to write";
  int64_t stride = spec.groups ? spec.sourceStride : spec.activationStride;
  if (stride % 4 || activationAlignment % 8)
    return "tensor cores read rows of bf16 at multiples of 8 bytes, found a stride of " +
           std::to_string(stride) + " elements at a multiple of " +
           std::to_string(activationAlignment) + " bytes";
  return {};
}

TensorKernel addBlockContraction(ModuleOp module, StringRef name, const ContractionSpec &spec,
                                 const KernelParameters &parameters, bool isMany,
                                 cpu::Epilogue epilogue) {
  BlockShape shape(spec, 1);
  if (isMany)
    shape.rowTiles = rowTilesOf(shape);
  func::FuncOp function =
      addFlatKernel(module, name, shape.threads(), parameters,
                    [&](KernelBuilder &k) { BlockWriter(k, shape, epilogue).write(); });
  // Left to choose, ptxas loads late, or keeps the most sums in memory; told to take all registers,
  // it loads so far ahead that many sums have none, though the most have.
  if (shape.rowTiles == 1 || shape.hasMostSums())
    function->setAttr(kLeastBlocks, Builder(function).getI32IntegerAttr(1));
  bool isByRows = isMany && !spec.groups;
  return {shape.threads(), isByRows ? shape.blockRows() : 1, shape.blocks(), shape.sharedBytes()};
}

} // namespace tern::nvptx
