// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_BENCH_LIMITS_H
#define TERN_TEST_BENCH_LIMITS_H

#include "test/conformance/CPU/MappedImage.h"

namespace tern::bench {

/// What one thread of this machine can do, in 1e9 bytes or operations a second; 0 where the target
/// lacks the instruction.
struct Limits {
  double read; // sequential, from memory
  double f32;  // fma, 2 operations a lane
  double bf16; // vdpbf16ps, 4 a lane
  double int8; // vpdpbusd or the three instructions that do its work, 8 a lane
};

/// Measures limits by generated loops, so that they use the same instructions as kernels.
class LimitMeter {
public:
  explicit LimitMeter(const cpu::Target &target);
  ~LimitMeter();
  LimitMeter(const LimitMeter &) = delete;
  LimitMeter &operator=(const LimitMeter &) = delete;
  /// About a fifth of a second.
  Limits measure() const;

private:
  cpu::Target target;
  std::unique_ptr<test::MappedImage> image;
  void *memory;
};

/// Memory in huge pages where the system gives them.
void *allocate(size_t bytes);
void release(void *memory, size_t bytes);
/// Seconds that this thread runs in one call: what others take of the processor is not counted.
double seconds(llvm::function_ref<void()> call);

} // namespace tern::bench

#endif
