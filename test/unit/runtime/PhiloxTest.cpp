// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Philox.h"

#include <gtest/gtest.h>

using namespace tern::runtime;

using Words = std::array<uint32_t, 4>;

// The known answers of the authors' Random123, kat_vectors, philox4x32 10.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0}, {0, 0, 0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones}, {ones, ones, ones, ones}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, UniformNumbersLieBelowOne) {
  double sum = 0;
  for (uint64_t step = 0; step < 10000; ++step) {
    float number = uniform(1, 2, step);
    ASSERT_GE(number, 0.0f);
    ASSERT_LT(number, 1.0f);
    sum += double(number);
  }
  // Standard deviation of the mean: 0.0029.
  EXPECT_NEAR(sum / 10000, 0.5, 0.012);
}

TEST(Philox, SeedRequestAndStepAllCount) {
  float base = uniform(1, 2, 3);
  EXPECT_EQ(base, uniform(1, 2, 3));
  for (float other :
       {uniform(2, 2, 3), uniform(1, 3, 3), uniform(1, 2, 4),
        uniform(1 + (uint64_t(1) << 32), 2, 3), uniform(1, 2 + (uint64_t(1) << 32), 3),
        uniform(1, 2, 3 + (uint64_t(1) << 32))})
    EXPECT_NE(base, other);
}
