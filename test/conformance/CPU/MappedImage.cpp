// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/MappedImage.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/TargetParser/Host.h"

#include <algorithm>
#include <cstring>
#include <ostream>
#include <sys/mman.h>

namespace tern::test {

static constexpr size_t kPage = 4096;
static size_t upToPage(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

MappedImage::MappedImage(const cpu::CodeImage &image) {
  auto file = std::as_bytes(std::span(image.bytes));
  if (format::Error error = format::readCodeImage(file, layout))
    llvm::report_fatal_error(llvm::Twine(error.message()));
  size = upToPage(layout.memoryBytes);
  void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    llvm::report_fatal_error("no memory for a code image");
  base = static_cast<char *>(memory);
  for (const format::CodeSegment &segment : layout.segments)
    std::memcpy(base + segment.address, file.data() + segment.fileOffset, segment.bytes);
  mprotect(base, size, PROT_READ | PROT_EXEC);
}

MappedImage::~MappedImage() { munmap(base, size); }

KernelFunction *MappedImage::kernel(const std::string &name) const {
  const format::CodeSymbol *symbol = layout.find(name);
  if (!symbol)
    llvm::report_fatal_error(llvm::Twine("the image has no kernel '") + name + "'");
  return reinterpret_cast<KernelFunction *>(base + symbol->address);
}

std::unique_ptr<MappedImage> build(const cpu::Target &target,
                                   llvm::function_ref<void(mlir::ModuleOp)> fill) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  fill(*module);
  return std::make_unique<MappedImage>(expected(cpu::compile(*module, target)));
}

std::vector<cpu::Target> runnableTargets() {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  std::vector<cpu::Target> targets{expected(cpu::Target::native())};
  for (const char *name : {"haswell", "alderlake", "skylake-avx512"}) {
    cpu::Target target = expected(cpu::Target::named(name));
    if (llvm::all_of(target.features, [&](const auto &feature) { return host.lookup(feature); }))
      targets.push_back(target);
  }
  return targets;
}

std::string testName(const cpu::Target &target) {
  std::string name = target.cpu;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

} // namespace tern::test

void tern::cpu::PrintTo(const Target &target, std::ostream *os) { *os << target.cpu; }
