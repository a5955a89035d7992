// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/NVPTX/PtxKernel.h"

#include "passes/NVPTX/Ptx.h"
#include "test/conformance/CPU/MappedImage.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include <cstdlib>

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
  text = expected(nvptx::compile(module, gpu()));
  if (format::Error error = emulator::Module::parse(text, code))
    llvm::report_fatal_error(llvm::Twine(error.message()));
}

namespace {
using Buffers = llvm::ArrayRef<std::span<uint8_t>>;

std::string bytesOf(Buffers buffers) {
  std::string bytes;
  for (std::span<uint8_t> buffer : buffers)
    bytes.append(buffer.begin(), buffer.end());
  return bytes;
}

void writeFile(const std::string &path, llvm::StringRef bytes) {
  std::error_code failure;
  llvm::raw_fd_ostream file(path, failure);
  if (failure)
    llvm::report_fatal_error(llvm::Twine(path) + ": " + failure.message());
  file << bytes;
}

/// A run of a kernel: NAME.json, NAME.ptx, and NAME.data, its buffers before and after.
void record(const std::string &folder, llvm::StringRef text, const emulator::Launch &launch,
            Buffers buffers, llvm::ArrayRef<uint64_t> numbers, const std::string &before) {
  std::string data = before + bytesOf(buffers);
  constexpr size_t mostBytes = 1 << 17;
  if (data.size() > mostBytes || text.size() > mostBytes)
    return;
  std::string name = llvm::utohexstr(llvm::xxh3_64bits(text.str() + data));
  llvm::json::Array sizes;
  for (std::span<uint8_t> buffer : buffers)
    sizes.push_back(static_cast<int64_t>(buffer.size()));
  llvm::json::Object entry{{"name", name},
                           {"kernel", launch.kernel},
                           {"blocks", launch.grid.x},
                           {"threads", launch.block.x},
                           {"sharedBytes", launch.dynamicSharedBytes},
                           {"buffers", std::move(sizes)},
                           {"numbers", llvm::json::Array(numbers)}};
  std::string path = folder + "/" + name;
  writeFile(path + ".json", llvm::formatv("{0}", llvm::json::Value(std::move(entry))).str());
  writeFile(path + ".ptx", text);
  writeFile(path + ".data", data);
}
} // namespace

std::string PtxKernel::run(llvm::ArrayRef<std::span<uint8_t>> buffers,
                           llvm::ArrayRef<int64_t> sizes, int64_t tiles) const {
  emulator::Memory memory;
  std::vector<uint64_t> parameters;
  for (auto [number, bytes] : llvm::enumerate(buffers))
    parameters.push_back(memory.add(bytes.data(), bytes.size(), "buffer " + std::to_string(number),
                                    emulator::Contents::Initialised));
  std::vector<uint64_t> numbers(sizes.begin(), sizes.end());
  numbers.push_back(static_cast<uint64_t>(tiles));
  parameters.insert(parameters.end(), numbers.begin(), numbers.end());
  auto blocks = static_cast<uint32_t>(llvm::divideCeil(tiles, shape.warps));
  if (blocks == 0)
    return "";
  emulator::Launch launch{code.kernels().front(),
                          {blocks},
                          {static_cast<uint32_t>(shape.warps * 32)},
                          static_cast<uint64_t>(shape.warps * shape.scratchBytes),
                          std::as_bytes(std::span(parameters))};
  const char *folder = std::getenv("TERN_RECORD_KERNELS");
  bool isRecorded = folder && runs++ < 2;
  std::string before = isRecorded ? bytesOf(buffers) : std::string();
  emulator::Counts counts;
  format::Error error = emulator::run(code, launch, memory, {}, counts);
  if (error)
    return error.message();
  if (isRecorded)
    record(folder, text, launch, buffers, numbers, before);
  return {};
}

} // namespace tern::test
