// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Equal programs give one artefact: a model's module is written in other ways and compiled.
#include "frontend/architecture/Architecture.h"
#include "test/integration/decoder/CompiledModel.h"

#include "dialects/KV/IR/KV.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

using namespace mlir;

namespace tern::test {
namespace {

const std::string kModel = TERN_TEST_DATA "/models/llama-llama3";

/// Writes the same program in another way: operands of what commutes, the order of operations that
/// need not wait for one another, names of values, letters of axes and locations change.
class Respelling {
public:
  explicit Respelling(unsigned seed) : random(seed) {}

  void apply(ModuleOp module) {
    module.walk([&](Operation *op) {
      op->setLoc(FileLineColLoc::get(op->getContext(), "elsewhere", random() % 1000, 1));
      if (op->hasTrait<OpTrait::IsCommutative>() && random() % 2) {
        Value first = op->getOperand(0);
        op->setOperand(0, op->getOperand(1));
        op->setOperand(1, first);
      }
      if (auto contract = dyn_cast<ContractOp>(op))
        respell(contract);
    });
    module.walk([&](func::FuncOp function) { reorder(function.getBody().front()); });
  }

private:
  void respell(ContractOp op) {
    ASSERT_EQ(op.getAxes(), "rk,nk->rn");
    if (random() % 2) {
      op.setAxes("xy,zy->xz");
      return;
    }
    op.setAxes("pq,sq->sp");
    Value first = op.getLhs();
    op.getLhsMutable().assign(op.getRhs());
    op.getRhsMutable().assign(first);
  }

  /// Any order in which values stand before their uses and caches keep their turns.
  void reorder(Block &block) {
    std::vector<Operation *> waiting, ordered;
    for (Operation &op : block.without_terminator())
      waiting.push_back(&op);
    auto isReady = [&](Operation *op) {
      return llvm::all_of(op->getOperands(), [&](Value value) {
        return !llvm::is_contained(waiting, value.getDefiningOp());
      });
    };
    while (!waiting.empty()) {
      std::vector<Operation *> ready;
      llvm::copy_if(waiting, std::back_inserter(ready), isReady);
      Operation *next = ready[random() % ready.size()];
      ordered.push_back(next);
      std::erase(waiting, next);
    }
    for (Operation *op : ordered)
      op->moveBefore(block.getTerminator());
  }

  std::mt19937 random;
};

/// The text of the model's module; the seed 0 leaves it as it is imported.
std::string moduleText(unsigned seed) {
  auto checkpoint = checkpoint::Checkpoint::open(kModel);
  if (!checkpoint)
    throw std::runtime_error(checkpoint.error().message);
  auto config = architecture::readModelConfig(*checkpoint);
  if (!config)
    throw std::runtime_error(config.error().message);
  MLIRContext context;
  auto module = architecture::importModel(
      &context, *checkpoint, *config, {.maxContext = config->contextLength, .cacheType = "f32"});
  if (!module)
    throw std::runtime_error(module.error().message);
  if (seed)
    Respelling(seed).apply(**module);
  std::string text;
  llvm::raw_string_ostream os(text);
  OpPrintingFlags flags;
  flags.enableDebugInfo(seed != 0);
  (*module)->print(os, flags);
  return text;
}

std::string bytesOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string compileText(const std::string &text, unsigned number) {
  std::string path = "same-program-" + std::to_string(number) + ".mlir";
  std::ofstream(path) << text;
  return bytesOf(compile(path, "--numerics=exact --weights='" + kModel + "'"));
}

TEST(SameProgram, SpellingsGiveOneArtefact) {
  std::string plain = moduleText(0), artefact = compileText(plain, 0);
  EXPECT_FALSE(artefact.empty());
  EXPECT_EQ(compileText(plain, 0), artefact) << "two compiles of one text";
  for (unsigned seed = 1; seed <= 3; ++seed) {
    std::string text = moduleText(seed);
    EXPECT_NE(text, plain);
    EXPECT_EQ(compileText(text, seed), artefact) << "seed " << seed;
  }
}

TEST(SameProgram, OtherProgramsGiveOthers) {
  std::string plain = moduleText(0), changed = plain;
  size_t place = changed.find("tern.rotary half");
  ASSERT_NE(place, std::string::npos);
  changed.replace(place, 16, "tern.rotary interleaved");
  EXPECT_NE(compileText(changed, 4), compileText(plain, 0));
}

} // namespace
} // namespace tern::test
