// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Machine.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

/// Kernels of test/data/ptx, which NVIDIA's compiler made from CUDA C++, against the same sums in
/// C++.
using namespace tern::test;

static std::vector<int> someInts(unsigned count, int least, int most, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<int> values(count);
  for (int &value : values)
    value = least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
  return values;
}

static std::vector<float> someFloats(unsigned count, float scale, unsigned seed = 1) {
  std::vector<int> ints = someInts(count, -1000, 1000, seed);
  std::vector<float> values(count);
  for (unsigned i = 0; i < count; ++i)
    values[i] = static_cast<float>(ints[i]) / 1000 * scale;
  return values;
}

/// A kernel of a file, run by 1 and by 3 threads.
class Oracle : public testing::TestWithParam<unsigned> {
protected:
  Machine load(const std::string &file, const std::string &name) {
    Machine machine(readPtx(file));
    machine.kernelName = name;
    machine.options.threads = GetParam();
    machine.options.seed = 7 + GetParam();
    return machine;
  }
};

INSTANTIATE_TEST_SUITE_P(Threads, Oracle, testing::Values(1, 3));

TEST_P(Oracle, AddsUpByShuffles) {
  Machine machine = load("reduce.ptx", "sum");
  std::vector<int> in = someInts(5000, -1000, 1000), out{7};
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  EXPECT_EQ(machine.run({6}, {192}, Parameters(x, y, 5000)), "");
  EXPECT_EQ(out[0], std::accumulate(in.begin(), in.end(), 7));
}

TEST_P(Oracle, ScansWarps) {
  Machine machine = load("reduce.ptx", "scan");
  std::vector<float> in = someFloats(256, 1), out(256);
  for (float &value : in)
    value = std::round(value * 100);
  auto x = machine.add(in, "in"), y = machine.add(out, "out", Contents::Uninitialised);
  EXPECT_EQ(machine.run({2}, {128}, Parameters(x, y)), "");
  std::vector<float> sums(256);
  for (unsigned i = 0; i < 256; ++i)
    sums[i] = in[i] + (i % 32 ? sums[i - 1] : 0);
  for (unsigned i = 0; i < 256; ++i)
    ASSERT_EQ(out[i], sums[i] + sums[i / 8 * 8 + 3]) << i;
}

TEST_P(Oracle, LetsTheLastBlockAddUp) {
  Machine machine = load("reduce.ptx", "last");
  std::vector<float> in(64 * 9, 1.5f), partial(9), out(1);
  auto x = machine.add(in, "in"), y = machine.add(partial, "partial", Contents::Uninitialised),
       z = machine.add(out, "out");
  for (int round = 0; round < 3; ++round) {
    out[0] = 0;
    EXPECT_EQ(machine.run({9}, {64}, Parameters(x, y, z)), "");
    EXPECT_EQ(out[0], 1.5f * 64 * 9);
  }
}

TEST_P(Oracle, CountsBytesByAtomics) {
  Machine machine = load("atomics.ptx", "histogram");
  std::vector<int> values = someInts(3000, 0, 255);
  std::vector<unsigned char> in(values.begin(), values.end());
  std::vector<unsigned> out(256);
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  EXPECT_EQ(machine.run({5}, {96}, Parameters(x, y, 3000)), "");
  for (unsigned i = 0; i < 256; ++i)
    ASSERT_EQ(out[i], static_cast<unsigned>(std::count(in.begin(), in.end(), i))) << i;
}

TEST_P(Oracle, FindsTheGreatestByCompareAndSwap) {
  Machine machine = load("atomics.ptx", "greatest");
  std::vector<float> in = someFloats(512, 50), out{-100};
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  EXPECT_EQ(machine.run({4}, {128}, Parameters(x, y)), "");
  EXPECT_EQ(out[0], *std::max_element(in.begin(), in.end()));
}

TEST_P(Oracle, UpdatesIntegers) {
  Machine machine = load("atomics.ptx", "integers");
  std::vector<int> in = someInts(256, 0, 1 << 20), out{1 << 30, 0, -1, 0, 0, 0, 3, 5, 0};
  std::vector<unsigned long long> wide(2);
  std::vector<float> sums(4);
  auto x = machine.add(in, "in"), y = machine.add(out, "out"), z = machine.add(wide, "wide"),
       w = machine.add(sums, "sums");
  EXPECT_EQ(machine.run({4}, {64}, Parameters(x, y, z, w)), "");
  int all = -1, any = 0, odd = 0, sum = 0, up = 3, down = 5;
  unsigned long long wideSum = 0;
  float floatSum = 0;
  double doubleSum = 0;
  for (int value : in) {
    all &= value, any |= value, odd ^= value, sum -= value;
    up = up >= 9 ? 0 : up + 1;
    down = down == 0 || down > 9 ? 9 : down - 1;
    wideSum += static_cast<unsigned long long>(value) << 20;
    floatSum += static_cast<float>(value) * 0.5f;
    doubleSum += value * 0.25;
  }
  int most = *std::max_element(in.begin(), in.end());
  EXPECT_EQ(out, (std::vector<int>{*std::min_element(in.begin(), in.end()), most, all, any, odd,
                                   sum, up, down, 7}));
  EXPECT_EQ(wide[0], wideSum);
  EXPECT_EQ(wide[1], static_cast<unsigned long long>(most) << 20);
  // In the order of CTAs, warps and lanes, on any number of threads.
  EXPECT_EQ(sums[0], floatSum);
  double wideFloat;
  std::memcpy(&wideFloat, &sums[2], 8);
  EXPECT_EQ(wideFloat, doubleSum);
}

TEST_P(Oracle, RunsLoopsOfDifferentLengths) {
  Machine machine = load("divergence.ptx", "collatz");
  std::vector<unsigned> in(300), out(300, 77);
  std::iota(in.begin(), in.end(), 1);
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  EXPECT_EQ(machine.run({3}, {128}, Parameters(x, y, 290)), "");
  for (unsigned i = 0; i < 290; ++i) {
    unsigned value = in[i], steps = 0;
    while (value != 1) {
      if (value % 2 == 0) {
        value /= 2;
      } else {
        value = 3 * value + 1;
        if (value % 64 == 0)
          continue;
      }
      if (++steps > 200)
        break;
    }
    ASSERT_EQ(out[i], steps) << i;
  }
  EXPECT_EQ(out[290], 77u);
  EXPECT_GT(machine.counts.divergentBranches, 100u);
}

TEST_P(Oracle, Switches) {
  Machine machine = load("divergence.ptx", "choose");
  std::vector<int> in = someInts(64, -1, 8), out(64);
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  EXPECT_EQ(machine.run({1}, {64}, Parameters(x, y)), "");
  for (int i = 0; i < 64; ++i) {
    int sum = 0;
    for (int j = 0; j < i; ++j)
      sum += in[j] * j;
    int wanted[] = {i * 3, i ^ 0x55, std::popcount(unsigned(i)), i << 7, sum, 1000 - i, i * i, -i};
    ASSERT_EQ(out[i], in[i] < 0 || in[i] > 7 ? 42 : wanted[in[i]]) << i;
  }
}

TEST_P(Oracle, KeepsArraysInLocalMemory) {
  Machine machine = load("divergence.ptx", "permute");
  std::vector<int> order{3, 0, 7, 12, 1, 15, 9, 4, 2, 11, 5, 14, 6, 8, 10, 13}, out(70);
  auto x = machine.add(order, "order"), y = machine.add(out, "out");
  EXPECT_EQ(machine.run({1}, {70}, Parameters(x, y)), "");
  for (int thread = 0; thread < 70; ++thread) {
    int places[16], total = 0;
    for (int i = 0; i < 16; ++i)
      places[i] = 100 * i + thread;
    for (int i = 0; i < 16; ++i)
      std::swap(places[i], places[order[(i + thread) % 16]]);
    for (int i = 0; i < 16; ++i)
      total = static_cast<int>(static_cast<unsigned>(total) * 3 + places[order[i]]);
    ASSERT_EQ(out[thread], total) << thread;
  }
  EXPECT_GT(machine.counts.local.written, 0u);
}

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

namespace {

uint16_t halfOf(float value) { return std::bit_cast<uint16_t>(static_cast<_Float16>(value)); }
uint16_t bf16Of(float value) { return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16); }

/// Rows of small whole numbers, so that every sum is exact in each format.
template <class T, class Encode>
std::vector<T> encode(const std::vector<int> &values, Encode &&encode) {
  std::vector<T> out;
  for (int value : values)
    out.push_back(encode(static_cast<float>(value)));
  return out;
}

/// c + a b for a of m x k by rows, b of k x 8 by columns.
std::vector<double> product(const std::vector<int> &a, const std::vector<int> &b,
                            const std::vector<int> &c, unsigned m, unsigned k) {
  std::vector<double> out(m * 8);
  for (unsigned i = 0; i < m; ++i)
    for (unsigned j = 0; j < 8; ++j) {
      double sum = c[i * 8 + j];
      for (unsigned l = 0; l < k; ++l)
        sum += static_cast<double>(a[i * k + l]) * b[j * k + l];
      out[i * 8 + j] = sum;
    }
  return out;
}

template <class T, class C, class Encode>
void checkProduct(Machine machine, unsigned m, unsigned k, Encode &&encodeOne) {
  std::vector<int> a = someInts(m * k, -8, 7, 2), b = someInts(8 * k, -8, 7, 3),
                   c = someInts(m * 8, -100, 100, 4);
  std::vector<T> x = encode<T>(a, encodeOne), y = encode<T>(b, encodeOne);
  std::vector<C> z(c.begin(), c.end());
  auto atX = machine.add(x, "a"), atY = machine.add(y, "b"), atZ = machine.add(z, "c");
  ASSERT_EQ(machine.run({1}, {32}, Parameters(atX, atY, atZ)), "");
  std::vector<double> wanted = product(a, b, c, m, k);
  for (unsigned i = 0; i < m * 8; ++i)
    ASSERT_EQ(static_cast<double>(z[i]), wanted[i]) << i;
  EXPECT_EQ(machine.counts.matrixOperations, 2 * m * 8 * k);
  constexpr bool isInteger = std::is_same_v<C, int>;
  EXPECT_EQ(machine.counts.integerMatrixOperations, isInteger ? 2 * m * 8 * k : 0);
}

} // namespace

TEST_P(Oracle, MultipliesHalves) {
  checkProduct<uint16_t, float>(load("matrices.ptx", "f16_k16"), 16, 16, halfOf);
  checkProduct<uint16_t, float>(load("matrices.ptx", "f16_k8"), 16, 8, halfOf);
}

TEST_P(Oracle, MultipliesBf16) {
  checkProduct<uint16_t, float>(load("matrices.ptx", "bf16_k8"), 16, 8, bf16Of);
}

TEST_P(Oracle, MultipliesTf32) {
  auto same = [](float value) { return value; };
  checkProduct<float, float>(load("matrices.ptx", "tf32_k4"), 16, 4, same);
  checkProduct<float, float>(load("matrices.ptx", "tf32_k8"), 16, 8, same);
}

TEST_P(Oracle, MultipliesDoubles) {
  auto same = [](float value) { return static_cast<double>(value); };
  checkProduct<double, double>(load("matrices.ptx", "f64_k4"), 8, 4, same);
}

TEST_P(Oracle, MultipliesBytes) {
  auto same = [](float value) { return static_cast<int8_t>(value); };
  checkProduct<int8_t, int>(load("matrices.ptx", "s8_k16"), 16, 16, same);
}

/// B is without sign.
template <unsigned bits> static void checkMixed(Machine machine, unsigned k) {
  int most = bits == 8 ? 255 : 15, half = (most + 1) / 2;
  std::vector<int> a = someInts(16 * k, -half, half - 1, 2), b = someInts(8 * k, 0, most, 3),
                   c = someInts(128, -100, 100, 4), z = c;
  auto pack = [](const std::vector<int> &values) {
    std::vector<uint8_t> out(values.size() * bits / 8);
    for (size_t i = 0; i < values.size(); ++i)
      out[i * bits / 8] |= static_cast<uint8_t>((values[i] & ((1 << bits) - 1)) << (i * bits % 8));
    return out;
  };
  std::vector<uint8_t> x = pack(a), y = pack(b);
  auto atX = machine.add(x, "a"), atY = machine.add(y, "b"), atZ = machine.add(z, "c");
  ASSERT_EQ(machine.run({1}, {32}, Parameters(atX, atY, atZ)), "");
  std::vector<double> wanted = product(a, b, c, 16, k);
  for (unsigned i = 0; i < 128; ++i)
    ASSERT_EQ(z[i], wanted[i]) << i;
}

TEST_P(Oracle, MultipliesBytesAndNibblesWithoutSign) {
  checkMixed<8>(load("matrices.ptx", "s8_k32"), 32);
  checkMixed<4>(load("matrices.ptx", "s4_k64"), 64);
}

TEST_P(Oracle, TurnsMatricesAsItLoadsThem) {
  Machine machine = load("matrices.ptx", "bf16_k16_turned");
  std::vector<int> a = someInts(256, -8, 7, 2), b = someInts(128, -8, 7, 3), none(128);
  std::vector<uint16_t> x = encode<uint16_t>(a, bf16Of), y(128);
  for (unsigned k = 0; k < 16; ++k)
    for (unsigned n = 0; n < 8; ++n)
      y[k * 8 + n] = bf16Of(static_cast<float>(b[n * 16 + k]));
  std::vector<float> z(128);
  auto atX = machine.add(x, "a"), atY = machine.add(y, "b"), atZ = machine.add(z, "c");
  ASSERT_EQ(machine.run({1}, {32}, Parameters(atX, atY, atZ)), "");
  std::vector<double> wanted = product(a, b, none, 16, 16);
  for (unsigned i = 0; i < 128; ++i)
    ASSERT_EQ(z[i], wanted[i]) << i;
}

TEST_P(Oracle, AccumulatesInHalves) {
  Machine machine = load("matrices.ptx", "f16_k16_halves");
  std::vector<int> a = someInts(256, -8, 7, 2), b = someInts(128, -8, 7, 3),
                   c = someInts(128, -100, 100, 4);
  std::vector<uint16_t> x = encode<uint16_t>(a, halfOf), y = encode<uint16_t>(b, halfOf),
                        z = encode<uint16_t>(c, halfOf);
  auto atX = machine.add(x, "a"), atY = machine.add(y, "b"), atZ = machine.add(z, "c");
  ASSERT_EQ(machine.run({1}, {32}, Parameters(atX, atY, atZ)), "");
  std::vector<double> wanted = product(a, b, c, 16, 16);
  for (unsigned i = 0; i < 128; ++i)
    ASSERT_EQ(z[i], halfOf(static_cast<float>(wanted[i]))) << i;
}

//===----------------------------------------------------------------------===//
// Copies, barriers, shared memory
//===----------------------------------------------------------------------===//

TEST_P(Oracle, CopiesSomeStagesAhead) {
  for (unsigned n : {4u, 1021u, 1024u, 2500u}) {
    Machine machine = load("pipeline.ptx", "stages");
    std::vector<float> in(n), out(64);
    for (unsigned i = 0; i < n; ++i)
      in[i] = static_cast<float>(i % 97);
    auto x = machine.add(in, "in"), y = machine.add(out, "out", Contents::Uninitialised);
    ASSERT_EQ(machine.run({1}, {64}, Parameters(x, y, n)), "");
    for (unsigned thread = 0; thread < 64; ++thread) {
      float total = 0;
      for (unsigned first = 0; first < n; first += 256)
        for (unsigned i = 0; i < 4; ++i) {
          unsigned place = first + (thread * 4 + 128 + i) % 256;
          total += place < n ? in[place] : 0;
        }
      ASSERT_EQ(out[thread], total) << n << " " << thread;
    }
  }
}

TEST_P(Oracle, CopiesByTheBuiltin) {
  Machine machine = load("pipeline.ptx", "builtin");
  std::vector<int> in = someInts(128, 0, 1000), out(128);
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  ASSERT_EQ(machine.run({1}, {128}, Parameters(x, y)), "");
  for (unsigned i = 0; i < 128; ++i)
    ASSERT_EQ(out[i], in[127 - i]);
}

TEST_P(Oracle, ExchangesByNamedBarriers) {
  Machine machine = load("barriers.ptx", "exchange");
  std::vector<int> in = someInts(64 * 6, 0, 1000), out(64);
  auto x = machine.add(in, "in"), y = machine.add(out, "out");
  ASSERT_EQ(machine.run({1}, {128}, Parameters(x, y, 6)), "");
  for (unsigned lane = 0; lane < 64; ++lane) {
    int total = 0;
    for (unsigned i = 0; i < 6; ++i)
      total = total * 3 + in[i * 64 + 63 - lane];
    ASSERT_EQ(out[lane], total) << lane;
  }
}

TEST_P(Oracle, ReducesAtBarriers) {
  for (int special : {0, -1, 77}) {
    Machine machine = load("barriers.ptx", "agree");
    std::vector<int> in = someInts(96, 0, 9), out(96);
    in[50] = special;
    auto x = machine.add(in, "in"), y = machine.add(out, "out");
    ASSERT_EQ(machine.run({1}, {96}, Parameters(x, y)), "");
    auto above = std::count_if(in.begin(), in.end(), [](int value) { return value > 3; });
    int wanted = static_cast<int>(above) * 4 + (special >= 0 ? 2 : 0) + (special == 77 ? 1 : 0);
    for (int value : out)
      ASSERT_EQ(value, wanted);
  }
}

TEST_P(Oracle, CountsConflictsOfBanks) {
  for (bool isPadded : {false, true}) {
    Machine machine = load("transpose.ptx", isPadded ? "padded" : "conflicts");
    std::vector<float> in = someFloats(1024, 1), out(1024);
    auto x = machine.add(in, "in"), y = machine.add(out, "out");
    ASSERT_EQ(machine.run({1}, {32, 8}, Parameters(x, y)), "");
    for (unsigned i = 0; i < 1024; ++i)
      ASSERT_EQ(out[i], in[i % 32 * 32 + i / 32]);
    // 32 rows are written in one pass each; 32 columns are read in one or in 32.
    EXPECT_EQ(machine.counts.sharedPassesIdeal, 64u);
    EXPECT_EQ(machine.counts.sharedPasses, isPadded ? 64u : 32u + 32 * 32);
    EXPECT_EQ(machine.counts.globalSectors, 256u);
    EXPECT_EQ(machine.counts.globalSectorsIdeal, 256u);
    EXPECT_EQ(machine.counts.shared.read, 4096u);
    EXPECT_EQ(machine.counts.global.written, 4096u);
  }
}
