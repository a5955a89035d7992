// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-dump/Assembly.h"

#include "runtime/format/CodeImage.h"
#include "tools/command/CommandLine.h"

#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/TargetSelect.h"

#include <iostream>

namespace tern {
namespace {

/// Reads machine code of any x86-64 processor.
class Disassembler {
public:
  Disassembler() {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86Disassembler();
    const llvm::Triple triple("x86_64-unknown-linux-gnu");
    std::string message;
    const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, message);
    if (!target)
      throw command::InternalError(message);
    registers.reset(target->createMCRegInfo(triple));
    syntax.reset(target->createMCAsmInfo(*registers, triple, options));
    processor.reset(target->createMCSubtargetInfo(triple, "x86-64", ""));
    instructions.reset(target->createMCInstrInfo());
    context.emplace(triple, syntax.get(), registers.get(), processor.get());
    reader.reset(target->createMCDisassembler(*processor, *context));
    constexpr unsigned intel = 1;
    printer.reset(target->createMCInstPrinter(triple, intel, *syntax, *instructions, *registers));
    printer->setPrintBranchImmAsAddress(true);
    printer->setPrintImmHex(true);
  }

  /// The lines of `bytes`, which lie at `address`.
  std::string read(llvm::ArrayRef<uint8_t> bytes, uint64_t address) const {
    std::string text;
    llvm::raw_string_ostream out(text);
    while (!bytes.empty()) {
      llvm::MCInst instruction;
      uint64_t size = 0;
      bool isKnown = reader->getInstruction(instruction, size, bytes, address, llvm::nulls()) ==
                     llvm::MCDisassembler::Success;
      size = std::clamp<uint64_t>(size, 1, bytes.size());
      out << llvm::format("  %6llx:", static_cast<unsigned long long>(address));
      if (isKnown)
        // Branches count from the end of their instruction.
        printer->printInst(&instruction, address + size, "", *processor, out);
      else
        out << "\t(no instruction)";
      out << "\n";
      bytes = bytes.drop_front(size);
      address += size;
    }
    return text;
  }

private:
  llvm::MCTargetOptions options;
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> syntax;
  std::unique_ptr<llvm::MCSubtargetInfo> processor;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::optional<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> reader;
  std::unique_ptr<llvm::MCInstPrinter> printer;
};

/// Where the code at `address` ends: at the next symbol, or with its segment.
uint64_t endOf(const format::CodeImage &image, const format::CodeSegment &segment,
               uint64_t address) {
  uint64_t end = segment.address + segment.bytes;
  for (const format::CodeSymbol &symbol : image.symbols)
    if (symbol.address > address)
      end = std::min(end, symbol.address);
  return end;
}

} // namespace

void dumpAssembly(const format::Index &index, std::span<const std::byte> code,
                  const std::string &part) {
  format::CodeImage image;
  if (format::Error error = format::readCodeImage(code, image))
    throw command::UserError(error.message());
  const Disassembler disassembler;
  bool hasOne = false;
  for (const format::Kernel &kernel : index.kernels) {
    if (part != "*" && kernel.name.find(part) == std::string::npos)
      continue;
    auto segment = std::ranges::find_if(image.segments, [&](const format::CodeSegment &each) {
      return kernel.offset >= each.address && kernel.offset < each.address + each.bytes;
    });
    if (segment == image.segments.end())
      continue;
    hasOne = true;
    const auto *bytes = reinterpret_cast<const uint8_t *>(code.data()) + segment->fileOffset +
                        (kernel.offset - segment->address);
    uint64_t size = endOf(image, *segment, kernel.offset) - kernel.offset;
    std::cout << "kernel " << kernel.name << "\n"
              << disassembler.read({bytes, size}, kernel.offset);
  }
  if (!hasOne)
    throw command::UserError("--assembly: expected a part of a kernel's name, found '" + part +
                             "'");
}

} // namespace tern
