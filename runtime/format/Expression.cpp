// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Expression.h"

#include <algorithm>
#include <array>

namespace tern::format {

using Op = Expression::Op;

/// Nothing if the result is undefined.
static std::optional<int64_t> apply(Op op, int64_t left, int64_t right) {
  int64_t result = 0;
  switch (op) {
  case Op::Constant:
  case Op::Dim:
    break;
  case Op::Add:
    return __builtin_add_overflow(left, right, &result) ? std::nullopt : std::optional(result);
  case Op::Sub:
    return __builtin_sub_overflow(left, right, &result) ? std::nullopt : std::optional(result);
  case Op::Mul:
    return __builtin_mul_overflow(left, right, &result) ? std::nullopt : std::optional(result);
  case Op::FloorDiv:
    if (right <= 0)
      return std::nullopt;
    return left / right - (left % right < 0);
  case Op::CeilDiv:
    if (right <= 0)
      return std::nullopt;
    return left / right + (left % right > 0);
  case Op::Min:
    return std::min(left, right);
  case Op::Max:
    return std::max(left, right);
  }
  return std::nullopt;
}

static bool isLeaf(Op op) { return op == Op::Constant || op == Op::Dim; }

Expression Expression::binary(Op op, const Expression &left, const Expression &right) {
  if (left.code.size() == 1 && right.code.size() == 1 && left.code[0].op == Op::Constant &&
      right.code[0].op == Op::Constant)
    if (auto folded = apply(op, left.code[0].value, right.code[0].value))
      return constant(*folded);
  Expression result = left;
  result.code.insert(result.code.end(), right.code.begin(), right.code.end());
  result.code.push_back({op});
  return result;
}

std::optional<uint32_t> Expression::asDim() const {
  if (code.size() != 1 || code[0].op != Op::Dim)
    return std::nullopt;
  return static_cast<uint32_t>(code[0].value);
}

bool Expression::isWellFormed(size_t numDims) const {
  size_t depth = 0;
  for (const Instruction &instruction : code) {
    if (instruction.op > Op::Max)
      return false;
    if (isLeaf(instruction.op)) {
      if (instruction.op == Op::Dim &&
          (instruction.value < 0 || static_cast<size_t>(instruction.value) >= numDims))
        return false;
      if (++depth > maxDepth)
        return false;
    } else if (depth-- < 2) {
      return false;
    }
  }
  return depth == 1;
}

std::optional<int64_t> Expression::evaluate(std::span<const int64_t> dims) const {
  std::array<int64_t, maxDepth> stack;
  size_t depth = 0;
  for (const Instruction &instruction : code) {
    if (isLeaf(instruction.op)) {
      stack[depth++] = instruction.op == Op::Dim ? dims[instruction.value] : instruction.value;
      continue;
    }
    auto result = apply(instruction.op, stack[depth - 2], stack[depth - 1]);
    if (!result)
      return std::nullopt;
    stack[--depth - 1] = *result;
  }
  return stack[0];
}

namespace {
struct Printed {
  std::string text;
  int binding; ///< 3: leaf or call, 2: product, 1: sum
};
} // namespace

static std::string wrap(const Printed &operand, int binding) {
  return operand.binding >= binding ? operand.text : "(" + operand.text + ")";
}

static Printed printBinary(Op op, const Printed &left, const Printed &right) {
  auto call = [&](const char *name) {
    return Printed{std::string(name) + "(" + left.text + ", " + right.text + ")", 3};
  };
  switch (op) {
  case Op::Add:
    return {wrap(left, 1) + " + " + wrap(right, 1), 1};
  case Op::Sub:
    return {wrap(left, 1) + " - " + wrap(right, 2), 1};
  case Op::Mul:
    return {wrap(left, 2) + " * " + wrap(right, 2), 2};
  case Op::FloorDiv:
    return call("floordiv");
  case Op::CeilDiv:
    return call("ceildiv");
  case Op::Min:
    return call("min");
  default:
    return call("max");
  }
}

std::string Expression::print(std::span<const std::string> dimNames) const {
  std::vector<Printed> stack;
  for (const Instruction &instruction : code) {
    if (instruction.op == Op::Constant) {
      stack.push_back({std::to_string(instruction.value), instruction.value < 0 ? 1 : 3});
    } else if (instruction.op == Op::Dim) {
      stack.push_back({dimNames[instruction.value], 3});
    } else {
      Printed right = std::move(stack.back());
      stack.pop_back();
      stack.back() = printBinary(instruction.op, stack.back(), right);
    }
  }
  return stack.back().text;
}

Expression operator+(const Expression &left, const Expression &right) {
  return Expression::binary(Op::Add, left, right);
}
Expression operator-(const Expression &left, const Expression &right) {
  return Expression::binary(Op::Sub, left, right);
}
Expression operator*(const Expression &left, const Expression &right) {
  return Expression::binary(Op::Mul, left, right);
}
Expression floorDiv(const Expression &left, const Expression &right) {
  return Expression::binary(Op::FloorDiv, left, right);
}
Expression ceilDiv(const Expression &left, const Expression &right) {
  return Expression::binary(Op::CeilDiv, left, right);
}
Expression min(const Expression &left, const Expression &right) {
  return Expression::binary(Op::Min, left, right);
}
Expression max(const Expression &left, const Expression &right) {
  return Expression::binary(Op::Max, left, right);
}

} // namespace tern::format
