// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// RandomGraphs: random functions mean the same before and after extraction, and compiled.
//
//   RandomGraphs --graphs=10000 [--from=SEED] [--rules=bit|real] [--engine=egraph|classic]
//   [--print] RandomGraphs --compiled=200 --compiler=tern-compile [--from=SEED]
//
// Under the laws of bits results of the f64 interpreter agree to the bit. Else an error is allowed
// in proportion to what rounding each term to f32 moves, for the numbers that laws write are f32:
// 4 times that. Of compiled graphs 16 times what rounding moves where the terms are primitives and
// each sum is off by a unit, as kernels' are: a norm of equal numbers shows that unit times
// 1 / sqrt(epsilon). Graphs whose results are not finite are counted apart.
#include "passes/Expand/Passes.h"
#include "passes/Saturate/Passes.h"
#include "test/random/Compiled.h"
#include "test/random/RandomGraph.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace tern;
namespace cl = llvm::cl;

static cl::opt<uint64_t> graphs("graphs", cl::desc("graphs to interpret"), cl::init(0));
static cl::opt<uint64_t> compiledGraphs("compiled", cl::desc("graphs to compile"), cl::init(0));
static cl::opt<uint64_t> firstSeed("from", cl::desc("seed of the first graph"), cl::init(1));
static cl::opt<int> termCount("terms", cl::desc("terms of a graph"), cl::init(24));
static cl::opt<bool> prints("print", cl::desc("print the graphs that disagree"));
static cl::opt<std::string> compiler("compiler", cl::desc("path of tern-compile"));
static cl::opt<saturate::RuleSet>
    rules("rules", cl::desc("laws that may be used"), cl::init(saturate::RuleSet::Real),
          cl::values(clEnumValN(saturate::RuleSet::Bit, "bit", "those that keep every bit"),
                     clEnumValN(saturate::RuleSet::Real, "real", "those of the reals too")));

static cl::opt<saturate::Engine>
    engine("engine", cl::desc("what applies the laws"), cl::init(saturate::Engine::EGraph),
           cl::values(clEnumValN(saturate::Engine::EGraph, "egraph", "equality saturation"),
                      clEnumValN(saturate::Engine::Classic, "classic", "the rewriter")));

using Tensors = SmallVector<reference::Tensor>;

namespace {

struct Outcome {
  uint64_t agree = 0, unbounded = 0, disagree = 0;
};

} // namespace

/// How the numbers of terms are rounded: not at all, to the nearest f32, or so but for sums, which
/// are one f32 above or below it in turn.
enum class Rounding { None, Nearest, OfSums };

static void round(std::vector<double> &numbers, bool isSum) {
  float direction = INFINITY;
  for (double &number : numbers) {
    auto nearest = static_cast<float>(number);
    number = isSum && nearest != 0 ? std::nextafter(nearest, direction) : nearest;
    direction = -direction;
  }
}

/// What the function says of its random arguments; none if the interpreter refuses it.
static std::optional<Tensors> interpret(ModuleOp module, StringRef name, uint64_t seed,
                                        Rounding rounding = Rounding::None) {
  reference::Interpreter interpreter(module, test::randomWeight);
  reference::defineTern(interpreter);
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (rounding != Rounding::None)
    for (Operation &op : function.getBody().front().without_terminator()) {
      StringRef term = op.getName().getStringRef();
      if (!interpreter.defines(term))
        continue;
      bool isSum = rounding == Rounding::OfSums &&
                   isa<SumOp, MeanOp, CumsumOp, ContractOp, ScatterAddOp>(op);
      interpreter.define(term, [isSum, inner = interpreter.definition(term)](
                                   Operation *op, ArrayRef<reference::Datum> operands,
                                   reference::Interpreter::Values &results,
                                   reference::Interpreter &self) {
        if (failed(inner(op, operands, results, self)))
          return failure();
        for (reference::Datum &result : results)
          if (auto *tensor = std::get_if<reference::Tensor>(&result)) {
            tensor->data = std::make_shared<std::vector<double>>(*tensor->data);
            round(*tensor->data, isSum);
          }
        return success();
      });
    }
  auto results = interpreter.call(name, test::randomArguments(function, seed));
  if (failed(results))
    return std::nullopt;
  Tensors tensors;
  for (const reference::Datum &result : *results)
    tensors.push_back(std::get<reference::Tensor>(result));
  return tensors;
}

static bool isBounded(const Tensors &tensors) {
  return llvm::all_of(tensors, [](const reference::Tensor &tensor) {
    return llvm::all_of(*tensor.data, [](double x) { return std::abs(x) < 1e6; });
  });
}

static double largest(const reference::Tensor &tensor) {
  double most = 0;
  for (double number : *tensor.data)
    most = std::max(most, std::abs(number));
  return most;
}

/// The largest difference; infinite if the shapes differ or a number is none.
static double difference(const reference::Tensor &a, const reference::Tensor &b) {
  if (a.shape != b.shape)
    return INFINITY;
  double most = 0;
  for (auto [x, y] : llvm::zip_equal(*a.data, *b.data))
    most = std::max(most, std::isnan(x - y) && x != y ? double(INFINITY) : std::abs(x - y));
  return most;
}

static void complain(uint64_t seed, const Twine &what, Outcome &outcome) {
  ++outcome.disagree;
  llvm::outs() << "graph " << seed << ": " << what << "\n";
}

static void compareInterpreted(ModuleOp module, uint64_t seed, Outcome &outcome) {
  if (failed(verify(module)))
    return complain(seed, "is not well-typed", outcome);
  std::optional<Tensors> before = interpret(module, "f", seed);
  std::optional<Tensors> rounded = interpret(module, "f", seed, Rounding::Nearest);
  if (!before || !rounded)
    return complain(seed, "has no meaning", outcome);
  if (!isBounded(*before)) {
    ++outcome.unbounded;
    return;
  }
  PassManager passes(module.getContext());
  saturate::SaturatePassOptions options;
  // Most graphs saturate below that; the others would take most of the time.
  options.maxNodes = 4000;
  options.rules = rules;
  options.engine = engine;
  if (rules == saturate::RuleSet::Real)
    passes.addPass(saturate::createCollectScalarsPass());
  passes.addPass(saturate::createSaturatePass(options));
  if (failed(passes.run(module)))
    return complain(seed, "is not saturated", outcome);
  std::optional<Tensors> after = interpret(module, "f", seed);
  if (!after)
    return complain(seed, "has no meaning after extraction", outcome);
  for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(*before, *after))) {
    auto &[a, b] = pair;
    double allowed = 0x1p-23 * std::max(largest(a), 1.0) + 4 * difference(a, (*rounded)[i]);
    if (rules == saturate::RuleSet::Bit)
      allowed = 0;
    if (double found = difference(a, b); found > allowed)
      return complain(seed,
                      "result " + Twine(i) + " differs by " + llvm::formatv("{0:e2}", found).str(),
                      outcome);
  }
  ++outcome.agree;
}

static void compareInterpreted(MLIRContext &context, uint64_t seed, Outcome &outcome) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  test::addRandomGraph(*module, "f", seed, termCount, test::Jumps::Some);
  OwningOpRef<ModuleOp> original = module->clone();
  uint64_t before = outcome.disagree;
  compareInterpreted(*module, seed, outcome);
  if (prints && outcome.disagree > before)
    llvm::outs() << *original << "\n";
}

//===- Compiled -------------------------------------------------------------===//

/// Graphs that share a module, so that the compiler starts once for them.
static constexpr uint64_t kBatch = 20;

static std::string functionOf(uint64_t seed) { return "g" + std::to_string(seed); }

static reference::Tensor tensorOf(const test::CompiledResult &result) {
  reference::Tensor tensor = reference::Tensor::make(result.shape);
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor[i] = reinterpret_cast<const float *>(result.bytes.data())[i];
  return tensor;
}

static void compareCompiled(MLIRContext &context, uint64_t first, uint64_t count,
                            const llvm::Twine &folder, Outcome &outcome) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  for (uint64_t seed = first; seed < first + count; ++seed)
    test::addRandomGraph(*module, functionOf(seed), seed, termCount, test::Jumps::None);
  std::string source = (folder + "/graphs.mlir").str(), path = (folder + "/graphs.tern").str();
  if (!test::compile(*module, compiler, {"--numerics=exact"}, source, path))
    return complain(first, "and those after it are not compiled: " + source, outcome);
  OwningOpRef<ModuleOp> spelt = module->clone();
  PassManager passes(&context);
  passes.addPass(expand::createExpandCompositesPass());
  if (failed(passes.run(*spelt)))
    return complain(first, "and those after it have no spelling: " + source, outcome);
  Device device("cpu", 1);
  Artefact artefact(path);
  Model model(artefact, device);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    auto function = module->lookupSymbol<func::FuncOp>(functionOf(seed));
    std::optional<Tensors> exact = interpret(*module, function.getName(), seed);
    std::optional<Tensors> rounded = interpret(*spelt, function.getName(), seed, Rounding::OfSums);
    if (!exact || !rounded || !isBounded(*exact)) {
      ++outcome.unbounded;
      continue;
    }
    std::vector<test::CompiledResult> found = test::runCompiled(model, function, seed);
    bool agrees = true;
    for (auto [i, result] : llvm::enumerate(*exact)) {
      double allowed =
          1e-5 * std::max(largest(result), 1.0) + 16 * difference(result, (*rounded)[i]);
      if (double error = difference(result, tensorOf(found[i])); !(error <= allowed)) {
        complain(seed, "result " + Twine(i) + " is off by " + llvm::formatv("{0:e2}", error).str(),
                 outcome);
        agrees = false;
        break;
      }
    }
    outcome.agree += agrees;
  }
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "random graphs before and after the compiler\n");
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<TernDialect, func::FuncDialect>();
  Outcome outcome;
  for (uint64_t seed = firstSeed; seed < firstSeed + graphs; ++seed)
    compareInterpreted(context, seed, outcome);
  llvm::SmallString<64> folder;
  if (compiledGraphs && llvm::sys::fs::createUniqueDirectory("random-graphs", folder))
    return 70;
  for (uint64_t done = 0; done < compiledGraphs; done += kBatch)
    compareCompiled(context, firstSeed + done, std::min(kBatch, compiledGraphs - done), folder,
                    outcome);
  if (outcome.disagree == 0 && !folder.empty())
    llvm::sys::fs::remove_directories(folder);
  llvm::outs() << outcome.agree << " graphs agree, " << outcome.unbounded
               << " have results that are not bounded, " << outcome.disagree << " disagree\n";
  return outcome.disagree == 0 ? 0 : 1;
}
