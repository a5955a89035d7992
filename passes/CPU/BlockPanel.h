// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reading panels of block-quantised weights (PackedWeight.h), a unit of 32 k at a time.
#ifndef TERN_PASSES_CPU_BLOCKPANEL_H
#define TERN_PASSES_CPU_BLOCKPANEL_H

#include "passes/CPU/KernelBuilder.h"
#include "passes/CPU/PackedWeight.h"

namespace tern::cpu {

class BlockPanel {
public:
  BlockPanel(KernelBuilder &kernel, Storage storage) : k(kernel), layout(layoutOf(storage)) {}

  /// Addresses of one unit's parts, at a column.
  struct Unit {
    Value header;     // scales, then minima
    Value scaleCodes; // of the unit's first group
    Value codes;
    Value stream; // goes through a panel by equal steps, for prefetching
  };
  Unit unit(Value panel, Value column, Value number) const;

  /// Scales or minima of a unit's group: of vector `v` from the unit's column on, in f32.
  Value scales(const Unit &unit, int64_t group, int64_t v) const;
  Value minima(const Unit &unit, int64_t group, int64_t v) const;
  /// The same for the unit's column alone.
  Value scale(const Unit &unit, int64_t group) const;
  Value minimum(const Unit &unit, int64_t group) const;

  /// What the table has for the nibbles in the low bits of each byte, plus `bias`.
  Value lookUp(Value nibbles, int64_t bias) const;
  /// The named number of each code, alone in the low bits of an i32, as f32.
  Value numbers(Value codes) const;
  /// Times the factor of the codes' name, if they have one.
  Value withFactor(Value product) const;

  /// Bytes of a panel for each unit, rounded up.
  int64_t streamBytes() const { return (layout.packedBytes + layout.units() - 1) / layout.units(); }

private:
  Type scaleType() const { return layout.scaleBytes == 2 ? k.f16() : k.f32(); }
  Value load(Type element, Value base, int64_t offset, int64_t lanes) const;
  Value times(Value unit, Value scaleCodes, int64_t offset, int64_t lanes) const;

  KernelBuilder &k;
  PackedLayout layout;
};

} // namespace tern::cpu

#endif
