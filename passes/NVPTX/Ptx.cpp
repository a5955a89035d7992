// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/Ptx.h"

#include "passes/CPU/LowerKernels.h"
#include "passes/NVPTX/DistributeLanes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

using namespace llvm;

namespace tern::nvptx {

static constexpr StringRef kTriple = "nvptx64-nvidia-cuda";
/// The least version of PTX that knows all chips.
static constexpr StringRef kFeatures = "+ptx80";

static Error failure(const Twine &message) {
  return createStringError("code for the GPU: " + message);
}

static Expected<std::unique_ptr<TargetMachine>> createMachine(const Target &target) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
  std::string message;
  Triple triple(kTriple);
  const llvm::Target *backend = TargetRegistry::lookupTarget(triple, message);
  if (!backend)
    return failure("this LLVM cannot make PTX: " + message);
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Strict;
  return std::unique_ptr<TargetMachine>(
      backend->createTargetMachine(triple, target.chip, kFeatures, options, Reloc::PIC_,
                                   CodeModel::Small, CodeGenOptLevel::Aggressive));
}

static Expected<std::unique_ptr<Module>> toLLVMIR(mlir::ModuleOp module, LLVMContext &context,
                                                  const TargetMachine &machine) {
  mlir::registerBuiltinDialectTranslation(*module.getContext());
  mlir::registerLLVMDialectTranslation(*module.getContext());
  mlir::registerNVVMDialectTranslation(*module.getContext());
  std::unique_ptr<Module> code = mlir::translateModuleToLLVMIR(module, context, "tern");
  if (!code)
    return failure("translation to LLVM IR failed");
  code->setTargetTriple(machine.getTargetTriple());
  code->setDataLayout(machine.createDataLayout());
  return code;
}

static Error refuseCalls(StringRef ptx) {
  auto [before, call] = ptx.split(".extern .func");
  if (call.empty())
    return Error::success();
  return failure("expected kernels that call nothing, found a use of '" +
                 call.take_until([](char letter) { return letter == '\n'; }).trim() + "'");
}

/// Functions are entries, of blocks of as many threads as they say.
static Error markKernels(mlir::ModuleOp module) {
  for (auto kernel : module.getOps<mlir::LLVM::LLVMFuncOp>()) {
    if (kernel.isExternal())
      continue;
    mlir::Builder builder(module.getContext());
    auto threads = kernel->getAttrOfType<mlir::IntegerAttr>(kThreads);
    if (!threads)
      return failure("kernel '" + kernel.getName() + "': expected " + kThreads + ", found none");
    kernel->removeAttr(kThreads);
    kernel->setAttr(mlir::NVVM::NVVMDialect::getKernelFuncAttrName(), builder.getUnitAttr());
    kernel->setAttr(mlir::NVVM::NVVMDialect::getReqntidAttrName(),
                    builder.getDenseI32ArrayAttr({static_cast<int32_t>(threads.getInt())}));
    if (mlir::Attribute blocks = kernel->removeAttr(kLeastBlocks))
      kernel->setAttr(mlir::NVVM::NVVMDialect::getMinctasmAttrName(), blocks);
  }
  return Error::success();
}

Expected<std::string> compile(mlir::ModuleOp module, const Target &target) {
  if (Error error = cpu::lowerToLLVMDialect(module))
    return error;
  if (Error error = markKernels(module))
    return error;
  auto machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  LLVMContext context;
  auto code = toLLVMIR(module, context, **machine);
  if (!code)
    return code.takeError();
  cpu::optimise(**code, **machine);
  SmallString<0> text;
  raw_svector_ostream stream(text);
  legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr, CodeGenFileType::AssemblyFile))
    return failure("this LLVM cannot write PTX");
  passes.run(**code);
  if (Error error = refuseCalls(text))
    return error;
  return text.str().str();
}

} // namespace tern::nvptx
