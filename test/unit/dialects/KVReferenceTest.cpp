// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The laws of kv's operations: what a row sees of the cache.
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

} // namespace
