// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schema `rows`: a tile is a row. A row's statistics are folded first, each by a pass over its
// operand, in the order of the body; rotations are written to memory; then one pass for each width
// writes the results. A sum has four vectors of partial sums, one for each lane of every fourth
// vector of the row, folded in a fixed tree, so its bits depend on the width and the target alone.
//
// The buffer of a result must not overlap that of an input.
#include "passes/CPU/Functions.h"
#include "passes/CPU/Record.h"
#include "passes/CPU/Rotation.h"
#include "passes/CPU/RowAnalysis.h"

#include "llvm/ADT/TypeSwitch.h"

#include <limits>
#include <numeric>

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

static constexpr int64_t kSums = 4;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

namespace {

/// Emits the passes of one tile.
class RowPasses {
public:
  RowPasses(KernelBuilder &kernel, RowTerms &terms, DispatchOp dispatch,
            const RowAnalysis &analysis)
      : k(kernel), terms(terms), dispatch(dispatch), analysis(analysis),
        yield(dispatch.getBody().front().getTerminator()),
        isWritten(dispatch.getNumResults(), false) {}

  void emit() {
    for (Term term : analysis.terms) {
      Operation *op = term.first.getDefiningOp();
      if (isa<SumOp, MeanOp, AmaxOp, AminOp>(op))
        reduce(op, term);
      else if (isa<RmsNormOp, LayerNormOp, SoftmaxOp>(op))
        normalise(op, term);
      else if (auto rotary = dyn_cast<RotaryOp>(op))
        rotate(rotary, term);
    }
    writeResults();
  }

  int64_t scratchBytes() const { return scratchUsed; }

private:
  using Step = llvm::function_ref<Value(Value sum, const Run &run)>;
  using Visit = llvm::function_ref<void(const Run &run)>;
  using Combine = llvm::function_ref<Value(Value, Value)>;

  Value number(double value) { return k.constant(k.vector(k.f32()), value); }

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  /// Visits the elements of one group of `extent`, a vector at a time; vector i takes part in
  /// `sums[i % kSums]`.
  void forEachVector(int64_t extent, Value outer, Values &sums,
                     llvm::function_ref<void(const Run &, Value *)> visit) {
    int64_t lanes = k.lanes(), full = extent / lanes, turns = full / kSums;
    int64_t looped = turns > 1 ? turns * kSums : 0;
    auto turn = [&](Value inner, int64_t live, Values &all, int64_t i) {
      terms.beginChunk();
      visit({outer, inner, extent, live}, all.empty() ? nullptr : &all[i % kSums]);
    };
    if (looped)
      sums = k.loop(k.index(0), k.index(looped * lanes), kSums * lanes, sums,
                    [&](Value at, ValueRange carried) {
                      Values all(carried);
                      for (int64_t i = 0; i < kSums; ++i)
                        turn(k.add(at, i * lanes), lanes, all, i);
                      return all;
                    });
    for (int64_t i = looped; i < full; ++i)
      turn(k.index(i * lanes), lanes, sums, i);
    if (extent % lanes)
      turn(k.index(full * lanes), extent % lanes, sums, full);
    terms.beginChunk();
  }

  /// Visits all `size` elements of a row, in groups of `granule`.
  void forEachVectorOf(int64_t size, int64_t granule, Visit visit) {
    Values none;
    auto group = [&](Value outer) {
      forEachVector(granule, outer, none, [&](const Run &run, Value *) { visit(run); });
    };
    if (size == granule)
      return group({});
    k.loop(k.index(0), k.index(size / granule), 1, group);
  }

  /// Folds the `size` elements of one group to a scalar.
  Value fold(int64_t size, int64_t granule, Value group, double start, Step step, Combine combine) {
    Values sums(kSums, number(start));
    auto part = [&](Value outer, Values &all) {
      forEachVector(granule, outer, all,
                    [&](const Run &run, Value *sum) { *sum = step(*sum, run); });
    };
    if (size == granule) {
      part(group, sums);
    } else {
      sums = k.loop(k.index(0), k.index(size / granule), 1, sums, [&](Value i, ValueRange carried) {
        Values all(carried);
        part(group ? k.add(k.mul(group, size / granule), i) : i, all);
        return all;
      });
    }
    Value total = combine(combine(sums[0], sums[1]), combine(sums[2], sums[3]));
    for (int64_t half = k.lanes() / 2; half > 0; half /= 2) {
      llvm::SmallVector<int64_t> low(half), high(half);
      std::iota(low.begin(), low.end(), 0);
      std::iota(high.begin(), high.end(), half);
      total = combine(k.shuffle(total, total, low), k.shuffle(total, total, high));
    }
    return k.extract(total, 0);
  }

  /// `neutral` in the lanes that are not live.
  Value onlyLive(Value x, const Run &run, double neutral) {
    if (run.live == k.lanes())
      return x;
    Value isLive = k.compare(KernelBuilder::IntPredicate::slt, k.iota(k.lanes()), run.live);
    return k.select(isLive, x, number(neutral));
  }

  //===--------------------------------------------------------------------===//
  // Memory
  //===--------------------------------------------------------------------===//

  Place scratchFor(int64_t numbers) {
    Place place{k.address(k.scratch(), scratchUsed), k.f32()};
    scratchUsed += (numbers * 4 + 63) / 64 * 64;
    return place;
  }

  /// The f32 result that the term is, if there is one that no pass has written yet.
  std::optional<unsigned> resultOf(Term term) {
    if (term.second != analysis.role)
      return std::nullopt;
    for (auto [i, value] : llvm::enumerate(yield->getOperands()))
      if (value == term.first && !isWritten[i] &&
          cast<RankedTensorType>(value.getType()).getElementType().isF32())
        return i;
    return std::nullopt;
  }

  /// Where a pass over `operand` of `op` shall leave it for later passes, if anywhere.
  std::optional<Place> keepingPlace(Term operand, Operation *op) {
    if (terms.isAtHand(operand))
      return std::nullopt;
    if (std::optional<unsigned> result = resultOf(operand)) {
      isWritten[*result] = true;
      return terms.resultPlace(*result);
    }
    bool isReadAgain = !operand.first.hasOneUse() || isa<RmsNormOp, LayerNormOp, SoftmaxOp>(op);
    if (isReadAgain && terms.isCostly(operand))
      return scratchFor(sizeOf(operand));
    return std::nullopt;
  }

  /// Computes the term to memory.
  void store(Term term, const Place &place) {
    int64_t size = sizeOf(term);
    forEachVectorOf(size, terms.granuleOf(term, size),
                    [&](const Run &run) { terms.write(terms.read(term, run), place, run); });
    terms.setPlace(term, place);
  }

  //===--------------------------------------------------------------------===//
  // Folds
  //===--------------------------------------------------------------------===//

  /// The groups that a fold makes of its operand, and how it reads them.
  struct Groups {
    Term operand;
    int64_t size, count, granule;
  };

  Groups groupsOf(Operation *op, Term term) {
    Term operand = operandTerm(op->getOperand(0), term.second);
    int64_t size = *foldedSize(op, term.second);
    return {operand, size, sizeOf(operand) / size, terms.granuleOf(operand, size)};
  }

  /// Runs `body` for each group; what it returns, scalars, become statistics.
  llvm::SmallVector<Statistic> forEachGroup(const Groups &groups, unsigned numbers,
                                            llvm::function_ref<Values(Value group)> body) {
    llvm::SmallVector<Statistic> result(numbers);
    if (groups.count == 1) {
      for (auto [statistic, scalar] : llvm::zip_equal(result, body({})))
        statistic.splat = k.broadcast(scalar);
      return result;
    }
    for (Statistic &statistic : result)
      statistic.place = scratchFor(groups.count);
    k.loop(k.index(0), k.index(groups.count), 1, [&](Value group) {
      for (auto [statistic, scalar] : llvm::zip_equal(result, body(group)))
        k.store(scalar, k.address(statistic.place.base, k.mul(group, 4)));
    });
    return result;
  }

  Value readKeeping(const Groups &groups, const std::optional<Place> &keep, const Run &run) {
    Value x = terms.read(groups.operand, run);
    if (keep)
      terms.write(x, *keep, run);
    return x;
  }

  /// Folds a group by `step`, from 0; `keep` is where the operand shall stay.
  Value sumOf(const Groups &groups, Value group, const std::optional<Place> &keep,
              llvm::function_ref<Value(Value x, Value sum, const Run &run)> step) {
    Value sum = fold(
        groups.size, groups.granule, group, 0,
        [&](Value sum, const Run &run) { return step(readKeeping(groups, keep, run), sum, run); },
        [&](Value a, Value b) { return k.add(a, b); });
    if (keep)
      terms.setPlace(groups.operand, *keep);
    return sum;
  }

  Value plainSum(const Groups &groups, Value group, const std::optional<Place> &keep) {
    return sumOf(groups, group, keep, [&](Value x, Value sum, const Run &run) {
      return k.add(sum, onlyLive(x, run, 0));
    });
  }

  Value largest(const Groups &groups, Value group, const std::optional<Place> &keep, bool negated) {
    Value result = fold(
        groups.size, groups.granule, group, -kInfinity,
        [&](Value sum, const Run &run) {
          Value x = readKeeping(groups, keep, run);
          return k.max(sum, onlyLive(negated ? k.neg(x) : x, run, -kInfinity));
        },
        [&](Value a, Value b) { return k.max(a, b); });
    if (keep)
      terms.setPlace(groups.operand, *keep);
    return negated ? k.neg(result) : result;
  }

  void reduce(Operation *op, Term term) {
    Groups groups = groupsOf(op, term);
    std::optional<Place> keep = keepingPlace(groups.operand, op);
    Statistic result = forEachGroup(groups, 1, [&](Value group) -> Values {
      if (isa<AmaxOp, AminOp>(op))
        return {largest(groups, group, keep, isa<AminOp>(op))};
      Value sum = plainSum(groups, group, keep);
      return {isa<MeanOp>(op) ? k.div(sum, groups.size) : sum};
    })[0];
    if (result.splat)
      terms.setSplat(term, result.splat);
    else
      terms.setPlace(term, result.place);
  }

  /// 1 / sqrt(sum / size + epsilon)
  Value inverseRoot(Value sum, int64_t size, double epsilon) {
    Value mean = k.add(k.div(sum, size), k.constant(k.f32(), epsilon));
    return k.div(k.constant(k.f32(), 1.0), k.sqrt(mean));
  }

  void normalise(Operation *op, Term term) {
    Groups groups = groupsOf(op, term);
    std::optional<Place> keep = keepingPlace(groups.operand, op);
    Normalised form{groups.operand, std::nullopt, groups.size, std::nullopt, {}};
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](RmsNormOp norm) { fillRmsNorm(norm, groups, keep, form); })
        .Case([&](LayerNormOp norm) { fillLayerNorm(norm, groups, keep, form); })
        .Case([&](SoftmaxOp) { fillSoftmax(groups, keep, form); });
    terms.setNormalised(term, form);
  }

  void fillRmsNorm(RmsNormOp op, const Groups &groups, const std::optional<Place> &keep,
                   Normalised &form) {
    double epsilon = op.getEpsilon().convertToDouble();
    form.scale = forEachGroup(groups, 1, [&](Value group) -> Values {
      Value squares = sumOf(groups, group, keep, [&](Value x, Value sum, const Run &run) {
        Value live = onlyLive(x, run, 0);
        return k.fma(live, live, sum);
      });
      return {inverseRoot(squares, groups.size, epsilon)};
    })[0];
  }

  void fillLayerNorm(LayerNormOp op, const Groups &groups, const std::optional<Place> &keep,
                     Normalised &form) {
    double epsilon = op.getEpsilon().convertToDouble();
    auto statistics = forEachGroup(groups, 2, [&](Value group) -> Values {
      Value mean = k.div(plainSum(groups, group, keep), groups.size), means = k.broadcast(mean);
      Value squares = sumOf(groups, group, {}, [&](Value x, Value sum, const Run &run) {
        Value difference = onlyLive(k.sub(x, means), run, 0);
        return k.fma(difference, difference, sum);
      });
      return {mean, inverseRoot(squares, groups.size, epsilon)};
    });
    form.shift = statistics[0];
    form.scale = statistics[1];
  }

  void fillSoftmax(const Groups &groups, const std::optional<Place> &keep, Normalised &form) {
    Place powers = scratchFor(groups.size * groups.count);
    form.scale = forEachGroup(groups, 1, [&](Value group) -> Values {
      Value shift = k.broadcast(largest(groups, group, keep, /*negated=*/false));
      Value sum = sumOf(groups, group, {}, [&](Value x, Value total, const Run &run) {
        Value power = functions::exp(k, k.sub(x, shift));
        terms.write(power, powers, run);
        return k.add(total, onlyLive(power, run, 0));
      });
      return {k.div(k.constant(k.f32(), 1.0), sum)};
    })[0];
    form.source = powers;
  }

  //===--------------------------------------------------------------------===//
  // Rotations
  //===--------------------------------------------------------------------===//

  /// Makes sure that runs of `extent` neighbours of the term can be read from any element on.
  void loosen(Term term, int64_t extent) {
    if (terms.granuleOf(term, extent) != extent)
      store(term, scratchFor(sizeOf(term)));
  }

  void rotate(RotaryOp op, Term term) {
    Rotation rotation(terms, op);
    loosen({op.getX(), Role::Row}, rotation.width());
    for (Value angles : {op.getCos(), op.getSin()})
      loosen({angles, Role::Row}, sizeOf({angles, Role::Row}));
    std::optional<unsigned> result = resultOf(term);
    Place place = result ? terms.resultPlace(*result) : scratchFor(sizeOf(term));
    if (result)
      isWritten[*result] = true;
    k.loop(k.index(0), k.index(rotation.heads()), 1, [&](Value head) {
      Value own = terms.addressOf(place, {head, {}, rotation.width()});
      rotation.turn(head, {own, place.element});
    });
    terms.setPlace(term, place);
  }

  //===--------------------------------------------------------------------===//
  // Results
  //===--------------------------------------------------------------------===//

  void writeResults() {
    for (unsigned i = 0; i < isWritten.size(); ++i) {
      if (isWritten[i])
        continue;
      if (auto quantise = yield->getOperand(i).getDefiningOp<QuantiseOp>())
        writeRecords(quantise, i);
      else
        writeWidth(sizeOf({yield->getOperand(i), analysis.role}));
    }
  }

  /// Writes all results of `size` elements that are left, in one pass.
  void writeWidth(int64_t size) {
    llvm::SmallVector<std::pair<Term, Place>> results;
    int64_t granule = size;
    for (auto [i, value] : llvm::enumerate(yield->getOperands())) {
      Term term{value, analysis.role};
      if (isWritten[i] || value.getDefiningOp<QuantiseOp>() || sizeOf(term) != size)
        continue;
      granule = terms.granuleOf(term, granule);
      results.push_back({term, terms.resultPlace(i)});
      isWritten[i] = true;
    }
    forEachVectorOf(size, granule, [&](const Run &run) {
      for (auto &[term, place] : results)
        terms.write(terms.read(term, run), place, run);
    });
    for (auto &[term, place] : results)
      if (place.element.isF32())
        terms.setPlace(term, place);
  }

  void writeRecords(QuantiseOp op, unsigned result) {
    Term x{op.getX(), Role::Row};
    int64_t size = sizeOf(x), granule = terms.granuleOf(x, size);
    if (granule % kRecordNumbers) {
      store(x, scratchFor(size));
      granule = size;
    }
    Value base = terms.resultPlace(result).base;
    Correction correction = correctionNamed(op.getCorrection());
    k.loop(k.index(0), k.index(size / granule), 1, [&](Value outer) {
      k.loop(k.index(0), k.index(granule), kRecordNumbers, [&](Value inner) {
        Values numbers;
        for (int64_t at = 0; at < kRecordNumbers; at += k.lanes()) {
          terms.beginChunk();
          numbers.push_back(terms.read(x, {outer, k.add(inner, at), granule, k.lanes()}));
        }
        Value record = k.div(terms.flatIndex({outer, inner, granule}), kRecordNumbers);
        storeRecord(k, numbers, k.address(base, k.mul(record, kRecordBytes)), correction);
      });
    });
    terms.beginChunk();
    isWritten[result] = true;
  }

  KernelBuilder &k;
  RowTerms &terms;
  DispatchOp dispatch;
  const RowAnalysis &analysis;
  Operation *yield;
  std::vector<bool> isWritten;
  int64_t scratchUsed = 0;
};

} // namespace

FailureOr<KernelInfo> emitRows(DispatchOp dispatch, ArrayRef<Layout> layouts, StringRef name,
                               ModuleOp module, const Target &target) {
  FailureOr<RowAnalysis> analysis = analyseRows(dispatch, layouts);
  if (failed(analysis))
    return failure();
  KernelInfo info;
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = analysis->rows;
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    RowTerms terms(k, dispatch, layouts, name, module);
    k.forEachTile([&](Value tile) {
      terms.beginTile(analysis->role == Role::Row ? tile : Value());
      RowPasses passes(k, terms, dispatch, *analysis);
      passes.emit();
      info.scratchBytes = passes.scratchBytes();
    });
  });
  return info;
}

} // namespace tern::cpu
