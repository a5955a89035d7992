// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/KernelBuilder.h"
#include "test/conformance/CPU/MappedImage.h"
#include "test/conformance/CPU/Operands.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

using namespace tern;
using cpu::KernelBuilder;
using cpu::Value;
using cpu::Values;

namespace {

struct KernelBuilderTest : testing::TestWithParam<cpu::Target> {
  /// Runs one kernel over all of `buffers` once.
  void run(KernelBuilder::Body body, std::vector<void *> buffers, std::vector<int64_t> sizes = {},
           int64_t tiles = 1) {
    auto image = test::build(GetParam(), [&](mlir::ModuleOp module) {
      KernelBuilder::define(module, GetParam(), "k", body);
    });
    alignas(64) char scratch[256];
    image->kernel("k")(buffers.data(), sizes.data(), scratch, 0, tiles);
  }
};

TEST_P(KernelBuilderTest, tilesOfAnAffineMap) {
  std::vector<float> in(70), out(70, -1);
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = static_cast<float>(i);
  run(
      [](KernelBuilder &k) {
        Value from = k.buffer(0), to = k.buffer(1), offset = k.size(0);
        k.forEachTile([&](Value tile) {
          Value bytes = k.mul(tile, 4 * 16);
          auto type = k.vector(k.f32(), 16);
          Value x = k.load(type, k.address(from, bytes));
          Value shift = k.broadcast(k.toFloat(k.truncate(offset, k.i32())), 16);
          k.store(k.fma(x, k.constant(type, 2.0), shift), k.address(to, bytes));
        });
      },
      {in.data(), out.data()}, {7}, 4);
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_EQ(out[i], i < 64 ? 2.0f * in[i] + 7 : -1) << i;
}

TEST_P(KernelBuilderTest, tailsTouchNothingBeyondThem) {
  std::vector<float> in{1, 2, 3, 4, 5}, out(16, -1);
  run(
      [](KernelBuilder &k) {
        Value x = k.loadFirst(k.vector(k.f32()), 3, k.buffer(0));
        k.storeFirst(k.add(x, 1), 5, k.buffer(1));
        k.store(k.reduceAdd(x), k.buffer(1), 4 * 15);
      },
      {in.data(), out.data()});
  std::vector<float> expected{2, 3, 4, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 6};
  EXPECT_EQ(out, expected);
}

/// For each number of lanes, also 1: LLVM may fuse the narrowing into the store.
TEST_P(KernelBuilderTest, tailsOfNarrowedVectors) {
  int64_t lanes = GetParam().lanes;
  std::vector<float> in(lanes, 2.5f);
  for (int64_t count = 1; count <= lanes; ++count) {
    test::GuardedBytes f16(2 * count), bf16(2 * count), i8(count);
    run(
        [&](KernelBuilder &k) {
          Value x = k.load(k.vector(k.f32()), k.buffer(0));
          k.storeFirst(k.convertFloat(x, k.f16()), count, k.buffer(1), 0, 1);
          k.storeFirst(k.convertFloat(x, k.bf16()), count, k.buffer(2), 0, 1);
          Value bits = k.bitcast(x, k.vector(k.i32()));
          k.storeFirst(k.truncate(k.shiftRight(bits, 16), k.i8()), count, k.buffer(3), 0, 1);
        },
        {in.data(), f16.data(), bf16.data(), i8.data()});
    for (int64_t i = 0; i < count; ++i) {
      EXPECT_EQ(f16.as<uint16_t>()[i], 0x4100);
      EXPECT_EQ(bf16.as<uint16_t>()[i], 0x4020);
      EXPECT_EQ(i8.as<uint8_t>()[i], 0x20);
    }
  }
}

TEST_P(KernelBuilderTest, loopsAndBranchesCarryValues) {
  std::vector<int64_t> out(3, 0);
  run(
      [](KernelBuilder &k) {
        Value n = k.size(0), to = k.buffer(0);
        Values sums = k.loop(k.index(0), n, 1, {k.index(0), k.index(1)},
                             [&](Value i, mlir::ValueRange carried) {
                               return Values{k.add(carried[0], i), k.mul(carried[1], 2)};
                             });
        k.store(sums[0], to, 0);
        Value isLarge = k.compare(KernelBuilder::IntPredicate::sgt, sums[1], 100);
        Values clamped = k.choose(
            isLarge, k.i64(), [&] { return Values{k.index(100)}; },
            [&] { return Values{sums[1]}; });
        k.store(clamped[0], to, 8);
        k.when(isLarge, [&] { k.store(k.index(-5), to, 16); });
      },
      {out.data()}, {10});
  EXPECT_EQ(out, (std::vector<int64_t>{45, 100, -5}));
}

uint16_t roundToBF16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

TEST_P(KernelBuilderTest, roundsToBF16AsHalfToEven) {
  std::vector<float> in{1.0f,   -2.5f,    1.00390625f, 1.01171875f, 3.14159f, 1e-3f,
                        -7e20f, INFINITY, -INFINITY,   0.0f,        -0.0f,    65504.f,
                        1e38f,  3.4e38f,  1.0039063f,  1.0039062f};
  in.push_back(std::numeric_limits<float>::quiet_NaN());
  std::vector<uint16_t> out(17);
  std::vector<float> back(17);
  run(
      [](KernelBuilder &k) {
        Value vector = k.convertFloat(k.load(k.vector(k.f32(), 16), k.buffer(0)), k.bf16());
        k.store(vector, k.buffer(1), 0, 2);
        Value scalar = k.convertFloat(k.load(k.f32(), k.buffer(0), 64), k.bf16());
        k.store(scalar, k.buffer(1), 32, 2);
        k.store(k.convertFloat(vector, k.f32()), k.buffer(2));
        k.store(k.convertFloat(scalar, k.f32()), k.buffer(2), 64);
      },
      {in.data(), out.data(), back.data()});
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(out[i], roundToBF16(in[i])) << in[i];
    EXPECT_EQ(std::bit_cast<uint32_t>(back[i]), static_cast<uint32_t>(out[i]) << 16);
  }
  EXPECT_TRUE(std::isnan(back[16]));
}

TEST_P(KernelBuilderTest, convertsF16) {
  std::vector<float> in{1.0f, -2.5f, 65504.f, 1e-6f, 0.1f, 1e6f, -0.0f, 3.0f};
  std::vector<_Float16> out(9);
  std::vector<float> back(9);
  run(
      [](KernelBuilder &k) {
        Value vector = k.convertFloat(k.load(k.vector(k.f32(), 8), k.buffer(0)), k.f16());
        k.store(vector, k.buffer(1), 0, 2);
        Value scalar = k.convertFloat(k.load(k.f32(), k.buffer(0), 16), k.f16());
        k.store(scalar, k.buffer(1), 16, 2);
        k.store(k.convertFloat(vector, k.f32()), k.buffer(2));
        k.store(k.convertFloat(scalar, k.f32()), k.buffer(2), 32);
      },
      {in.data(), out.data(), back.data()});
  for (size_t i = 0; i < 9; ++i) {
    _Float16 expected = static_cast<_Float16>(i < 8 ? in[i] : in[4]);
    EXPECT_EQ(std::bit_cast<uint16_t>(out[i]), std::bit_cast<uint16_t>(expected));
    EXPECT_EQ(back[i], static_cast<float>(expected));
  }
}

TEST_P(KernelBuilderTest, clearingLoopsCallNothing) {
  std::vector<float> out(1000, 1);
  run(
      [](KernelBuilder &k) {
        Value to = k.buffer(0);
        k.loop(k.index(0), k.size(0), 1,
               [&](Value i) { k.store(k.zero(k.f32()), k.address(to, k.mul(i, 4))); });
      },
      {out.data()}, {999});
  EXPECT_EQ(out[998], 0);
  EXPECT_EQ(out[999], 1);
}

INSTANTIATE_TEST_SUITE_P(targets, KernelBuilderTest, testing::ValuesIn(test::runnableTargets()),
                         [](const auto &info) { return test::testName(info.param); });

TEST(CodeImage, refusesCalls) {
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  cpu::Target target = test::expected(cpu::Target::named("haswell"));
  KernelBuilder::define(*module, target, "k", [](KernelBuilder &k) {
    Value x = k.load(k.f32(), k.buffer(0));
    k.store(k.intrinsic("llvm.exp.f32", k.f32(), {x}), k.buffer(0));
  });
  auto image = cpu::compile(*module, target);
  ASSERT_FALSE(static_cast<bool>(image));
  EXPECT_EQ(llvm::toString(image.takeError()),
            "code for the CPU: expected kernels that call nothing, found a use of 'expf'");
}

TEST(CodeImage, sameModuleSameBytes) {
  cpu::Target target = test::expected(cpu::Target::named("haswell"));
  std::vector<uint8_t> bytes[2];
  for (auto &result : bytes) {
    mlir::MLIRContext context;
    mlir::OwningOpRef<mlir::ModuleOp> module =
        mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
    for (const char *name : {"first", "second"})
      KernelBuilder::define(*module, target, name, [](KernelBuilder &k) {
        k.store(k.constant(k.vector(k.f32()), 1.5), k.buffer(0));
      });
    cpu::CodeImage image = test::expected(cpu::compile(*module, target));
    EXPECT_EQ(image.offsets.size(), 2u);
    result = image.bytes;
  }
  EXPECT_EQ(bytes[0], bytes[1]);
}

TEST(Target, namesAndFeatures) {
  cpu::Target zen = test::expected(cpu::Target::named("znver5"));
  EXPECT_EQ(zen.lanes, 16);
  EXPECT_TRUE(zen.vnni && zen.bf16);
  cpu::Target haswell = test::expected(cpu::Target::named("haswell"));
  EXPECT_EQ(haswell.lanes, 8);
  EXPECT_FALSE(haswell.vnni || haswell.bf16 || haswell.avx512);
  EXPECT_EQ(haswell.featureString(), "+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+movbe,+popcnt");
  cpu::Target alderlake = test::expected(cpu::Target::named("alderlake"));
  EXPECT_EQ(alderlake.lanes, 8);
  EXPECT_TRUE(alderlake.vnni && !alderlake.avx512);
  EXPECT_EQ(llvm::toString(cpu::Target::named("z80").takeError()),
            "target CPU: expected 'native' or a 64-bit x86 processor known to LLVM, found 'z80'");
  EXPECT_EQ(llvm::toString(cpu::Target::named("nehalem").takeError()),
            "target CPU 'nehalem': expected at least AVX2, FMA and F16C, found no avx2");
}

} // namespace
