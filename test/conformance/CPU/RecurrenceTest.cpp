// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Convolve and scan, on states as the runtime keeps them.
#include "dialects/KV/Reference/KVReference.h"
#include "test/conformance/CPU/DispatchRunner.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace tern;
using test::Dims;
using test::DispatchRunner;

namespace {

using Numbers = std::vector<double>;

struct Case {
  bool isScan;
  int64_t rows, width; ///< of the state
};

constexpr int64_t kLayers = 3, kLayer = 1, kSequences = 4;

std::string rowsOf(int64_t width) {
  return "tensor<?x" + std::to_string(width) + "xf32, #tern.dims<T>>";
}

std::string matrixOf(int64_t width, int64_t columns) {
  return "tensor<" + std::to_string(width) + "x" + std::to_string(columns) +
         "xf32, #tern.panels<32>>";
}

/// The tensors that the operation takes, in order.
std::vector<std::string> operandTypes(const Case &c) {
  std::string x = rowsOf(c.width);
  if (!c.isScan)
    return {x, matrixOf(c.width, c.rows + 1)};
  return {x, x, matrixOf(c.width, c.rows), rowsOf(c.rows), rowsOf(c.rows)};
}

std::string moduleOf(const Case &c) {
  std::string state = "!kv.state<" + std::to_string(kLayers) + ", " + std::to_string(c.rows) +
                      " x " + std::to_string(c.width) + ">";
  std::string types, arguments, outer, inner, operands;
  std::vector<std::string> all = operandTypes(c);
  all.insert(all.end(), {state, "!kv.batch<T, B>", "index"});
  for (size_t i = 0; i < all.size(); ++i) {
    std::string comma = i ? ", " : "", outside = "%a" + std::to_string(i),
                inside = "%b" + std::to_string(i);
    bool isLast = i + 1 == all.size();
    arguments += comma + outside + ": " + all[i];
    outer += comma + outside;
    inner += comma + inside + ": " + all[i];
    operands += (isLast ? " at " : comma) + inside;
    types += isLast ? "" : comma + all[i];
  }
  std::string results = "(" + rowsOf(c.width) + ", " + state + ")";
  return "tern.dim @T from 0 to 512\ntern.dim @B from 0 to 8\nfunc.func @f(" + arguments + ") -> " +
         results + " {\n%r:2 = tern.dispatch recurrence (" + outer + ") : (" + types +
         ", index) -> " + results + " {\n^bb0(" + inner + "):\n%y, %s = kv." +
         (c.isScan ? "scan " : "convolve ") + operands + " : " + types +
         "\ntern.yield %y, %s : " + rowsOf(c.width) + ", " + state +
         "\n}\nreturn %r#0, %r#1 : " + rowsOf(c.width) + ", " + state + "\n}\n";
}

/// Rows of one sequence that a step takes.
struct Entry {
  int64_t sequence, rows;
};
using Step = std::vector<Entry>;

/// The kernel of a case, states in memory, and the same states by reference.
class Harness {
public:
  Harness(const Case &c, const cpu::Target &target)
      : c(c), runner(moduleOf(c), cpu::emitRecurrence, target),
        blockBytes(kLayers * c.rows * static_cast<int64_t>(llvm::alignTo(c.width, 16)) * 4),
        pool(blockBytes * 2 * kSequences), table(4 * 2 * kSequences) {
    clear();
  }

  /// No sequence has a row.
  void clear() {
    std::fill_n(pool.data(), pool.size(), 0);
    for (int32_t i = 0; i < 2 * kSequences; ++i)
      table.as<int32_t>()[i] = (3 * i + 1) % (2 * kSequences); // in no order
    known = std::make_shared<kv::RecurrentState>();
    places.clear();
  }

  bool compiled() const { return runner.compiled(); }

  /// Runs one step and returns its result, and by reference too. A step that `fails` leaves the
  /// states as they were.
  std::pair<Numbers, Numbers> run(const Step &step, bool compare = true, bool fails = false) {
    std::vector<int32_t> rowEntry, rowStart{0}, slot;
    std::vector<Numbers> inputs = fixedInputs();
    auto before = places;
    for (const Entry &entry : step) {
      slot.push_back(static_cast<int32_t>(entry.sequence));
      for (int64_t i = 0; i < entry.rows; ++i)
        addRow(entry.sequence, inputs);
      rowEntry.insert(rowEntry.end(), entry.rows, static_cast<int32_t>(slot.size() - 1));
      rowStart.push_back(rowStart.back() + static_cast<int32_t>(entry.rows));
    }
    Dims dims{{"T", rowStart.back()}, {"B", static_cast<int64_t>(step.size())}};
    std::vector<std::unique_ptr<test::GuardedBytes>> memory;
    std::vector<test::Buffer> buffers;
    auto types = runner.dispatch().getInputs().getTypes();
    for (size_t i = 0; i < inputs.size(); ++i) {
      memory.push_back(i == matrix() ? packed(inputs[i]) : runner.store(inputs[i], types[i], dims));
      buffers.emplace_back(*memory.back());
    }
    auto result = runner.store({}, runner.dispatch().getResultTypes()[0], dims);
    buffers.insert(buffers.end(), {pool, table, rowEntry, rowStart, slot, *result});
    spoilWritten(slot);
    runner.call(buffers, dims, {kLayer});
    if (fails)
      places = before;
    else
      for (int32_t one : slot)
        std::swap(table.as<int32_t>()[2 * one], table.as<int32_t>()[2 * one + 1]);
    Numbers got = runner.load(*result, runner.dispatch().getResultTypes()[0], dims);
    return {got, compare ? refer(step, inputs, dims) : got};
  }

private:
  /// Which operand is the matrix.
  size_t matrix() const { return c.isScan ? 2 : 1; }

  /// A matrix [width, columns] as panels of 32 channels, the last one padded with zeroes.
  std::unique_ptr<test::GuardedBytes> packed(const Numbers &numbers) const {
    int64_t columns = static_cast<int64_t>(numbers.size()) / c.width;
    auto bytes = std::make_unique<test::GuardedBytes>(llvm::alignTo(c.width, 32) * columns * 4);
    std::fill_n(bytes->data(), bytes->size(), 0);
    for (int64_t channel = 0; channel < c.width; ++channel)
      for (int64_t column = 0; column < columns; ++column)
        bytes->as<float>()[(channel / 32 * columns + column) * 32 + channel % 32] =
            static_cast<float>(numbers[channel * columns + column]);
    return bytes;
  }

  /// What the step before last wrote must not matter.
  void spoilWritten(const std::vector<int32_t> &slots) {
    for (int32_t slot : slots)
      std::fill_n(pool.data() + table.as<int32_t>()[2 * slot + 1] * blockBytes, blockBytes, 0xff);
  }

  /// Matrices as they are for all steps; tensors of rows without rows.
  std::vector<Numbers> fixedInputs() const {
    if (!c.isScan)
      return {{}, test::randomNumbers((c.rows + 1) * c.width, 11)};
    Numbers rates = test::randomNumbers(c.rows * c.width, 12, 3);
    for (double &rate : rates)
      rate = -std::abs(rate);
    return {{}, {}, rates, {}, {}};
  }

  /// The next row of a sequence: its numbers depend on the sequence and the place alone.
  void addRow(int64_t sequence, std::vector<Numbers> &inputs) {
    auto seed = static_cast<uint32_t>(1000 * sequence + places[sequence]++);
    auto add = [&](Numbers &to, int64_t count, uint32_t salt) {
      Numbers fresh = test::randomNumbers(count, seed * 7 + salt, 2);
      to.insert(to.end(), fresh.begin(), fresh.end());
    };
    add(inputs[0], c.width, 1);
    if (!c.isScan)
      return;
    add(inputs[1], c.width, 2);
    for (auto at = inputs[1].end() - c.width; at != inputs[1].end(); ++at)
      *at = std::abs(*at); // steps
    add(inputs[3], c.rows, 3);
    add(inputs[4], c.rows, 4);
  }

  Numbers refer(const Step &step, const std::vector<Numbers> &inputs, const Dims &dims) {
    auto batch = std::make_shared<kv::BatchState>();
    batch->starts = {0};
    for (const Entry &entry : step) {
      batch->sequences.push_back(entry.sequence);
      batch->starts.push_back(batch->starts.back() + entry.rows);
    }
    std::vector<reference::Datum> arguments;
    auto types = runner.dispatch().getInputs().getTypes();
    for (size_t i = 0; i < inputs.size(); ++i) {
      std::vector<int64_t> shape = runner.shapeOf(types[i], dims);
      arguments.push_back(reference::Tensor{llvm::SmallVector<int64_t>(shape.begin(), shape.end()),
                                            std::make_shared<Numbers>(inputs[i])});
    }
    std::shared_ptr<reference::State> state = known, entries = batch;
    arguments.insert(arguments.end(), {state, entries, kLayer});
    reference::Interpreter interpreter(runner.module(), nullptr);
    reference::defineTern(interpreter);
    kv::defineKV(interpreter);
    auto results = interpreter.call("f", arguments);
    if (failed(results))
      llvm::report_fatal_error("the reference of a test's dispatch failed");
    return *std::get<reference::Tensor>((*results)[0]).data;
  }

  Case c;
  DispatchRunner runner;
  int64_t blockBytes;
  test::GuardedBytes pool, table;
  std::shared_ptr<kv::RecurrentState> known;
  std::map<int64_t, int64_t> places;
};

// Whole vectors, parts of one, more than one; rows in fours and not.
const Case kCases[] = {{false, 3, 64}, {false, 1, 7}, {false, 2, 40}, {false, 9, 16},
                       {true, 16, 64}, {true, 8, 7},  {true, 5, 40},  {true, 1, 16}};

/// Ragged steps: prompts, entries without rows, decoding.
const Step kSteps[] = {{},
                       {{0, 5}, {3, 1}},
                       {{3, 30}, {1, 0}, {0, 7}},
                       {{0, 1}, {3, 1}, {1, 1}},
                       {{2, 20}, {0, 1}, {1, 2}}};

struct RecurrenceTest : testing::TestWithParam<cpu::Target> {};

TEST_P(RecurrenceTest, computesWhatItsReferenceDoes) {
  for (const Case &c : kCases) {
    Harness harness(c, GetParam());
    ASSERT_TRUE(harness.compiled());
    for (const Step &step : kSteps) {
      auto [got, expected] = harness.run(step);
      EXPECT_LE(test::relativeError(got, expected), 2e-6)
          << "case " << &c - kCases << ", step " << &step - kSteps;
    }
  }
}

TEST_P(RecurrenceTest, givesTheSameBitsHoweverASequenceIsFed) {
  for (const Case &c : kCases) {
    Harness harness(c, GetParam());
    auto feed = [&](const std::vector<Step> &steps) {
      harness.clear();
      Numbers ofFirstEntries;
      for (const Step &step : steps) {
        Numbers got = harness.run(step, /*compare=*/false).first;
        ofFirstEntries.insert(ofFirstEntries.end(), got.begin(),
                              got.begin() + step[0].rows * c.width);
      }
      return ofFirstEntries;
    };
    Numbers whole = feed({{{1, 50}}});
    EXPECT_EQ(feed(std::vector<Step>(50, Step{{1, 1}})), whole) << "case " << &c - kCases;
    EXPECT_EQ(feed({{{1, 20}}, {{1, 1}, {2, 3}}, {{1, 24}}, {{1, 5}, {0, 40}, {2, 1}}}), whole)
        << "case " << &c - kCases;
  }
}

TEST_P(RecurrenceTest, leavesTheStateOfAFailedStepAlone) {
  for (const Case &c : kCases) {
    Harness harness(c, GetParam());
    harness.run({{1, 9}}, /*compare=*/false);
    Numbers failed = harness.run({{1, 4}}, /*compare=*/false, /*fails=*/true).first;
    EXPECT_EQ(harness.run({{1, 4}}, /*compare=*/false).first, failed) << "case " << &c - kCases;
  }
}

// Channels would not be neighbours.
TEST_P(RecurrenceTest, refusesAMatrixThatIsNotPacked) {
  for (const Case &c : {kCases[0], kCases[4]}) {
    std::string text = moduleOf(c);
    const std::string panels = ", #tern.panels<32>";
    for (size_t at; (at = text.find(panels)) != std::string::npos;)
      text.erase(at, panels.size());
    DispatchRunner runner(text, cpu::emitRecurrence, GetParam());
    EXPECT_FALSE(runner.compiled());
    EXPECT_NE(runner.diagnostic().find("expected weights that a load function packs"),
              std::string::npos)
        << runner.diagnostic();
  }
}

std::string nameOf(const testing::TestParamInfo<cpu::Target> &info) {
  std::string name = info.param.cpu;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(targets, RecurrenceTest, testing::ValuesIn(test::allTargets()), nameOf);

} // namespace
