// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Prints what share of the machine's limits contraction kernels reach on one thread: with weights
// that come from memory (decode: the read limit) and with 512 rows (prefill: the limit of the
// instruction that does the work). Each figure is a median; each run is divided by the mean of the
// limits measured just before and just after it.
//
//   ContractionBench [--target=NAME] [--rows=1,512] [--runs=5] [--shape=2048x5632] [TYPES...] e.g.
//   q8_0_by_q8
#include "passes/CPU/Contraction.h"
#include "test/bench/Limits.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstring>

using namespace tern;
using cpu::ActivationForm;
using cpu::KernelBuilder;
using cpu::Storage;
namespace cl = llvm::cl;

static cl::opt<std::string> targetName("target", cl::desc("processor to generate code for"),
                                       cl::init("native"));
static cl::list<int64_t> rowCounts("rows", cl::desc("numbers of rows (default: 1 and 512)"),
                                   cl::CommaSeparated);
static cl::opt<unsigned> runs("runs", cl::desc("runs whose median is printed"), cl::init(5));
static cl::opt<std::string> onlyShape("shape", cl::desc("K x N, as 2048x5632; all if not given"));
static cl::list<std::string> wanted(cl::Positional, cl::desc("types, all if none is given"));

namespace {

struct Types {
  Storage weights;
  ActivationForm activations;
};
constexpr Types kTypes[] = {
    {Storage::F32, ActivationForm::F32},   {Storage::F16, ActivationForm::F32},
    {Storage::F16, ActivationForm::F16},   {Storage::BF16, ActivationForm::F32},
    {Storage::BF16, ActivationForm::BF16}, {Storage::Q8_0, ActivationForm::F32},
    {Storage::Q8_0, ActivationForm::Q8},   {Storage::Q4_0, ActivationForm::F32},
    {Storage::Q4_0, ActivationForm::Q8},   {Storage::Q4_1, ActivationForm::F32},
    {Storage::Q4_1, ActivationForm::Q8}};

struct Shape {
  int64_t k, n;
};
constexpr Shape kShapes[] = {{768, 768}, {768, 2048}, {2048, 768}, {2048, 5632}, {5632, 2048}};

constexpr int64_t kWeightBytes = int64_t(1)
                                 << 29; // copies of a weight, so that none stays in cache
constexpr int64_t kMostRows = 512;

std::string nameOf(const Types &types) {
  return (cpu::nameOf(types.weights) + "_by_" + cpu::nameOf(types.activations)).str();
}

std::string nameOf(Shape shape) { return std::to_string(shape.k) + "x" + std::to_string(shape.n); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class Bench {
public:
  Bench(const cpu::Target &target, Types types)
      : target(target), types(types), meter(target), weights(bench::allocate(kWeightBytes)),
        activations(bench::allocate(kActivationBytes)), results(bench::allocate(kResultBytes)) {
    // Small finite numbers in every type: bytes 0x21 are f16 and f32 of about 0.01 and 5e-19.
    std::memset(weights, 0x21, kWeightBytes);
    std::memset(activations, 0x21, kActivationBytes);
  }
  ~Bench() {
    bench::release(weights, kWeightBytes);
    bench::release(activations, kActivationBytes);
    bench::release(results, kResultBytes);
  }

  void measure(Shape shape, int64_t rows) {
    cpu::ContractionKernel kernel{};
    auto image = test::build(target, [&](mlir::ModuleOp module) { kernel = add(module, shape); });
    int64_t bytes = cpu::packedBytes(types.weights, shape.n, shape.k);
    double operations = 2.0 * static_cast<double>(rows * shape.n * shape.k);
    // Enough calls for a tenth of a second.
    int64_t copies = kWeightBytes / bytes;
    int64_t calls =
        rows <= 16 ? copies : std::max<int64_t>(1, static_cast<int64_t>(2e10 / operations));
    std::vector<char> scratch(kernel.scratchBytes + 64);
    void *aligned =
        reinterpret_cast<void *>((reinterpret_cast<uintptr_t>(scratch.data()) + 63) & ~63);
    auto run = [&] {
      for (int64_t call = 0; call < calls; ++call) {
        void *buffers[] = {activations, static_cast<char *>(weights) + call % copies * bytes,
                           results};
        image->kernel("k")(buffers, &rows, aligned, 0, kernel.tiles);
      }
    };
    run();
    std::vector<double> shares, rates;
    double work =
        static_cast<double>(calls) * (rows <= 16 ? static_cast<double>(bytes) : operations);
    bench::Limits before = meter.measure();
    for (unsigned turn = 0; turn < runs; ++turn) {
      double rate = work * 1e-9 / bench::seconds(run);
      bench::Limits after = meter.measure();
      rates.push_back(rate);
      shares.push_back(rate / ((limit(before, rows) + limit(after, rows)) / 2));
      before = after;
    }
    llvm::outs() << llvm::format("%-14s M=%-4d %5dx%-5d %8.1f %s %6.1f %%\n", nameOf(types).c_str(),
                                 int(rows), int(shape.k), int(shape.n), median(rates),
                                 rows <= 16 ? "GB/s   " : "GFLOP/s", 100 * median(shares));
    llvm::outs().flush();
  }

private:
  static constexpr int64_t kActivationBytes = kMostRows * 4 * (5632 + 32);
  static constexpr int64_t kResultBytes = kMostRows * 4 * 5632;

  cpu::ContractionKernel add(mlir::ModuleOp module, Shape shape) {
    cpu::ContractionSpec spec{types.weights, types.activations, shape.n, shape.k};
    spec.activationStride = types.activations == ActivationForm::Q8 ? shape.k / 32 : shape.k + 32;
    return test::expected(cpu::addContraction(
        module, target, "k", spec, [&](KernelBuilder &k, const cpu::OutputVector &output) {
          cpu::storeOutput(k, output, k.buffer(2), shape.n);
        }));
  }

  double limit(const bench::Limits &limits, int64_t rows) const {
    if (rows <= 16)
      return limits.read;
    if (types.activations == ActivationForm::BF16 && target.bf16)
      return limits.bf16;
    if (types.activations == ActivationForm::Q8)
      return limits.int8;
    return limits.f32;
  }

  cpu::Target target;
  Types types;
  bench::LimitMeter meter;
  void *weights, *activations, *results;
};

} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "shares of the machine's limits that kernels reach\n");
  cpu::Target target = test::expected(cpu::Target::named(targetName));
  std::vector<int64_t> rows(rowCounts.begin(), rowCounts.end());
  if (rows.empty())
    rows = {1, kMostRows};
  bench::Limits limits = bench::LimitMeter(target).measure();
  llvm::outs() << llvm::format(
      "%s, one thread: read %.1f GB/s; f32 %.0f, bf16 %.0f, int8 %.0f G/s\n", target.cpu.c_str(),
      limits.read, limits.f32, limits.bf16, limits.int8);
  for (Types types : kTypes) {
    if (!wanted.empty() && !llvm::is_contained(wanted, nameOf(types)))
      continue;
    Bench bench(target, types);
    for (int64_t count : rows)
      for (Shape shape : kShapes)
        if (onlyShape.empty() || onlyShape == nameOf(shape))
          bench.measure(shape, std::min(count, kMostRows));
  }
}
