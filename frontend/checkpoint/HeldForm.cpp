// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which blocks the load program makes of a weight in parts.
#include "dialects/Tern/IR/BlockFormat.h"
#include "frontend/checkpoint/QuantisedWeight.h"

#include <algorithm>

namespace tern::checkpoint {

namespace {

/// Codes that share a scale in blocks.
constexpr int64_t kGroup = 32;

class HeldFormOf {
public:
  HeldFormOf(const Checkpoint &checkpoint, int64_t in, bool isFactor)
      : checkpoint(checkpoint), in(in), isFactor(isFactor) {}

  HeldForm operator()(const ScaledCodes &weight) const {
    bool isWhole = weight.blockColumns >= in;
    return inBlocks(weight.numbers, isWhole ? in : weight.blockColumns);
  }

  HeldForm operator()(const TableCodes &weight) const {
    for (std::string_view name : {"nf4", "fp4"})
      if (std::ranges::equal(weight.numbers, namedNumbers(name)))
        return inBlocks(name, weight.block);
    return {{}, "its codes stand for other numbers than those of nf4 and fp4"};
  }

  HeldForm operator()(const GroupedCodes &weight) const {
    bool hasShift = weight.bits == 8 && !weight.isSymmetric;
    if (StorageType scales = checkpoint.find(weight.scales)->type; scales != StorageType::F16)
      return {{}, "expected scales in f16, found " + std::string(nameOf(scales))};
    if (!isFactor && !weight.index.empty())
      return {{}, "only where it is a product's own factor can its inputs be sorted"};
    if (!isFactor && hasShift)
      return {{}, "only where it is a product's own factor can codes of 8 bits have zero points"};
    if (weight.bits == 8)
      return inBlocks("q8_0", weight.group);
    if (weight.bits == 4 && weight.isSymmetric)
      return inBlocks("q4_0", weight.group);
    return inBlocks(weight.group % 128 == 0  ? "z4_128"
                    : weight.group % 64 == 0 ? "z4_64"
                                             : "z4_32",
                    weight.group);
  }

private:
  HeldForm inBlocks(std::string_view blocks, int64_t group) const {
    for (int64_t size : {in, group})
      if (size % kGroup != 0)
        return {{},
                (size == in ? "expected inputs by " : "expected groups of inputs by ") +
                    std::to_string(kGroup) + ", found " + std::to_string(size)};
    return {blocks, {}};
  }

  const Checkpoint &checkpoint;
  int64_t in;
  bool isFactor;
};

} // namespace

HeldForm heldForm(const Checkpoint &checkpoint, const QuantisedWeight &weight, int64_t in,
                  bool isFactor) {
  return std::visit(HeldFormOf(checkpoint, in, isFactor), weight);
}

} // namespace tern::checkpoint
