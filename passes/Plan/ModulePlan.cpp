// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Plan/ProgramPlanner.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

namespace tern::plan {

StringRef ModulePlan::kernelFor(DispatchOp dispatch, ArrayRef<int64_t> rowStrides) {
  OpBuilder builder(module.getBodyRegion());
  auto kernel = KernelOp::create(builder, dispatch.getLoc(), "kernel",
                                 builder.getDenseI64ArrayAttr(rowStrides), IntegerAttr(),
                                 DenseI64ArrayAttr(), StringAttr());
  Block &body = kernel.getBody().emplaceBlock();
  IRMapping mapping;
  for (Value input : dispatch.getInputs())
    mapping.map(input, body.addArgument(input.getType(), input.getLoc()));
  builder.setInsertionPointToEnd(&body);
  builder.clone(*dispatch, mapping);

  std::string text;
  llvm::raw_string_ostream os(text);
  kernel->print(os, OpPrintingFlags().useLocalScope());
  auto [at, inserted] = kernels.try_emplace(text);
  if (!inserted) {
    kernel.erase();
    return at->second;
  }
  at->second =
      stringifySchema(dispatch.getSchema()).str() + "_" + std::to_string(kernels.size() - 1);
  kernel.setSymName(at->second);
  kernel->moveBefore(module.getBody(), module.getBody()->end());
  return at->second;
}

StringRef ModulePlan::weightFor(func::FuncOp function, int64_t layer, int64_t index,
                                int64_t bytes) {
  loadOrder.insert({function, layer});
  std::string name = function.getName().str();
  if (layer >= 0)
    name += "." + std::to_string(layer);
  name += "." + std::to_string(index);
  auto [at, inserted] = weights.try_emplace(name, bytes);
  if (inserted) {
    auto builder = OpBuilder::atBlockEnd(module.getBody());
    PackedOp::create(builder, function.getLoc(), name, bytes);
  }
  return at->first();
}

void ModulePlan::addCache(StringRef name, Type type) {
  NamedAttrList caches(module->getAttrOfType<DictionaryAttr>("plan.caches"));
  caches.set(name, TypeAttr::get(type));
  module->setAttr("plan.caches", caches.getDictionary(module.getContext()));
}

FailureOr<int64_t> ModulePlan::largest(Operation *op, ExtentAttr sum) const {
  int64_t value = sum.getConstant();
  for (auto [name, factor] : llvm::zip_equal(sum.getNames(), sum.getFactors())) {
    auto dim = const_cast<ModulePlan *>(this)->module.lookupSymbol<DimOp>(name);
    if (!dim)
      return op->emitError("uses the dimension ") << name << ", which the module does not declare";
    value += factor * static_cast<int64_t>(factor > 0 ? dim.getMax() : dim.getMin());
  }
  return value;
}

} // namespace tern::plan
