// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/Limits.h"

#include "runtime/src/device/cpu/ThreadPool.h"

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <cstring>
#include <functional>
#include <new>
#include <thread>
#include <vector>

#include <immintrin.h>
#include <sys/mman.h>

namespace tern::bench {

//===- Loops --------------------------------------------------------------===//
// Twelve independent sums hide the latency of every instruction below on every CPU so far: 4 cycles
// times 2 a cycle, and some to spare. An empty asm makes a value unknown to the compiler.

static constexpr int sums = 12;
static constexpr int64_t rounds = 4'000'000;

/// A loop that runs `rounds` times over `sums` instructions of `operations` each.
struct Loop {
  void (*run)();
  double operations;
};

__attribute__((target("avx512f"))) static void fma512() {
  __m512 sum[sums] = {}, x = _mm512_setzero_ps();
  asm volatile("" : "+v"(x));
  for (int64_t i = 0; i < rounds; ++i)
    for (__m512 &s : sum)
      s = _mm512_fmadd_ps(x, x, s);
  for (__m512 &s : sum)
    asm volatile("" : : "v"(s));
}

__attribute__((target("avx2,fma"))) static void fma256() {
  __m256 sum[sums] = {}, x = _mm256_setzero_ps();
  asm volatile("" : "+x"(x));
  for (int64_t i = 0; i < rounds; ++i)
    for (__m256 &s : sum)
      s = _mm256_fmadd_ps(x, x, s);
  for (__m256 &s : sum)
    asm volatile("" : : "x"(s));
}

__attribute__((target("avx512f,avx512bf16"))) static void bf16Dot512() {
  __m512 sum[sums] = {};
  __m512i bits = _mm512_setzero_si512();
  asm volatile("" : "+v"(bits));
  __m512bh x = (__m512bh)bits;
  for (int64_t i = 0; i < rounds; ++i)
    for (__m512 &s : sum)
      s = _mm512_dpbf16_ps(s, x, x);
  for (__m512 &s : sum)
    asm volatile("" : : "v"(s));
}

__attribute__((target("avx512f,avx512vnni"))) static void int8Dot512() {
  __m512i sum[sums] = {}, x = _mm512_setzero_si512();
  asm volatile("" : "+v"(x));
  for (int64_t i = 0; i < rounds; ++i)
    for (__m512i &s : sum)
      s = _mm512_dpbusd_epi32(s, x, x);
  for (__m512i &s : sum)
    asm volatile("" : : "v"(s));
}

/// Without a dot product: three instructions for the sums of four products.
__attribute__((target("avx2"))) static void int8Dot256() {
  __m256i sum[sums] = {}, x = _mm256_setzero_si256(), ones = _mm256_set1_epi16(1);
  asm volatile("" : "+x"(x));
  for (int64_t i = 0; i < rounds; ++i)
    for (__m256i &s : sum) {
      asm volatile("" : "+x"(x)); // or the products of x would be made once for all sums
      s = _mm256_add_epi32(s, _mm256_madd_epi16(_mm256_maddubs_epi16(x, x), ones));
    }
  for (__m256i &s : sum)
    asm volatile("" : : "x"(s));
}

__attribute__((target("avx512f"))) static void read512(const std::byte *data, size_t bytes) {
  __m512i sum[4] = {};
  for (size_t i = 0; i + 256 <= bytes; i += 256)
    for (size_t part = 0; part < 4; ++part)
      sum[part] = _mm512_add_epi32(sum[part], _mm512_load_si512(data + i + 64 * part));
  for (__m512i &s : sum)
    asm volatile("" : : "v"(s));
}

__attribute__((target("avx2"))) static void read256(const std::byte *data, size_t bytes) {
  __m256i sum[4] = {};
  for (size_t i = 0; i + 128 <= bytes; i += 128)
    for (size_t part = 0; part < 4; ++part) {
      auto *at = reinterpret_cast<const __m256i *>(data + i + 32 * part);
      sum[part] = _mm256_add_epi32(sum[part], _mm256_load_si256(at));
    }
  for (__m256i &s : sum)
    asm volatile("" : : "x"(s));
}

//===- Choice -------------------------------------------------------------===//

static bool hasWide() { return __builtin_cpu_supports("avx512f"); }

static Loop f32Loop() { return hasWide() ? Loop{fma512, 32} : Loop{fma256, 16}; }

static Loop bf16Loop() {
  return hasWide() && __builtin_cpu_supports("avx512bf16") ? Loop{bf16Dot512, 64} : f32Loop();
}

static Loop int8Loop() {
  return hasWide() && __builtin_cpu_supports("avx512vnni") ? Loop{int8Dot512, 128}
                                                           : Loop{int8Dot256, 64};
}

//===- Measuring ----------------------------------------------------------===//

/// Seconds that `work` takes on all threads at once, each with its number.
static double secondsOf(int32_t threads, const std::function<void(int32_t)> &work) {
  std::barrier start(threads);
  std::vector<std::jthread> others;
  for (int32_t i = 1; i < threads; ++i)
    others.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  start.arrive_and_wait();
  auto begin = std::chrono::steady_clock::now();
  work(0);
  others.clear();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

static double rateOf(int32_t threads, const Loop &loop) {
  double seconds = secondsOf(threads, [&](int32_t) { loop.run(); });
  return loop.operations * sums * double(rounds) * threads / seconds * 1e-9;
}

/// With the pool that runs kernels, while its threads are awake.
static double launchMicroseconds(int32_t threads) {
  constexpr int jobs = 2000;
  runtime::ThreadPool pool(static_cast<unsigned>(threads));
  auto runAll = [&] {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < jobs; ++i)
      pool.run([](void *, unsigned, int64_t, int64_t) {}, nullptr, threads);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  std::array<double, 3> seconds;
  for (double &each : seconds)
    each = runAll();
  std::sort(seconds.begin(), seconds.end());
  return seconds[1] / jobs * 1e6;
}

LimitMeter::LimitMeter(int32_t threads) : threads(threads) {
  void *mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED)
    throw std::bad_alloc();
  madvise(mapped, bytes, MADV_HUGEPAGE); // only a wish: without it the read is a little slower
  memory = static_cast<std::byte *>(mapped);
  std::memset(memory, 1, bytes);
}

LimitMeter::~LimitMeter() { munmap(memory, bytes); }

Limits LimitMeter::measure() const {
  auto *read = hasWide() ? read512 : read256;
  size_t share = bytes / size_t(threads) / 4096 * 4096;
  std::array<double, 3> seconds;
  for (double &each : seconds)
    each = secondsOf(threads, [&](int32_t i) { read(memory + size_t(i) * share, share); });
  std::sort(seconds.begin(), seconds.end());
  Limits limits;
  limits.readGbs = double(share) * threads / seconds[1] * 1e-9;
  limits.f32Gflops = rateOf(threads, f32Loop());
  limits.bf16Gflops = rateOf(threads, bf16Loop());
  limits.int8Gops = rateOf(threads, int8Loop());
  limits.launchUs = launchMicroseconds(threads);
  return limits;
}

Limits mean(const Limits &left, const Limits &right) {
  return {(left.readGbs + right.readGbs) / 2, (left.f32Gflops + right.f32Gflops) / 2,
          (left.bf16Gflops + right.bf16Gflops) / 2, (left.int8Gops + right.int8Gops) / 2,
          (left.launchUs + right.launchUs) / 2};
}

} // namespace tern::bench
