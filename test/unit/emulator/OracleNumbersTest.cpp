// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Machine.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

/// Kernels of test/data/ptx that compute: bits, halves, functions.
using namespace tern::test;

static Machine load(const std::string &file, const std::string &name) {
  Machine machine(readPtx(file));
  machine.kernelName = name;
  return machine;
}

static uint32_t permuted(uint32_t a, uint32_t b, uint32_t s) {
  uint8_t bytes[8];
  std::memcpy(bytes, &a, 4);
  std::memcpy(bytes + 4, &b, 4);
  uint32_t out = 0;
  for (unsigned i = 0; i < 4; ++i) {
    unsigned choice = s >> (4 * i) & 15;
    uint32_t byte = bytes[choice & 7];
    out |= (choice & 8 ? (byte >> 7) * 255 : byte) << (8 * i);
  }
  return out;
}

static uint32_t reversed(uint32_t a) {
  uint32_t out = 0;
  for (unsigned i = 0; i < 32; ++i)
    out |= (a >> i & 1) << (31 - i);
  return out;
}

template <class T> static uint32_t dot4(uint32_t a, uint32_t b, uint32_t c) {
  int64_t sum = 0;
  for (unsigned i = 0; i < 32; i += 8)
    sum += int64_t{static_cast<T>(a >> i)} * static_cast<T>(b >> i);
  return static_cast<uint32_t>(sum + c);
}

TEST(OracleNumbers, Bits) {
  Machine machine = load("bits.ptx", "bits");
  std::mt19937 random(5);
  std::vector<uint32_t> in(130), out(16 * 128);
  std::generate(in.begin(), in.end(), random);
  in[3] = 0;
  in[9] = 0x80000000;
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  ASSERT_EQ(machine.run({1}, {128}, Parameters(x, y)), "");
  for (unsigned i = 0; i < 128; ++i) {
    uint32_t a = in[i], b = in[i + 1], c = in[i + 2];
    uint64_t both = uint64_t{b} << 32 | a;
    int32_t signedA = static_cast<int32_t>(a), signedB = static_cast<int32_t>(b);
    int64_t distance = std::abs(int64_t{signedA} - signedB);
    uint32_t wanted[16] = {permuted(a, b, c & 0x7777), // as CUDA's manual says of __byte_perm
                           static_cast<uint32_t>(both << (c & 31) >> 32),
                           static_cast<uint32_t>(both >> std::min(c & 63, 32u)),
                           reversed(a),
                           static_cast<uint32_t>(std::countl_zero(b)),
                           static_cast<uint32_t>(std::popcount(c)),
                           a ? static_cast<uint32_t>(std::countr_zero(a)) + 1 : 0,
                           dot4<uint8_t>(a, b, c),
                           dot4<int8_t>(a, b, c),
                           static_cast<uint32_t>(uint64_t{a} * b >> 32),
                           static_cast<uint32_t>(int64_t{signedA} * signedB >> 32),
                           (a & b) | (~a & c),
                           static_cast<uint32_t>(distance + c),
                           static_cast<uint32_t>((uint64_t{a} * b + c) >> 13),
                           a / (b | 1) + a % (c | 1),
                           static_cast<uint32_t>((uint64_t{a} << 32 | b) / (c | 1))};
    for (unsigned j = 0; j < 16; ++j)
      ASSERT_EQ(out[16 * i + j], wanted[j]) << i << " " << j;
  }
}

TEST(OracleNumbers, Votes) {
  Machine machine = load("bits.ptx", "votes");
  std::vector<uint32_t> in(64), out(8 * 64);
  for (unsigned i = 0; i < 64; ++i)
    in[i] = i < 32 ? i * 7 % 11 : 8;
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  ASSERT_EQ(machine.run({1}, {64}, Parameters(x, y)), "");
  for (unsigned i = 0; i < 64; ++i) {
    const uint32_t *warp = &in[i / 32 * 32];
    uint32_t above = 0, same = 0, odd = 0, sum = 0, most = 0, parity = 0;
    bool five = false;
    for (unsigned j = 0; j < 32; ++j) {
      above |= uint32_t{warp[j] > 3} << j;
      same |= uint32_t{warp[j] == in[i]} << j;
      odd |= (warp[j] & 1) << j;
      five |= warp[j] == 5;
      sum += warp[j], most = std::max(most, warp[j]), parity ^= warp[j];
    }
    uint32_t wanted[8] = {above,  five * 2u + 1,       same,   sum, most,
                          parity, in[i] & 1 ? odd : 0, ~0u + 1};
    for (unsigned j = 0; j < 8; ++j)
      ASSERT_EQ(out[8 * i + j], wanted[j]) << i << " " << j;
  }
}

static uint16_t halfOf(double value) {
  return std::bit_cast<uint16_t>(static_cast<_Float16>(value));
}
static float wide(uint16_t bits) { return static_cast<float>(std::bit_cast<_Float16>(bits)); }

TEST(OracleNumbers, Halves) {
  Machine machine = load("halves.ptx", "f16");
  std::mt19937 random(9);
  constexpr unsigned n = 256;
  std::vector<uint16_t> a(2 * n), b(2 * n), out(12 * n);
  for (auto *list : {&a, &b})
    for (uint16_t &value : *list)
      do
        value = static_cast<uint16_t>(random());
      while ((value & 0x7c00) == 0x7c00 || (value & 0x7fff) > 0x7000);
  std::vector<float> floats(n);
  std::vector<int> ints(n);
  auto x = machine.add(a, "a"), y = machine.add(b, "b"), z = machine.add(out, "out"),
       f = machine.add(floats, "floats"), w = machine.add(ints, "ints");
  ASSERT_EQ(machine.run({2}, {128}, Parameters(x, y, z, f, w)), "");
  for (unsigned i = 0; i < 2 * n; ++i) {
    // Sums and products of halves are exact in 80 bits, which are rounded once.
    long double p = wide(a[i]), q = wide(b[i]);
    auto rounded = [](long double value) {
      return std::bit_cast<uint16_t>(static_cast<_Float16>(value));
    };
    ASSERT_EQ(out[i], rounded(p + q)) << i;
    ASSERT_EQ(out[2 * n + i], rounded(p * q)) << i;
    ASSERT_EQ(out[4 * n + i], rounded(p * q + p)) << i;
    ASSERT_EQ(wide(out[6 * n + i]), std::max(wide(a[i]), -wide(b[i]))) << i;
    ASSERT_EQ(wide(out[10 * n + i]), wide(rounded(std::clamp<long double>(p - q, 0, 1)))) << i;
  }
  for (unsigned i = 0; i < n; ++i) {
    ASSERT_EQ(floats[i], wide(a[2 * i]) + wide(b[2 * i + 1]));
    ASSERT_EQ(ints[i], static_cast<int>(std::nearbyint(wide(a[2 * i]))));
    ASSERT_EQ(out[8 * n + 2 * i], halfOf(floats[i]));
    ASSERT_EQ(out[8 * n + 2 * i + 1], halfOf(ints[i]));
  }
}

/// Of all numbers of bf16, the one that is nearest, the even one of two.
static uint16_t nearestBf16(double value) {
  auto wideOf = [](uint32_t bits) { return double{std::bit_cast<float>(bits << 16)}; };
  uint32_t sign = std::signbit(value) ? 0x8000 : 0, low = 0, high = 0x7f7f;
  double size = std::fabs(value);
  while (low < high) {
    uint32_t middle = (low + high + 1) / 2;
    (wideOf(middle) <= size ? low : high) = wideOf(middle) <= size ? middle : middle - 1;
  }
  double down = size - wideOf(low), up = wideOf(low + 1) - size;
  uint32_t chosen = down < up || (down == up && low % 2 == 0) ? low : low + 1;
  return static_cast<uint16_t>(sign | chosen);
}

TEST(OracleNumbers, Bf16) {
  Machine machine = load("halves.ptx", "bf16");
  std::mt19937 random(11);
  constexpr unsigned n = 256;
  std::vector<float> a(2 * n), floats(n);
  for (float &value : a)
    value = std::ldexp(static_cast<float>(random()) / 0x1p31f - 1,
                       static_cast<int>(random() % 20) - 10);
  std::vector<uint16_t> out(8 * n);
  auto x = machine.add(a, "a"), z = machine.add(out, "out"), f = machine.add(floats, "floats");
  ASSERT_EQ(machine.run({2}, {128}, Parameters(x, z, f)), "");
  for (unsigned i = 0; i < 2 * n; ++i) {
    ASSERT_EQ(out[i], nearestBf16(a[i])) << i;
    double p = std::bit_cast<float>(uint32_t{out[i]} << 16);
    ASSERT_EQ(out[2 * n + i], nearestBf16(p * p + p)) << i;
    ASSERT_EQ(out[4 * n + i], nearestBf16(p * p)) << i;
    ASSERT_EQ(out[6 * n + i], nearestBf16(p + 1)) << i;
    if (i % 2 == 0) {
      ASSERT_EQ(floats[i / 2], static_cast<float>(2 * p));
    }
  }
}

TEST(OracleNumbers, Functions) {
  Machine machine = load("floats.ptx", "functions");
  std::vector<float> in(256), out(12 * 256);
  std::vector<double> wide(4 * 256);
  for (unsigned i = 0; i < 256; ++i)
    in[i] = static_cast<float>(static_cast<int>(i) - 128) / 20 + 0.003f;
  auto x = machine.add(in, "in"), y = machine.add(out, "out"), z = machine.add(wide, "wide");
  ASSERT_EQ(machine.run({1}, {256}, Parameters(x, y, z)), "");
  for (unsigned i = 0; i < 256; ++i) {
    double v = in[i], size = std::fabs(v);
    double wanted[11] = {std::exp(v),        std::log(double{std::fabs(in[i]) + 0.5f}),
                         std::sin(v),        std::cos(double{100.0f * in[i]}),
                         std::tanh(v),       1 / std::sqrt(size + 0.25),
                         std::sqrt(size),    v / (v * v + 1),
                         std::erf(v),        v / 3,
                         std::pow(size, 1.5)};
    for (unsigned j = 0; j < 11; ++j)
      ASSERT_NEAR(out[12 * i + j], wanted[j], 1e-6 * std::max(1.0, std::fabs(wanted[j])))
          << i << " " << j;
    ASSERT_EQ(wide[4 * i], v / (v * v + 1)) << i; // correctly rounded, as CUDA's manual says
    ASSERT_EQ(wide[4 * i + 1], std::sqrt(size)) << i;
    ASSERT_NEAR(wide[4 * i + 2], std::exp(v), 4e-16 * std::exp(v)) << i;
    ASSERT_EQ(wide[4 * i + 3], std::fma(v, v, 0.1)) << i;
  }
}

TEST(OracleNumbers, ParametersAndConstants) {
  struct Pair {
    float scale;
    double offset;
    int place[3];
  };
  Machine machine = load("floats.ptx", "structure");
  std::vector<int> out(64);
  auto y = machine.add(out, "out");
  Pair pair{1.5f, 10.25, {100, 200, 300}};
  for (int round = 1; round <= 2; ++round) {
    ASSERT_EQ(machine.run({1}, {64}, Parameters(pair, y)), "");
    for (int i = 0; i < 64; ++i)
      ASSERT_EQ(out[i], i == 1 ? 40 + 2 * round
                               : static_cast<int>(1.5f * static_cast<float>(1 << i % 8) + 10.25f) +
                                     100 * (i % 3 + 1))
          << i;
  }
}

TEST(OracleNumbers, Softmax) {
  Machine machine = load("floats.ptx", "softmax");
  constexpr unsigned rows = 3, n = 200;
  std::vector<float> in(rows * n), out(rows * n);
  for (unsigned i = 0; i < rows * n; ++i)
    in[i] = static_cast<float>(i * 37 % 101) / 10 - 5;
  auto x = machine.add(in, "in"), y = machine.add(out, "out", Contents::Uninitialised);
  ASSERT_EQ(machine.run({rows}, {128}, Parameters(x, y, n)), "");
  for (unsigned row = 0; row < rows; ++row) {
    double total = 0;
    for (unsigned i = 0; i < n; ++i)
      total += std::exp(double{in[row * n + i]});
    for (unsigned i = 0; i < n; ++i)
      ASSERT_NEAR(out[row * n + i], std::exp(double{in[row * n + i]}) / total, 1e-6);
  }
}
