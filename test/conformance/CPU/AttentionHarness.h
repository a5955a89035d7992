// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Append and attend, on a cache as the runtime keeps it.
#ifndef TERN_TEST_CONFORMANCE_CPU_ATTENTIONHARNESS_H
#define TERN_TEST_CONFORMANCE_CPU_ATTENTIONHARNESS_H

#include "dialects/KV/Reference/KVReference.h"
#include "passes/CPU/CacheKernel.h"
#include "test/conformance/CPU/DispatchRunner.h"

#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace tern::test {

using Numbers = std::vector<double>;

/// Shape of a cache and of the attention over it.
struct Case {
  const char *element = "f32";
  int64_t heads = 2, group = 1, keyWidth = 16, valueWidth = 16;
  int64_t window = 0;
  double softCap = 0;
  const char *bias = "";   ///< " " for slopes, " in" and a type for rounded ones
  const char *rotary = ""; ///< style in which keys and queries are turned as they are read
  int64_t planes = 0;      ///< that are turned
  /// The element of heads side by side, which is written in place of heads and logarithms of sums.
  const char *joined = "";
  /// Of results, relative to the largest: sums of f32 products.
  double tolerance = 4e-6;
  /// Queries are rounded to the cache's element, as tensor cores take them.
  bool roundsQueries = false;
  int64_t context = 400;

  int64_t maxBlocks() const { return (context + 63) / 64; }

  Case turned(const char *style, int64_t count) const {
    Case result = *this;
    result.rotary = style;
    result.planes = count;
    return result;
  }
  Case with(const char *element, double error) const {
    Case result = *this;
    result.joined = element;
    result.tolerance = error;
    return result;
  }
};

constexpr int64_t kLayers = 3, kLayer = 1, kSequences = 4;

struct Types {
  std::string cache, key, value, query, slopes, angles, out, sum, flat, joined;

  explicit Types(const Case &c) {
    auto rows = [](int64_t heads, int64_t width) {
      return "tensor<?x" + std::to_string(heads) + "x" + std::to_string(width) +
             "xf32, #tern.dims<T>>";
    };
    cache = "!kv.cache<" + std::to_string(kLayers) + " x " + std::to_string(c.heads) + ", " +
            std::to_string(c.keyWidth) + ", " + std::to_string(c.valueWidth) + ", " + c.element +
            ">";
    key = rows(c.heads, c.keyWidth);
    value = rows(c.heads, c.valueWidth);
    query = rows(c.heads * c.group, c.keyWidth);
    slopes = "tensor<" + std::to_string(c.heads * c.group) + "xf32>";
    out = rows(c.heads * c.group, c.valueWidth);
    auto matrix = [](int64_t columns, const std::string &element) {
      return "tensor<?x" + std::to_string(columns) + "x" + element + ", #tern.dims<T>>";
    };
    sum = matrix(c.heads * c.group, "f32");
    angles = matrix(c.planes, "f32");
    flat = matrix(c.heads * c.group * c.valueWidth, "f32");
    joined = matrix(c.heads * c.group * c.valueWidth, c.joined);
  }
};

inline std::string headOf(const Case &c) {
  return "module attributes {tern.model = {context = " + std::to_string(c.context) +
         "}} {\ntern.dim @T from 0 to 4096\ntern.dim @B from 0 to 8\n";
}
inline const std::string kPositions = "tensor<?xi32, #tern.dims<T>>", kBatch = "!kv.batch<T, B>";

/// The text if something holds, else none.
inline std::string onlyIf(bool holds, std::string text) {
  return holds ? std::move(text) : std::string();
}

/// Turns %from to %to by the angles %cos and %sin.
inline std::string turning(const Case &c, const std::string &from, const std::string &to,
                           const std::string &type) {
  Types t(c);
  return to + " = tern.rotary " + c.rotary + " " + from + ", %cos, %sin : " + type + ", " +
         t.angles + ", " + t.angles + "\n";
}

inline std::string appendModule(const Case &c) {
  Types t(c);
  bool turns = *c.rotary;
  std::string types = t.cache + ", " + t.key + ", " + t.value + ", " + kPositions + ", " + kBatch +
                      ", index" + onlyIf(turns, ", " + t.angles + ", " + t.angles);
  std::string body = t.cache + ", " + t.key + ", " + t.value + ", " + kPositions + ", " + kBatch;
  return headOf(c) + "func.func @f(%c: " + t.cache + ", %k: " + t.key + ", %v: " + t.value +
         ", %p: " + kPositions + ", %b: " + kBatch + ", %l: index" +
         onlyIf(turns, ", %x: " + t.angles + ", %y: " + t.angles) + ") -> " + t.cache +
         " {\n%r = tern.dispatch append (%c, %k, %v, %p, %b, %l" + onlyIf(turns, ", %x, %y") +
         ") : (" + types + ") -> " + t.cache + " {\n^bb0(%0: " + t.cache + ", %1: " + t.key +
         ", %2: " + t.value + ", %3: " + kPositions + ", %4: " + kBatch + ", %5: index" +
         onlyIf(turns, ", %cos: " + t.angles + ", %sin: " + t.angles) + "):\n" +
         onlyIf(turns, turning(c, "%1", "%turned", t.key)) + "%6 = kv.append %0, " +
         (turns ? "%turned" : "%1") + ", %2, %3, %4 at %5 : " + body +
         "\ntern.yield %6 : " + t.cache + "\n}\nreturn %r : " + t.cache + "\n}\n}\n";
}

/// With `rounds` the query is rounded to the cache's element.
inline std::string attendModule(const Case &c, bool rounds = false) {
  Types t(c);
  bool hasSlopes = *c.bias, turns = *c.rotary, isJoined = *c.joined;
  std::string types = t.query + ", " + t.cache + ", " + kPositions + ", " + kBatch;
  std::string results = isJoined ? t.joined : "(" + t.out + ", " + t.sum + ")";
  std::string options = " scale 0.3";
  if (c.window)
    options += " window " + std::to_string(c.window);
  if (c.softCap > 0)
    options += " soft_cap " + std::to_string(c.softCap);
  if (hasSlopes)
    options += " slopes %slopes" + std::string(c.bias);
  std::string more =
      onlyIf(hasSlopes, ", " + t.slopes) + onlyIf(turns, ", " + t.angles + ", " + t.angles);
  std::string query = turns ? "%turned" : "%0", rounding;
  if (rounds) {
    std::string few = t.query;
    few.replace(few.find("f32"), 3, c.element);
    rounding = "%narrow = tern.cast " + query + " : " + t.query + " to " + few +
               "\n%wide = tern.cast %narrow : " + few + " to " + t.query + "\n";
    query = "%wide";
  }
  std::string narrow = std::string(c.joined)[0] == '!' ? "tern.quantise" : "tern.cast";
  std::string epilogue = "%7 = tern.reshape %5 : " + t.out + " to " + t.flat + "\n%8 = " + narrow +
                         " %7 : " + t.flat + " to " + t.joined + "\ntern.yield %8 : " + t.joined;
  return headOf(c) + "func.func @f(%q: " + t.query + ", %c: " + t.cache + ", %p: " + kPositions +
         ", %b: " + kBatch + ", %l: index" + onlyIf(hasSlopes, ", %s: " + t.slopes) +
         onlyIf(turns, ", %x: " + t.angles + ", %y: " + t.angles) + ") -> " + results + " {\n%r" +
         (isJoined ? "" : ":2") + " = tern.dispatch attention (%q, %c, %p, %b, %l" +
         onlyIf(hasSlopes, ", %s") + onlyIf(turns, ", %x, %y") + ") : (" + types + ", index" +
         more + ") -> " + results + " {\n^bb0(%0: " + t.query + ", %1: " + t.cache +
         ", %2: " + kPositions + ", %3: " + kBatch + ", %4: index" +
         onlyIf(hasSlopes, ", %slopes: " + t.slopes) +
         onlyIf(turns, ", %cos: " + t.angles + ", %sin: " + t.angles) + "):\n" +
         onlyIf(turns, turning(c, "%0", "%turned", t.query)) + onlyIf(rounds, rounding) + "%5" +
         onlyIf(!isJoined, ", %6") + " = kv.attend " + query + ", %1, %2, %3 at %4" + options +
         onlyIf(!isJoined, " scores") + " : " + types + onlyIf(hasSlopes, ", " + t.slopes) + "\n" +
         (isJoined ? epilogue : "tern.yield %5, %6 : " + t.out + ", " + t.sum) + "\n}\nreturn " +
         (isJoined ? "%r : " + t.joined : "%r#0, %r#1 : " + t.out + ", " + t.sum) + "\n}\n}\n";
}

/// Rows of one sequence that enter the cache together.
struct Entry {
  int64_t sequence, rows;
};
using Step = std::vector<Entry>;

/// Both kernels of a case, a cache in memory, and the same cache by reference.
class Harness {
public:
  /// Rows of matrices lie `padding` numbers further apart than they are long.
  Harness(const Case &c, const cpu::Target &target, int64_t padding = 3)
      : c(c), append(appendModule(c), cpu::emitAppend, target),
        attend(attendModule(c), cpu::emitAttention, target, padding),
        layout(mlir::cast<kv::CacheType>(append.dispatch().getResult(0).getType())),
        pool(layout.bytes * kSequences * kLayers * c.heads * c.maxBlocks()),
        table(4 * kSequences * kLayers * c.heads * c.maxBlocks()),
        lengths(4 * kSequences * kLayers * c.heads), known(std::make_shared<kv::CacheState>()) {
    clear();
  }

  /// No sequence has a row.
  void clear() {
    // The runtime zeroes a block when it is taken; the tables are in no order.
    std::fill_n(pool.data(), pool.size(), 0);
    std::fill_n(lengths.data(), lengths.size(), 0);
    auto blocks = table.as<int32_t>();
    for (size_t i = 0; i < blocks.size(); ++i)
      blocks[i] = static_cast<int32_t>((i * 37 + 5) % blocks.size());
    known->slots.clear();
    places.clear();
  }

  bool compiled() const { return append.compiled() && attend.compiled(); }

  /// Runs one step and returns the results of attention, and by reference too.
  std::pair<std::vector<Numbers>, std::vector<Numbers>> run(const Step &step, bool compare = true) {
    std::vector<int32_t> rowEntry, rowStart{0}, slot;
    Numbers positions, keys, values, queries;
    for (const Entry &entry : step) {
      slot.push_back(static_cast<int32_t>(entry.sequence));
      for (int64_t i = 0; i < entry.rows; ++i)
        addRow(entry.sequence, positions, keys, values, queries);
      rowEntry.insert(rowEntry.end(), entry.rows, static_cast<int32_t>(slot.size() - 1));
      rowStart.push_back(static_cast<int32_t>(positions.size()));
    }
    Dims dims{{"T", static_cast<int64_t>(positions.size())},
              {"B", static_cast<int64_t>(step.size())}};
    Types types(c);
    auto typesOf = [](const DispatchRunner &runner) { return runner.dispatch().getInputs(); };
    auto k = append.store(keys, typesOf(append)[1].getType(), dims);
    auto v = append.store(values, typesOf(append)[2].getType(), dims);
    auto p = append.store(positions, typesOf(append)[3].getType(), dims);
    auto q = attend.store(queries, typesOf(attend)[0].getType(), dims);
    Angles angles = anglesOf(positions);
    std::vector<std::unique_ptr<GuardedBytes>> results;
    for (mlir::Type type : attend.dispatch().getResultTypes())
      results.push_back(attend.store({}, type, dims));
    std::vector<Buffer> stored{pool, table, lengths, *k, *v, *p, rowEntry, rowStart, slot};
    auto addAngles = [&](const DispatchRunner &runner, size_t input, std::vector<Buffer> &buffers) {
      std::vector<std::unique_ptr<GuardedBytes>> kept;
      for (const Numbers &numbers : angles)
        kept.push_back(runner.store(numbers, typesOf(runner)[input++].getType(), dims));
      for (auto &bytes : kept)
        buffers.emplace_back(*bytes);
      return kept;
    };
    auto ofKeys = addAngles(append, 6, stored);
    if (stores)
      append.call(stored, dims, {kLayer});
    std::vector<Buffer> buffers{*q, pool, table, lengths, *p, rowEntry, rowStart, slot};
    std::unique_ptr<GuardedBytes> biases;
    if (*c.bias) {
      biases = attend.store(slopes(), typesOf(attend)[5].getType(), dims);
      buffers.emplace_back(*biases);
    }
    auto ofQueries = addAngles(attend, *c.bias ? 6 : 5, buffers);
    for (auto &bytes : results)
      buffers.emplace_back(*bytes);
    attends ? attends(buffers, dims) : attend.call(buffers, dims, {kLayer});
    std::vector<Numbers> got;
    for (auto [bytes, type] : llvm::zip_equal(results, attend.dispatch().getResultTypes()))
      got.push_back(attend.load(*bytes, type, dims));
    return {got, compare ? refer(step, keys, values, positions, queries) : got};
  }

  /// Makes all keys and values of a sequence's block no numbers.
  void poison(int64_t sequence, int64_t block) {
    for (int64_t head = 0; head < c.heads; ++head) {
      int64_t place = (sequence * kLayers + kLayer) * c.heads + head;
      int64_t number = table.as<int32_t>()[size_t(place * c.maxBlocks() + block)];
      std::fill_n(pool.data() + number * layout.bytes, layout.positionOffset, 0xff);
    }
  }

  const DispatchRunner &attention() const { return attend; }
  /// Computes attention in place of the schema's kernel, if it is set.
  std::function<void(const std::vector<Buffer> &, const Dims &)> attends;
  /// Whether steps append their rows to the cache before they attend.
  bool stores = true;
  /// How far the positions of two rows of a sequence lie apart.
  int64_t distance = 1;

private:
  using Angles = std::vector<Numbers>;

  /// The cosines and sines by which rows are turned; none if they are not.
  Angles anglesOf(const Numbers &positions) const {
    if (!*c.rotary)
      return {};
    Angles angles(2);
    for (double position : positions)
      for (int64_t plane = 0; plane < c.planes; ++plane) {
        double angle = position * std::pow(0.7, static_cast<double>(plane));
        angles[0].push_back(static_cast<float>(std::cos(angle)));
        angles[1].push_back(static_cast<float>(std::sin(angle)));
      }
    return angles;
  }

  /// Of each query head; each is half of the one before, of more bits than a bf16 has.
  Numbers slopes() const {
    Numbers slopes;
    for (int64_t head = 0; head < c.heads * c.group; ++head)
      slopes.push_back(static_cast<float>(std::ldexp(1.1, static_cast<int>(-1 - head))));
    return slopes;
  }

  /// The next row of a sequence: its numbers depend on the sequence and the place alone.
  void addRow(int64_t sequence, Numbers &positions, Numbers &keys, Numbers &values,
              Numbers &queries) {
    int64_t place = places[sequence]++;
    auto seed = static_cast<uint32_t>(1000 * sequence + place);
    auto add = [&](Numbers &to, int64_t count, uint32_t salt) {
      Numbers fresh = randomNumbers(count, seed * 7 + salt, 2);
      to.insert(to.end(), fresh.begin(), fresh.end());
    };
    positions.push_back(static_cast<double>(place * distance));
    add(keys, c.heads * c.keyWidth, 1);
    add(values, c.heads * c.valueWidth, 2);
    add(queries, c.heads * c.group * c.keyWidth, 3);
  }

  std::vector<Numbers> refer(const Step &step, const Numbers &keys, const Numbers &values,
                             const Numbers &positions, const Numbers &queries) {
    auto batch = std::make_shared<kv::BatchState>();
    batch->starts = {0};
    for (const Entry &entry : step) {
      batch->sequences.push_back(entry.sequence);
      batch->starts.push_back(batch->starts.back() + entry.rows);
    }
    auto rows = static_cast<int64_t>(positions.size());
    auto tensor = [](const Numbers &numbers, std::vector<int64_t> shape) {
      return reference::Tensor{llvm::SmallVector<int64_t>(shape.begin(), shape.end()),
                               std::make_shared<Numbers>(numbers)};
    };
    auto call = [](mlir::ModuleOp module, const std::vector<reference::Datum> &arguments) {
      reference::Interpreter interpreter(module, nullptr);
      reference::defineTern(interpreter);
      kv::defineKV(interpreter);
      auto result = interpreter.call("f", arguments);
      if (failed(result))
        llvm::report_fatal_error("the reference of a test's dispatch failed");
      return *result;
    };
    std::shared_ptr<reference::State> cache = known, entries = batch;
    std::vector<reference::Datum> stored{cache,
                                         tensor(keys, {rows, c.heads, c.keyWidth}),
                                         tensor(values, {rows, c.heads, c.valueWidth}),
                                         tensor(positions, {rows}),
                                         entries,
                                         kLayer};
    Angles angles = anglesOf(positions);
    for (const Numbers &numbers : angles)
      stored.push_back(tensor(numbers, {rows, c.planes}));
    call(append.module(), stored);
    std::vector<reference::Datum> read{tensor(queries, {rows, c.heads * c.group, c.keyWidth}),
                                       cache, tensor(positions, {rows}), entries, kLayer};
    if (*c.bias)
      read.push_back(tensor(slopes(), {c.heads * c.group}));
    for (const Numbers &numbers : angles)
      read.push_back(tensor(numbers, {rows, c.planes}));
    mlir::OwningOpRef<mlir::ModuleOp> rounding;
    if (c.roundsQueries)
      rounding = mlir::parseSourceString<mlir::ModuleOp>(attendModule(c, /*rounds=*/true),
                                                         attend.module().getContext());
    std::vector<Numbers> results;
    for (const reference::Datum &result : call(rounding ? *rounding : attend.module(), read))
      results.push_back(*std::get<reference::Tensor>(result).data);
    return results;
  }

  Case c;
  DispatchRunner append, attend;
  cpu::BlockLayout layout;
  GuardedBytes pool, table, lengths;
  std::shared_ptr<kv::CacheState> known;
  std::map<int64_t, int64_t> places;
};

/// Ragged steps, and more: prompts, entries without rows, decoding, a block that just fills up.
inline void compareSteps(Harness &harness, double tolerance, const std::vector<Step> &more = {}) {
  const Step steps[] = {
      {},         {{0, 5}, {3, 1}},          {{3, 63}, {1, 0}, {0, 70}}, {{0, 1}, {3, 1}, {1, 1}},
      {{1, 127}}, {{2, 200}, {0, 1}, {1, 2}}};
  std::vector<Step> all(std::begin(steps), std::end(steps));
  all.insert(all.end(), more.begin(), more.end());
  for (const Step &step : all) {
    SCOPED_TRACE("step " + std::to_string(&step - all.data()));
    auto [got, expected] = harness.run(step);
    for (size_t i = 0; i < got.size(); ++i)
      EXPECT_LE(relativeError(got[i], expected[i]), tolerance) << "result " << i;
  }
}

/// The bits of a sequence do not depend on how it is fed and what is fed beside it. `width` is the
/// number of results of one row.
inline void compareFeeds(Harness &harness, int64_t width, int64_t rows = 150) {
  auto feed = [&](const std::vector<Step> &steps) {
    harness.clear();
    Numbers ofFirstEntries;
    for (const Step &step : steps) {
      Numbers got = harness.run(step, /*compare=*/false).first[0];
      ofFirstEntries.insert(ofFirstEntries.end(), got.begin(), got.begin() + step[0].rows * width);
    }
    return ofFirstEntries;
  };
  Numbers whole = feed({{{1, rows}}});
  EXPECT_EQ(feed(std::vector<Step>(rows, Step{{1, 1}})), whole);
  EXPECT_EQ(feed({{{1, 64}}, {{1, 1}, {2, 3}}, {{1, rows - 70}}, {{1, 5}, {0, 40}, {2, 1}}}),
            whole);
}

} // namespace tern::test

#endif
