// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_ORACLE_H
#define TERN_PASSES_SATURATE_ORACLE_H

#include "rust/cxx.h"

#include <cstdint>

namespace tern::egraph {

struct Integer;
struct Number;
struct Extents;
struct Price;

/// What the engine asks about terms. Operations, properties, types and leaves are named by one kind
/// of id; 0 is none. The law of each function is in egraph/src/oracle.rs.
class Oracle {
public:
  virtual ~Oracle() = default;

  virtual uint32_t infer(uint32_t head, rust::Slice<const uint32_t> kids) const noexcept = 0;
  virtual uint32_t stage(uint32_t head) const noexcept = 0;
  virtual bool isLoadLeaf(uint32_t head) const noexcept = 0;
  virtual bool isStatic(uint32_t type) const noexcept = 0;
  virtual Price price(uint32_t head, rust::Slice<const uint32_t> kids,
                      rust::Slice<const bool> loads) const noexcept = 0;
  virtual double loadPrice(uint32_t head, rust::Slice<const uint32_t> kids) const noexcept = 0;
  virtual double resident(uint32_t type) const noexcept = 0;
  virtual double moved(uint32_t type) const noexcept = 0;
  virtual double launch() const noexcept = 0;

  virtual uint32_t operation(rust::Str name) const noexcept = 0;
  virtual rust::String name(uint32_t id) const noexcept = 0;
  virtual Integer integer(uint32_t id) const noexcept = 0;
  virtual uint32_t makeInteger(int64_t value) const noexcept = 0;
  virtual uint32_t makeExtent(int64_t value) const noexcept = 0;
  virtual Number number(uint32_t id) const noexcept = 0;
  virtual uint32_t makeNumber(double value) const noexcept = 0;
  virtual uint32_t absent() const noexcept = 0;
  virtual uint32_t present() const noexcept = 0;
  virtual uint32_t makeType(uint32_t element) const noexcept = 0;
  virtual uint32_t makeStyle(rust::Str name) const noexcept = 0;
  virtual rust::String text(uint32_t id) const noexcept = 0;
  virtual uint32_t makeText(rust::Str text) const noexcept = 0;
  virtual Number splat(uint32_t id) const noexcept = 0;
  virtual uint32_t makeSplat(double value, uint32_t element) const noexcept = 0;
  virtual Extents extents(uint32_t type) const noexcept = 0;
  virtual uint32_t element(uint32_t type) const noexcept = 0;
  virtual uint32_t makeTensor(rust::Slice<const uint32_t> extents,
                              uint32_t element) const noexcept = 0;
  virtual bool holds(uint32_t wide, uint32_t narrow) const noexcept = 0;
};

} // namespace tern::egraph

#endif
