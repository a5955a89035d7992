// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/LastArrival.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace tern::nvptx {

Value countsOf(ImplicitLocOpBuilder &ops, ModuleOp module, StringRef name, int64_t counts) {
  auto global = static_cast<unsigned>(NVVM::NVVMMemorySpace::Global);
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPointToStart(module.getBody());
    Type type = LLVM::LLVMArrayType::get(ops.getI32Type(), static_cast<uint64_t>(counts));
    LLVM::GlobalOp::create(ops, type, /*isConstant=*/false, LLVM::Linkage::Internal, name,
                           LLVM::ZeroAttr::get(ops.getContext()), /*alignment=*/4, global);
  }
  return LLVM::AddressOfOp::create(ops, LLVM::LLVMPointerType::get(ops.getContext(), global), name);
}

static void fence(ImplicitLocOpBuilder &ops) {
  LLVM::FenceOp::create(ops, LLVM::AtomicOrdering::acq_rel, "device");
}

void whenLast(ImplicitLocOpBuilder &ops, Value count, Value others,
              llvm::function_ref<void()> write) {
  auto number = [&](int32_t value) {
    return arith::ConstantOp::create(ops, ops.getI32IntegerAttr(value));
  };
  OpBuilder::InsertionGuard guard(ops);
  NVVM::BarrierOp::create(ops);
  Value thread = NVVM::ThreadIdXOp::create(ops, ops.getI32Type());
  Value isFirst = arith::CmpIOp::create(ops, arith::CmpIPredicate::eq, thread, number(0));
  auto branch = scf::IfOp::create(ops, ops.getI32Type(), isFirst, /*addThenBlock=*/true, true);
  ops.setInsertionPointToEnd(branch.thenBlock());
  fence(ops);
  Value before = LLVM::AtomicRMWOp::create(ops, LLVM::AtomicBinOp::uinc_wrap, count, others,
                                           LLVM::AtomicOrdering::monotonic, "device");
  Value isLast = arith::CmpIOp::create(ops, arith::CmpIPredicate::eq, before, others);
  scf::YieldOp::create(ops, arith::ExtUIOp::create(ops, ops.getI32Type(), isLast).getResult());
  ops.setInsertionPointToEnd(branch.elseBlock());
  scf::YieldOp::create(ops, number(0)->getResults());
  ops.setInsertionPointAfter(branch);
  auto either = NVVM::BarrierReductionAttr::get(ops.getContext(), NVVM::BarrierReduction::OR);
  Value any =
      NVVM::BarrierOp::create(ops, ops.getI32Type(), Value(), Value(), either, branch.getResult(0))
          .getRes();
  Value isAny = arith::CmpIOp::create(ops, arith::CmpIPredicate::ne, any, number(0));
  auto last = scf::IfOp::create(ops, isAny, /*withElseRegion=*/false);
  ops.setInsertionPoint(last.thenYield());
  fence(ops);
  write();
}

} // namespace tern::nvptx
