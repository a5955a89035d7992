// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The laws of kv's operations: what a row sees of the cache or of a state.
#include "ReferenceModule.h"

#include "dialects/KV/Reference/KVReference.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace tern;
using namespace tern::test;

namespace {

/// One layer, one head of width 1. Queries are 0, so that a row gives the mean of what it sees.
std::string step(llvm::StringRef flags) {
  return R"(
    tern.dim @T from 1 to 8
    tern.dim @B from 1 to 8
    func.func @f(%q: tensor<?x1x1xf32, #tern.dims<T>>, %v: tensor<?x1x1xf32, #tern.dims<T>>,
                 %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<1 x 1, 1, 1, f16>,
                 %b: !kv.batch<T, B>) -> tensor<?x1x1xf32, #tern.dims<T>> {
      %layer = arith.constant 0 : index
      %0 = kv.append %c, %v, %v, %p, %b at %layer : !kv.cache<1 x 1, 1, 1, f16>,
          tensor<?x1x1xf32, #tern.dims<T>>, tensor<?x1x1xf32, #tern.dims<T>>,
          tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
      %1 = kv.attend %q, %0, %p, %b at %layer scale 1.0 )" +
         flags.str() + R"( : tensor<?x1x1xf32, #tern.dims<T>>,
          !kv.cache<1 x 1, 1, 1, f16>, tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
      return %1 : tensor<?x1x1xf32, #tern.dims<T>>
    })";
}

/// Appends the values to their sequences, and attends.
std::vector<double> run(ReferenceModule &module, std::shared_ptr<kv::CacheState> cache,
                        std::vector<double> values, std::vector<double> positions,
                        std::vector<int64_t> starts, std::vector<int64_t> sequences) {
  auto batch = std::make_shared<kv::BatchState>();
  batch->starts = std::move(starts);
  batch->sequences = std::move(sequences);
  int64_t rows = values.size();
  auto results = module.call({tensor({rows, 1, 1}, std::vector<double>(rows, 0.0)),
                              tensor({rows, 1, 1}, std::move(values)),
                              tensor({rows}, std::move(positions)), cache, batch});
  EXPECT_EQ(results.size(), 1u) << module.errors();
  return results.empty() ? std::vector<double>() : numbersOf(results[0]);
}

TEST(KVReference, ARowSeesItsOwnSequenceUpToItself) {
  ReferenceModule module(step(""));
  auto cache = std::make_shared<kv::CacheState>();
  EXPECT_EQ(run(module, cache, {3, 6, 12}, {0, 1, 0}, {0, 2, 3}, {1, 0}), list({3, 4.5, 12}));
  EXPECT_EQ(run(module, cache, {9}, {2}, {0, 1}, {1}), list({6}));
}

TEST(KVReference, AWindowCountsPositions) {
  ReferenceModule module(step("window 2"));
  auto cache = std::make_shared<kv::CacheState>();
  EXPECT_EQ(run(module, cache, {3, 6, 12, 24}, {0, 1, 2, 7}, {0, 4}, {0}), list({3, 4.5, 9, 24}));
}

TEST(KVReference, WhatIsStoredIsRoundedToTheCachesType) {
  ReferenceModule module(step(""));
  auto cache = std::make_shared<kv::CacheState>();
  EXPECT_EQ(run(module, cache, {1 + std::ldexp(1, -11)}, {0}, {0, 1}, {0}), list({1}));
  EXPECT_EQ(run(module, cache, {1 + std::ldexp(3, -11)}, {0}, {0, 1}, {1}),
            list({1 + std::ldexp(1, -9)}));
}

/// What the slots hold after the step: keys are values here.
std::string slots(llvm::StringRef what, llvm::StringRef type) {
  return (R"(
    tern.dim @T from 1 to 8
    tern.dim @B from 1 to 8
    func.func @f(%q: tensor<?x1x1xf32, #tern.dims<T>>, %v: tensor<?x1x1xf32, #tern.dims<T>>,
                 %p: tensor<?xi32, #tern.dims<T>>, %c: !kv.cache<1 x 1, 1, 1, f16>,
                 %b: !kv.batch<T, B>) -> )" +
          type + R"( {
      %layer = arith.constant 0 : index
      %0 = kv.append %c, %v, %v, %p, %b at %layer : !kv.cache<1 x 1, 1, 1, f16>,
          tensor<?x1x1xf32, #tern.dims<T>>, tensor<?x1x1xf32, #tern.dims<T>>,
          tensor<?xi32, #tern.dims<T>>, !kv.batch<T, B>
      %1 = kv.)" +
          what + " : !kv.cache<1 x 1, 1, 1, f16>, " +
          (what.contains("%p") ? "tensor<?xi32, #tern.dims<T>>, " : "") + R"(!kv.batch<T, B>
      return %1 : )" +
          type + "\n}")
      .str();
}

// Sequence 1 holds 3 and then 6, sequence 0 gets 12: two slots for each of the rows.
TEST(KVReference, SlotsAreThoseOfARowsOwnSequence) {
  std::string numbers = "tensor<?x1x?x1xf32, #tern.dims<T, S>>";
  std::string whole = "tensor<?x1x?xi32, #tern.dims<T, S>>";
  std::string truth = "tensor<?x1x?xf32, #tern.dims<T, S>>";
  for (auto [what, type, expected] :
       {std::tuple("keys %0, %b at %layer slots \"S\"", numbers, list({3, 6, 3, 6, 12, 0})),
        std::tuple("values %0, %b at %layer slots \"S\"", numbers, list({3, 6, 3, 6, 12, 0})),
        std::tuple("positions %0, %b at %layer slots \"S\"", whole, list({4, 5, 4, 5, 7, 0})),
        std::tuple("visible %0, %p, %b at %layer slots \"S\"", truth, list({1, 0, 1, 1, 1, 0})),
        std::tuple("visible %0, %p, %b at %layer slots \"S\" window 1", truth,
                   list({1, 0, 0, 1, 1, 0}))}) {
    ReferenceModule module(slots(what, type));
    auto cache = std::make_shared<kv::CacheState>();
    EXPECT_EQ(run(module, cache, {3, 6, 12}, {4, 5, 7}, {0, 2, 3}, {1, 0}), expected) << what;
  }
}

TEST(KVReference, SlotsOfEarlierStepsCount) {
  ReferenceModule module(
      slots("visible %0, %p, %b at %layer slots \"S\"", "tensor<?x1x?xf32, #tern.dims<T, S>>"));
  auto cache = std::make_shared<kv::CacheState>();
  run(module, cache, {3, 6}, {0, 1}, {0, 2}, {1});
  EXPECT_EQ(run(module, cache, {9, 9}, {2, 3}, {0, 2}, {1}), list({1, 1, 1, 0, 1, 1, 1, 1}));
}

/// Calls an operation on the second layer of a state of two channels.
std::string recurrence(llvm::StringRef state, llvm::StringRef operation, llvm::StringRef types) {
  return (R"(
    tern.dim @T from 1 to 8
    tern.dim @B from 1 to 8
    func.func @f(%x: tensor<?x2xf32, #tern.dims<T>>, %w: tensor<2x2xf32>,
                 %in: tensor<?x2xf32, #tern.dims<T>>, %s: )" +
          state + R"(, %b: !kv.batch<T, B>) -> tensor<?x2xf32, #tern.dims<T>> {
      %layer = arith.constant 1 : index
      %y, %s1 = kv.)" +
          operation + ", %s, %b at %layer : " + types + ", " + state + R"(, !kv.batch<T, B>
      return %y : tensor<?x2xf32, #tern.dims<T>>
    })")
      .str();
}

std::vector<double> run(ReferenceModule &module, std::shared_ptr<kv::RecurrentState> state,
                        std::vector<double> x, std::vector<double> matrix, std::vector<double> in,
                        std::vector<int64_t> starts, std::vector<int64_t> sequences) {
  auto batch = std::make_shared<kv::BatchState>();
  batch->starts = std::move(starts);
  batch->sequences = std::move(sequences);
  int64_t rows = batch->starts.back();
  auto results = module.call({tensor({rows, 2}, std::move(x)), tensor({2, 2}, std::move(matrix)),
                              tensor({rows, 2}, std::move(in)), state, batch});
  EXPECT_EQ(results.size(), 1u) << module.errors();
  return results.empty() ? std::vector<double>() : numbersOf(results[0]);
}

TEST(KVReference, AConvolutionSeesTheRowsBeforeOfItsOwnSequence) {
  ReferenceModule module(recurrence("!kv.state<2, 1 x 2>", "convolve %x, %w",
                                    "tensor<?x2xf32, #tern.dims<T>>, tensor<2x2xf32>"));
  auto state = std::make_shared<kv::RecurrentState>();
  std::vector<double> weight{10, 1, 100, 2}, none(6);
  EXPECT_EQ(run(module, state, {1, 1, 2, 3, 5, 7}, weight, none, {0, 2, 3}, {1, 0}),
            list({1, 2, 12, 106, 5, 14}));
  EXPECT_EQ(run(module, state, {4, 4}, weight, {0, 0}, {0, 1}, {1}), list({24, 308}));
}

// With rates of -ln 2 a step of 1 halves the state.
TEST(KVReference, AScanDecaysAndAddsWhatARowSelects) {
  llvm::StringRef rows = "tensor<?x2xf32, #tern.dims<T>>";
  ReferenceModule module(
      recurrence("!kv.state<2, 2 x 2>", "scan %x, %x, %w, %in, %in",
                 (rows + ", " + rows + ", tensor<2x2xf32>, " + rows + ", " + rows).str()));
  auto state = std::make_shared<kv::RecurrentState>();
  double half = -std::log(2);
  std::vector<double> rate{half, 0, half, 0};
  // x = step = (1, 2): the states are x^2 in[n]; then they decay by 2^-1 and 2^-2, or not at all.
  EXPECT_TRUE(areNear(run(module, state, {1, 2}, rate, {1, 3}, {0, 1}, {4}), list({10, 40})));
  EXPECT_TRUE(areNear(run(module, state, {1, 2, 1, 2}, rate, {1, 1, 1, 3}, {0, 1, 2}, {4, 0}),
                      list({1.5 + 4, 5 + 16, 10, 40})));
}

} // namespace
