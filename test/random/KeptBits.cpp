// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// KeptBits: compiled functions give the same bits with the laws of bits as with none.
//
//   KeptBits TERN-COMPILE FILE.mlir...
//
// Weights become constants of random numbers. Functions with a weight of more than 2^20 elements or
// of packed storage are counted apart.
#include "dialects/Tern/IR/Tern.h"
#include "test/random/Compiled.h"
#include "test/random/RandomGraph.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace tern;

static constexpr int64_t kMostElements = 1 << 20;

/// False if there is a weight whose numbers can't be written out.
static bool spellWeights(func::FuncOp function) {
  bool isSpelt = true;
  function.walk([&](WeightOp weight) {
    auto type = dyn_cast<RankedTensorType>(weight.getType());
    auto element = type ? dyn_cast<FloatType>(type.getElementType()) : FloatType();
    if (!element || !type.hasStaticShape() || type.getNumElements() > kMostElements) {
      isSpelt = false;
      return;
    }
    auto tensor = test::randomWeight(weight.getName(), type);
    SmallVector<Attribute> numbers;
    for (double number : *tensor->data)
      numbers.push_back(FloatAttr::get(element, number));
    OpBuilder builder(weight);
    auto plain = RankedTensorType::get(type.getShape(), element);
    weight.replaceAllUsesWith(
        ConstantOp::create(builder, weight.getLoc(), type, DenseElementsAttr::get(plain, numbers))
            .getResult());
    weight.erase();
  });
  return isSpelt;
}

static std::optional<std::vector<std::vector<test::CompiledResult>>>
resultsOf(ModuleOp module, StringRef compiler, StringRef laws, const Twine &folder) {
  std::string source = (folder + "/functions.mlir").str();
  std::string path = (folder + "/functions.tern").str();
  if (!test::compile(module, compiler, {"--numerics=exact", laws}, source, path))
    return std::nullopt;
  Device device("cpu", 1);
  Artefact artefact(path);
  Model model(artefact, device);
  std::vector<std::vector<test::CompiledResult>> results;
  for (auto function : module.getOps<func::FuncOp>())
    results.push_back(test::runCompiled(model, function, 1));
  return results;
}

static bool isSame(ArrayRef<test::CompiledResult> a, ArrayRef<test::CompiledResult> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](const auto &pair) {
           const auto &[x, y] = pair;
           return x.type == y.type && x.shape == y.shape && x.bytes == y.bytes;
         });
}

int main(int argc, char **argv) {
  if (argc < 3) {
    llvm::errs() << "usage: KeptBits TERN-COMPILE FILE.mlir...\n";
    return 2;
  }
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<TernDialect, func::FuncDialect>();
  llvm::SmallString<64> folder;
  if (llvm::sys::fs::createUniqueDirectory("kept-bits", folder))
    return 70;
  int kept = 0, apart = 0, changed = 0;
  for (StringRef file : llvm::drop_begin(ArrayRef(argv, argc), 2)) {
    OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(file, &context);
    if (!module)
      return 65;
    for (auto function : llvm::make_early_inc_range(module->getOps<func::FuncOp>())) {
      function->removeAttr("tern.seek");
      if (!spellWeights(function)) {
        function.erase();
        ++apart;
      }
    }
    if (module->getOps<func::FuncOp>().empty())
      continue;
    auto before = resultsOf(*module, argv[1], "--rules=none", folder);
    auto after = resultsOf(*module, argv[1], "--rules=bit", folder);
    if (!before || !after) {
      llvm::outs() << file << ": is not compiled\n";
      return 1;
    }
    for (auto [function, a, b] : llvm::zip_equal(module->getOps<func::FuncOp>(), *before, *after))
      if (isSame(a, b)) {
        ++kept;
      } else {
        ++changed;
        llvm::outs() << file << ": @" << function.getName() << " gives other bits\n";
      }
  }
  llvm::sys::fs::remove_directories(folder);
  llvm::outs() << kept << " functions keep their bits, " << apart << " are not run, " << changed
               << " change them\n";
  return changed == 0 ? 0 : 1;
}
