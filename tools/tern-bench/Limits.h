// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_BENCH_LIMITS_H
#define TERN_TOOLS_TERN_BENCH_LIMITS_H

#include <cstddef>
#include <cstdint>

namespace tern::bench {

/// What the machine can do at best, all threads together. Operations count a multiplication and an
/// addition as two.
struct Limits {
  double readGbs = 0; ///< sequential read, 1e9 bytes a second
  double f32Gflops = 0;
  double bf16Gflops = 0; ///< f32's where the CPU has no instruction for bf16
  double int8Gops = 0;
  double launchUs = 0; ///< to start a kernel on all threads and wait for its end, in 1e-6 seconds
};

/// Each figure the mean of both.
Limits mean(const Limits &left, const Limits &right);

/// Measures the limits. Holds 1 GiB of memory to read.
class LimitMeter {
public:
  explicit LimitMeter(int32_t threads);
  LimitMeter(const LimitMeter &) = delete;
  LimitMeter &operator=(const LimitMeter &) = delete;
  ~LimitMeter();

  /// Takes about a third of a second.
  Limits measure() const;

  static constexpr size_t bytes = size_t(1) << 30;

private:
  int32_t threads;
  std::byte *memory;
};

} // namespace tern::bench

#endif
