// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/KV/IR/KV.h"
#include "dialects/Plan/IR/Plan.h"
#include "tools/command/CommandLine.h"
#include "tools/command/TextFile.h"
#include "tools/tern-reduce/Changes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace tern;
using command::UserError;

namespace {

/// Makes a module smaller as long as a script finds it interesting.
class Reducer {
public:
  Reducer(OwningOpRef<ModuleOp> start, std::string script)
      : module(std::move(start)), script(std::move(script)) {
    if (llvm::sys::fs::createTemporaryFile("tern-reduce", "mlir", file))
      throw UserError("expected a temporary folder that can be written to");
  }
  ~Reducer() { llvm::sys::fs::remove(file); }

  std::string run() {
    if (!isInteresting(*module))
      throw UserError(script + ": expected exit code 0 for the module as it is, found another one");
    constexpr Change changes[] = {eraseFunction, returnFewer, takeArgument, takeOperand, takeZeros};
    for (bool isSmaller = true; isSmaller;) {
      isSmaller = false;
      for (Change change : changes)
        for (size_t number = 0; std::optional<bool> kept = attempt(change, number);)
          *kept ? isSmaller = true : ++number;
    }
    return textOf(*module);
  }

private:
  static std::string textOf(ModuleOp module) {
    std::string text;
    llvm::raw_string_ostream(text) << module << "\n";
    return text;
  }

  /// Whether the change was kept; none if there is no such place.
  std::optional<bool> attempt(Change change, size_t number) {
    OwningOpRef<ModuleOp> changed = module->clone();
    if (!change(*changed, number))
      return std::nullopt;
    eraseUnused(*changed);
    ScopedDiagnosticHandler quiet(module->getContext(), [](Diagnostic &) { return success(); });
    if (failed(verify(*changed)) || !isInteresting(*changed))
      return false;
    module = std::move(changed);
    return true;
  }

  static void eraseUnused(ModuleOp module) {
    module.walk([](func::FuncOp function) {
      for (Block &block : function.getBody())
        for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
          if (isOpTriviallyDead(&op))
            op.erase();
    });
  }

  bool isInteresting(ModuleOp candidate) {
    command::writeText(std::string(file), textOf(candidate));
    return llvm::sys::ExecuteAndWait(script, {script, file}) == 0;
  }

  OwningOpRef<ModuleOp> module;
  std::string script;
  llvm::SmallString<64> file;
};

} // namespace

int main(int argc, char **argv) {
  command::Application app("Makes a module that shows a fault smaller.", argc, argv);
  std::string input, script, output = "-";
  app.add_option("FILE", input, "module as .mlir text")->required();
  app.add_option(
         "--test", script,
         "program that is called with the file of a module; exit code 0: it shows the fault")
      ->required()
      ->type_name("SCRIPT");
  app.add_option("-o", output, "where the smallest module goes; -: standard output")
      ->type_name("FILE");
  return app.run([&] {
    MLIRContext context;
    context.loadDialect<arith::ArithDialect, func::FuncDialect, TernDialect, kv::KVDialect,
                        plan::PlanDialect>();
    OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
    if (!module)
      throw UserError(input + ": expected a module, found what is none");
    if (!llvm::sys::fs::can_execute(script))
      throw UserError(script + ": expected a program that can be run");
    std::string smallest = Reducer(std::move(module), script).run();
    output == "-" ? void(std::fputs(smallest.c_str(), stdout))
                  : command::writeText(output, smallest);
    return command::exitcode::done;
  });
}
