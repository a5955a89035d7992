// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/Operands.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <sys/mman.h>

namespace tern::test {

using cpu::ActivationForm;
using cpu::Storage;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

GuardedBytes::GuardedBytes(size_t size) : length(size) {
  constexpr size_t page = 4096;
  size_t body = (size + page - 1) / page * page;
  mappedSize = body + page;
  mapping = mmap(nullptr, mappedSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    llvm::report_fatal_error("no memory for a test's buffer");
  start = static_cast<uint8_t *>(mapping) + body - size;
  mprotect(static_cast<uint8_t *>(mapping) + body, page, PROT_NONE);
}

GuardedBytes::~GuardedBytes() { munmap(mapping, mappedSize); }

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

uint32_t Random::bits() {
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

float Random::number() { return static_cast<float>(bits() & 0xffff) / 32768.f - 1.f; }

uint16_t toBF16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

float fromBF16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

template <typename T> static void put(std::vector<uint8_t> &bytes, size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
}
template <typename T> static T get(const std::vector<uint8_t> &bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// One dense value into the checkpoint's bytes; the number that it became.
static double putDense(Weights &w, size_t element, float value) {
  switch (w.storage) {
  case Storage::F32:
    put(w.source, 4 * element, value);
    return value;
  case Storage::F16:
    put(w.source, 2 * element, static_cast<_Float16>(value));
    return static_cast<double>(static_cast<_Float16>(value));
  default:
    put(w.source, 2 * element, toBF16(value));
    return fromBF16(toBF16(value));
  }
}

/// One block of 32 values of column n into the checkpoint's bytes.
static void putBlock(Weights &w, int64_t n, int64_t block, Random &random) {
  int64_t blocks = w.k / 32, bytes = cpu::layoutOf(w.storage).sourceBytes;
  size_t at = static_cast<size_t>((n * blocks + block) * bytes);
  auto scale = static_cast<_Float16>(0.01f * random.number());
  auto minimum = static_cast<_Float16>(w.storage == Storage::Q4_1 ? 0.1f * random.number() : 0.f);
  put(w.source, at, scale);
  size_t codesAt = at + 2;
  if (w.storage == Storage::Q4_1) {
    put(w.source, at + 2, minimum);
    codesAt += 2;
  }
  w.scales[n * blocks + block] = static_cast<double>(scale);
  w.minima[n * blocks + block] = static_cast<double>(minimum);
  for (int64_t i = 0; i < 32; ++i) {
    int code;
    if (w.storage == Storage::Q8_0) {
      code = static_cast<int>(random.bits() % 256) - 128;
      w.source[codesAt + i] = static_cast<uint8_t>(code);
    } else {
      int nibble = static_cast<int>(random.bits() % 16);
      w.source[codesAt + i % 16] |= static_cast<uint8_t>(nibble << (i < 16 ? 0 : 4));
      code = w.storage == Storage::Q4_0 ? nibble - 8 : nibble;
    }
    size_t element = n * w.k + block * 32 + i;
    w.codes[element] = code;
    w.values[element] = static_cast<double>(scale) * code + static_cast<double>(minimum);
  }
}

/// The packed layout, written from its description (PackedWeight.h) and not from the pack kernel.
static void packByLoops(Weights &w) {
  cpu::PackedLayout layout = cpu::layoutOf(w.storage);
  w.packed.assign(cpu::packedBytes(w.storage, w.n, w.k), 0);
  int64_t panel = cpu::panelBytes(w.storage, w.k), blocks = layout.blocks(w.k);
  for (int64_t n = 0; n < w.n; ++n)
    for (int64_t k = 0; k < w.k; ++k) {
      int64_t lane = n % 32, row = n / 32 * panel, element = n * w.k + k;
      int64_t at = row + k / layout.depth * layout.packedBytes;
      if (w.storage == Storage::F32)
        put(w.packed, at + 4 * lane, get<float>(w.source, 4 * element));
      else if (w.storage == Storage::F16)
        put(w.packed, at + 2 * lane, get<uint16_t>(w.source, 2 * element));
      else if (w.storage == Storage::BF16)
        put(w.packed, at + 4 * lane + 2 * (k % 2), get<uint16_t>(w.source, 2 * element));
      if (!layout.quantised())
        continue;
      int64_t from = (n * blocks + k / 32) * layout.sourceBytes, i = k % 32;
      put(w.packed, at + 2 * lane, get<uint16_t>(w.source, from));
      if (w.storage == Storage::Q4_1)
        put(w.packed, at + 64 + 2 * lane, get<uint16_t>(w.source, from + 2));
      int64_t to = at + layout.headerBytes + 4 * lane + i % 4;
      int64_t codes = from + (w.storage == Storage::Q4_1 ? 4 : 2);
      if (w.storage == Storage::Q8_0) {
        w.packed[to + i / 4 * 128] = static_cast<uint8_t>(w.source[codes + i] + 128);
      } else {
        uint8_t nibble = (w.source[codes + i % 16] >> (i < 16 ? 0 : 4)) & 15;
        w.packed[to + i % 16 / 4 * 128] |= static_cast<uint8_t>(nibble << (i < 16 ? 0 : 4));
      }
    }
}

Weights makeWeights(Storage storage, int64_t n, int64_t k, uint32_t seed) {
  cpu::PackedLayout layout = cpu::layoutOf(storage);
  Weights w{storage, n, k, {}, {}, {}, {}, {}, {}};
  int64_t elementBytes = storage == Storage::F32 ? 4 : 2;
  w.source.assign(layout.quantised() ? n * (k / 32) * layout.sourceBytes : n * k * elementBytes, 0);
  w.values.resize(n * k);
  Random random(seed);
  if (layout.quantised()) {
    w.codes.resize(n * k);
    w.scales.resize(n * k / 32);
    w.minima.resize(n * k / 32);
    for (int64_t column = 0; column < n; ++column)
      for (int64_t block = 0; block < k / 32; ++block)
        putBlock(w, column, block, random);
  } else {
    for (int64_t element = 0; element < n * k; ++element)
      w.values[element] = putDense(w, element, random.number());
  }
  packByLoops(w);
  return w;
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// Quantises 32 values as the law says: scale = amax / 127, code = round half even(x / scale).
static void putRecord(Activations &a, size_t at, Storage weights, const float *x, double *values) {
  float amax = 0;
  for (int i = 0; i < 32; ++i)
    amax = std::max(amax, std::fabs(x[i]));
  float scale = amax / 127.f, inverse = scale > 0 ? 1.f / scale : 0.f;
  int32_t sum = 0;
  for (int i = 0; i < 32; ++i) {
    auto code = static_cast<int32_t>(std::nearbyintf(x[i] * inverse));
    a.bytes[at + i] = static_cast<uint8_t>(code);
    values[i] = static_cast<double>(scale) * code;
    sum += code;
  }
  put(a.bytes, at + cpu::kRecordScale, scale);
  if (weights == Storage::Q4_1)
    put(a.bytes, at + cpu::kRecordCorrection, scale * static_cast<float>(sum));
  else
    put(a.bytes, at + cpu::kRecordCorrection, sum * (weights == Storage::Q8_0 ? -128 : -8));
}

Activations makeActivations(ActivationForm form, Storage weights, int64_t rows, int64_t k,
                            int64_t stride, uint32_t seed) {
  bool records = form == ActivationForm::Q8;
  int64_t unit = records ? cpu::kRecordBytes : form == ActivationForm::F32 ? 4 : 2;
  int64_t units = records ? k / 32 : k;
  Activations a{unit * stride, {}, {}};
  a.bytes.assign(rows == 0 ? 0 : ((rows - 1) * stride + units) * unit, 0);
  a.values.resize(rows * k);
  Random random(seed);
  std::vector<float> row(k);
  for (int64_t r = 0; r < rows; ++r) {
    double *values = a.values.data() + r * k;
    for (float &x : row)
      x = random.number();
    for (int64_t i = 0; i < units; ++i) {
      size_t at = r * a.rowBytes + i * unit;
      if (records) {
        putRecord(a, at, weights, row.data() + 32 * i, values + 32 * i);
      } else if (form == ActivationForm::F32) {
        put(a.bytes, at, row[i]);
        values[i] = row[i];
      } else if (form == ActivationForm::F16) {
        put(a.bytes, at, static_cast<_Float16>(row[i]));
        values[i] = static_cast<double>(static_cast<_Float16>(row[i]));
      } else {
        put(a.bytes, at, toBF16(row[i]));
        values[i] = fromBF16(toBF16(row[i]));
      }
    }
  }
  return a;
}

} // namespace tern::test
