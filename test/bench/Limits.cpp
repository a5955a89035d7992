// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/bench/Limits.h"

#include <cstring>
#include <ctime>
#include <sys/mman.h>

namespace tern::bench {

using cpu::KernelBuilder;
using cpu::Value;
using cpu::Values;

static constexpr int64_t kReadBytes = int64_t(1) << 28; // far beyond the caches
static constexpr int64_t kTurns = 1000000;
static constexpr int64_t kChains = 12; // more than latency times instructions a cycle

void *allocate(size_t bytes) {
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    llvm::report_fatal_error("no memory for a benchmark");
  madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void release(void *memory, size_t bytes) { munmap(memory, bytes); }

double seconds(llvm::function_ref<void()> call) {
  auto now = [] {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  double start = now();
  call();
  return now() - start;
}

/// Stores the sum of `values`, so that the loop before is not removed.
static void keep(KernelBuilder &k, const Values &values) {
  Value sum = values[0];
  for (Value value : llvm::drop_begin(values))
    sum = k.add(sum, value);
  k.store(sum, k.scratch());
}

static void readLoop(KernelBuilder &k) {
  constexpr int64_t streams = 4;
  int64_t bytes = 4 * k.lanes();
  auto type = k.vector(k.i32());
  Value memory = k.buffer(0);
  keep(k, k.loop(k.begin(), k.end(), streams * bytes, Values(streams, k.zero(type)),
                 [&](Value at, mlir::ValueRange carried) {
                   Values sums(carried);
                   for (int64_t i = 0; i < streams; ++i)
                     sums[i] = k.add(sums[i], k.load(type, k.address(memory, at), i * bytes,
                                                     static_cast<unsigned>(bytes)));
                   return sums;
                 }));
}

using Step = llvm::function_ref<Value(Value sum, Value operand)>;

/// `begin` to `end` turns of one instruction on each of many independent sums.
static void peakLoop(KernelBuilder &k, mlir::Type sumType, mlir::Type operandType, Step step) {
  Value operand = k.load(operandType, k.buffer(0), 0, 64);
  Values sums;
  for (int64_t i = 0; i < kChains; ++i)
    sums.push_back(k.load(sumType, k.buffer(0), 64 * i, 64));
  keep(k, k.loop(k.begin(), k.end(), 1, sums, [&](Value, mlir::ValueRange carried) {
    Values next;
    for (Value sum : carried)
      next.push_back(step(sum, operand));
    return next;
  }));
}

static void f32Loop(KernelBuilder &k) {
  auto type = k.vector(k.f32());
  peakLoop(k, type, type, [&](Value sum, Value x) { return k.fma(x, x, sum); });
}

static void bf16Loop(KernelBuilder &k) {
  auto type = k.vector(k.f32());
  peakLoop(k, type, k.vector(k.bf16(), 2 * k.lanes()), [&](Value sum, Value x) {
    return k.intrinsic("llvm.x86.avx512bf16.dpbf16ps.512", type, {sum, x, x});
  });
}

static void int8Loop(KernelBuilder &k) {
  auto type = k.vector(k.i32());
  bool wide = k.lanes() == 16;
  // Without a dot product: three instructions for the sums of four products.
  auto dotInThree = [&](Value sum, Value x) {
    mlir::Type words = k.vector(k.i16(), 2 * k.lanes());
    Value pairs = k.intrinsic(wide ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw",
                              words, {k.hide(x), x});
    return k.add(sum, k.intrinsic(wide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd",
                                  type, {pairs, k.integer(words, 1)}));
  };
  auto dot = [&](Value sum, Value x) {
    return k.intrinsic(wide ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256", type,
                       {sum, x, x});
  };
  peakLoop(k, type, k.vector(k.i8(), 4 * k.lanes()),
           [&](Value sum, Value x) { return k.target().vnni ? dot(sum, x) : dotInThree(sum, x); });
}

LimitMeter::LimitMeter(const cpu::Target &target) : target(target), memory(allocate(kReadBytes)) {
  image = test::build(target, [&](mlir::ModuleOp module) {
    KernelBuilder::define(module, target, "read", readLoop);
    KernelBuilder::define(module, target, "f32", f32Loop);
    if (target.bf16)
      KernelBuilder::define(module, target, "bf16", bf16Loop);
    KernelBuilder::define(module, target, "int8", int8Loop);
  });
  std::memset(memory, 0, kReadBytes);
}

LimitMeter::~LimitMeter() { release(memory, kReadBytes); }

Limits LimitMeter::measure() const {
  alignas(64) char scratch[64];
  void *buffers[] = {memory};
  auto rate = [&](const char *name, int64_t count, double work) {
    test::KernelFunction *loop = image->kernel(name);
    return work * 1e-9 / seconds([&] { loop(buffers, nullptr, scratch, 0, count); });
  };
  double lanes = static_cast<double>(kTurns) * kChains * static_cast<double>(target.lanes);
  return {rate("read", kReadBytes, kReadBytes), rate("f32", kTurns, 2 * lanes),
          target.bf16 ? rate("bf16", kTurns, 4 * lanes) : 0, rate("int8", kTurns, 8 * lanes)};
}

} // namespace tern::bench
