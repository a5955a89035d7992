// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/CodeImage.h"

#include "passes/CPU/LowerKernels.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

using namespace llvm;

namespace tern::cpu {

static constexpr StringRef kTriple = "x86_64-unknown-linux-gnu";

static Error failure(const Twine &message) {
  return createStringError("code for the CPU: " + message);
}

static Expected<std::unique_ptr<Module>> toLLVMIR(mlir::ModuleOp module, LLVMContext &context,
                                                  const TargetMachine &machine,
                                                  const Target &target) {
  mlir::registerBuiltinDialectTranslation(*module.getContext());
  mlir::registerLLVMDialectTranslation(*module.getContext());
  std::unique_ptr<Module> code = mlir::translateModuleToLLVMIR(module, context, "tern");
  if (!code)
    return failure("translation to LLVM IR failed");
  code->setTargetTriple(machine.getTargetTriple());
  code->setDataLayout(machine.createDataLayout());
  for (Function &function : *code) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", "x86-64");
    function.addFnAttr("tune-cpu", target.cpu);
    function.addFnAttr("target-features", target.featureString());
    function.addFnAttr(Attribute::NoUnwind);
  }
  return code;
}

//===----------------------------------------------------------------------===//
// LLVM IR to an object
//===----------------------------------------------------------------------===//

/// Kernels are written in their order of execution; a scheduler that hoists broadcasts over fmas
/// runs out of registers and spills sums (up to three quarters of the speed). There is no handle
/// but the command line's.
static void keepWrittenOrder() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    auto &options = cl::getRegisteredOptions();
    for (auto [name, value] : {std::pair("enable-misched", "0"), {"pre-RA-sched", "source"}})
      if (auto option = options.find(name); option != options.end())
        option->second->addOccurrence(0, name, value);
  });
}

static Expected<std::unique_ptr<TargetMachine>> createMachine(const Target &target) {
  keepWrittenOrder();
  std::string message;
  Triple triple(kTriple);
  const llvm::Target *backend = TargetRegistry::lookupTarget(triple, message);
  if (!backend)
    return failure("this LLVM cannot make x86-64 code: " + message);
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Strict;
  return std::unique_ptr<TargetMachine>(
      backend->createTargetMachine(triple, "x86-64", target.featureString(), options, Reloc::PIC_,
                                   CodeModel::Small, CodeGenOptLevel::Aggressive));
}

static Error emitObject(Module &code, TargetMachine &machine, SmallVectorImpl<char> &object) {
  raw_svector_ostream stream(object);
  legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, CodeGenFileType::ObjectFile))
    return failure("this LLVM cannot write x86-64 objects");
  passes.run(code);
  return Error::success();
}

/// A kernel that calls is a mistake of its schema: a conversion or a copy that LLVM turned into a
/// library call.
static Error refuseCalls(ArrayRef<char> object) {
  auto file = object::ObjectFile::createELFObjectFile(
      MemoryBufferRef(StringRef(object.data(), object.size()), "kernels"));
  if (!file)
    return file.takeError();
  for (const object::SymbolRef &symbol : (*file)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if ((*flags & object::SymbolRef::SF_Undefined) && !name->empty())
      return failure("expected kernels that call nothing, found a use of '" + *name + "'");
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// An object to an image
//===----------------------------------------------------------------------===//

static Expected<std::string> findLinker() {
  for (StringRef name : {"ld.lld-22", "ld.lld"}) {
    if (ErrorOr<std::string> path = sys::findProgramByName(name))
      return *path;
    if (ErrorOr<std::string> path = sys::findProgramByName(name, {TERN_LLVM_TOOLS}))
      return *path;
  }
  return failure("expected the linker ld.lld-22 or ld.lld in PATH or in " TERN_LLVM_TOOLS
                 ", found neither");
}

/// The path of a new file that holds `contents`.
static Expected<SmallString<128>> writeTemporary(StringRef suffix, ArrayRef<char> contents) {
  SmallString<128> path;
  int descriptor = -1;
  if (std::error_code error = sys::fs::createTemporaryFile("tern", suffix, descriptor, path))
    return failure("no temporary file can be made: " + error.message());
  raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
  stream.write(contents.data(), contents.size());
  stream.close();
  if (!stream.has_error())
    return path;
  std::string message = stream.error().message();
  stream.clear_error();
  sys::fs::remove(path);
  return failure("'" + path + "' cannot be written: " + message);
}

static Expected<std::vector<uint8_t>> link(ArrayRef<char> object) {
  Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  auto input = writeTemporary("o", object);
  if (!input)
    return input.takeError();
  FileRemover removeInput(*input);
  auto output = writeTemporary("so", {});
  if (!output)
    return output.takeError();
  FileRemover removeOutput(*output);
  auto report = writeTemporary("txt", {});
  if (!report)
    return report.takeError();
  FileRemover removeReport(*report);

  StringRef arguments[] = {*linker,
                           "-shared",
                           "-Bsymbolic",
                           "--no-undefined",
                           "--strip-all",
                           "-z",
                           "rodynamic",
                           "-z",
                           "noseparate-code",
                           "-z",
                           "norelro",
                           "--build-id=none",
                           "--hash-style=sysv",
                           "-o",
                           *output,
                           *input};
  std::optional<StringRef> redirects[] = {"", *report, *report};
  int status = sys::ExecuteAndWait(*linker, arguments, std::nullopt, redirects);
  if (status != 0) {
    auto text = MemoryBuffer::getFile(*report);
    StringRef first = text ? (*text)->getBuffer().split('\n').first : "no message";
    return failure("'" + *linker + "' failed: " + first);
  }
  auto image = MemoryBuffer::getFile(*output, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!image)
    return failure("'" + *output + "' cannot be read: " + image.getError().message());
  return std::vector<uint8_t>((*image)->getBuffer().bytes_begin(),
                              (*image)->getBuffer().bytes_end());
}

static Error verifySegments(const object::ELF64LEFile &file) {
  auto segments = file.program_headers();
  if (!segments)
    return segments.takeError();
  for (const auto &segment : *segments)
    if (segment.p_type == ELF::PT_LOAD && (segment.p_flags & ELF::PF_W))
      return failure("expected an image without writable segments, found one of " +
                     Twine(static_cast<uint64_t>(segment.p_memsz)) + " bytes");
  auto entries = file.dynamicEntries();
  if (!entries)
    return entries.takeError();
  for (const auto &entry : *entries)
    if (is_contained({ELF::DT_RELA, ELF::DT_REL, ELF::DT_JMPREL, ELF::DT_RELR, ELF::DT_TEXTREL,
                      ELF::DT_NEEDED, ELF::DT_INIT, ELF::DT_INIT_ARRAY},
                     static_cast<int64_t>(entry.getTag())))
      return failure("expected an image without relocations, libraries and initialisers, found " +
                     file.getDynamicTagAsString(entry.getTag()));
  return Error::success();
}

static Error readImage(CodeImage &image) {
  StringRef bytes(reinterpret_cast<const char *>(image.bytes.data()), image.bytes.size());
  auto object = object::ELF64LEObjectFile::create(MemoryBufferRef(bytes, "kernels"));
  if (!object)
    return object.takeError();
  if (Error error = verifySegments(object->getELFFile()))
    return error;
  for (const object::ELFSymbolRef symbol : object->getDynamicSymbolIterators()) {
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    Expected<uint64_t> value = symbol.getValue();
    if (!value)
      return value.takeError();
    if (symbol.getELFType() == ELF::STT_FUNC)
      image.offsets[name->str()] = *value;
  }
  return Error::success();
}

Expected<CodeImage> compile(mlir::ModuleOp module, const Target &target) {
  if (Error error = lowerToLLVMDialect(module))
    return error;
  auto machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  LLVMContext context;
  auto code = toLLVMIR(module, context, **machine, target);
  if (!code)
    return code.takeError();
  optimise(**code, **machine);
  SmallVector<char, 0> object;
  if (Error error = emitObject(**code, **machine, object))
    return error;
  if (Error error = refuseCalls(object))
    return error;
  auto bytes = link(object);
  if (!bytes)
    return bytes.takeError();
  CodeImage image{std::move(*bytes), {}, target.features};
  if (Error error = readImage(image))
    return error;
  return image;
}

} // namespace tern::cpu
