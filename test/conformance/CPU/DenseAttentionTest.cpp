// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchLaw.h"

#include <gtest/gtest.h>

using namespace tern;
using test::DispatchLaw;

namespace {

/// A line is a softmax of scores of width 24 at most, each rounded 24 times by 6e-8 of their size,
/// and a mean of values below 2. f16 results are rounded once more to 5e-4. A code is off by one
/// where the kernel rounds the other way, by 1/127 of the largest number of its block.
constexpr double kLine = 3e-6, kHalf = 8e-4, kCode = 1.0 / 127 + kLine;

const DispatchLaw kLaws[] = {
    {"all see all", "T 4 16 f32; S 4 16 f32; S 4 16 f32", "T 4 16 f32", R"(
      %0 = tern.attention %a, %b, %c scale 0.25 : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kLine},
    {"causal, groups of heads, odd widths", "T 4 20 f32; S 2 20 f32; S 2 7 f32", "T 4 7 f32", R"(
      %0 = tern.attention %a, %b, %c scale 0.25 causal : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kLine},
    {"a window", "T 2 16 f32; S 2 16 f32; S 2 24 f32", "T 2 24 f32", R"(
      %0 = tern.attention %a, %b, %c scale 0.25 causal window 9 : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kLine},
    {"a window that is not causal", "T 1 16 f32; S 1 16 f32; S 1 16 f32", "T 1 16 f32", R"(
      %0 = tern.attention %a, %b, %c scale 0.25 window 70 : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kLine},
    {"a soft cap", "T 2 16 f32; S 2 16 f32; S 2 16 f32", "T 2 16 f32", R"(
      %0 = tern.attention %a, %b, %c scale 0.5 soft_cap 3.0 : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kLine},
    {"a mask", "T 2 16 f32; S 1 16 bf16; S 1 16 bf16; T S f32", "T 2 16 f32", R"(
      %0 = tern.attention %a, %b, %c mask %d scale 0.25 : {0}, {1}, {2}, {3}
      tern.yield %0 : {4})",
     kLine},
    {"a mask of each head", "T 4 16 f32; S 2 16 f32; S 2 16 f32; 4 T S f32", "T 4 16 f32", R"(
      %0 = tern.attention %a, %b, %c mask %d scale 0.25 : {0}, {1}, {2}, {3}
      tern.yield %0 : {4})",
     kLine},
    {"f16", "T 2 16 f16; S 2 16 f16; S 2 16 f16; T S f16", "T 2 16 f16", R"(
      %0 = tern.attention %a, %b, %c mask %d scale 0.25 causal : {0}, {1}, {2}, {3}
      tern.yield %0 : {4})",
     kHalf},
    {"heads side by side, narrowed", "T 4 16 f32; S 4 16 f32; S 4 24 f32", "T 96 f16", R"(
      %0 = tern.attention %a, %b, %c scale 0.25 : {0}, {1}, {2}
      %1 = tern.reshape %0 : tensor<?x4x24xf32, #tern.dims<T>> to tensor<?x96xf32, #tern.dims<T>>
      %2 = tern.cast %1 : tensor<?x96xf32, #tern.dims<T>> to {3}
      tern.yield %2 : {3})",
     kHalf},
    {"heads side by side, in blocks", "T 4 16 f32; S 2 16 f32; S 2 64 f32",
     "T 256 !tern.block<8,32,f32>", R"(
      %0 = tern.attention %a, %b, %c scale 0.25 causal : {0}, {1}, {2}
      %1 = tern.reshape %0 : tensor<?x4x64xf32, #tern.dims<T>> to tensor<?x256xf32, #tern.dims<T>>
      %2 = tern.quantise %1 {correction = "scaled"}
        : tensor<?x256xf32, #tern.dims<T>> to {3}
      tern.yield %2 : {3})",
     kCode},
    {"gates of each element, before and after heads are side by side",
     "T 3 16 f32; S 3 16 f32; S 3 19 f32; T 3 19 f32; T 57 f32", "T 57 f32", R"(
      %0 = tern.attention %a, %b, %c scale 0.25 : {0}, {1}, {2}
      %1 = tern.mul %0, %d : {3}, {3}
      %2 = tern.reshape %1 : {3} to {4}
      %3 = tern.silu %e : {4}
      %4 = tern.add %2, %3 : {4}, {4}
      tern.yield %4 : {5})",
     2 * kLine},
    {"more heads of a group than lines at once", "T 100 8 f32; S 1 8 f32; S 1 8 f32", "T 100 8 f32",
     R"(
      %0 = tern.attention %a, %b, %c scale 0.25 causal : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kLine},
};

struct DenseAttentionTest : testing::TestWithParam<cpu::Target> {};

TEST_P(DenseAttentionTest, agreesWithTheReference) {
  for (const DispatchLaw &law : kLaws)
    test::checkLaw(law, Schema::attention, cpu::emitAttention, GetParam(),
                   {{0, 3}, {1, 1}, {1, 130}, {5, 17}, {3, 64}, {70, 66}, {130, 130}});
}

INSTANTIATE_TEST_SUITE_P(targets, DenseAttentionTest, testing::ValuesIn(test::allTargets()),
                         [](const auto &info) { return test::targetName(info.param); });

} // namespace
