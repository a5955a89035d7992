// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sampling without sorting: a tile is a row. Each step looks for its threshold by bisection over
// the floats, taken as integers of the same order; what lies beyond it gets the score -infinity.
// Sums of probabilities are f64 over f32 terms. Scores and their masses are in scratch; in a warp,
// whose scratch is too small for a vocabulary, scores are where the probabilities will be, and a
// mass is computed where it is needed.
#include "passes/CPU/DispatchBuffers.h"
#include "passes/CPU/Functions.h"
#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/Schema.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace tern::cpu {

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Vectors of partial sums, so that adding does not wait for adding.
static constexpr int64_t kSums = 4;
/// A float of either sign is one of 2^32 keys.
static constexpr int64_t kBisections = 32;

namespace {

/// A row of `parameters`, as scalars.
struct Parameters {
  Value temperature, topK, topP, minP, typicalP, penalty, uniform;
};

class SamplingWriter {
public:
  SamplingWriter(KernelBuilder &kernel, SampleOp op, const DispatchBuffers &buffers,
                 llvm::ArrayRef<Layout> layouts)
      : k(kernel), vocabulary(cast<RankedTensorType>(op.getLogits().getType()).getDimSize(1)),
        isInPlace(kernel.target().warp), padded(paddedSize(vocabulary, kernel.lanes())),
        f64(k.builder().getF64Type()) {
    auto matrix = [&](Value value) {
      return Matrix{k.buffer(buffers.ofInput(value)),
                    layouts[cast<BlockArgument>(value).getArgNumber()].rowStride};
    };
    logits = matrix(op.getLogits());
    parameters = matrix(op.getParameters());
    history = k.buffer(buffers.ofInput(op.getHistory()));
    historyStart = k.buffer(buffers.ofInput(op.getHistoryStart()));
    token = k.buffer(buffers.ofResult(0));
    probabilities = {k.buffer(buffers.ofResult(1)), layouts.back().rowStride};
    if (isInPlace)
      return;
    scores = k.scratch();
    masses = k.address(scores, 4 * padded);
  }

  /// Two rows of f32, in whole turns of a pass.
  static int64_t scratchBytes(int64_t vocabulary, const Target &target) {
    return target.warp ? 0 : 8 * paddedSize(vocabulary, target.lanes);
  }

  void write() {
    k.forEachTile([&](Value tile) {
      row = tile;
      if (isInPlace)
        scores = rowOf(probabilities);
      Parameters given = readParameters();
      copyScores();
      penalise(given);
      Value isGreedy = k.compare(F::OEQ, given.temperature, number(0));
      k.when(isGreedy, [&] { takeLargest(); }, [&] { drawToken(given); });
    });
  }

private:
  using F = KernelBuilder::FloatPredicate;
  using I = KernelBuilder::IntPredicate;
  struct Matrix {
    Value base;
    int64_t stride; // elements
  };

  static int64_t paddedSize(int64_t vocabulary, int64_t lanes) {
    const int64_t turn = std::max<int64_t>(lanes, 16) * kSums;
    return (vocabulary + turn - 1) / turn * turn;
  }

  Value number(double value) { return k.constant(k.f32(), value); }
  Value wide(double value) { return k.constant(f64, value); }
  Value splat(double value) { return k.constant(k.vector(k.f32()), value); }
  Value rowOf(const Matrix &matrix) {
    return k.address(matrix.base, k.mul(row, 4 * matrix.stride));
  }

  Parameters readParameters() {
    Value base = rowOf(parameters);
    auto at = [&](int64_t i) { return k.load(k.f32(), base, 4 * i); };
    return {at(0), at(1), at(2), at(3), at(4), at(5), at(6)};
  }

  //===- Passes over a row ------------------------------------------------===//

  using Visit = llvm::function_ref<void(Value at)>;
  using Term = llvm::function_ref<Value(Value at)>;
  using Combine = llvm::function_ref<Value(Value, Value)>;

  Value address(Value base, Value at) { return k.address(base, k.mul(at, 4)); }

  /// Which lanes of the vector at a place are of the vocabulary.
  Value liveAt(Value at) {
    Value left = k.truncate(k.sub(k.index(vocabulary), at), k.i32());
    return k.compare(I::slt, k.iota(k.lanes()), k.broadcast(left));
  }
  Value scoreAt(Value at) {
    mlir::VectorType type = k.vector(k.f32());
    if (!isInPlace)
      return k.load(type, address(scores, at));
    Value live = liveAt(at);
    return k.select(live, k.loadWhere(type, live, address(scores, at), 4), splat(-kInfinity));
  }
  void storeScores(Value values, Value at) {
    isInPlace ? k.storeWhere(values, liveAt(at), address(scores, at), 4)
              : k.store(values, address(scores, at));
  }
  /// After computeMasses().
  Value massAt(Value at) {
    if (!isInPlace)
      return k.load(k.vector(k.f32()), address(masses, at));
    return functions::exp(k, k.sub(scoreAt(at), top));
  }

  /// Visits the padded row, a vector at a time.
  void forEachVector(Visit visit) { k.loop(k.index(0), k.index(padded), k.lanes(), visit); }

  /// Folds `term` of each vector of the padded row to a scalar, in a fixed order.
  Value fold(Value start, Term term, Combine combine) {
    Values sums(kSums, start);
    sums = k.loop(k.index(0), k.index(padded), kSums * k.lanes(), sums,
                  [&](Value at, ValueRange carried) {
                    Values next;
                    for (int64_t i = 0; i < kSums; ++i)
                      next.push_back(combine(carried[i], term(k.add(at, i * k.lanes()))));
                    return next;
                  });
    Value total = combine(combine(sums[0], sums[1]), combine(sums[2], sums[3]));
    for (int64_t half = k.lanes() / 2; half > 0; half /= 2) {
      llvm::SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < half; ++lane) {
        low.push_back(lane);
        high.push_back(lane + half);
      }
      total = combine(k.shuffle(total, total, low), k.shuffle(total, total, high));
    }
    return k.extract(total, 0);
  }

  /// The sum of f32 vectors, as f64.
  Value sumOf(Term term) {
    return fold(
        k.zero(k.vector(f64)), [&](Value at) { return k.convertFloat(term(at), f64); },
        [&](Value a, Value b) { return k.add(a, b); });
  }

  Value countOf(Term condition) {
    auto type = k.vector(k.i32());
    return fold(
        k.zero(type),
        [&](Value at) { return k.select(condition(at), k.integer(type, 1), k.zero(type)); },
        [&](Value a, Value b) { return k.add(a, b); });
  }

  Value largestScore() {
    return fold(
        splat(-kInfinity), [&](Value at) { return scoreAt(at); },
        [&](Value a, Value b) { return k.max(a, b); });
  }

  //===- Thresholds -------------------------------------------------------===//

  /// The integer of a float's place among floats (as i64), and back.
  Value keyOf(Value x) {
    Value bits = k.bitcast(x, k.i32());
    Value flipped = k.bitAnd(k.shiftRightSigned(bits, 31), 0x7fffffff);
    Value key = k.builder().createOrFold<arith::XOrIOp>(bits, flipped);
    return k.extendSigned(key, k.i64());
  }
  Value floatOf(Value key) {
    Value bits = k.truncate(key, k.i32());
    Value flipped = k.bitAnd(k.shiftRightSigned(bits, 31), 0x7fffffff);
    return k.bitcast(k.builder().createOrFold<arith::XOrIOp>(bits, flipped), k.f32());
  }

  /// The least float in [least, most] that satisfies `holds`, which is true from there on; `most`
  /// if none below it does.
  Value leastThat(Value least, Value most, llvm::function_ref<Value(Value x)> holds) {
    Values range = k.loop(k.index(0), k.index(kBisections), 1, {keyOf(least), keyOf(most)},
                          [&](Value, ValueRange carried) -> Values {
                            Value low = carried[0], high = carried[1];
                            Value half = k.shiftRightSigned(k.add(low, high), 1);
                            Values next = k.choose(
                                k.compare(I::slt, low, high), {k.i64(), k.i64()},
                                [&]() -> Values {
                                  Value isThere = holds(floatOf(half));
                                  return {k.select(isThere, low, k.add(half, 1)),
                                          k.select(isThere, half, high)};
                                },
                                [&]() -> Values { return {low, high}; });
                            return next;
                          });
    return floatOf(range[1]);
  }

  void removeBelow(Value threshold) {
    Value least = k.broadcast(threshold);
    forEachVector([&](Value at) {
      Value score = scoreAt(at);
      Value isOut = k.compare(F::OLT, score, least);
      storeScores(k.select(isOut, splat(-kInfinity), score), at);
    });
  }

  //===- Steps ------------------------------------------------------------===//

  /// Visits the vectors of the row itself, with their live lanes.
  void forEachPart(llvm::function_ref<void(Value at, int64_t live)> visit) {
    int64_t full = vocabulary / k.lanes() * k.lanes();
    k.loop(k.index(0), k.index(full), k.lanes(), [&](Value at) { visit(at, k.lanes()); });
    if (full < vocabulary)
      visit(k.index(full), vocabulary - full);
  }

  /// Scores to their place; -0 becomes 0, padding -infinity.
  void copyScores() {
    Value from = rowOf(logits);
    forEachPart([&](Value at, int64_t live) {
      Value score = k.loadFirst(k.vector(k.f32()), live, address(from, at));
      storeScores(k.add(score, splat(0)), at);
    });
    if (isInPlace)
      return;
    k.loop(k.index(vocabulary), k.index(padded), 1,
           [&](Value at) { k.store(number(-kInfinity), address(scores, at)); });
  }

  /// The new score is a function of the logit, so tokens that stand twice count once.
  void penalise(const Parameters &given) {
    Value bounds = k.address(historyStart, k.mul(row, 4)), read = rowOf(logits);
    Value first = k.extendSigned(k.load(k.i32(), bounds), k.i64());
    Value end = k.extendSigned(k.load(k.i32(), bounds, 4), k.i64());
    k.loop(first, end, 1, [&](Value i) {
      Value seen = k.extendUnsigned(k.load(k.i32(), address(history, i)), k.i64());
      k.when(k.compare(I::ult, seen, vocabulary), [&] {
        Value score = k.load(k.f32(), address(read, seen));
        Value isNegative = k.compare(F::OLT, score, number(0));
        Value changed =
            k.select(isNegative, k.mul(score, given.penalty), k.div(score, given.penalty));
        k.store(k.add(changed, number(0)), address(scores, seen));
      });
    });
  }

  void takeLargest() {
    Value largest = largestScore();
    Value out = rowOf(probabilities), wanted = k.broadcast(largest);
    // Logits that are all NaN have no largest one.
    Value none = k.integer(k.vector(k.i32()), vocabulary - 1);
    Value found = fold(
        none,
        [&](Value at) {
          Value number = k.add(k.iota(k.lanes()), k.broadcast(k.truncate(at, k.i32())));
          return k.select(k.compare(F::OEQ, scoreAt(at), wanted), number, none);
        },
        [&](Value a, Value b) { return k.min(a, b); });
    Value drawn = k.extendUnsigned(found, k.i64());
    forEachPart([&](Value at, int64_t live) { k.storeFirst(splat(0), live, address(out, at)); });
    k.store(number(1), address(out, drawn));
    storeToken(drawn);
  }

  void storeToken(Value drawn) {
    k.store(k.truncate(drawn, k.i32()), k.address(token, k.mul(row, 4)));
  }

  /// What is taken from the scores before they are divided: 0, or the largest of them if f32 can't
  /// hold what it becomes. No probability changes.
  Value shiftFor(Value temperature) {
    Value largest = largestScore();
    Value isHeld = k.compare(F::OLT, k.abs(k.div(largest, temperature)), number(kInfinity));
    return k.select(isHeld, number(0), largest);
  }

  void drawToken(const Parameters &given) {
    Value scale = k.broadcast(given.temperature), shift = k.broadcast(shiftFor(given.temperature));
    forEachVector([&](Value at) {
      Value score = k.sub(scoreAt(at), shift);
      storeScores(k.add(k.div(score, scale), splat(0)), at);
    });
    Value largest = largestScore();
    k.when(k.compare(F::OGT, given.topK, number(0)), [&] { keepTopK(given.topK, largest); });
    k.when(k.compare(F::OLT, given.topP, number(1)), [&] { keepTopP(given.topP, largest); });
    k.when(k.compare(F::OGT, given.minP, number(0)), [&] { keepMinP(given.minP, largest); });
    k.when(k.compare(F::OLT, given.typicalP, number(1)),
           [&] { keepTypical(given.typicalP, largest); });
    Value total = computeMasses(largest);
    chooseByMass(given.uniform, total);
    writeProbabilities(total);
  }

  void keepTopK(Value count, Value largest) {
    // The least x above which fewer than k scores lie is the k-th largest score.
    Value limit = k.min(count, number(static_cast<double>(vocabulary)));
    Value threshold = leastThat(number(-kInfinity), largest, [&](Value x) {
      Value bound = k.broadcast(x);
      Value above = countOf([&](Value at) { return k.compare(F::OGT, scoreAt(at), bound); });
      return k.compare(F::OLT, k.toFloat(above), limit);
    });
    removeBelow(threshold);
  }

  /// masses = e^(score - largest); their sum results.
  Value computeMasses(Value largest) {
    top = k.broadcast(largest);
    if (!isInPlace)
      forEachVector([&](Value at) {
        k.store(functions::exp(k, k.sub(scoreAt(at), top)), address(masses, at));
      });
    return sumOf([&](Value at) { return massAt(at); });
  }

  /// The mass of the scores (or distances) that satisfy a comparison with `bound`.
  Value massWhere(F predicate, Value bound, Term value) {
    Value spread = k.broadcast(bound);
    return sumOf([&](Value at) {
      Value holds = k.compare(predicate, value(at), spread);
      return k.select(holds, massAt(at), splat(0));
    });
  }

  void keepTopP(Value share, Value largest) {
    Value total = computeMasses(largest);
    Value limit = k.mul(k.sub(wide(1), k.convertFloat(share, f64)), total);
    auto score = [&](Value at) { return scoreAt(at); };
    Value threshold = leastThat(number(-kInfinity), largest, [&](Value x) {
      return k.compare(F::OGT, massWhere(F::OLE, x, score), limit);
    });
    Value before = massWhere(F::OLT, threshold, score);
    removeBelow(threshold);
    removeFirstEquals(threshold, limit, before, largest);
  }

  /// Of the scores that equal the threshold, those go whose running mass is within the limit, all
  /// but the last.
  void removeFirstEquals(Value threshold, Value limit, Value before, Value largest) {
    Value mass = functions::exp(k, k.broadcast(k.sub(threshold, largest)));
    mass = k.convertFloat(k.extract(mass, 0), f64);
    Value equal = k.broadcast(threshold);
    Value count = countOf([&](Value at) { return k.compare(F::OEQ, scoreAt(at), equal); });
    k.when(k.compare(F::OLE, k.add(before, mass), limit), [&] {
      k.loop(k.index(0), k.index(vocabulary), 1, {before, count},
             [&](Value i, ValueRange carried) -> Values {
               Value isIt = k.compare(F::OEQ, k.load(k.f32(), address(scores, i)), threshold);
               return k.choose(
                   isIt, {f64, k.i32()},
                   [&]() -> Values {
                     Value sum = k.add(carried[0], mass);
                     Value isLast = k.compare(I::sle, carried[1], 1);
                     Value stays = k.select(isLast, isLast, k.compare(F::OGT, sum, limit));
                     Value kept = k.select(stays, threshold, number(-kInfinity));
                     k.store(kept, address(scores, i));
                     return {sum, k.sub(carried[1], 1)};
                   },
                   [&]() -> Values { return {carried[0], carried[1]}; });
             });
    });
  }

  void keepMinP(Value share, Value largest) {
    computeMasses(largest);
    Value least = k.broadcast(share); // the largest mass is 1
    forEachVector([&](Value at) {
      Value isOut = k.compare(F::OLT, massAt(at), least);
      storeScores(k.select(isOut, splat(-kInfinity), scoreAt(at)), at);
    });
  }

  /// With d = score - largest, -ln(probability) - entropy is the mean of d less d.
  void keepTypical(Value share, Value largest) {
    Value total = computeMasses(largest);
    Value weighted = sumOf([&](Value at) {
      Value mass = massAt(at);
      Value isIn = k.compare(F::OGT, mass, splat(0));
      Value product = k.mul(mass, k.sub(scoreAt(at), top));
      return k.select(isIn, product, splat(0));
    });
    Value mean = k.broadcast(narrow(k.div(weighted, total)));
    auto distance = [&](Value at) { return k.abs(k.sub(mean, k.sub(scoreAt(at), top))); };
    Value limit = k.mul(k.convertFloat(share, f64), total);
    Value threshold = leastThat(number(0), number(kInfinity), [&](Value x) {
      return k.compare(F::OGE, massWhere(F::OLE, x, distance), limit);
    });
    Value furthest = k.broadcast(threshold);
    forEachVector([&](Value at) {
      Value isOut = k.compare(F::OGT, distance(at), furthest);
      storeScores(k.select(isOut, splat(-kInfinity), scoreAt(at)), at);
    });
  }

  Value narrow(Value x) { return arith::TruncFOp::create(k.builder(), k.f32(), x); }

  void writeProbabilities(Value total) {
    Value out = rowOf(probabilities), factor = k.broadcast(narrow(k.div(wide(1), total)));
    forEachPart([&](Value at, int64_t live) {
      k.storeFirst(k.mul(massAt(at), factor), live, address(out, at));
    });
  }

  Value scalarMassAt(Value i) {
    if (!isInPlace)
      return k.load(k.f32(), address(masses, i));
    Value score = k.broadcast(k.load(k.f32(), address(scores, i)));
    return k.extract(functions::exp(k, k.sub(score, top)), 0);
  }

  /// The first token at which the running mass is above u * total, else the last with any mass.
  void chooseByMass(Value uniform, Value total) {
    Value limit = k.mul(k.convertFloat(uniform, f64), total);
    Values found =
        k.loop(k.index(0), k.index(vocabulary), 1, {wide(0), k.index(vocabulary), k.index(0)},
               [&](Value i, ValueRange carried) -> Values {
                 Value mass = scalarMassAt(i);
                 Value sum = k.add(carried[0], k.convertFloat(mass, f64));
                 Value first =
                     k.select(k.compare(F::OGT, sum, limit), k.min(carried[1], i), carried[1]);
                 Value last = k.select(k.compare(F::OGT, mass, number(0)), i, carried[2]);
                 return {sum, first, last};
               });
    Value isFound = k.compare(I::slt, found[1], vocabulary);
    storeToken(k.select(isFound, found[1], found[2]));
  }

  KernelBuilder &k;
  int64_t vocabulary;
  bool isInPlace;
  int64_t padded;
  Type f64;
  Matrix logits, parameters, probabilities;
  Value history, historyStart, token;
  Value scores, masses; // the latter: not in a warp
  Value top;            // the largest score, of which the mass is 1
  Value row;
};

} // namespace

FailureOr<KernelInfo> emitSampling(DispatchOp dispatch, llvm::ArrayRef<Layout> layouts,
                                   StringRef name, ModuleOp module, const Target &target) {
  auto ops = dispatch.getBody().getOps<SampleOp>();
  if (ops.empty() || dispatch.getNumResults() != 2)
    return dispatch.emitOpError("of schema sampling holds a tern.sample and yields its results");
  SampleOp op = *ops.begin();
  auto logits = cast<RankedTensorType>(op.getLogits().getType());
  ExtentAttr rows = getExtents(logits)[0];
  if (!rows || logits.isDynamicDim(1) || logits.getDimSize(1) == 0)
    return op.emitOpError("needs a static vocabulary, and rows of known size");
  DispatchBuffers buffers(dispatch);
  KernelBuilder::define(module, target, name, [&](KernelBuilder &kernel) {
    SamplingWriter(kernel, op, buffers, layouts).write();
  });
  return KernelInfo{
      {}, buffers.indexInputs(), rows, SamplingWriter::scratchBytes(logits.getDimSize(1), target)};
}

} // namespace tern::cpu
