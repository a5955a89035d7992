// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/BlockCodes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using tern::cpu::PackedLayout;
using tern::cpu::Values;

namespace tern::nvptx {

/// The upper byte of bf16 numbers whose lower one counts 1 from 128 on, and 16 from 2048 on.
static constexpr int64_t kOnes = 0x43, kSixteens = 0x45;
static constexpr double kOnesFrom = 128, kSixteensFrom = 2048;

/// Bytes of codes in two's complement, which are moved to 128.
static bool isSigned(const PackedLayout &layout) { return layout.numbers == "i8"; }

BlockCodes::BlockCodes(cpu::KernelBuilder &kernel, const PackedLayout &layout)
    : k(kernel), layout(layout) {
  if (isTable())
    findTable();
}

double BlockCodes::offset(const PackedLayout &layout) {
  if (!layout.table.empty())
    return 0;
  auto zero = static_cast<double>(isSigned(layout) ? 128 : layout.zero);
  return zero + kOnesFrom + (layout.nibbles() ? 0 : kSixteensFrom);
}

Value BlockCodes::permute(Value low, Value high, Value selector) {
  return k.intrinsic("llvm.nvvm.prmt", k.i32(), {low, high, selector});
}
Value BlockCodes::permute(Value low, Value high, int64_t selector) {
  return permute(low, high, k.integer(k.i32(), selector));
}

/// In the low bits of 2^23 they are exact. With minima there are none below 0.
Values BlockCodes::scales(Value word) {
  Value bytes = layout.minimum ? word : k.bitXor(word, 0x80808080);
  double from = layout.minimum ? 0x1p23 : 0x1p23 + 128;
  Values numbers;
  for (int64_t i = 0; i < kReadColumns; ++i) {
    Value bits = permute(bytes, k.integer(k.i32(), 0x4b000000), 0x7540 + i);
    numbers.push_back(k.sub(k.bitcast(bits, k.f32()), k.constant(k.f32(), from)));
  }
  return numbers;
}

/// Words of two bf16 numbers each, of the low or high nibbles of a word.
Values BlockCodes::pairsOf(Value word, bool isHigh, int64_t upperByte) {
  Value nibbles = k.bitAnd(isHigh ? k.shiftRight(word, 4) : word, 0x0f0f0f0f);
  Value upper = k.integer(k.i32(), upperByte * 0x01010101);
  return {permute(nibbles, upper, 0x4140), permute(nibbles, upper, 0x4342)};
}

/// A byte of the table's number in bf16, the upper half of f32.
int64_t BlockCodes::tableByte(int64_t code, bool isUpper) const {
  auto bits = llvm::bit_cast<uint32_t>(static_cast<float>(layout.table[code]));
  return bits >> (isUpper ? 24 : 16) & 0xff;
}

/// Left to see that words of the table are constants, ptxas moves them to registers anew for each
/// use; the block's number in a grid's second dimension is 0.
void BlockCodes::findTable() {
  Value zero = NVVM::BlockIdYOp::create(k.builder(), k.i32());
  for (bool isUpper : {false, true})
    for (int64_t first = 0; first < 16; first += 4) {
      int64_t bytes = 0;
      for (int64_t i = 0; i < 4; ++i)
        bytes |= tableByte(first + i, isUpper) << 8 * i;
      table.push_back(k.bitOr(zero, bytes));
    }
}

/// For two halves of k the same two words of what the table has for a word's nibbles. A byte of
/// eight is chosen by the low three bits of a nibble, of two eights by the highest.
std::array<Values, 2> BlockCodes::lookUp(Value word) {
  Value low = k.bitAnd(word, 0x77777777);
  Value high = k.bitOr(k.bitAnd(k.shiftRight(word, 1), 0x44444444), 0x32103210);
  std::array<Values, 2> halves;
  for (int64_t part = 0; part < 2; ++part) {
    auto own = [&](Value choice) { return part ? k.shiftRight(choice, 16) : choice; };
    auto bytesOf = [&](bool isUpper) {
      auto isSame = [&](int64_t i) { return tableByte(i, isUpper) == tableByte(i + 8, isUpper); };
      const Value *words = &table[isUpper ? 4 : 0];
      Value first = permute(words[0], words[1], own(low));
      if (llvm::all_of(llvm::seq<int64_t>(0, 8), isSame))
        return first;
      return permute(first, permute(words[2], words[3], own(low)), own(high));
    };
    Value lower = bytesOf(false), upper = bytesOf(true);
    halves[0].push_back(permute(lower, upper, 0x6240));
    halves[1].push_back(permute(lower, upper, 0x7351));
  }
  return halves;
}

/// To mma.sync k 4 quarter ... of a half are numbers 2 quarter ... and 2 quarter + 8 ...
SmallVector<Values> BlockCodes::columns(ArrayRef<Value> codes, int64_t half, int64_t tile) {
  auto pick = [&](int64_t part, llvm::function_ref<Values(Value)> pairs) -> Values {
    Values words[kOwnColumns];
    for (int64_t column = 0; column < kOwnColumns; ++column)
      words[column] = pairs(k.extract(codes[part], kOwnColumns * tile + column));
    return {words[0][0], words[1][0], words[0][1], words[1][1]};
  };
  if (isTable())
    return {pick(0, [&](Value word) { return lookUp(word)[half]; })};
  if (layout.nibbles())
    return {pick(0, [&](Value word) { return pairsOf(word, half == 1, kOnes); })};
  auto code = [&](Value word) { return isSigned(layout) ? k.bitXor(word, 0x80808080) : word; };
  return {pick(half, [&](Value word) { return pairsOf(code(word), false, kOnes); }),
          pick(half, [&](Value word) { return pairsOf(code(word), true, kSixteens); })};
}

} // namespace tern::nvptx
