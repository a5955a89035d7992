// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Schema `fold`: a reduction, a running sum, a softmax or a norm over any axes of its operands,
// which may be terms (LoopTerms.h). The lanes are neighbours along the operand's last axis. Where
// that axis is kept, each lane folds its own numbers, one after the other. Where it is folded,
// lanes hold partial results, four vectors of them where the axis is long, and are folded in a
// fixed tree. So the bits depend on extents and the target alone. A tile is an index of the kept
// axes (TileNest.h).
//
// The buffer of a result must not overlap that of an input.
#include "dialects/Tern/IR/Axes.h"
#include "passes/CPU/Elementwise.h"
#include "passes/CPU/Functions.h"
#include "passes/CPU/LoopAnalysis.h"
#include "passes/CPU/TileNest.h"

#include <limits>

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::cpu {

static constexpr int64_t kSums = 4;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

static RankedTensorType tensorOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static bool isFold(Operation *op) {
  return isa<SumOp, MeanOp, AmaxOp, AminOp, LogSumExpOp, CumsumOp, SoftmaxOp, MaskedSoftmaxOp,
             RmsNormOp, LayerNormOp>(op);
}

namespace {

/// Which axes of the operand are folded.
struct FoldAxes {
  Axes axes;
  std::string letters, folded;

  explicit FoldAxes(Operation *op) {
    std::string why;
    axes = *Axes::parse(op->getAttrOfType<StringAttr>("axes").getValue(), why);
    letters = axes.operands[0];
    folded = axes.along.empty() ? axes.summed() : axes.along;
  }
  bool folds(int64_t axis) const { return StringRef(folded).contains(letters[axis]); }
};

class FoldWriter {
public:
  FoldWriter(LoopTerms &terms, const KernelSizes &sizes, Operation *op)
      : k(terms.kernel()), terms(terms), op(op), x(op->getOperand(0)), axes(op),
        extents(sizes.of(k, tensorOf(x))), axis(vectorAxisOf(tensorOf(x))),
        foldsLanes(axes.folds(axis)), real(k.vector(realType())) {}

  /// At an index of the kept axes; in `point` those that are folded stand for nothing.
  void write(const Point &point) {
    if (isa<SoftmaxOp, MaskedSoftmaxOp>(op))
      return writeSoftmax(point);
    if (isa<CumsumOp>(op))
      return foldsLanes ? writeRunningLanes(point) : writeRunningSum(point);
    if (isa<RmsNormOp, LayerNormOp>(op))
      return writeNorm(point);
    Value result = reduce(point);
    Point place;
    for (char letter : axes.axes.result) {
      size_t at = axes.letters.find(letter);
      if (static_cast<int64_t>(at) == axis) {
        place.axis = static_cast<int64_t>(place.at.size());
        place.live = point.live;
      }
      place.at.push_back(point.at[at]);
    }
    terms.write(result, 0, place);
  }

private:
  using Step = llvm::function_ref<Value(Value total, const Point &point)>;
  using Combine = llvm::function_ref<Value(Value, Value)>;

  Type realType() {
    return tensorOf(x).getElementType().isF64() ? tensorOf(x).getElementType() : k.f32();
  }
  Value number(double value) { return k.constant(real, value); }

  //===- Loops ------------------------------------------------------------===//

  /// Folds along the lanes' axis: all partial results, those of the masked rest in the first.
  Values alongLanes(Point point, Values totals, Step step) {
    Value extent = extents[axis];
    auto turn = [&](Value at, Value live, Value total) {
      terms.forget();
      point.at[axis] = at;
      point.live = live;
      return step(total, point);
    };
    int64_t stride = kSums * k.lanes();
    Value unrolled = k.mul(k.div(extent, stride), stride);
    totals = k.loop(k.index(0), unrolled, stride, totals, [&](Value at, ValueRange carried) {
      Values all(carried);
      for (int64_t i = 0; i < kSums; ++i)
        all[i] = turn(k.add(at, i * k.lanes()), {}, all[i]);
      return all;
    });
    Value whole = k.mul(k.div(extent, k.lanes()), k.lanes());
    totals[0] = k.loop(unrolled, whole, k.lanes(), {totals[0]}, [&](Value at, ValueRange carried) {
      return Values{turn(at, {}, carried[0])};
    })[0];
    Value left = k.broadcast(k.truncate(k.sub(extent, whole), k.i32()));
    Value live = k.compare(arith::CmpIPredicate::slt, k.iota(k.lanes()), left);
    totals[0] = k.choose(
        k.compare(arith::CmpIPredicate::slt, whole, extent), {totals[0].getType()},
        [&] { return Values{turn(whole, live, totals[0])}; }, [&] { return Values{totals[0]}; })[0];
    terms.forget();
    return totals;
  }

  Values alongAxes(size_t number, Point point, Values totals, Step step) {
    for (; number < axes.letters.size(); ++number)
      if (axes.folds(static_cast<int64_t>(number)) && static_cast<int64_t>(number) != axis)
        break;
    if (number < axes.letters.size())
      return k.loop(k.index(0), extents[number], 1, totals, [&](Value at, ValueRange carried) {
        point.at[number] = at;
        return alongAxes(number + 1, point, Values(carried), step);
      });
    if (foldsLanes)
      return alongLanes(point, totals, step);
    terms.forget();
    Values result{step(totals[0], point)};
    terms.forget();
    return result;
  }

  /// The result in every lane that it belongs to. Where lanes are folded, those that are not live
  /// must leave the total as it is.
  Value fold(const Point &point, double start, Step step, Combine combine) {
    Values totals(foldsLanes ? kSums : 1, number(start));
    totals = alongAxes(0, point, totals, step);
    if (!foldsLanes)
      return totals[0];
    Value all = combine(combine(totals[0], totals[2]), combine(totals[1], totals[3]));
    for (int64_t half = k.lanes() / 2; half > 0; half /= 2) {
      llvm::SmallVector<int64_t> other;
      for (int64_t lane = 0; lane < k.lanes(); ++lane)
        other.push_back(lane ^ half);
      all = combine(all, k.shuffle(all, all, other));
    }
    return k.broadcast(k.extract(all, 0));
  }

  Value onlyLive(Value vector, const Point &point, double neutral) {
    return foldsLanes && point.live ? k.select(point.live, vector, number(neutral)) : vector;
  }

  Value sum(const Point &point, llvm::function_ref<Value(const Point &)> term) {
    return fold(
        point, 0,
        [&](Value total, const Point &at) { return k.add(total, onlyLive(term(at), at, 0)); },
        [&](Value a, Value b) { return k.add(a, b); });
  }

  Value squares(const Point &point, llvm::function_ref<Value(const Point &)> term) {
    return fold(
        point, 0,
        [&](Value total, const Point &at) {
          Value live = onlyLive(term(at), at, 0);
          return k.fma(live, live, total);
        },
        [&](Value a, Value b) { return k.add(a, b); });
  }

  /// What is folded at a point: where a mask leaves it out, -infinity.
  Value element(const Point &at) {
    auto masked = dyn_cast<MaskedSoftmaxOp>(op);
    if (!masked)
      return terms.read(x, at);
    Value isKept = truth(k, terms.read(masked.getMask(), at));
    return k.select(isKept, terms.read(x, at), number(-kInfinity));
  }

  Value largest(const Point &point, bool negated) {
    Value result = fold(
        point, -kInfinity,
        [&](Value total, const Point &at) {
          Value value = element(at);
          return k.max(total, onlyLive(negated ? k.neg(value) : value, at, -kInfinity));
        },
        [&](Value a, Value b) { return k.max(a, b); });
    return negated ? k.neg(result) : result;
  }

  //===- Laws -------------------------------------------------------------===//

  /// How many numbers are folded into one.
  Value count() {
    Value product = k.index(1);
    for (size_t i = 0; i < axes.letters.size(); ++i)
      if (axes.folds(static_cast<int64_t>(i)))
        product = k.mul(product, extents[i]);
    Value wide = arith::SIToFPOp::create(k.builder(), realType(), product);
    return k.broadcast(wide);
  }

  Value reduce(const Point &point) {
    if (isa<AmaxOp, AminOp>(op))
      return largest(point, isa<AminOp>(op));
    if (isa<LogSumExpOp>(op))
      return logSumExp(point);
    Value total = sum(point, [&](const Point &at) { return terms.read(x, at); });
    return isa<MeanOp>(op) ? k.div(total, count()) : total;
  }

  Value logSumExp(const Point &point) {
    Value shift = largest(point, /*negated=*/false);
    Value total = sum(
        point, [&](const Point &at) { return functions::exp(k, k.sub(terms.read(x, at), shift)); });
    Value isInfinite =
        k.compare(KernelBuilder::FloatPredicate::OEQ, k.abs(shift), number(kInfinity));
    return k.select(isInfinite, shift, k.add(shift, functions::log(k, total)));
  }

  //===- Running sums -----------------------------------------------------===//

  /// Each lane its own.
  void writeRunningSum(const Point &point) {
    auto step = [&](Value total, const Point &at) {
      Value sum = k.add(total, terms.read(x, at));
      terms.write(sum, 0, at);
      return sum;
    };
    alongAxes(0, point, {number(0)}, step);
  }

  /// A vector at a time, which is summed in a fixed tree.
  void writeRunningLanes(Point point) {
    Value extent = extents[axis], whole = k.mul(k.div(extent, k.lanes()), k.lanes());
    auto turn = [&](Value at, Value live, Value total) {
      terms.forget();
      point.at[axis] = at;
      point.live = live;
      Value sums = k.add(sumsOfLanes(terms.read(x, point)), total);
      terms.write(sums, 0, point);
      return sums;
    };
    auto last = [&](Value sums) { return k.broadcast(k.extract(sums, k.lanes() - 1)); };
    Value total = k.loop(k.index(0), whole, k.lanes(), {number(0)}, [&](Value at, ValueRange all) {
      return Values{last(turn(at, {}, all[0]))};
    })[0];
    Value left = k.broadcast(k.truncate(k.sub(extent, whole), k.i32()));
    k.when(k.compare(arith::CmpIPredicate::slt, whole, extent), [&] {
      turn(whole, k.compare(arith::CmpIPredicate::slt, k.iota(k.lanes()), left), total);
    });
    terms.forget();
  }

  /// Lane i is the sum of lanes 0 to i.
  Value sumsOfLanes(Value vector) {
    Value zero = number(0);
    for (int64_t step = 1; step < k.lanes(); step *= 2) {
      llvm::SmallVector<int64_t> before;
      for (int64_t lane = 0; lane < k.lanes(); ++lane)
        before.push_back(lane < step ? k.lanes() : lane - step);
      vector = k.add(vector, k.shuffle(vector, zero, before));
    }
    return vector;
  }

  /// Visits each element that is folded.
  void forEach(const Point &point, llvm::function_ref<void(const Point &)> body) {
    alongAxes(0, point, Values(foldsLanes ? kSums : 1, number(0)),
              [&](Value total, const Point &at) {
                body(at);
                return total;
              });
  }

  void writeSoftmax(const Point &point) {
    using F = KernelBuilder::FloatPredicate;
    bool isMasked = isa<MaskedSoftmaxOp>(op);
    Value shift = largest(point, /*negated=*/false);
    if (isMasked) // e^(-infinity - 0) is 0
      shift = k.select(k.compare(F::OEQ, shift, number(-kInfinity)), number(0), shift);
    Value total = sum(point, [&](const Point &at) {
      Value power = functions::exp(k, k.sub(element(at), shift));
      // A narrow result keeps no power: it is computed anew.
      if (keepsPowers())
        terms.write(power, 0, at);
      return power;
    });
    if (isMasked) // a row of nothing is divided by 1
      total = k.select(k.compare(F::OEQ, total, number(0)), number(1), total);
    Value scale = k.div(number(1), total);
    forEach(point, [&](const Point &at) {
      Value power =
          keepsPowers() ? terms.readResult(0, at) : functions::exp(k, k.sub(element(at), shift));
      terms.write(k.mul(power, scale), 0, at);
    });
  }

  bool keepsPowers() const { return tensorOf(op->getResult(0)).getElementType().isF32(); }

  void writeNorm(const Point &point) {
    bool isCentred = isa<LayerNormOp>(op);
    auto value = [&](const Point &at) { return terms.read(x, at); };
    Value all = count();
    Value shift = isCentred ? k.div(sum(point, value), all) : Value();
    auto centred = [&](const Point &at) { return isCentred ? k.sub(value(at), shift) : value(at); };
    double epsilon = isCentred ? cast<LayerNormOp>(op).getEpsilon().convertToDouble()
                               : cast<RmsNormOp>(op).getEpsilon().convertToDouble();
    Value mean = k.add(k.div(squares(point, centred), all), number(epsilon));
    Value scale = k.div(number(1), k.sqrt(mean));
    forEach(point, [&](const Point &at) { terms.write(k.mul(centred(at), scale), 0, at); });
  }

  KernelBuilder &k;
  LoopTerms &terms;
  Operation *op;
  Value x;
  FoldAxes axes;
  Values extents;
  int64_t axis; ///< of the lanes
  bool foldsLanes;
  VectorType real;
};

} // namespace

/// Writes the loops over the kept axes; the lanes' axis, where it is kept, runs inside of them.
static void writeKept(LoopTerms &terms, const KernelSizes &sizes, const TileNest &nest,
                      Operation *op) {
  KernelBuilder &k = terms.kernel();
  FoldAxes axes(op);
  RankedTensorType type = tensorOf(op->getOperand(0));
  int64_t lanesAxis = vectorAxisOf(type);
  bool keepsLanes = !axes.folds(lanesAxis);
  k.forEachTile([&](Value tile) {
    nest.run(k, tile, [&](const Values &starts) {
      Point point{Values(type.getRank(), k.index(0)), lanesAxis, {}};
      size_t next = 0;
      for (int64_t i = 0; i < type.getRank(); ++i)
        if (!axes.folds(i) && i != lanesAxis)
          point.at[i] = starts[next++];
      FoldWriter writer(terms, sizes, op);
      if (!keepsLanes)
        return writer.write(point);
      nest.forEachVector(k, starts.back(), [&](Value at, Value live) {
        point.at[lanesAxis] = at;
        point.live = live;
        writer.write(point);
      });
    });
  });
}

static void addKept(TileNest &nest, Operation *op, int64_t lanes) {
  FoldAxes axes(op);
  RankedTensorType type = tensorOf(op->getOperand(0));
  int64_t lanesAxis = vectorAxisOf(type);
  SmallVector<ExtentAttr> extents = getExtents(type);
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (!axes.folds(i) && i != lanesAxis)
      nest.add(extents[i]);
  if (!axes.folds(lanesAxis))
    nest.addLanes(extents[lanesAxis], lanes);
}

FailureOr<KernelInfo> emitFold(DispatchOp dispatch, ArrayRef<Layout> layouts, StringRef name,
                               ModuleOp module, const Target &target) {
  Operation *yield = dispatch.getBody().front().getTerminator();
  Operation *op = yield->getOperand(0).getDefiningOp();
  if (dispatch.getNumResults() != 1 || !op || !isFold(op))
    return dispatch.emitOpError(
        "of schema fold yields one reduction, running sum, softmax or norm");
  if (failed(checkLoopTerms(dispatch, op)))
    return failure();
  RankedTensorType type = tensorOf(op->getOperand(0));
  if (type.getElementType().isF64() && isa<SoftmaxOp, MaskedSoftmaxOp, LogSumExpOp>(op))
    return op->emitOpError("has no kernel for the CPU: expected f32, f16 or bf16, found ") << type;
  if (type.getRank() == 0)
    return op->emitOpError("has no kernel for the CPU: expected an axis to fold, found ") << type;
  KernelSizes sizes(dispatch);
  TileNest nest(sizes, dispatch.getContext());
  addKept(nest, op, target.lanes);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &k) {
    LoopTerms terms(k, sizes, dispatch, layouts, name, module);
    writeKept(terms, sizes, nest, op);
  });
  KernelInfo info;
  info.sizes.assign(sizes.sums().begin(), sizes.sums().end());
  info.indexInputs = DispatchBuffers(dispatch).indexInputs();
  info.tiles = nest.tiles();
  info.remark = remarkOnReads(op, op->getOperands(), vectorAxisOf(type), layouts);
  return info;
}

} // namespace tern::cpu
