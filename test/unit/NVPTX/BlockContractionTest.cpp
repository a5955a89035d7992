// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/NVPTX/BlockContraction.h"

#include "passes/NVPTX/Ptx.h"
#include "test/conformance/CPU/BlockNumbers.h"
#include "test/conformance/CPU/MappedImage.h"
#include "test/conformance/CPU/Operands.h"
#include "test/unit/emulator/Machine.h"
#include "tools/command/Program.h"
#include "tools/command/Ptxas.h"
#include "tools/command/TextFile.h"
#include "tools/tern-bench/MachineCode.h"

#include <cmath>

using namespace tern;
using cpu::ActivationForm;
using cpu::ContractionSpec;
using cpu::KernelBuilder;
using cpu::Storage;

namespace {

constexpr Storage kStorages[] = {
    Storage::Q4_0, Storage::Q4_1, Storage::Q8_0,   Storage::Q5_0,   Storage::Q5_1, Storage::Q2_K,
    Storage::Q3_K, Storage::Q4_K, Storage::Q5_K,   Storage::Q6_K,   {"z4_32"},     {"z4_128"},
    {"i8"},        {"z4_64"},     Storage::IQ4_NL, Storage::IQ4_XS, Storage::MXFP4};

ContractionSpec specOf(Storage storage, int64_t n, int64_t k) {
  ContractionSpec spec;
  spec.weights = storage;
  spec.activations = ActivationForm::BF16;
  spec.n = n;
  spec.k = k;
  spec.activationStride = k + 4;
  return spec;
}

/// The text of both kernels, of three buffers (x, W, y) or more and one size (rows).
struct Compiled {
  nvptx::TensorKernel many, few;
  std::string ptx;
};

Compiled compile(const ContractionSpec &spec, cpu::Epilogue epilogue, size_t buffers = 3) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  nvptx::KernelParameters parameters{{8, 64, 16}, 1};
  parameters.alignments.resize(buffers, 16);
  EXPECT_TRUE(nvptx::isOfBlocks(spec));
  EXPECT_EQ(nvptx::whyNotBlocks(spec, parameters.alignments[0]), "");
  Compiled compiled;
  compiled.many = nvptx::addBlockContraction(*module, "many", spec, parameters, true, epilogue);
  compiled.few = nvptx::addBlockContraction(*module, "few", spec, parameters, false, epilogue);
  compiled.ptx =
      test::expected(nvptx::compile(*module, test::expected(nvptx::Target::named("sm_80"))));
  return compiled;
}

/// y = x W^T in rows of `stride`.
Compiled compile(const ContractionSpec &spec, int64_t stride, size_t buffers = 3) {
  return compile(
      spec,
      [&](KernelBuilder &k, const cpu::OutputVector &output) {
        cpu::storeOutput(k, output, k.buffer(2), stride);
      },
      buffers);
}

/// Runs it as the plan says; the machine's complaint, if it has one.
std::string launch(test::Machine &machine, const Compiled &compiled, bool isMany, uint64_t x,
                   uint64_t w, uint64_t y, int64_t rows) {
  machine.kernelName = isMany ? "many" : "few";
  const nvptx::TensorKernel &kernel = isMany ? compiled.many : compiled.few;
  int64_t tiles = isMany ? (rows + kernel.blockTiles - 1) * kernel.columnBlocks
                         : (rows + 7) / 8 * kernel.columnBlocks;
  auto blocks = static_cast<uint32_t>((tiles + kernel.blockTiles - 1) / kernel.blockTiles);
  test::Parameters parameters(x, w, y, rows, tiles);
  return machine.run({blocks}, {static_cast<uint32_t>(kernel.threads)}, parameters,
                     static_cast<uint64_t>(kernel.sharedBytes));
}

/// The sum of the f64 reference, and how far results may be from it. Of 16 products and a sum
/// hardware may lose 18 2^-23 of their magnitudes (ExecuteMatrix.cpp): a group's chain is of
/// products with what its codes are more than they stand for, and with the codes so moved. Each of
/// the fmas after it, and the sums of 8 warps, round once.
struct Reference {
  double sum = 0, bound = 0;

  Reference(const test::Weights &weights, int64_t column, const test::Activations &activations,
            int64_t row) {
    cpu::PackedLayout layout = cpu::layoutOf(weights.storage);
    const BlockFormat &format = *weights.storage.format();
    double moved = 128 + static_cast<double>(layout.zero), most = 128 + 15;
    if (!layout.table.empty())
      moved = 0;
    else if (!layout.numbers.empty())
      moved += 128;
    double products = static_cast<double>(layout.group) / 16 * 2;
    if (!layout.nibbles()) {
      moved += 2048;
      most += 2048 + 240;
      products *= 1.5;
    }
    double magnitude = 0;
    const uint8_t *source = &weights.source[column * (weights.k / format.elements) * format.bytes];
    for (int64_t k = 0; k < weights.k; ++k) {
      test::BlockNumbers block(format, source + k / format.elements * format.bytes);
      double x = activations.values[row * weights.k + k];
      sum += x * weights.values[column * weights.k + k];
      magnitude += std::fabs(x) * weights.magnitudes[column * weights.k + k];
      bound += products * 18 * 0x1p-23 * (moved + most) *
               std::fabs(x * block.scale(k % format.elements) * namedFactor(format.numbers));
    }
    double groups = static_cast<double>(weights.k / layout.group);
    bound += (36 * 0x1p-23 + (4 * groups + 16) * 0x1p-24) * magnitude;
  }
};

struct Shape {
  Storage storage;
  int64_t n, k;
};

void PrintTo(const Shape &shape, std::ostream *os) {
  *os << shape.storage.name << " " << shape.n << " x " << shape.k;
}

/// Parts of a panel and more than one; of k less than a turn, one, some and a rest, and more than
/// there are warps.
std::vector<Shape> allShapes() {
  std::vector<Shape> shapes;
  for (Storage storage : kStorages) {
    int64_t depth = storage.format()->elements;
    for (auto [n, blocks] : {std::pair(1, 1), {33, 8}, {40, 27}, {64, 75}})
      shapes.push_back({storage, n, std::max<int64_t>(32 * blocks / depth, 1) * depth});
  }
  return shapes;
}

class BlockContraction : public testing::TestWithParam<Shape> {
protected:
  /// y[rows][stride] of the first rows; what is not written stays NaN.
  std::vector<float> run(const Compiled &compiled, const test::Activations &activations,
                         std::vector<uint8_t> packed, int64_t rows, bool isMany) {
    test::Machine machine(compiled.ptx);
    machine.options.seed = static_cast<uint64_t>(rows);
    // The last row has no padding.
    std::vector<uint8_t> x(activations.bytes.begin(), activations.bytes.begin() +
                                                          (rows - 1) * activations.rowBytes +
                                                          2 * spec.k);
    std::vector<float> y(rows * stride, NAN);
    uint64_t xAt = machine.add(x, "x"), wAt = machine.add(packed, "W"), yAt = machine.add(y, "y");
    EXPECT_EQ(launch(machine, compiled, isMany, xAt, wAt, yAt, rows), "") << rows << " rows";
    EXPECT_EQ(machine.counts.sharedPasses, machine.counts.sharedPassesIdeal);
    return y;
  }

  ContractionSpec spec = specOf(GetParam().storage, GetParam().n, GetParam().k);
  int64_t stride = spec.n + 3;
};

TEST_P(BlockContraction, isTheProductForAnyNumberOfRows) {
  constexpr int64_t kRows = 35;
  test::Weights weights = test::makeWeights(spec.weights, spec.n, spec.k, 7);
  test::Activations activations = test::makeActivations(ActivationForm::BF16, spec.weights, kRows,
                                                        spec.k, spec.activationStride, 11);
  Compiled compiled = compile(spec, stride);
  std::vector<float> all = run(compiled, activations, weights.packed, kRows, true);
  for (int64_t m = 0; m < kRows; ++m)
    for (int64_t n = 0; n < stride; ++n) {
      if (n >= spec.n) {
        ASSERT_TRUE(std::isnan(all[m * stride + n])) << "wrote beyond row " << m;
        continue;
      }
      Reference reference(weights, n, activations, m);
      ASSERT_NEAR(all[m * stride + n], reference.sum, reference.bound) << m << ", " << n;
    }
  // Bit for bit by both kernels.
  auto expectFirst = [&](int64_t rows, bool isMany) {
    std::vector<float> few = run(compiled, activations, weights.packed, rows, isMany);
    EXPECT_EQ(std::memcmp(few.data(), all.data(), few.size() * sizeof(float)), 0)
        << rows << (isMany ? " many" : " few");
  };
  for (int64_t rows : {9, 32})
    expectFirst(rows, true);
  for (int64_t rows : {1, 2, 8, 17})
    expectFirst(rows, false);
}

INSTANTIATE_TEST_SUITE_P(shapes, BlockContraction, testing::ValuesIn(allShapes()),
                         [](const auto &info) {
                           return std::string(info.param.storage.name) + "_" +
                                  std::to_string(info.param.n) + "x" + std::to_string(info.param.k);
                         });

/// The epilogue sees the same column of both halves of a weight, however their panels lie.
TEST(PairedBlockContraction, seesBothHalves) {
  constexpr int64_t kRows = 20, kColumns = 64, kDepth = 512;
  for (Storage storage : {Storage::Q4_0, Storage::Q4_1, Storage::Q6_K}) {
    test::Weights weights = test::makeWeights(storage, 2 * kColumns, kDepth, 7);
    test::Activations activations =
        test::makeActivations(ActivationForm::BF16, storage, kRows, kDepth, kDepth + 4, 11);
    for (bool isAlternating : {false, true}) {
      ContractionSpec spec = specOf(storage, kColumns, kDepth);
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
            ASSERT_NEAR(y[m * kColumns + n], expected, first.bound + 4 * second.bound + last)
                << m << ", " << n;
          }
      }
    }
  }
}

/// Each row is, bit for bit, the product with the matrix that it chose; a number beyond them
/// chooses the nearest one.
TEST(GroupedBlockContraction, rowsMeetTheMatricesThatTheyChose) {
  constexpr int64_t kMatrices = 3, kColumns = 40, kDepth = 512, kChoices = 2;
  for (Storage storage : {Storage::Q4_1, Storage::Q4_K}) {
    ContractionSpec plain = specOf(storage, kColumns, kDepth), grouped = plain;
    std::vector<uint8_t> packed;
    std::vector<std::vector<uint8_t>> matrices;
    for (uint32_t seed : {7, 8, 9}) {
      matrices.push_back(test::makeWeights(storage, kColumns, kDepth, seed).packed);
      packed.insert(packed.end(), matrices.back().begin(), matrices.back().end());
    }
    grouped.groups = kMatrices;
    grouped.groupBuffer = 3;
    grouped.choices = kChoices;
    grouped.groupStride = kChoices + 1;
    grouped.sourceStride = kChoices * kDepth + 4;
    plain.activationStride = kDepth;
    Compiled one = compile(plain, kColumns), all = compile(grouped, kColumns, 4);
    EXPECT_EQ(all.many.columnBlocks, kMatrices * cpu::panels(kColumns));
    for (int64_t indices : {1, 7, 9, 300}) { // more rows than are listed at a time
      int64_t rows = indices * kChoices;
      test::Activations x =
          test::makeActivations(ActivationForm::BF16, storage, rows, kDepth, kDepth, 11);
      std::vector<uint8_t> source(indices * 2 * grouped.sourceStride);
      std::vector<int32_t> chosen(indices * grouped.groupStride, 1000);
      for (int64_t row = 0; row < rows; ++row) {
        chosen[row / kChoices * grouped.groupStride + row % kChoices] =
            static_cast<int32_t>(row * 7 % 5) - 1; // -1 to 3
        std::memcpy(&source[2 * (row / kChoices * grouped.sourceStride + row % kChoices * kDepth)],
                    &x.bytes[row * x.rowBytes], 2 * kDepth);
      }
      // What every row would be with every matrix.
      std::vector<std::vector<float>> expected;
      for (std::vector<uint8_t> &matrix : matrices) {
        expected.emplace_back(rows * kColumns, NAN);
        test::Machine machine(one.ptx);
        uint64_t xAt = machine.add(x.bytes, "x"), wAt = machine.add(matrix, "W");
        ASSERT_EQ(launch(machine, one, true, xAt, wAt, machine.add(expected.back(), "y"), rows),
                  "");
      }
      for (bool isMany : {false, true}) {
        std::vector<float> y(rows * kColumns, NAN);
        test::Machine machine(all.ptx);
        machine.kernelName = isMany ? "many" : "few";
        const nvptx::TensorKernel &kernel = isMany ? all.many : all.few;
        test::Parameters parameters(machine.add(source, "x"), machine.add(packed, "W"),
                                    machine.add(y, "y"), machine.add(chosen, "chosen"), indices,
                                    kernel.columnBlocks);
        ASSERT_EQ(machine.run({static_cast<uint32_t>(kernel.columnBlocks)},
                              {static_cast<uint32_t>(kernel.threads)}, parameters,
                              static_cast<uint64_t>(kernel.sharedBytes)),
                  "");
        for (int64_t row = 0; row < rows; ++row) {
          int64_t matrix = std::clamp<int64_t>(row * 7 % 5 - 1, 0, kMatrices - 1);
          ASSERT_EQ(std::memcmp(&y[row * kColumns], &expected[matrix][row * kColumns],
                                kColumns * sizeof(float)),
                    0)
              << "row " << row << " of " << rows << (isMany ? " many" : " few");
        }
      }
    }
  }
}

TEST(WhyNotBlocks, namesWhatIsMissing) {
  ContractionSpec spec = specOf(Storage::Q4_K, 64, 256);
  EXPECT_TRUE(nvptx::isOfBlocks(spec));
  EXPECT_EQ(nvptx::whyNotBlocks(spec, 8), "");
  ContractionSpec odd = spec, grouped = spec, blocks = spec, exact = spec;
  odd.activationStride = 258;
  EXPECT_EQ(
      nvptx::whyNotBlocks(odd, 4),
      "tensor cores read rows of bf16 at multiples of 8 bytes, found a stride of 258 elements "
      "at a multiple of 4 bytes");
  EXPECT_NE(nvptx::whyNotBlocks(spec, 4), "");
  grouped.groups = 4;
  grouped.sourceStride = 258;
  EXPECT_NE(nvptx::whyNotBlocks(grouped, 8), "");
  blocks.byPanels = true;
  EXPECT_EQ(nvptx::whyNotBlocks(blocks, 8),
            "tensor cores leave results of a row apart, found blocks of codes to write");
  exact.activations = ActivationForm::F32;
  EXPECT_FALSE(nvptx::isOfBlocks(exact));
}

/// Of a large product.
class BlockContractionCode : public testing::TestWithParam<Storage> {
protected:
  ContractionSpec spec = specOf(GetParam(), 4096, 4096);
  cpu::PackedLayout layout = cpu::layoutOf(GetParam());
};

/// One row: weights come once and in full sectors.
TEST_P(BlockContractionCode, readsFullSectors) {
  spec = specOf(GetParam(), 96, 4096);
  spec.activationStride = spec.k;
  Compiled compiled = compile(spec, spec.n);
  test::Weights weights = test::makeWeights(spec.weights, spec.n, spec.k, 7);
  std::vector<uint16_t> x(spec.k, test::toBF16(1));
  std::vector<float> y(spec.n, NAN);
  test::Machine machine(compiled.ptx);
  uint64_t xAt = machine.add(x, "x"), wAt = machine.add(weights.packed, "W");
  ASSERT_EQ(launch(machine, compiled, false, xAt, wAt, machine.add(y, "y"), 1), "");
  const auto &counts = machine.counts;
  EXPECT_EQ(counts.sharedPasses, counts.sharedPassesIdeal);
  EXPECT_LE(static_cast<double>(counts.globalSectors),
            1.05 * static_cast<double>(counts.globalSectorsIdeal));
  // A panel's blocks read x once more.
  size_t least = (weights.packed.size() + 3 * 2 * x.size() + 4 * y.size()) / 32;
  EXPECT_LE(static_cast<double>(counts.globalSectors), 1.05 * static_cast<double>(least));
}

TEST_P(BlockContractionCode, spillsNothing) {
  Compiled compiled = compile(spec, spec.n);
  ContractionSpec paired = spec;
  paired.isPaired = true;
  Compiled ofTwo = compile(paired, [&](KernelBuilder &k, cpu::OutputVector output) {
    output.sums = k.mul(output.sums, output.ofSecond);
    cpu::storeOutput(k, output, k.buffer(2), spec.n);
  });
  ContractionSpec grouped = spec;
  grouped.groups = 8;
  grouped.groupBuffer = 3;
  grouped.choices = grouped.groupStride = 2;
  grouped.sourceStride = 2 * spec.k;
  Compiled chosen = compile(grouped, spec.n, 4);
  for (const Compiled *code : {&compiled, &ofTwo, &chosen})
    for (const char *chip : {"sm_80", "sm_86", "sm_89", "sm_90"}) {
      std::string report = command::Ptxas("").assemble(code->ptx, chip, "a test").report;
      std::vector<bench::KernelResources> kernels = bench::readReport(report);
      EXPECT_EQ(kernels.size(), 2u);
      for (const bench::KernelResources &kernel : kernels)
        EXPECT_EQ(kernel.spillStores + kernel.spillLoads + kernel.stackBytes, 0u)
            << kernel.name
            << (code == &ofTwo    ? " of two"
                : code == &chosen ? " chosen"
                                  : "")
            << " for " << chip << ", " << kernel.registers << " registers";
    }
}

/// The share of an H100's issue slots that is taken while memory is busy with the weight: up to
/// half by few rows, and less than all by a block of many. What threads read of a line that others
/// read, too, is no traffic, so bytes are those of the packed form. It stores codes of 2 and 3 bits
/// in 4, with scales of 16 k, and tables of any bytes take three look-ups a byte: these take more.
TEST_P(BlockContractionCode, leavesHalfOfTheSlotsForFewRows) {
  Compiled compiled = compile(spec, spec.n);
  command::TemporaryFolder folder;
  command::writeText(folder.path / "k.ptx", compiled.ptx);
  bench::MachineCode code = bench::readMachineCode(folder.path / "k.ptx", {"", "", "h100"});
  ASSERT_EQ(code.kernels.size(), 2u);
  for (const bench::KernelCode &kernel : code.kernels) {
    bool isMany = kernel.resources.name == "many";
    ASSERT_EQ(kernel.loops.size(), 1u);
    const bench::SteadyLoop &loop = kernel.loops.front();
    // Of 8 rows two for the sum of x unless codes are those of a table, and two for each tile of
    // columns, or four for bytes.
    auto tensors = static_cast<uint32_t>((layout.table.empty() ? 2 : 0) + layout.codeBits);
    if (isMany)
      tensors *= static_cast<uint32_t>(compiled.many.blockTiles / 8);
    uint32_t units = loop.classes.at("tensor") / tensors;
    EXPECT_EQ(units, 8u);
    double bytes = double(units) * static_cast<double>(layout.packedBytes) /
                   static_cast<double>(layout.units());
    double slots = loop.instructions / 4.0 / (bytes / code.gpu.memoryBytesPerCycle());
    RecordProperty(isMany ? "slotsOfMany" : "slots", std::to_string(slots));
    bool isOfBytes = GetParam() == Storage::IQ4_NL || GetParam() == Storage::IQ4_XS;
    bool takesMore = isOfBytes || GetParam() == Storage::Q2_K || (isMany && layout.group == 16);
    EXPECT_LE(slots, (isMany ? 1 : 0.5) * (takesMore ? 1.5 : 1)) << kernel.resources.name;
  }
}

INSTANTIATE_TEST_SUITE_P(all, BlockContractionCode, testing::ValuesIn(kStorages),
                         [](const auto &info) { return std::string(info.param.name); });

} // namespace
