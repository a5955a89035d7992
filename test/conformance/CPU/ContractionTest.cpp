// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/CPU/Contraction.h"
#include "test/conformance/CPU/MappedImage.h"
#include "test/conformance/CPU/Operands.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace tern;
using cpu::ActivationForm;
using cpu::ContractionSpec;
using cpu::KernelBuilder;
using cpu::Storage;

namespace {

struct Types {
  Storage weights;
  ActivationForm activations;
};
/// Every packed form.
constexpr Types kTypes[] = {
    {Storage::F32, ActivationForm::F32},   {Storage::F16, ActivationForm::F32},
    {Storage::F16, ActivationForm::F16},   {Storage::BF16, ActivationForm::F32},
    {Storage::BF16, ActivationForm::BF16}, {Storage::Q8_0, ActivationForm::F32},
    {Storage::Q8_0, ActivationForm::Q8},   {Storage::Q4_0, ActivationForm::F32},
    {Storage::Q4_0, ActivationForm::Q8},   {Storage::Q4_1, ActivationForm::F32},
    {Storage::Q4_1, ActivationForm::Q8},   {Storage::Q5_0, ActivationForm::F32},
    {Storage::Q5_0, ActivationForm::Q8},   {Storage::Q5_1, ActivationForm::F32},
    {Storage::Q5_1, ActivationForm::Q8},   {Storage::Q2_K, ActivationForm::F32},
    {Storage::Q2_K, ActivationForm::Q8},   {Storage::Q3_K, ActivationForm::F32},
    {Storage::Q3_K, ActivationForm::Q8},   {Storage::Q4_K, ActivationForm::F32},
    {Storage::Q4_K, ActivationForm::Q8},   {Storage::Q5_K, ActivationForm::F32},
    {Storage::Q5_K, ActivationForm::Q8},   {Storage::Q6_K, ActivationForm::F32},
    {Storage::Q6_K, ActivationForm::Q8},   {Storage::IQ4_NL, ActivationForm::F32},
    {Storage::IQ4_NL, ActivationForm::Q8}, {Storage::IQ4_XS, ActivationForm::F32},
    {Storage::IQ4_XS, ActivationForm::Q8}, {Storage::MXFP4, ActivationForm::F32},
    {Storage::MXFP4, ActivationForm::Q8},  {{"nf4"}, ActivationForm::F32},
    {{"fp4"}, ActivationForm::F32},        {{"e4m3"}, ActivationForm::F32},
    {{"e5m2"}, ActivationForm::F32},       {{"i8"}, ActivationForm::F32},
    {{"z4_32"}, ActivationForm::F32},      {{"z4_32"}, ActivationForm::Q8},
    {{"z4_128"}, ActivationForm::F32},     {{"z4_128"}, ActivationForm::Q8},
    {Storage::Q4_1, ActivationForm::BF16}, {Storage::Q3_K, ActivationForm::BF16},
    {{"nf4"}, ActivationForm::BF16}};

struct Shape {
  int64_t n, k, tileColumns;
};
/// One, primes, panel edges from both sides, and more panels than one.
constexpr Shape kDenseShapes[] = {{1, 1, 32},   {7, 3, 32},   {31, 2, 16},  {32, 64, 32},
                                  {33, 97, 32}, {61, 65, 16}, {96, 128, 32}};
constexpr Shape kBlockShapes[] = {{1, 32, 32}, {31, 64, 16}, {33, 352, 32}, {96, 96, 32}};
constexpr Shape kLongBlockShapes[] = {{1, 256, 32}, {31, 512, 16}, {65, 768, 32}};

llvm::ArrayRef<Shape> shapesOf(Storage weights) {
  const BlockFormat *format = weights.format();
  if (!format)
    return kDenseShapes;
  return format->elements == 32 ? llvm::ArrayRef(kBlockShapes) : llvm::ArrayRef(kLongBlockShapes);
}

std::string nameOf(const Types &types) {
  return (cpu::nameOf(types.weights) + "_by_" + cpu::nameOf(types.activations)).str();
}

/// A contraction with padded rows on both sides and its kernel's operands.
class Case {
public:
  Case(Types types, Shape shape) : types(types), shape(shape) {
    spec.weights = types.weights;
    spec.activations = types.activations;
    spec.n = shape.n;
    spec.k = shape.k;
    spec.tileColumns = shape.tileColumns;
    spec.activationStride =
        types.activations == ActivationForm::Q8 ? shape.k / 32 + 1 : shape.k + 5;
    weights = test::makeWeights(types.weights, shape.n, shape.k, 7);
    activations = test::makeActivations(types.activations, types.weights, kMaxRows, shape.k,
                                        spec.activationStride, 11);
  }

  std::string name() const {
    return nameOf(types) + "_" + std::to_string(shape.n) + "x" + std::to_string(shape.k);
  }
  int64_t outputStride() const { return shape.n + 3; }

  void add(mlir::ModuleOp module, const cpu::Target &target) {
    kernel = test::expected(cpu::addContraction(
        module, target, name(), spec, [&](KernelBuilder &k, const cpu::OutputVector &output) {
          cpu::storeOutput(k, output, k.buffer(2), outputStride());
        }));
  }

  /// Rows [first, first + rows), tiles in ranges that end at `splits`.
  std::vector<float> run(test::KernelFunction *function, int64_t first, int64_t rows,
                         std::vector<int64_t> splits = {}) const {
    size_t unit = activations.rowBytes / spec.activationStride;
    size_t all = types.activations == ActivationForm::Q8 ? shape.k / 32 : shape.k;
    test::GuardedBytes x(rows == 0 ? 0 : (rows - 1) * activations.rowBytes + all * unit);
    std::memcpy(x.data(), activations.bytes.data() + first * activations.rowBytes, x.size());
    test::GuardedBytes w(weights.packed.size());
    std::memcpy(w.data(), weights.packed.data(), w.size());
    test::GuardedBytes y(rows * outputStride() * sizeof(float));
    std::memset(y.data(), 0xff, y.size());
    test::GuardedBytes scratch((kernel.scratchBytes + 63) / 64 * 64);
    std::memset(scratch.data(), 0xff, scratch.size());
    void *buffers[] = {x.data(), w.data(), y.data()};
    splits.push_back(kernel.tiles);
    int64_t begin = 0;
    for (int64_t end : splits) {
      function(buffers, &rows, scratch.data(), begin, end);
      begin = end;
    }
    return {y.as<float>().begin(), y.as<float>().end()};
  }

  /// Each result within the bound of its order of summation, padding untouched.
  void expectNear(const std::vector<float> &y, int64_t rows) const {
    for (int64_t m = 0; m < rows; ++m)
      for (int64_t n = 0; n < outputStride(); ++n) {
        float found = y[m * outputStride() + n];
        if (n >= shape.n) {
          uint32_t bits;
          std::memcpy(&bits, &found, 4);
          ASSERT_EQ(bits, 0xffffffffu) << name() << " wrote beyond row " << m;
          continue;
        }
        auto [expected, bound] = reference(m, n);
        ASSERT_NEAR(found, expected, bound) << name() << " at row " << m << ", column " << n;
      }
  }

  static constexpr int64_t kMaxRows = 64;

private:
  /// The f64 result and how far f32 may be from it: each of r roundings on the way of a product
  /// into the sum errs by at most 2^-24 of the sum of absolute values.
  ///   dense: K fmas (products of a bf16 pair are added first: one more)
  ///   blocks, activations in floats: at most 32 fmas in a group, 2 for each group after it
  ///   blocks, q8 activations: the integer sum is exact; the product of scales, then as above
  std::pair<double, double> reference(int64_t m, int64_t n) const {
    double sum = 0, magnitude = 0;
    for (int64_t k = 0; k < shape.k; ++k) {
      double x = activations.values[m * shape.k + k], w = weights.values[n * shape.k + k];
      sum += x * w;
      magnitude += std::fabs(x) * weights.magnitudes[n * shape.k + k];
    }
    cpu::PackedLayout layout = cpu::layoutOf(types.weights);
    double blocks = static_cast<double>(shape.k) / static_cast<double>(layout.group);
    double roundings = !layout.quantised()                       ? shape.k + 2
                       : types.activations == ActivationForm::Q8 ? 2 * blocks + 3
                                                                 : 32 + 2 * blocks + 2;
    return {sum, roundings * 0x1p-24 * magnitude};
  }

  Types types;
  Shape shape;
  ContractionSpec spec;
  test::Weights weights;
  test::Activations activations;
  cpu::ContractionKernel kernel{};
};

/// All shapes of one pair of types, compiled for one target.
struct Kernels {
  Kernels(const cpu::Target &target, Types types) {
    for (Shape shape : shapesOf(types.weights))
      cases.emplace_back(types, shape);
    image = test::build(target, [&](mlir::ModuleOp module) {
      for (Case &c : cases)
        c.add(module, target);
    });
  }
  /// Compiled on first use and kept for the other tests.
  static const Kernels &of(const cpu::Target &target, Types types) {
    static std::map<std::string, Kernels> kept;
    std::string key = target.cpu + nameOf(types);
    return kept.try_emplace(key, target, types).first->second;
  }

  std::vector<Case> cases;
  std::unique_ptr<test::MappedImage> image;
};

class ContractionTest : public testing::TestWithParam<std::tuple<cpu::Target, Types>> {
protected:
  const Kernels &kernels = Kernels::of(std::get<0>(GetParam()), std::get<1>(GetParam()));
  const std::vector<Case> &cases = kernels.cases;
  const test::MappedImage *image = kernels.image.get();
};

TEST_P(ContractionTest, everyNumberOfRowsIsRowByRow) {
  for (const Case &c : cases) {
    test::KernelFunction *kernel = image->kernel(c.name());
    std::vector<float> single;
    for (int64_t m = 0; m < Case::kMaxRows; ++m) {
      std::vector<float> row = c.run(kernel, m, 1);
      single.insert(single.end(), row.begin(), row.end());
    }
    c.expectNear(single, Case::kMaxRows);
    for (int64_t rows = 0; rows <= Case::kMaxRows; ++rows) {
      std::vector<float> y = c.run(kernel, 0, rows);
      ASSERT_EQ(std::memcmp(y.data(), single.data(), y.size() * sizeof(float)), 0)
          << c.name() << " with " << rows << " rows";
    }
  }
}

TEST_P(ContractionTest, tilesMayBeSplitAnywhere) {
  for (const Case &c : cases) {
    test::KernelFunction *kernel = image->kernel(c.name());
    for (int64_t rows : {1, 5, 29}) {
      std::vector<float> whole = c.run(kernel, 0, rows), split = c.run(kernel, 0, rows, {0, 1});
      ASSERT_EQ(std::memcmp(whole.data(), split.data(), whole.size() * sizeof(float)), 0)
          << c.name() << " with " << rows << " rows";
    }
  }
}

/// Only vdpbf16ps rounds in its own way; all else has the same bits on every target.
TEST_P(ContractionTest, targetsAgree) {
  auto [target, types] = GetParam();
  bool isPairs = types.weights == Storage::BF16 && types.activations == ActivationForm::BF16;
  if (isPairs && target.bf16)
    GTEST_SKIP() << "pairs are added before they are rounded";
  const Kernels &floor = Kernels::of(test::expected(cpu::Target::named("haswell")), types);
  for (size_t i = 0; i < cases.size(); ++i) {
    std::vector<float> here = cases[i].run(image->kernel(cases[i].name()), 0, 13);
    std::vector<float> there = floor.cases[i].run(floor.image->kernel(cases[i].name()), 0, 13);
    ASSERT_EQ(std::memcmp(here.data(), there.data(), here.size() * sizeof(float)), 0)
        << cases[i].name();
  }
}

INSTANTIATE_TEST_SUITE_P(all, ContractionTest,
                         testing::Combine(testing::ValuesIn(test::runnableTargets()),
                                          testing::ValuesIn(kTypes)),
                         [](const auto &info) {
                           return test::testName(std::get<0>(info.param)) + "_" +
                                  nameOf(std::get<1>(info.param));
                         });

/// Each row is, bit for bit, the product with the matrix that it chose: matrices are in panels of
/// their own, and a number beyond them chooses the nearest one.
class GroupedContraction : public testing::TestWithParam<std::tuple<cpu::Target, Types>> {
protected:
  static constexpr int64_t kMatrices = 3, kRows = 40, kPlainStride = 80;

  void SetUp() override {
    auto [target, types] = GetParam();
    bool isRecords = types.activations == ActivationForm::Q8;
    for (int64_t i = 0; i < kMatrices; ++i) {
      test::Weights matrix = test::makeWeights(types.weights, columns, depth, 7 + i);
      packed.insert(packed.end(), matrix.packed.begin(), matrix.packed.end());
    }
    int64_t stride = isRecords ? depth / 32 + 1 : depth + 5;
    activations = test::makeActivations(types.activations, types.weights, kRows, depth, stride, 11);
    plain = {types.weights, types.activations, columns, depth, stride};
    ContractionSpec grouped = plain;
    grouped.groups = kMatrices;
    grouped.groupBuffer = 3;
    grouped.groupStride = 1;
    grouped.sourceStride = stride;
    grouped.activationStride = isRecords ? depth / 32 : depth + 16;
    image = test::build(target, [&](mlir::ModuleOp module) {
      scratch = std::max(add(module, "plain", plain), add(module, "grouped", grouped));
    });
  }

  int64_t add(mlir::ModuleOp module, const char *name, const ContractionSpec &spec) {
    cpu::ContractionKernel kernel =
        test::expected(cpu::addContraction(module, std::get<0>(GetParam()), name, spec,
                                           [&](KernelBuilder &k, const cpu::OutputVector &output) {
                                             cpu::storeOutput(k, output, k.buffer(2), kPlainStride);
                                           }));
    tiles = kernel.tiles;
    return kernel.scratchBytes;
  }

  std::vector<float> run(const char *name, int64_t first, int64_t rows, int64_t matrix,
                         std::vector<int32_t> chosen = {}) const {
    size_t bytes = packed.size() / kMatrices;
    test::GuardedBytes w(packed.size()), y(rows * kPlainStride * 4), rest((scratch + 63) / 64 * 64);
    std::memcpy(w.data(), packed.data(), packed.size());
    std::memset(y.data(), 0, y.size());
    void *buffers[] = {const_cast<uint8_t *>(activations.bytes.data()) +
                           first * activations.rowBytes,
                       w.data() + matrix * bytes, y.data(), chosen.data()};
    image->kernel(name)(buffers, &rows, rest.data(), 0, tiles);
    return {y.as<float>().begin(), y.as<float>().end()};
  }

  static constexpr int64_t columns = 37, depth = 64;
  std::vector<uint8_t> packed;
  test::Activations activations;
  ContractionSpec plain;
  int64_t tiles = 0, scratch = 0;
  std::unique_ptr<test::MappedImage> image;
};

TEST_P(GroupedContraction, rowsMeetTheMatricesThatTheyChose) {
  for (int64_t rows : {1, 2, 13, 40}) {
    std::vector<int32_t> chosen;
    for (int64_t row = 0; row < rows; ++row)
      chosen.push_back(static_cast<int32_t>(row * 7 % 5) - 1); // -1 to 3
    std::vector<float> found = run("grouped", 0, rows, 0, chosen);
    for (int64_t row = 0; row < rows; ++row) {
      int64_t matrix = std::clamp<int64_t>(chosen[row], 0, kMatrices - 1);
      std::vector<float> expected = run("plain", row, 1, matrix);
      ASSERT_EQ(std::memcmp(found.data() + row * kPlainStride, expected.data(), columns * 4), 0)
          << "row " << row << " of " << rows;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    all, GroupedContraction,
    testing::Combine(testing::ValuesIn(test::runnableTargets()),
                     testing::Values(Types{Storage::F32, ActivationForm::F32},
                                     Types{Storage::F16, ActivationForm::F16},
                                     Types{Storage::BF16, ActivationForm::BF16},
                                     Types{Storage::Q8_0, ActivationForm::Q8},
                                     Types{Storage::Q4_1, ActivationForm::F32})),
    [](const auto &info) {
      return test::testName(std::get<0>(info.param)) + "_" + nameOf(std::get<1>(info.param));
    });

/// One pair for each inner loop.
constexpr Types kLoopTypes[] = {
    {Storage::F32, ActivationForm::F32},  {Storage::F16, ActivationForm::F16},
    {Storage::BF16, ActivationForm::F32}, {Storage::BF16, ActivationForm::BF16},
    {Storage::Q8_0, ActivationForm::Q8},  {Storage::Q4_1, ActivationForm::F32},
    {Storage::Q4_1, ActivationForm::Q8},  {Storage::Q6_K, ActivationForm::Q8}};

/// Sums that are handed over by whole panels, and those of two matrices at once, have the bits of
/// the plain product.
class PanelContraction : public testing::TestWithParam<std::tuple<cpu::Target, Types>> {
protected:
  static constexpr int64_t kColumns = 64, kRows = 40, kStride = 2 * kColumns + 3;

  void SetUp() override {
    auto [target, types] = GetParam();
    int64_t depth = 2 * std::max<int64_t>(cpu::layoutOf(types.weights).depth, 32);
    if (!cpu::layoutOf(types.weights).quantised())
      depth += 1;
    bool isRecords = types.activations == ActivationForm::Q8;
    int64_t stride = isRecords ? depth / 32 + 1 : depth + 5;
    weights = test::makeWeights(types.weights, 2 * kColumns, depth, 7);
    activations = test::makeActivations(types.activations, types.weights, kRows, depth, stride, 11);
    image = test::build(target, [&](mlir::ModuleOp module) {
      for (bool isPaired : {false, true})
        for (bool byPanels : {false, true})
          for (bool isAlternating : {false, true}) {
            ContractionSpec spec{types.weights, types.activations,
                                 isPaired ? kColumns : 2 * kColumns, depth, stride};
            spec.isPaired = isPaired;
            spec.byPanels = byPanels;
            spec.isAlternating = isAlternating;
            add(module, spec);
          }
    });
  }

  static std::string nameOf(bool isPaired, bool byPanels, bool isAlternating) {
    return std::string(isPaired ? "paired" : "plain") + (byPanels ? "_by_panels" : "") +
           (isAlternating ? "_in_turns" : "");
  }

  void add(mlir::ModuleOp module, const ContractionSpec &spec) {
    std::string name = nameOf(spec.isPaired, spec.byPanels, spec.isAlternating);
    auto store = [&](KernelBuilder &k, cpu::OutputVector output) {
      cpu::storeOutput(k, output, k.buffer(2), kStride);
      if (!spec.isPaired)
        return;
      output.sums = output.ofSecond;
      output.column = k.add(output.column, kColumns);
      cpu::storeOutput(k, output, k.buffer(2), kStride);
    };
    kernels[name] =
        test::expected(cpu::addContraction(module, std::get<0>(GetParam()), name, spec, store));
  }

  std::vector<float> run(const std::string &name, int64_t rows) {
    const cpu::ContractionKernel &kernel = kernels.at(name);
    test::GuardedBytes w(weights.packed.size()), y(rows * kStride * 4);
    test::GuardedBytes scratch((kernel.scratchBytes + 63) / 64 * 64);
    std::vector<uint8_t> inTurns = test::alternatePanels(weights.packed, 2 * kColumns / 32);
    bool isAlternating = name.ends_with("_in_turns");
    std::memcpy(w.data(), isAlternating ? inTurns.data() : weights.packed.data(), w.size());
    std::memset(y.data(), 0, y.size());
    void *buffers[] = {activations.bytes.data(), w.data(), y.data()};
    image->kernel(name)(buffers, &rows, scratch.data(), 0, kernel.tiles);
    return {y.as<float>().begin(), y.as<float>().end()};
  }

  test::Weights weights;
  test::Activations activations;
  std::map<std::string, cpu::ContractionKernel> kernels;
  std::unique_ptr<test::MappedImage> image;
};

TEST_P(PanelContraction, hasTheBitsOfThePlainProduct) {
  for (int64_t rows : {1, 2, 5, 12, 13, 29, 40}) {
    std::vector<float> plain = run(nameOf(false, false, false), rows);
    for (int variant = 1; variant < 8; ++variant) {
      std::string name = nameOf(variant & 1, variant & 2, variant & 4);
      std::vector<float> found = run(name, rows);
      ASSERT_EQ(std::memcmp(found.data(), plain.data(), plain.size() * 4), 0)
          << name << " with " << rows << " rows";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(all, PanelContraction,
                         testing::Combine(testing::ValuesIn(test::runnableTargets()),
                                          testing::ValuesIn(kLoopTypes)),
                         [](const auto &info) {
                           return test::testName(std::get<0>(info.param)) + "_" +
                                  nameOf(std::get<1>(info.param));
                         });

/// Sums of a block and of pairs of bytes reach further than 16 bits; the largest must be exact.
struct Extreme {
  Storage weights;
  uint8_t byte; // of packed codes
  int32_t code;
  int8_t activation;
};
constexpr Extreme kExtremes[] = {{Storage::Q8_0, 255, 127, 127}, {Storage::Q8_0, 255, 127, -127},
                                 {Storage::Q8_0, 0, -128, 127},  {Storage::Q8_0, 0, -128, -127},
                                 {Storage::Q4_0, 255, 7, 127},   {Storage::Q4_0, 255, 7, -127},
                                 {Storage::Q4_0, 0, -8, 127},    {Storage::Q4_0, 0, -8, -127}};

/// The sum of 32 products of the same code and activation, in each column.
std::vector<float> sumsOf(const cpu::Target &target, const Extreme &extreme) {
  ContractionSpec spec{extreme.weights, ActivationForm::Q8, 32, 32, 1};
  auto image = test::build(target, [&](mlir::ModuleOp module) {
    test::expected(cpu::addContraction(module, target, "k", spec,
                                       [](KernelBuilder &k, const cpu::OutputVector &output) {
                                         cpu::storeOutput(k, output, k.buffer(2), 32);
                                       }));
  });
  test::GuardedBytes w(cpu::packedBytes(extreme.weights, 32, 32)), x(cpu::kRecordBytes), y(128);
  test::GuardedBytes scratch(4096);
  const auto one = static_cast<_Float16>(1);
  const float scale = 1;
  const int32_t correction =
      (extreme.weights == Storage::Q8_0 ? -128 : -8) * 32 * extreme.activation;
  std::memset(w.data(), extreme.byte, w.size());
  for (int lane = 0; lane < 32; ++lane)
    std::memcpy(w.data() + 2 * lane, &one, 2);
  std::memset(x.data(), extreme.activation, 32);
  std::memcpy(x.data() + cpu::kRecordScale, &scale, 4);
  std::memcpy(x.data() + cpu::kRecordCorrection, &correction, 4);
  void *buffers[] = {x.data(), w.data(), y.data()};
  int64_t rows = 1;
  image->kernel("k")(buffers, &rows, scratch.data(), 0, 1);
  return {y.as<float>().begin(), y.as<float>().end()};
}

TEST(ContractionExtremes, integerSumsDoNotSaturate) {
  for (const cpu::Target &target : test::runnableTargets())
    for (const Extreme &extreme : kExtremes)
      for (float sum : sumsOf(target, extreme))
        ASSERT_EQ(sum, static_cast<float>(32 * extreme.code * extreme.activation))
            << target.cpu << ", " << cpu::nameOf(extreme.weights).str() << " code " << extreme.code;
}

TEST(ContractionSpecs, refusesWhatDoesNotFit) {
  cpu::Target target = test::expected(cpu::Target::named("haswell"));
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  auto message = [&](ContractionSpec spec) {
    auto kernel = cpu::addContraction(*module, target, "q_proj", spec,
                                      [](KernelBuilder &, const cpu::OutputVector &) {});
    return kernel ? std::string() : llvm::toString(kernel.takeError());
  };
  EXPECT_EQ(message({Storage::Q8_0, ActivationForm::Q8, 32, 48, 2}),
            "contraction 'q_proj': expected K to be a multiple of 32 for q8_0 weights, found 48");
  EXPECT_EQ(message({Storage::F32, ActivationForm::BF16, 32, 48, 48}),
            "contraction 'q_proj': expected activations that go with f32 weights, found bf16");
  EXPECT_EQ(message({Storage::F32, ActivationForm::F32, 32, 48, 47}),
            "contraction 'q_proj': expected a stride of at least 48, found 47");
  EXPECT_EQ(message({Storage::F32, ActivationForm::F32, 0, 48, 48}),
            "contraction 'q_proj': expected at least one column and one k, found N = 0 and K = 48");
  ContractionSpec narrow{Storage::F32, ActivationForm::F32, 32, 48, 48};
  narrow.tileColumns = 8;
  EXPECT_EQ(message(narrow), "contraction 'q_proj': expected tiles of 32 or 16 columns, found 8");
}

} // namespace
