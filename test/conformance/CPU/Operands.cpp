// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/Operands.h"

#include "test/conformance/CPU/BlockNumbers.h"

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
  if (w.storage == Storage::F32) {
    put(w.source, 4 * element, value);
    return value;
  }
  if (w.storage == Storage::F16) {
    put(w.source, 2 * element, static_cast<_Float16>(value));
    return static_cast<double>(static_cast<_Float16>(value));
  }
  put(w.source, 2 * element, toBF16(value));
  return fromBF16(toBF16(value));
}

/// Random bytes with scales of a usual size.
static void putBlock(const BlockFormat &format, uint8_t *block, Random &random) {
  auto putHalf = [&](int64_t offset, float number) {
    auto half = static_cast<_Float16>(number);
    std::memcpy(block + offset, &half, 2);
  };
  for (int64_t i = 0; i < format.bytes; ++i)
    block[i] = static_cast<uint8_t>(random.bits());
  // Codes that are no finite numbers would hide all others.
  if (format.numbers == "e4m3" || format.numbers == "e5m2")
    for (int64_t i = 0; i < format.elements; ++i)
      if (uint8_t &code = block[format.codes[0].byteOf(i)];
          !std::isfinite(namedNumbers(format.numbers)[code]))
        code = 0x81;
  if (format.scale == ScaleKind::Half) {
    putHalf(format.scaleOffset, 0.01f * random.number());
  } else if (format.scale == ScaleKind::Single) {
    float scale = 0.01f * random.number();
    std::memcpy(block + format.scaleOffset, &scale, 4);
  } else {
    block[format.scaleOffset] = static_cast<uint8_t>(random.bits() % 128);
  }
  if (format.minimum)
    putHalf(format.minimumOffset, 0.1f * random.number());
}

/// The values of column n's block.
static void readBlock(Weights &w, int64_t n, int64_t number) {
  const BlockFormat &format = *w.storage.format();
  BlockNumbers block(format, &w.source[(n * (w.k / format.elements) + number) * format.bytes]);
  for (int64_t i = 0; i < format.elements; ++i) {
    int64_t element = n * w.k + number * format.elements + i;
    double product = block.product(i), minimum = block.minimum(i);
    w.values[element] = product + minimum;
    w.magnitudes[element] = std::fabs(product) + std::fabs(minimum);
  }
}

/// One column's block in the packed layout, written from its description (PackedWeight.h) and not
/// from the pack kernel.
static void packBlock(Weights &w, int64_t n, int64_t number) {
  const BlockFormat &format = *w.storage.format();
  cpu::PackedLayout layout = cpu::layoutOf(w.storage);
  const uint8_t *source = &w.source[(n * (w.k / format.elements) + number) * format.bytes];
  BlockNumbers block(format, source);
  int64_t lane = n % 32;
  uint8_t *to = &w.packed[n / 32 * cpu::panelBytes(w.storage, w.k) + number * layout.packedBytes];
  auto unit = static_cast<float>(block.unit());
  if (layout.scaleBytes == 2)
    std::memcpy(to + 2 * lane, source + format.scaleOffset, 2);
  else
    std::memcpy(to + 4 * lane, &unit, 4);
  if (format.minimum) {
    auto least = static_cast<_Float16>(layout.scaleCodes ? -block.least() : block.least());
    std::memcpy(to + layout.minimaOffset() + 2 * lane, &least, 2);
  }
  for (int64_t group = 0; layout.scaleCodes && group < format.groups(); ++group) {
    int64_t place = 32 * group + lane;
    to[layout.scaleCodesOffset() + place] = static_cast<uint8_t>(block.scaleCode(group));
    if (format.minimum)
      to[layout.minimumCodesOffset() + place] = static_cast<uint8_t>(block.minimumCode(group));
  }
  for (int64_t i = 0; i < format.elements; ++i) {
    int64_t k = i % 32, half = layout.nibbles() ? 16 : 32;
    uint8_t *code = to + layout.headerBytes + i / 32 * layout.unitBytes() + k % half / 4 * 128 +
                    4 * lane + k % 4;
    int64_t stored = layout.lookedUp() ? fieldsAt(format.codes, source, i)
                                       : static_cast<int64_t>(block.code(i)) + layout.zero;
    *code |= static_cast<uint8_t>(stored << (k < half ? 0 : 4));
  }
}

static void packDense(Weights &w) {
  cpu::PackedLayout layout = cpu::layoutOf(w.storage);
  for (int64_t n = 0; n < w.n; ++n)
    for (int64_t k = 0; k < w.k; ++k) {
      int64_t lane = n % 32, element = n * w.k + k;
      int64_t at = n / 32 * cpu::panelBytes(w.storage, w.k) + k / layout.depth * layout.packedBytes;
      if (w.storage == Storage::F32)
        put(w.packed, at + 4 * lane, get<float>(w.source, 4 * element));
      else if (w.storage == Storage::F16)
        put(w.packed, at + 2 * lane, get<uint16_t>(w.source, 2 * element));
      else
        put(w.packed, at + 4 * lane + 2 * (k % 2), get<uint16_t>(w.source, 2 * element));
    }
}

std::vector<uint8_t> alternatePanels(const std::vector<uint8_t> &packed, int64_t panels) {
  auto bytes = static_cast<int64_t>(packed.size()) / panels;
  std::vector<uint8_t> result;
  for (int64_t i = 0; i < panels; ++i) {
    auto panel = packed.begin() + (i / 2 + i % 2 * panels / 2) * bytes;
    result.insert(result.end(), panel, panel + bytes);
  }
  return result;
}

Weights makeWeights(Storage storage, int64_t n, int64_t k, uint32_t seed) {
  Weights w{storage, n, k, {}, {}, {}, {}};
  w.packed.assign(cpu::packedBytes(storage, n, k), 0);
  w.values.resize(n * k);
  w.magnitudes.resize(n * k);
  Random random(seed);
  const BlockFormat *format = storage.format();
  if (!format) {
    w.source.assign(n * k * (storage == Storage::F32 ? 4 : 2), 0);
    for (int64_t element = 0; element < n * k; ++element) {
      w.values[element] = putDense(w, element, random.number());
      w.magnitudes[element] = std::fabs(w.values[element]);
    }
    packDense(w);
    return w;
  }
  int64_t blocks = k / format->elements;
  w.source.assign(n * blocks * format->bytes, 0);
  for (int64_t column = 0; column < n; ++column)
    for (int64_t block = 0; block < blocks; ++block) {
      putBlock(*format, &w.source[(column * blocks + block) * format->bytes], random);
      readBlock(w, column, block);
      packBlock(w, column, block);
    }
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
  int32_t sum = 0, halves[2] = {0, 0};
  for (int i = 0; i < 32; ++i) {
    auto code = static_cast<int32_t>(std::nearbyintf(x[i] * inverse));
    a.bytes[at + i] = static_cast<uint8_t>(code);
    values[i] = static_cast<double>(scale) * code;
    sum += code;
    halves[i / 16] += code;
  }
  put(a.bytes, at + cpu::kRecordScale, scale);
  cpu::PackedLayout layout = cpu::layoutOf(weights);
  if (layout.group == 16)
    put(a.bytes, at + cpu::kRecordCorrection, (halves[0] & 0xffff) | (halves[1] * 65536));
  else if (layout.minimum)
    put(a.bytes, at + cpu::kRecordCorrection, scale * static_cast<float>(sum));
  else
    put(a.bytes, at + cpu::kRecordCorrection, sum * -static_cast<int32_t>(layout.zero));
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
