// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Contraction of any axes. The lanes are neighbours along the result's last axis, the columns; the
// operand that has it is read in vectors, the other one a number at a time. A result's axis that
// the column operand lacks is the rows: several rows share what is read of the columns. Where there
// are rows, or the columns' neighbours are not neighbours in memory, a panel of columns is first
// copied to scratch, up to kDepth steps of the sum at a time, as rows of the sums' type.
//
// A tile is a chunk of rows and columns at an index of all other axes of the result. Sums wait in
// scratch from one panel to the next.
#include "passes/CPU/LoopContraction.h"

#include "dialects/Tern/IR/Axes.h"
#include "passes/CPU/LoopAnalysis.h"
#include "passes/CPU/TileNest.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

/// Rows whose sums stay in scratch, rows of a register tile, and steps of the sum in a panel.
static constexpr int64_t kRows = 96, kTileRows = 6, kDepth = 256;

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

/// How many of the left operand's first axes choose a right operand.
size_t groupAxes(ContractOp op) {
  return op.getGroups() ? static_cast<size_t>(tensorOf(op.getGroups()).getRank()) : 0;
}

/// What each letter is for.
struct Roles {
  Axes axes;
  Value wide, narrow; ///< the operand with the columns, and the other one
  StringRef wideLetters, narrowLetters;
  bool wideIsRight = true;
  int64_t columnAxis = -1; ///< of the result; -1 for a result of rank 0
  int64_t rowAxis = -1;    ///< of the result; -1 for none
  std::string summed;

  explicit Roles(ContractOp op) {
    std::string why;
    axes = *Axes::parse(op.getAxes(), why);
    summed = axes.summed();
    columnAxis = vectorAxisOf(tensorOf(op.getResult()));
    wideIsRight = columnAxis < 0 || StringRef(axes.operands[1]).contains(axes.result[columnAxis]);
    wide = wideIsRight ? op.getRhs() : op.getLhs();
    narrow = wideIsRight ? op.getLhs() : op.getRhs();
    wideLetters = axes.operands[wideIsRight];
    narrowLetters = axes.operands[!wideIsRight];
    for (int64_t axis = 0; axis < static_cast<int64_t>(axes.result.size()); ++axis) {
      char letter = axes.result[axis];
      // Each row of a grouped contraction has a right operand of its own.
      bool isGroup = StringRef(axes.operands[0]).take_front(groupAxes(op)).contains(letter);
      if (axis != columnAxis && !wideLetters.contains(letter) && !isGroup &&
          tensorOf(op.getResult()).getDimSize(axis) != 1)
        rowAxis = axis;
    }
  }

  char column() const { return columnAxis < 0 ? '\0' : axes.result[columnAxis]; }
  char row() const { return rowAxis < 0 ? '\0' : axes.result[rowAxis]; }
};

class ContractionWriter {
public:
  ContractionWriter(DispatchOp dispatch, ContractOp op, const KernelSizes &sizes,
                    ArrayRef<Layout> layouts, const Target &target)
      : op(op), roles(op), sizes(sizes), nest(sizes, op.getContext()), lanes(target.lanes),
        yielded(dispatch.getBody().front().getTerminator()->getOperands()) {
    chooseTile(target, layouts);
    SmallVector<ExtentAttr> extents = getExtents(tensorOf(op.getResult()));
    for (int64_t axis = 0; axis < static_cast<int64_t>(extents.size()); ++axis)
      if (axis != roles.rowAxis && axis != roles.columnAxis)
        nest.add(extents[axis]);
    if (roles.columnAxis >= 0)
      nest.add(extents[roles.columnAxis], columns * lanes);
    if (roles.rowAxis >= 0)
      nest.add(extents[roles.rowAxis], kRows);
  }

  ExtentAttr tiles() const { return nest.tiles(); }
  int64_t scratchBytes() {
    int64_t width = columns * vectorBytes();
    return packs ? width * (kDepth + (roles.rowAxis < 0 ? 1 : kRows)) : 0;
  }

  void write(LoopTerms &loopTerms) {
    terms = &loopTerms;
    k = &terms->kernel();
    bindExtents();
    k->forEachTile([&](Value tile) {
      nest.run(*k, tile, [&](const Values &starts) {
        size_t next = 0;
        for (int64_t axis = 0; axis < static_cast<int64_t>(roles.axes.result.size()); ++axis)
          if (axis != roles.rowAxis && axis != roles.columnAxis)
            indexOf[roles.axes.result[axis]] = starts[next++];
        firstColumn = roles.columnAxis >= 0 ? starts[next++] : Value();
        firstRow = roles.rowAxis >= 0 ? starts[next] : Value();
        readGroup();
        packs ? writePanels() : writeDirectly();
      });
    });
  }

private:
  //===- Choices ----------------------------------------------------------===//

  Reach reachOfWide(char letter, ArrayRef<Layout> layouts) {
    size_t at = roles.wideLetters.find(letter);
    if (at == StringRef::npos)
      return Reach::Splat;
    bool isGrouped = roles.wideIsRight && op.getGroups();
    return LoopTerms::reachOf(roles.wide, static_cast<int64_t>(at) + isGrouped, layouts);
  }

  void chooseTile(const Target &target, ArrayRef<Layout> layouts) {
    columns = target.avx512 || roles.rowAxis < 0 ? 4 : 2;
    if (roles.columnAxis < 0) {
      columns = 1;
      return;
    }
    int64_t extent = tensorOf(op.getResult()).getDimSize(roles.columnAxis);
    if (!ShapedType::isDynamic(extent))
      columns = std::clamp<int64_t>(llvm::divideCeil(extent, lanes), 1, columns);
    bool isSummable = !roles.summed.empty();
    char last = isSummable ? roles.summed.back() : '\0';
    isTurned = isSummable && reachOfWide(roles.column(), layouts) == Reach::Strided &&
               reachOfWide(last, layouts) == Reach::Contiguous;
    packs = isSummable && roles.wideLetters.contains(last) && (roles.rowAxis >= 0 || isTurned);
  }

  //===- Points -----------------------------------------------------------===//

  void bindExtents() {
    for (auto [letters, operand, isRight] :
         {std::tuple(StringRef(roles.axes.operands[0]), op.getLhs(), false),
          std::tuple(StringRef(roles.axes.operands[1]), op.getRhs(), true)}) {
      Values extents = sizes.of(*k, tensorOf(operand));
      for (auto [i, letter] : llvm::enumerate(letters))
        extentOf[letter] = extents[i + (isRight && op.getGroups() ? 1 : 0)];
    }
  }

  void readGroup() {
    if (!op.getGroups())
      return;
    terms->forget();
    Point row;
    for (char letter : StringRef(roles.axes.operands[0]).take_front(groupAxes(op)))
      row.at.push_back(indexOf.lookup(letter));
    Value number = k->extract(terms->read(op.getGroups(), row), 0);
    if (number.getType() != k->i64())
      number = k->extendSigned(number, k->i64());
    Value last = k->sub(sizes.of(*k, tensorOf(op.getRhs()))[0], 1);
    group = k->max(k->min(number, last), k->index(0));
    terms->forget();
  }

  /// The point of an operand where its letters stand at indexOf; the lanes are along `along`.
  Point pointOf(bool isRight, char along, Value live = {}) {
    Point point;
    if (isRight && op.getGroups())
      point.at.push_back(group);
    for (char letter : roles.axes.operands[isRight]) {
      if (letter == along) {
        point.axis = static_cast<int64_t>(point.at.size());
        point.live = live;
      }
      point.at.push_back(indexOf.lookup(letter));
    }
    return point;
  }

  Value readWide(Value column, Value live) {
    if (column)
      indexOf[roles.column()] = column;
    return terms->read(roles.wide, pointOf(roles.wideIsRight, roles.column(), live));
  }

  Value readNarrow(Value live = {}) {
    bool isRight = !roles.wideIsRight;
    return toReal(terms->read(roles.narrow, pointOf(isRight, roles.column(), live)));
  }

  /// Integers count as f32.
  Value toReal(Value vector) {
    return isa<FloatType>(getElementTypeOrSelf(vector.getType())) ? vector : k->toFloat(vector);
  }

  Value columnAt(int64_t vector) { return k->add(firstColumn, vector * lanes); }

  /// The lanes of a vector of columns that there are; null for all.
  Value liveAt(int64_t vector) {
    if (roles.columnAxis < 0)
      return {};
    int64_t extent = tensorOf(op.getResult()).getDimSize(roles.columnAxis);
    if (!ShapedType::isDynamic(extent) && extent % (columns * lanes) == 0)
      return {};
    Value left = k->sub(extentOf.lookup(roles.column()), columnAt(vector));
    // More than the lanes are as good as all.
    Value count = k->truncate(k->max(k->min(left, k->index(lanes)), k->index(0)), k->i32());
    return k->compare(arith::CmpIPredicate::slt, k->iota(lanes), k->broadcast(count));
  }

  /// Visits the summed letters but the last `inner` ones.
  void forEachSummed(size_t inner, llvm::function_ref<void()> body, size_t number = 0) {
    if (number + inner >= roles.summed.size())
      return body();
    char letter = roles.summed[number];
    k->loop(k->index(0), extentOf.lookup(letter), 1, [&](Value at) {
      indexOf[letter] = at;
      forEachSummed(inner, body, number + 1);
    });
  }

  //===- Without a panel --------------------------------------------------===//

  Values sumFrom(size_t number, Values sums, ArrayRef<Value> live) {
    if (number < roles.summed.size())
      return k->loop(k->index(0), extentOf.lookup(roles.summed[number]), 1, sums,
                     [&](Value at, ValueRange carried) {
                       indexOf[roles.summed[number]] = at;
                       return sumFrom(number + 1, Values(carried), live);
                     });
    terms->forget();
    Values wide;
    for (int64_t c = 0; c < columns; ++c)
      wide.push_back(toReal(readWide(firstColumn ? columnAt(c) : Value(), live[c])));
    for (int64_t c = 0; c < columns; ++c) {
      if (firstColumn)
        indexOf[roles.column()] = columnAt(c);
      sums[c] = k->fma(readNarrow(live[c]), wide[c], sums[c]);
    }
    terms->forget();
    return sums;
  }

  void writeDirectly() {
    auto rows = [&] {
      Values live;
      for (int64_t c = 0; c < columns; ++c)
        live.push_back(liveAt(c));
      Values sums = sumFrom(0, Values(columns, zeros()), live);
      for (int64_t c = 0; c < columns; ++c)
        finish(sums[c], c, live[c]);
    };
    if (roles.rowAxis < 0)
      return rows();
    Value count = rowCount();
    k->loop(k->index(0), count, 1, [&](Value row) {
      indexOf[roles.row()] = k->add(firstRow, row);
      rows();
    });
  }

  //===- With panels ------------------------------------------------------===//

  /// f32, or f64 as the result.
  Type sumType() {
    Type element = tensorOf(op.getResult()).getElementType();
    return element.isF64() ? element : Type(Float32Type::get(element.getContext()));
  }
  int64_t vectorBytes() { return lanes * sumType().getIntOrFloatBitWidth() / 8; }
  Value zeros() { return k->constant(k->vector(sumType()), 0); }
  int64_t panelStride() { return columns * vectorBytes(); }
  Value panelRow(Value step) { return k->address(k->scratch(), k->mul(step, panelStride())); }
  Value sumsOf(Value row) {
    Value base = k->address(k->scratch(), kDepth * panelStride());
    return k->address(base, k->mul(row, panelStride()));
  }

  Value rowCount() {
    if (roles.rowAxis < 0)
      return k->index(1);
    return k->min(k->sub(extentOf.lookup(roles.row()), firstRow), k->index(kRows));
  }

  void writePanels() {
    Value count = rowCount();
    k->loop(k->index(0), count, 1, [&](Value row) {
      for (int64_t c = 0; c < columns; ++c)
        k->store(zeros(), sumsOf(row), c * vectorBytes());
    });
    char last = roles.summed.back();
    Value extent = extentOf.lookup(last);
    forEachSummed(1, [&] {
      k->loop(k->index(0), extent, kDepth, [&](Value first) {
        Value depth = k->min(k->sub(extent, first), k->index(kDepth));
        isTurned ? packTurned(first, depth) : packRows(first, depth);
        multiply(first, depth, count);
      });
    });
    k->loop(k->index(0), count, 1, [&](Value row) {
      if (firstRow)
        indexOf[roles.row()] = k->add(firstRow, row);
      for (int64_t c = 0; c < columns; ++c)
        finish(k->load(k->vector(sumType()), sumsOf(row), c * vectorBytes()), c, liveAt(c));
    });
  }

  void packRows(Value first, Value depth) {
    Values live;
    for (int64_t c = 0; c < columns; ++c)
      live.push_back(liveAt(c));
    k->loop(k->index(0), depth, 1, [&](Value step) {
      indexOf[roles.summed.back()] = k->add(first, step);
      for (int64_t c = 0; c < columns; ++c) {
        terms->forget();
        k->store(toReal(readWide(columnAt(c), live[c])), panelRow(step), c * vectorBytes());
      }
    });
    terms->forget();
  }

  /// Squares of lanes x lanes: vectors along the sum, one a column, change places with their lanes.
  void packTurned(Value first, Value depth) {
    char last = roles.summed.back();
    Value end = k->sub(extentOf.lookup(roles.column()), 1);
    k->loop(k->index(0), k->index(columns), 1, [&](Value vector) {
      Value column = k->add(firstColumn, k->mul(vector, lanes));
      auto square = [&](Value step, Value live) {
        indexOf[last] = k->add(first, step);
        Values rows;
        for (int64_t i = 0; i < lanes; ++i) {
          terms->forget();
          indexOf[roles.column()] = k->min(k->add(column, i), end);
          rows.push_back(toReal(terms->read(roles.wide, pointOf(roles.wideIsRight, last, live))));
        }
        rows = k->transpose(rows);
        for (int64_t i = 0; i < lanes; ++i)
          k->store(rows[i], k->address(panelRow(k->add(step, i)), k->mul(vector, vectorBytes())));
        terms->forget();
      };
      forEachVector(*k, k->index(0), depth, square);
    });
  }

  void multiply(Value first, Value depth, Value count) {
    Value whole = k->mul(k->div(count, kTileRows), kTileRows);
    if (roles.rowAxis >= 0)
      k->loop(k->index(0), whole, kTileRows,
              [&](Value row) { multiplyTile(first, depth, row, kTileRows); });
    Value rest = roles.rowAxis < 0 ? k->index(1) : k->sub(count, whole);
    if (roles.rowAxis < 0)
      return multiplyTile(first, depth, k->index(0), 1);
    for (int64_t rows = 1; rows < kTileRows; ++rows)
      k->when(k->compare(arith::CmpIPredicate::eq, rest, rows),
              [&] { multiplyTile(first, depth, whole, rows); });
  }

  void multiplyTile(Value first, Value depth, Value row, int64_t rows) {
    Values sums;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        sums.push_back(k->load(k->vector(sumType()), sumsOf(k->add(row, r)), c * vectorBytes()));
    sums = k->loop(k->index(0), depth, 1, sums, [&](Value step, ValueRange carried) {
      Values next(carried), wide;
      for (int64_t c = 0; c < columns; ++c)
        wide.push_back(k->load(k->vector(sumType()), panelRow(step), c * vectorBytes()));
      indexOf[roles.summed.back()] = k->add(first, step);
      for (int64_t r = 0; r < rows; ++r) {
        if (firstRow)
          indexOf[roles.row()] = k->add(firstRow, k->add(row, r));
        multiplyRow(wide, next, r * columns);
      }
      return next;
    });
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c)
        k->store(sums[r * columns + c], sumsOf(k->add(row, r)), c * vectorBytes());
  }

  /// One row's number with all vectors of the panel.
  void multiplyRow(const Values &wide, Values &sums, int64_t from) {
    bool isNumber = !roles.narrowLetters.contains(roles.column());
    for (int64_t c = 0; c < columns; ++c) {
      if (!isNumber)
        indexOf[roles.column()] = columnAt(c);
      if (c == 0 || !isNumber)
        terms->forget();
      Value factor = readNarrow(isNumber ? Value() : liveAt(c));
      sums[from + c] = k->fma(factor, wide[c], sums[from + c]);
    }
    terms->forget();
  }

  //===- Results ----------------------------------------------------------===//

  void finish(Value sums, int64_t vector, Value live) {
    terms->forget();
    Point point;
    for (char letter : roles.axes.result)
      point.at.push_back(letter == roles.column() ? columnAt(vector) : indexOf.lookup(letter));
    point.axis = roles.columnAxis;
    point.live = live;
    terms->set(op.getResult(), sums);
    Values results;
    for (Value value : yielded)
      results.push_back(terms->read(value, point));
    for (auto [i, result] : llvm::enumerate(results))
      terms->write(result, i, point);
    terms->forget();
  }

  ContractOp op;
  Roles roles;
  const KernelSizes &sizes;
  TileNest nest;
  int64_t lanes, columns = 1;
  ValueRange yielded;
  bool packs = false, isTurned = false;
  LoopTerms *terms = nullptr;
  KernelBuilder *k = nullptr;
  llvm::DenseMap<char, Value> indexOf, extentOf;
  Value firstRow, firstColumn, group;
};

} // namespace

static LogicalResult checkContraction(ContractOp op) {
  bool isDouble = tensorOf(op.getResult()).getElementType().isF64();
  for (Value operand : {op.getLhs(), op.getRhs()})
    if (tensorOf(operand).getElementType().isF64() != isDouble)
      return op.emitOpError(
                 "has no kernel for the CPU: expected both operands in f64 or none, found ")
             << tensorOf(op.getLhs()) << " and " << tensorOf(op.getRhs());
  std::string why;
  Axes axes = *Axes::parse(op.getAxes(), why);
  StringRef rows = StringRef(axes.operands[0]).take_front(groupAxes(op));
  if (op.getGroups() && (!StringRef(axes.result).starts_with(rows) ||
                         StringRef(axes.operands[1]).find_first_of(rows) != StringRef::npos))
    return op.emitOpError(
               "has no kernel for the CPU: expected groups of rows that the result begins "
               "with and the right operand lacks, found \"")
           << op.getAxes() << "\"";
  return success();
}

/// What makes the form for packed weights the better one, or the reads slow.
static std::string remarkOf(ContractOp op) {
  Roles roles(op);
  if (roles.columnAxis < 0)
    return "tern.contract has one result: a sum of f32 in order has no lanes";
  std::string why;
  FailureOr<Axes> axes = Axes::parse(op.getAxes(), why);
  bool isProduct =
      op.getGroups() ? StringRef(axes->operands[1]).size() == 2 : axes->canonical() == "ab,cb->ac";
  if (isProduct && tensorOf(op.getRhs()).hasStaticShape())
    return "tern.contract reads a right operand that is not packed";
  return {};
}

FailureOr<KernelInfo> emitLoopContraction(DispatchOp dispatch, ContractOp op,
                                          ArrayRef<Layout> layouts, StringRef name, ModuleOp module,
                                          const Target &target) {
  if (failed(checkContraction(op)) || failed(checkLoopTerms(dispatch, op)))
    return failure();
  KernelSizes sizes(dispatch);
  ContractionWriter writer(dispatch, op, sizes, layouts, target);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    LoopTerms terms(k, sizes, dispatch, layouts, name, module);
    writer.write(terms);
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = writer.tiles();
  info.scratchBytes = writer.scratchBytes();
  info.remark = remarkOf(op);
  return info;
}

} // namespace tern::cpu
