// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/MatrixUnit.h"

#include "passes/CPU/Pack.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using tern::cpu::KernelBuilder;
using tern::cpu::Values;

namespace tern::nvptx {

cpu::Target MatrixUnit::thread() {
  cpu::Target target;
  target.lanes = kOwnColumns;
  target.registers = 64;
  target.bf16 = true;
  target.fullNaN = true;
  return target;
}

Value MatrixUnit::placeOf(Value panel) {
  if (!spec.isPaired)
    return cpu::placeOfPanel(k, panel, spec.isAlternating ? panels() : 0);
  if (spec.isAlternating)
    return panel;
  return k.add(k.div(panel, 2), k.mul(k.rem(panel, 2), panels() / 2));
}

Value MatrixUnit::displaced(Value address, LLVM::GEPArg bytes) {
  return LLVM::GEPOp::create(ops, address.getType(), k.i8(), address, {bytes},
                             LLVM::GEPNoWrapFlags::inbounds);
}

Value MatrixUnit::globalOf(unsigned buffer) {
  auto type = LLVM::LLVMPointerType::get(ops.getContext(),
                                         static_cast<unsigned>(NVVM::NVVMMemorySpace::Global));
  return LLVM::AddrSpaceCastOp::create(ops, type, k.buffer(buffer));
}

Values MatrixUnit::pairsOf(Value even, Value odd) {
  auto pick = [&](int64_t selector) {
    return k.intrinsic("llvm.nvvm.prmt", k.i32(), {even, odd, k.integer(k.i32(), selector)});
  };
  return {pick(0x5410), pick(0x7632)};
}

/// Words as the operation takes them: of f16 it wants to know that they are two.
Values MatrixUnit::operand(const Values &words) {
  if (isBF16())
    return words;
  return llvm::map_to_vector<6>(words, [&](Value word) -> Value {
    return LLVM::BitcastOp::create(ops, k.vector(k.f16(), 2), word);
  });
}

Values MatrixUnit::multiplyAdd(const Values &columns, const Values &rows, const Values &sums) {
  auto type = LLVM::LLVMStructType::getLiteral(ops.getContext(), SmallVector<Type>(4, k.f32()));
  auto element = isBF16() ? NVVM::MMATypes::bf16 : NVVM::MMATypes::f16;
  Value product = NVVM::MmaOp::create(ops, type, operand(columns), operand(rows), sums,
                                      {kTileColumns, kTileRows, kTileDepth}, std::nullopt,
                                      std::nullopt, std::array{element, element},
                                      std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
  Values parts;
  for (int64_t i = 0; i < 4; ++i)
    parts.push_back(LLVM::ExtractValueOp::create(ops, product, i));
  return parts;
}

void MatrixUnit::finish(Value row, Value column, int64_t columns, Value sums, Value ofSecond,
                        cpu::Epilogue epilogue) {
  auto hand = [&](int64_t live) { epilogue(k, {row, column, sums, live, ofSecond}); };
  int64_t rest = spec.n % kOwnColumns, whole = spec.n - rest;
  if (whole == columns)
    return hand(kOwnColumns);
  Value end = k.index(whole);
  k.when(k.compare(KernelBuilder::IntPredicate::slt, column, end), [&] { hand(kOwnColumns); });
  if (rest)
    k.when(k.compare(KernelBuilder::IntPredicate::eq, column, end), [&] { hand(rest); });
}

Value MatrixUnit::sumsOf(const Values &tile, int64_t second) {
  return vector::FromElementsOp::create(ops, k.vector(k.f32(), kOwnColumns),
                                        ValueRange{tile[second], tile[second + 2]});
}

} // namespace tern::nvptx
