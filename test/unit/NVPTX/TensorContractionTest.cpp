// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/TensorKernels.h"

#include "passes/NVPTX/Ptx.h"
#include "test/conformance/CPU/DispatchRunner.h"
#include "test/unit/emulator/Machine.h"
#include "tools/tern-bench/MachineCode.h"

#include <cmath>
#include <fstream>

using namespace tern;
using cpu::ActivationForm;
using cpu::ContractionSpec;
using cpu::KernelBuilder;
using cpu::Storage;

namespace {

/// The text of the kernels for sm_80, of three buffers (x, W, y) and one size (rows).
struct Compiled {
  nvptx::TensorKernel many, few;
  std::string ptx;
};

Compiled compile(const ContractionSpec &spec, cpu::Epilogue epilogue) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  nvptx::KernelParameters parameters{{16, 64, 16}, 1};
  EXPECT_EQ(nvptx::whyNotTensor(spec, parameters.alignments[0]), "");
  Compiled compiled;
  EXPECT_TRUE(nvptx::takesFewRows(spec, parameters.alignments[0]));
  compiled.many = nvptx::addTensorContraction(*module, "many", spec, parameters, epilogue);
  compiled.few = nvptx::addFewRowsContraction(*module, "few", spec, parameters, epilogue);
  compiled.ptx =
      test::expected(nvptx::compile(*module, test::expected(nvptx::Target::named("sm_80"))));
  return compiled;
}

/// Runs it as the plan says; the machine's complaint, if it has one.
std::string launch(test::Machine &machine, const nvptx::TensorKernel &kernel, int64_t tiles,
                   test::Parameters parameters) {
  parameters.add(tiles);
  auto blocks = static_cast<uint32_t>((tiles + kernel.blockTiles - 1) / kernel.blockTiles);
  return machine.run({blocks}, {static_cast<uint32_t>(kernel.threads)}, parameters,
                     static_cast<uint64_t>(kernel.sharedBytes));
}

std::string launch(test::Machine &machine, const Compiled &compiled, bool isMany, uint64_t x,
                   uint64_t w, uint64_t y, int64_t rows) {
  machine.kernelName = isMany ? "many" : "few";
  int64_t manyTiles = (rows + compiled.many.blockTiles - 1) * compiled.many.columnBlocks;
  return launch(machine, isMany ? compiled.many : compiled.few,
                isMany ? manyTiles : compiled.few.columnBlocks, test::Parameters(x, w, y, rows));
}

/// Sums of the f64 reference, and how far the results may be from them: of 16 products and a sum
/// hardware may lose 18 2^-23 of their magnitudes (ExecuteMatrix.cpp), and a sum is what was added
/// before.
struct Reference {
  double sum = 0, magnitude = 0;
  int64_t k;

  Reference(const test::Weights &weights, int64_t column, const test::Activations &activations,
            int64_t row)
      : k(weights.k) {
    for (int64_t i = 0; i < k; ++i) {
      double product = activations.values[row * k + i] * weights.values[column * k + i];
      sum += product;
      magnitude += std::fabs(product);
    }
  }
  double bound() const { return static_cast<double>((k + 15) / 16) * 18 * 0x1p-23 * magnitude; }
};

struct Shape {
  Storage storage;
  int64_t n, k;
};

void PrintTo(const Shape &shape, std::ostream *os) {
  *os << shape.storage.name << " " << shape.n << " x " << shape.k;
}

class TensorContraction : public testing::TestWithParam<Shape> {
protected:
  TensorContraction() {
    auto [storage, n, k] = GetParam();
    spec.weights = storage;
    spec.activations = form();
    spec.n = n;
    spec.k = k;
    spec.activationStride = (k + 31) / 32 * 32 + 8;
    stride = n + 3;
  }

  static ActivationForm form() {
    return GetParam().storage == Storage::BF16 ? ActivationForm::BF16 : ActivationForm::F16;
  }

  /// y[rows][stride] of the first rows; what is not written stays NaN.
  std::vector<float> run(const Compiled &compiled, const test::Activations &activations,
                         std::vector<uint8_t> packed, int64_t rows, bool isMany = true,
                         tern::runtime::emulator::Counts *counts = nullptr) {
    test::Machine machine(compiled.ptx);
    machine.options.seed = static_cast<uint64_t>(rows);
    // The last row has no padding.
    std::vector<uint8_t> x(activations.bytes.begin(), activations.bytes.begin() +
                                                          (rows - 1) * activations.rowBytes +
                                                          2 * spec.k);
    std::vector<float> y(rows * stride, NAN);
    uint64_t xAt = machine.add(x, "x"), wAt = machine.add(packed, "W"), yAt = machine.add(y, "y");
    EXPECT_EQ(launch(machine, compiled, isMany, xAt, wAt, yAt, rows), "") << rows << " rows";
    if (counts)
      *counts = machine.counts;
    return y;
  }

  void store(KernelBuilder &k, const cpu::OutputVector &output) const {
    cpu::storeOutput(k, output, k.buffer(2), stride);
  }

  ContractionSpec spec;
  int64_t stride;
};

TEST_P(TensorContraction, isTheProductForAnyNumberOfRows) {
  constexpr int64_t kRows = 140;
  test::Weights weights = test::makeWeights(spec.weights, spec.n, spec.k, 7);
  test::Activations activations =
      test::makeActivations(form(), spec.weights, kRows, spec.k, spec.activationStride, 11);
  Compiled compiled = compile(spec, [&](auto &k, auto &output) { store(k, output); });
  tern::runtime::emulator::Counts counts;
  std::vector<float> all = run(compiled, activations, weights.packed, kRows, true, &counts);
  EXPECT_EQ(counts.sharedPasses, counts.sharedPassesIdeal);
  for (int64_t m = 0; m < kRows; ++m)
    for (int64_t n = 0; n < stride; ++n) {
      if (n >= spec.n) {
        ASSERT_TRUE(std::isnan(all[m * stride + n])) << "wrote beyond row " << m;
        continue;
      }
      Reference reference(weights, n, activations, m);
      ASSERT_NEAR(all[m * stride + n], reference.sum, reference.bound()) << m << ", " << n;
    }
  // Bit for bit by both kernels.
  auto expectFirst = [&](int64_t rows, bool isMany) {
    std::vector<float> few = run(compiled, activations, weights.packed, rows, isMany);
    EXPECT_EQ(std::memcmp(few.data(), all.data(), few.size() * sizeof(float)), 0)
        << rows << (isMany ? " many" : " few");
  };
  for (int64_t rows : {1, 9, 64, 127, 128, 129})
    expectFirst(rows, true);
  for (int64_t rows : {1, 2, 7, 8, 9, 30})
    expectFirst(rows, false);
}

/// No slice, a part of one, as many as there are stages and one more or less, and many; panels of
/// one block, parts of panels and of vectors.
INSTANTIATE_TEST_SUITE_P(shapes, TensorContraction,
                         testing::Values(Shape{Storage::BF16, 128, 32},
                                         Shape{Storage::BF16, 256, 160},
                                         Shape{Storage::BF16, 96, 64}, Shape{Storage::BF16, 40, 96},
                                         Shape{Storage::BF16, 33, 97}, Shape{Storage::BF16, 1, 1},
                                         Shape{Storage::BF16, 160, 136},
                                         Shape{Storage::BF16, 7, 250},
                                         Shape{Storage::BF16, 48, 600},
                                         Shape{Storage::F16, 64, 528}, Shape{Storage::F16, 128, 32},
                                         Shape{Storage::F16, 192, 128}, Shape{Storage::F16, 33, 97},
                                         Shape{Storage::F16, 5, 3}, Shape{Storage::F16, 100, 200}));

/// The epilogue sees the same column of both halves of a weight, however their panels lie.
TEST(PairedTensorContraction, seesBothHalves) {
  constexpr int64_t kRows = 70, kColumns = 96, kDepth = 72;
  test::Weights weights = test::makeWeights(Storage::BF16, 2 * kColumns, kDepth, 7);
  test::Activations activations =
      test::makeActivations(ActivationForm::BF16, Storage::BF16, kRows, kDepth, kDepth, 11);
  for (bool isAlternating : {false, true}) {
    ContractionSpec spec;
    spec.weights = Storage::BF16;
    spec.activations = ActivationForm::BF16;
    spec.n = kColumns;
    spec.k = spec.activationStride = kDepth;
    spec.isPaired = true;
    spec.isAlternating = isAlternating;
    Compiled compiled = compile(spec, [&](KernelBuilder &k, cpu::OutputVector output) {
      output.sums = k.sub(output.sums, k.mul(output.ofSecond, 4));
      cpu::storeOutput(k, output, k.buffer(2), kColumns);
    });
    std::vector<uint8_t> packed = weights.packed;
    if (isAlternating)
      packed = test::alternatePanels(packed, 2 * kColumns / cpu::kPanelColumns);
    for (bool isMany : {true, false}) {
      std::vector<float> y(kRows * kColumns, NAN);
      test::Machine machine(compiled.ptx);
      uint64_t xAt = machine.add(activations.bytes, "x"), wAt = machine.add(packed, "W");
      uint64_t yAt = machine.add(y, "y");
      ASSERT_EQ(launch(machine, compiled, isMany, xAt, wAt, yAt, kRows), "");
      for (int64_t m = 0; m < kRows; ++m)
        for (int64_t n = 0; n < kColumns; ++n) {
          Reference first(weights, n, activations, m),
              second(weights, kColumns + n, activations, m);
          double expected = first.sum - 4 * second.sum, last = 0x1p-23 * std::fabs(expected);
          ASSERT_NEAR(y[m * kColumns + n], expected, first.bound() + 4 * second.bound() + last)
              << m << ", " << n;
        }
    }
  }
}

TEST(WhyNotTensor, namesWhatIsMissing) {
  ContractionSpec spec;
  spec.weights = Storage::BF16;
  spec.activations = ActivationForm::BF16;
  spec.n = spec.k = spec.activationStride = 64;
  EXPECT_EQ(nvptx::whyNotTensor(spec, 16), "");
  EXPECT_TRUE(nvptx::takesFewRows(spec, 4));
  EXPECT_FALSE(nvptx::takesFewRows(spec, 2));
  EXPECT_EQ(nvptx::whyNotTensor(spec, 8),
            "tensor cores read rows at multiples of 16 bytes, found a "
            "stride of 64 elements at a multiple of 8 bytes");
  ContractionSpec odd = spec, grouped = spec, mixed = spec, blocks = spec;
  odd.activationStride = 65;
  EXPECT_EQ(nvptx::whyNotTensor(odd, 16),
            "tensor cores read rows at multiples of 16 bytes, found a "
            "stride of 65 elements at a multiple of 16 bytes");
  EXPECT_FALSE(nvptx::takesFewRows(odd, 16));
  grouped.groups = 4;
  EXPECT_FALSE(nvptx::takesFewRows(grouped, 16));
  EXPECT_EQ(nvptx::whyNotTensor(grouped, 16),
            "tensor cores take rows of one weight, found rows that choose one each");
  mixed.activations = ActivationForm::F32;
  EXPECT_TRUE(nvptx::isOfTensorTypes(spec));
  EXPECT_FALSE(nvptx::isOfTensorTypes(mixed));
  blocks.byPanels = true;
  EXPECT_FALSE(nvptx::takesFewRows(blocks, 16));
  EXPECT_EQ(nvptx::whyNotTensor(blocks, 16),
            "tensor cores leave results of a row apart, found blocks of codes to write");
}

/// A dispatch of x[T, K], W[N, K] and others, with {0}, {1}, ... as the types of its inputs and
/// then of its result.
struct Dispatch {
  const char *name;
  Storage storage;
  int64_t n, k;
  bool isAlternating;
  std::vector<const char *> types;
  const char *body;
  double tolerance; ///< in the largest result
};

void PrintTo(const Dispatch &dispatch, std::ostream *os) { *os << dispatch.name; }

class TensorDispatch : public testing::TestWithParam<Dispatch> {
protected:
  static constexpr int64_t kRows = 137;

  static std::string text() {
    const Dispatch &law = GetParam();
    std::string arguments, names, inner, types;
    size_t inputs = law.types.size() - 1;
    for (size_t i = 0; i < inputs; ++i) {
      std::string comma = i ? ", " : "", letter(1, static_cast<char>('a' + i));
      arguments += comma + "%" + letter + "0: " + law.types[i];
      names += comma + "%" + letter + "0";
      inner += comma + "%" + letter + ": " + law.types[i];
      types += comma + law.types[i];
    }
    std::string body = law.body, result = law.types[inputs];
    for (size_t i = 0; i <= inputs; ++i) {
      std::string hole = "{" + std::to_string(i) + "}";
      for (size_t at; (at = body.find(hole)) != std::string::npos;)
        body.replace(at, hole.size(), law.types[i]);
    }
    return "tern.dim @T from 0 to 512\nfunc.func @f(" + arguments + ") -> " + result +
           " {\n%0 = tern.dispatch contraction(" + names + ") : (" + types + ") -> " + result +
           " {\n^bb0(" + inner + "):\n" + body + "\n}\nreturn %0 : " + result + "\n}\n";
  }
};

/// What a dispatch makes of the sums is what the references of its operations make of them.
TEST_P(TensorDispatch, isWhatItsReferencesSay) {
  const Dispatch &law = GetParam();
  auto form = law.storage == Storage::BF16 ? ActivationForm::BF16 : ActivationForm::F16;
  test::DispatchRunner runner(text(), cpu::emitContraction, test::expected(cpu::Target::native()),
                              /*padding=*/8);
  ASSERT_TRUE(runner.compiled()) << runner.diagnostic();
  DispatchOp op = runner.dispatch();
  test::Weights weights = test::makeWeights(law.storage, law.n, law.k, 7);
  test::Activations x = test::makeActivations(form, law.storage, kRows, law.k, law.k + 8, 11);
  test::Dims dims{{"T", kRows}};
  std::vector<std::vector<double>> numbers{x.values, weights.values};
  std::vector<std::vector<uint8_t>> bytes{x.bytes, weights.packed};
  if (law.isAlternating)
    bytes[1] = test::alternatePanels(weights.packed, law.n / cpu::kPanelColumns);
  for (size_t i = 2; i < op.getInputs().size(); ++i) {
    mlir::Type type = op.getInputs()[i].getType();
    int64_t count = 1;
    for (int64_t extent : runner.shapeOf(type, dims))
      count *= extent;
    numbers.push_back(test::randomNumbers(count, static_cast<uint32_t>(i)));
    for (double &number : numbers.back())
      number = static_cast<float>(number);
    std::unique_ptr<test::GuardedBytes> stored = runner.store(numbers.back(), type, dims);
    bytes.emplace_back(stored->data(), stored->data() + stored->size());
  }
  mlir::Type resultType = op.getResult(0).getType();
  std::vector<cpu::Layout> layouts;
  for (mlir::TypeRange types :
       {mlir::TypeRange(op.getInputs()), mlir::TypeRange(op.getResultTypes())})
    for (mlir::Type type : types)
      layouts.push_back({runner.rowStrideOf(type)});
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(op.getContext()));
  auto emitted = nvptx::emitTensorKernels(op, layouts, std::vector<int64_t>(bytes.size() + 1, 16),
                                          "product", *module);
  ASSERT_TRUE(succeeded(emitted) && emitted->few && emitted->many);
  EXPECT_EQ(emitted->remark, "");
  test::Machine machine(
      test::expected(nvptx::compile(*module, test::expected(nvptx::Target::named("sm_80")))));
  test::Parameters inputs;
  for (auto &buffer : bytes)
    inputs.add(machine.add(buffer, "input"));
  std::vector<double> expected = runner.refer(numbers, dims)[0], found[2];
  for (bool isMany : {true, false}) {
    std::vector<double> nothing(expected.size(), NAN);
    std::unique_ptr<test::GuardedBytes> y = runner.store(nothing, resultType, dims);
    test::Parameters parameters = inputs;
    parameters.add(machine.memory.add(y->data(), y->size(), "y",
                                      tern::runtime::emulator::Contents::Initialised));
    parameters.add(kRows);
    const auto &own = isMany ? *emitted->many : *emitted->few;
    machine.kernelName = isMany ? "product_many" : "product";
    ASSERT_EQ(launch(machine, own.start, runner.valueOf(own.info.tiles, dims), parameters), "");
    found[isMany] = runner.load(*y, resultType, dims);
    EXPECT_LE(test::relativeError(found[isMany], expected), law.tolerance);
  }
  EXPECT_EQ(found[0], found[1]);
}

/// Of f32 results a chain of K / 16 sums may lose some 1e-5, narrow ones half a unit more.
INSTANTIATE_TEST_SUITE_P(
    epilogues, TensorDispatch,
    testing::Values(
        Dispatch{"residual",
                 Storage::BF16,
                 104,
                 72,
                 false,
                 {"tensor<?x72xbf16, #tern.dims<T>>", "tensor<104x72xbf16, #tern.panels<32>>",
                  "tensor<?x104xf32, #tern.dims<T>>", "tensor<?x104xf32, #tern.dims<T>>"},
                 "%1 = tern.contract \"ab,cb->ac\" %a, %b : {0}, {1}\n"
                 "%2 = tern.add %c, %1 : {3}, {3}\n"
                 "tern.yield %2 : {3}",
                 5e-5},
        Dispatch{"biasAndActivation",
                 Storage::F16,
                 50,
                 40,
                 false,
                 {"tensor<?x40xf16, #tern.dims<T>>", "tensor<50x40xf16, #tern.panels<32>>",
                  "tensor<50xf32>", "tensor<?x50xf32, #tern.dims<T>>"},
                 "%1 = tern.contract \"ab,cb->ac\" %a, %b : {0}, {1}\n"
                 "%2 = tern.broadcast \"a->ba\" %c : {2} to {3}\n"
                 "%3 = tern.add %1, %2 : {3}, {3}\n"
                 "%4 = tern.silu %3 : {3}\n"
                 "tern.yield %4 : {3}",
                 5e-5},
        Dispatch{"gateAndUp",
                 Storage::BF16,
                 192,
                 64,
                 true,
                 {"tensor<?x64xbf16, #tern.dims<T>>",
                  "tensor<192x64xbf16, #tern.panels<32, alternating>>",
                  "tensor<?x96xbf16, #tern.dims<T>>"},
                 "%1 = tern.contract \"ab,cb->ac\" %a, %b : {0}, {1}\n"
                 "%2 = tern.slice %1 axis 1 from 0 size 96 : tensor<?x192xf32, #tern.dims<T>>\n"
                 "%3 = tern.slice %1 axis 1 from 96 size 96 : tensor<?x192xf32, #tern.dims<T>>\n"
                 "%4 = tern.silu %2 : tensor<?x96xf32, #tern.dims<T>>\n"
                 "%5 = tern.mul %4, %3 : tensor<?x96xf32, #tern.dims<T>>, "
                 "tensor<?x96xf32, #tern.dims<T>>\n"
                 "%6 = tern.cast %5 : tensor<?x96xf32, #tern.dims<T>> to {2}\n"
                 "tern.yield %6 : {2}",
                 0x1p-8 + 5e-5}),
    [](const auto &info) { return info.param.name; });

ContractionSpec largeProduct() {
  ContractionSpec spec;
  spec.weights = Storage::BF16;
  spec.activations = ActivationForm::BF16;
  spec.n = spec.k = spec.activationStride = 4096;
  return spec;
}

/// By blocks of a 4096-cubed product: the tensor cores' share, banks and sectors.
TEST(TensorContractionCounts, areThoseOfTensorCoresAndFullSectors) {
  constexpr int64_t kRows = 4096;
  ContractionSpec spec = largeProduct();
  Compiled compiled = compile(spec, [&](KernelBuilder &k, const cpu::OutputVector &output) {
    cpu::storeOutput(k, output, k.buffer(2), spec.n);
  });
  std::vector<uint16_t> x(kRows * spec.k, test::toBF16(0.5f)), w(spec.n * spec.k, test::toBF16(2));
  std::vector<float> y(kRows * spec.n, NAN);
  test::Machine machine(compiled.ptx);
  machine.options.sampleEvery = 500;
  uint64_t xAt = machine.add(x, "x"), wAt = machine.add(w, "W"), yAt = machine.add(y, "y");
  ASSERT_EQ(launch(machine, compiled, true, xAt, wAt, yAt, kRows), "");
  EXPECT_EQ(y[0], static_cast<float>(spec.k));
  const auto &counts = machine.counts;
  EXPECT_GE(counts.ctas, 2u);
  EXPECT_GE(counts.matrixShare(), 0.99);
  EXPECT_EQ(counts.sharedPasses, counts.sharedPassesIdeal);
  EXPECT_LE(static_cast<double>(counts.globalSectors),
            1.05 * static_cast<double>(counts.globalSectorsIdeal));
}

bench::MachineCode assemble(const std::string &ptx) {
  std::string path = testing::TempDir() + "product.ptx";
  std::ofstream(path) << ptx;
  return bench::readMachineCode(path, {});
}

/// By ptxas's code for sm_80: a warp issues for little longer than its tensor instructions take,
/// and shared memory keeps up with all four warps.
TEST(TensorContractionMachineCode, keepsTensorCoresBusy) {
  ContractionSpec spec = largeProduct();
  Compiled compiled = compile(spec, [&](KernelBuilder &k, const cpu::OutputVector &output) {
    cpu::storeOutput(k, output, k.buffer(2), spec.n);
  });
  bench::MachineCode code = assemble(compiled.ptx);
  EXPECT_EQ(code.gpu.chip(), "sm_80");
  ASSERT_EQ(code.kernels.size(), 2u);
  for (const bench::KernelCode &kernel : code.kernels) {
    EXPECT_EQ(kernel.resources.spillStores + kernel.resources.spillLoads, 0u);
    EXPECT_EQ(kernel.resources.stackBytes, 0u);
    ASSERT_FALSE(kernel.loops.empty());
    if (kernel.resources.name != "many")
      continue;
    for (const bench::SteadyLoop &loop : kernel.loops) {
      // 64 x 64 by 32, of a warp.
      EXPECT_EQ(loop.tensorCycles, 8u * 4 * 8 * 2);
      EXPECT_LE(loop.issuePerTensor(), 1.05);
      EXPECT_LE(loop.sharedPerTensor(), 0.80);
    }
  }
}

/// One row: weights come once and in full sectors.
TEST(FewRowsContractionCounts, areThoseOfFullSectors) {
  ContractionSpec spec = largeProduct();
  spec.n = 256;
  Compiled compiled = compile(spec, [&](KernelBuilder &k, const cpu::OutputVector &output) {
    cpu::storeOutput(k, output, k.buffer(2), spec.n);
  });
  std::vector<uint16_t> x(spec.k, test::toBF16(0.5f)), w(spec.n * spec.k, test::toBF16(2));
  std::vector<float> y(spec.n, NAN);
  test::Machine machine(compiled.ptx);
  uint64_t xAt = machine.add(x, "x"), wAt = machine.add(w, "W"), yAt = machine.add(y, "y");
  ASSERT_EQ(launch(machine, compiled, false, xAt, wAt, yAt, 1), "");
  EXPECT_EQ(y, std::vector<float>(spec.n, static_cast<float>(spec.k)));
  const auto &counts = machine.counts;
  EXPECT_LE(static_cast<double>(counts.globalSectors),
            1.05 * static_cast<double>(counts.globalSectorsIdeal));
}

} // namespace
