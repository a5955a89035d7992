// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/MappedImage.h"

#include "llvm/BinaryFormat/ELF.h"

#include <cstring>
#include <sys/mman.h>

namespace tern::test {

static constexpr size_t kPage = 4096;
static size_t upToPage(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

MappedImage::MappedImage(const cpu::CodeImage &image) : offsets(image.offsets) {
  const char *file = reinterpret_cast<const char *>(image.bytes.data());
  auto *header = reinterpret_cast<const llvm::ELF::Elf64_Ehdr *>(file);
  auto *segments = reinterpret_cast<const llvm::ELF::Elf64_Phdr *>(file + header->e_phoff);
  for (int i = 0; i < header->e_phnum; ++i)
    if (segments[i].p_type == llvm::ELF::PT_LOAD)
      size = std::max(size, upToPage(segments[i].p_vaddr + segments[i].p_memsz));
  void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    llvm::report_fatal_error("no memory for a code image");
  base = static_cast<char *>(memory);
  for (int i = 0; i < header->e_phnum; ++i)
    if (segments[i].p_type == llvm::ELF::PT_LOAD)
      std::memcpy(base + segments[i].p_vaddr, file + segments[i].p_offset, segments[i].p_filesz);
  mprotect(base, size, PROT_READ | PROT_EXEC);
}

MappedImage::~MappedImage() { munmap(base, size); }

KernelFunction *MappedImage::kernel(const std::string &name) const {
  auto offset = offsets.find(name);
  if (offset == offsets.end())
    llvm::report_fatal_error(llvm::Twine("the image has no kernel '") + name + "'");
  return reinterpret_cast<KernelFunction *>(base + offset->second);
}

std::unique_ptr<MappedImage> build(const cpu::Target &target,
                                   llvm::function_ref<void(mlir::ModuleOp)> fill) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  fill(*module);
  llvm::Expected<cpu::CodeImage> image = cpu::compile(*module, target);
  if (!image)
    llvm::report_fatal_error(image.takeError());
  return std::make_unique<MappedImage>(*image);
}

std::vector<cpu::Target> runnableTargets() {
  std::vector<cpu::Target> targets;
  for (const char *name : {"native", "haswell"})
    targets.push_back(llvm::cantFail(cpu::Target::named(name)));
  return targets;
}

} // namespace tern::test
