// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tern::format {

/// An integer expression over the symbolic dimensions, in postfix order.
/// Division is by a positive number and rounds down (FloorDiv) or up (CeilDiv).
struct Expression {
  enum class Op : uint8_t { Constant, Dim, Add, Sub, Mul, FloorDiv, CeilDiv, Min, Max };

  struct Instruction {
    Op op;
    int64_t value = 0; ///< of a Constant; the index of a Dim; else 0
    bool operator==(const Instruction &) const = default;
  };

  std::vector<Instruction> code;

  bool operator==(const Expression &) const = default;

  static Expression constant(int64_t value) { return {{{Op::Constant, value}}}; }
  static Expression dim(uint32_t index) { return {{{Op::Dim, index}}}; }

  /// `left op right`; folded if both are constants and the result is defined.
  static Expression binary(Op op, const Expression &left, const Expression &right);

  /// The dimension's index if the expression is nothing but a dimension.
  std::optional<uint32_t> asDim() const;

  /// True if the code leaves exactly one value, never holds more than
  /// `maxDepth`, and names dimensions below `numDims` only.
  bool isWellFormed(size_t numDims) const;

  /// The value for well-formed code, or nothing if a result does not fit 64
  /// bits or a divisor is not positive.
  std::optional<int64_t> evaluate(std::span<const int64_t> dims) const;

  /// Infix, with parentheses only where they are needed: `4 * (T + 1)`.
  std::string print(std::span<const std::string> dimNames) const;

  static constexpr size_t maxDepth = 32;
};

Expression operator+(const Expression &left, const Expression &right);
Expression operator-(const Expression &left, const Expression &right);
Expression operator*(const Expression &left, const Expression &right);
Expression floorDiv(const Expression &left, const Expression &right);
Expression ceilDiv(const Expression &left, const Expression &right);
Expression min(const Expression &left, const Expression &right);
Expression max(const Expression &left, const Expression &right);

} // namespace tern::format
