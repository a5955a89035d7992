// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/NVPTX/PtxKernel.h"

#include "passes/NVPTX/Ptx.h"
#include "test/conformance/CPU/MappedImage.h"

namespace tern::test {

namespace emulator = runtime::emulator;

static const nvptx::Target &gpu() {
  static const nvptx::Target target = expected(nvptx::Target::named("sm_80"));
  return target;
}

const cpu::Target &warpTarget() { return gpu().warp; }

PtxKernel::PtxKernel(mlir::ModuleOp module, const nvptx::KernelShape &shape) : shape(shape) {
  auto kernel = *module.getOps<mlir::func::FuncOp>().begin();
  if (failed(nvptx::distributeLanes(kernel, shape)))
    llvm::report_fatal_error("a test's kernel has no form for a warp");
  std::string text = expected(nvptx::compile(module, gpu()));
  if (format::Error error = emulator::Module::parse(text, code))
    llvm::report_fatal_error(llvm::Twine(error.message()));
}

std::string PtxKernel::run(llvm::ArrayRef<std::span<uint8_t>> buffers,
                           llvm::ArrayRef<int64_t> sizes, int64_t tiles) const {
  emulator::Memory memory;
  std::vector<uint64_t> parameters;
  for (auto [number, bytes] : llvm::enumerate(buffers))
    parameters.push_back(memory.add(bytes.data(), bytes.size(), "buffer " + std::to_string(number),
                                    emulator::Contents::Initialised));
  parameters.insert(parameters.end(), sizes.begin(), sizes.end());
  parameters.push_back(static_cast<uint64_t>(tiles));
  auto blocks = static_cast<uint32_t>(llvm::divideCeil(tiles, shape.warps));
  if (blocks == 0)
    return "";
  emulator::Launch launch{code.kernels().front(),
                          {blocks},
                          {static_cast<uint32_t>(shape.warps * 32)},
                          static_cast<uint64_t>(shape.warps * shape.scratchBytes),
                          std::as_bytes(std::span(parameters))};
  emulator::Counts counts;
  format::Error error = emulator::run(code, launch, memory, {}, counts);
  return error ? error.message() : std::string();
}

} // namespace tern::test
