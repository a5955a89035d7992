// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/LaunchCheck.h"

#include "passes/CPU/DispatchBuffers.h"
#include "passes/Plan/Storage.h"

using namespace mlir;

namespace tern::cpu {

namespace {

/// Numbers may be too large for 64 bits: f64 errs by less than a row then.
class LaunchCheck {
public:
  explicit LaunchCheck(ModuleOp module) {
    for (auto dim : module.getOps<DimOp>())
      ranges[dim.getSymName()] = {double(dim.getMin()), double(dim.getMax())};
  }

  LogicalResult operator()(plan::LaunchOp launch, plan::KernelOp kernel, DispatchOp dispatch) {
    SmallVector<Type> operands(dispatch.getInputs().getTypes());
    llvm::append_range(operands, dispatch.getResults().getTypes());
    if (kernel.getRowStrides().size() != operands.size())
      return kernel.emitOpError("@") << kernel.getName() << ": expected " << operands.size()
                                     << " strides, found " << kernel.getRowStrides().size();
    DispatchBuffers places(dispatch);
    size_t inputs = dispatch.getInputs().size();
    for (auto [i, type] : llvm::enumerate(operands)) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor)
        continue;
      unsigned place =
          i < inputs ? places.ofInput(unsigned(i)) : places.ofResult(unsigned(i - inputs));
      if (place >= launch.getBuffers().size())
        return launch.emitOpError("of @") << kernel.getName() << ": expected more than "
                                          << launch.getBuffers().size() << " buffers";
      auto buffer = launch.getBuffers()[place].getDefiningOp<plan::BufferOp>();
      if (buffer && failed(checkRows(kernel, tensor, kernel.getRowStrides()[i], buffer, i)))
        return failure();
    }
    return success();
  }

private:
  LogicalResult checkRows(plan::KernelOp kernel, RankedTensorType tensor, int64_t stride,
                          plan::BufferOp buffer, size_t operand) {
    bool isPacked = isa_and_present<PanelsAttr>(tensor.getEncoding());
    if (isPacked || tensor.getRank() < 2 || ShapedType::isDynamic(stride))
      return success();
    for (bool isLargest : {false, true}) {
      double rows = valueOf(getExtents(tensor)[0], isLargest);
      double elements = double(plan::rowStrideOf(tensor)),
             bytes = valueOf(buffer.getBytes(), isLargest);
      if (auto times = buffer.getTimes())
        for (auto extent : times->getAsRange<ExtentAttr>())
          bytes *= valueOf(extent, isLargest);
      // Whole blocks, so that bytes are in proportion.
      auto block = dyn_cast<BlockType>(tensor.getElementType());
      int64_t unit = block ? block.getElements() : 1;
      double unitBytes = double(plan::bytesOf(tensor.getElementType(), unit));
      double needed = ((rows - 1) * double(stride) + elements) / double(unit) * unitBytes;
      if (rows > 0 && elements > 0 && (stride < 0 || needed > bytes))
        return kernel.emitOpError("@")
               << kernel.getName() << ": operand " << operand
               << ": expected rows within its buffer, found a stride of " << stride << " elements";
    }
    return success();
  }

  double valueOf(ExtentAttr extent, bool isLargest) const {
    auto sum = double(extent.getConstant());
    for (auto [name, factor] : llvm::zip_equal(extent.getNames(), extent.getFactors())) {
      auto range = ranges.find(name.getValue());
      if (range != ranges.end())
        sum += double(factor) * (isLargest ? range->second.second : range->second.first);
    }
    return sum;
  }

  llvm::StringMap<std::pair<double, double>> ranges;
};

} // namespace

LogicalResult checkLaunches(ModuleOp module) {
  LaunchCheck check(module);
  llvm::StringMap<plan::KernelOp> kernels;
  for (auto kernel : module.getOps<plan::KernelOp>())
    kernels[kernel.getName()] = kernel;
  for (auto program : module.getOps<plan::ProgramOp>())
    for (auto launch : program.getBody().getOps<plan::LaunchOp>()) {
      plan::KernelOp kernel = kernels.lookup(launch.getKernel());
      auto dispatches = kernel.getBody().getOps<DispatchOp>();
      if (!dispatches.empty() && failed(check(launch, kernel, *dispatches.begin())))
        return failure();
    }
  return success();
}

} // namespace tern::cpu
