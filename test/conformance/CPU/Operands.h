// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_CONFORMANCE_CPU_OPERANDS_H
#define TERN_TEST_CONFORMANCE_CPU_OPERANDS_H

#include "passes/CPU/Contraction.h"

#include <cstdint>
#include <span>
#include <vector>

namespace tern::test {

/// Bytes whose end meets memory that can't be touched, so that a kernel which reads or writes
/// beyond its buffer crashes. The start is aligned to 64 where the length is a multiple of 64.
class GuardedBytes {
public:
  explicit GuardedBytes(size_t size);
  ~GuardedBytes();
  GuardedBytes(const GuardedBytes &) = delete;
  GuardedBytes &operator=(const GuardedBytes &) = delete;

  uint8_t *data() const { return start; }
  size_t size() const { return length; }
  template <typename T> std::span<T> as() const {
    return {reinterpret_cast<T *>(start), length / sizeof(T)};
  }

private:
  void *mapping;
  size_t mappedSize;
  uint8_t *start;
  size_t length;
};

/// A weight in three forms: as a checkpoint holds it, as numbers, and packed by plain loops.
struct Weights {
  cpu::Storage storage;
  int64_t n, k;
  std::vector<uint8_t> source;
  std::vector<double> values; // [n][k]
  std::vector<uint8_t> packed;
  /// Of block-quantised weights: |scale * code| + |minimum|. Of others: |value|.
  std::vector<double> magnitudes; // [n][k]
};
Weights makeWeights(cpu::Storage storage, int64_t n, int64_t k, uint32_t seed);
/// A packed weight of so many panels, those of its first half and of its second in turns.
std::vector<uint8_t> alternatePanels(const std::vector<uint8_t> &packed, int64_t panels);

/// Rows of activations in one form, and as the numbers that they stand for.
struct Activations {
  int64_t rowBytes;
  std::vector<uint8_t> bytes;
  std::vector<double> values; // [rows][k]
};
/// `weights` decides the corrections of quantised records. Rows are `stride` elements (records)
/// apart; the last row has no padding after it.
Activations makeActivations(cpu::ActivationForm form, cpu::Storage weights, int64_t rows, int64_t k,
                            int64_t stride, uint32_t seed);

/// A repeatable stream of numbers in [-1, 1).
class Random {
public:
  explicit Random(uint32_t seed) : state(seed * 2654435761u + 12345u) {}
  uint32_t bits();
  float number();

private:
  uint32_t state;
};

uint16_t toBF16(float value);
float fromBF16(uint16_t bits);

} // namespace tern::test

#endif
