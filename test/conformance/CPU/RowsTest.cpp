// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchRunner.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace tern;
using test::Dims;
using test::DispatchRunner;

namespace {

/// A dispatch whose text has K for a width, and for each result the error that is allowed,
/// relative to the largest number of the result (or 1).
struct Law {
  const char *name;
  const char *inputs;  // types
  const char *results; // types
  const char *body;    // on %a, %b, ...
  std::vector<double> tolerances;
  std::vector<int64_t> widths = {1, 7, 16, 64, 577};
  double scale = 2;
};

std::string replaced(std::string text, const std::string &from, const std::string &to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// [T, ...] is written as tensor<?x..., #t>.
std::string moduleOf(const Law &law, int64_t width) {
  llvm::SmallVector<llvm::StringRef> types;
  llvm::StringRef(law.inputs).split(types, "; ");
  std::string header, operands, arguments, list;
  for (size_t i = 0; i < types.size(); ++i) {
    std::string name(1, static_cast<char>('a' + i)), separator = i ? ", " : "";
    header += separator + "%o" + name + ": " + types[i].str();
    operands += separator + "%o" + name;
    arguments += separator + "%" + name + ": " + types[i].str();
    list += separator + types[i].str();
  }
  types.clear();
  llvm::StringRef(law.results).split(types, "; ");
  std::string results = llvm::join(types, ", ");
  std::string count = types.size() > 1 ? ":" + std::to_string(types.size()) : "";
  std::string returned;
  for (size_t i = 0; i < types.size(); ++i)
    returned += std::string(i ? ", " : "") + "%r" + (count.empty() ? "" : "#" + std::to_string(i));
  std::string text = "#t = #tern.dims<T>\ntern.dim @T from 0 to 64\nfunc.func @f(" + header +
                     ") -> (" + results + ") {\n%r" + count + " = tern.dispatch rows (" + operands +
                     ") : (" + list + ") -> (" + results + ") {\n^bb0(" + arguments + "):\n" +
                     law.body + "}\nreturn " + returned + " : " + results + "\n}\n";
  return replaced(replaced(text, "2K", std::to_string(2 * width)), "K", std::to_string(width));
}

/// Sums of squares and products: a few ulp, more for long rows.
constexpr double kClose = 2e-6;

const Law kLaws[] = {
    {"rms norm with weights",
     "tensor<?xKxf32, #t>; tensor<Kxf32>",
     "tensor<?xKxf32, #t>",
     R"(
      %n = tern.rms_norm "rk/k" %a epsilon 1.0e-05 : tensor<?xKxf32, #t>
      %w = tern.broadcast "k->rk" %b : tensor<Kxf32> to tensor<?xKxf32, #t>
      %y = tern.mul %n, %w : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      tern.yield %y : tensor<?xKxf32, #t>)",
     {kClose}},
    {"residual, then rms norm, both kept",
     "tensor<?xKxf32, #t>; tensor<?xKxf32, #t>",
     "tensor<?xKxf32, #t>; tensor<?xKxbf16, #t>",
     R"(
      %x = tern.add %a, %b : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %n = tern.rms_norm "rk/k" %x epsilon 1.0e-05 : tensor<?xKxf32, #t>
      %y = tern.cast %n : tensor<?xKxf32, #t> to tensor<?xKxbf16, #t>
      tern.yield %x, %y : tensor<?xKxf32, #t>, tensor<?xKxbf16, #t>)",
     {kClose, 0x1p-8}},
    {"softmax of a costly term",
     "tensor<?xKxf32, #t>",
     "tensor<?xKxf32, #t>",
     R"(
      %x = tern.tanh %a : tensor<?xKxf32, #t>
      %y = tern.softmax "rk/k" %x : tensor<?xKxf32, #t>
      tern.yield %y : tensor<?xKxf32, #t>)",
     {kClose}},
    {"layer norm with scale and bias",
     "tensor<?xKxf32, #t>; tensor<Kxbf16>; tensor<Kxf32>",
     "tensor<?xKxf16, #t>; tensor<?xKxf32, #t>",
     R"(
      %n = tern.layer_norm "rk/k" %a epsilon 1.0e-02 : tensor<?xKxf32, #t>
      %v = tern.cast %b : tensor<Kxbf16> to tensor<Kxf32>
      %w = tern.broadcast "k->rk" %v : tensor<Kxf32> to tensor<?xKxf32, #t>
      %s = tern.broadcast "k->rk" %c : tensor<Kxf32> to tensor<?xKxf32, #t>
      %p = tern.mul %n, %w : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %y = tern.add %p, %s : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %z = tern.cast %y : tensor<?xKxf32, #t> to tensor<?xKxf16, #t>
      tern.yield %z, %y : tensor<?xKxf16, #t>, tensor<?xKxf32, #t>)",
     {0x1p-11 + 1e-5, 1e-5}},
    {"gated activation",
     "tensor<?xKxf32, #t>; tensor<?xKxf32, #t>",
     "tensor<?xKxbf16, #t>",
     R"(
      %x = tern.silu %a : tensor<?xKxf32, #t>
      %y = tern.mul %x, %b : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %z = tern.cast %y : tensor<?xKxf32, #t> to tensor<?xKxbf16, #t>
      tern.yield %z : tensor<?xKxbf16, #t>)",
     {0x1p-8}},
    {"reductions and what follows them",
     "tensor<?xKxf32, #t>",
     "tensor<?xf32, #t>; tensor<?xf32, #t>; tensor<?xf32, #t>; tensor<?xKxf32, #t>",
     R"(
      %e = tern.exp %a : tensor<?xKxf32, #t>
      %s = tern.sum "tk->t" %e : tensor<?xKxf32, #t>
      %m = tern.mean "tk->t" %a : tensor<?xKxf32, #t>
      %h = tern.amax "tk->t" %e : tensor<?xKxf32, #t>
      %l = tern.amin "tk->t" %a : tensor<?xKxf32, #t>
      %d = tern.sub %h, %l : tensor<?xf32, #t>, tensor<?xf32, #t>
      %b = tern.broadcast "t->tk" %d : tensor<?xf32, #t> to tensor<?xKxf32, #t>
      %y = tern.div %e, %b : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      tern.yield %s, %m, %d, %y
        : tensor<?xf32, #t>, tensor<?xf32, #t>, tensor<?xf32, #t>, tensor<?xKxf32, #t>)",
     {kClose, kClose, kClose, kClose}},
    {"functions one after the other",
     "tensor<?xKxf32, #t>",
     "tensor<?xKxf32, #t>",
     R"(
      %1 = tern.abs %a : tensor<?xKxf32, #t>
      %2 = tern.softplus %1 : tensor<?xKxf32, #t>
      %3 = tern.log %2 : tensor<?xKxf32, #t>
      %4 = tern.gelu %3 : tensor<?xKxf32, #t>
      %5 = tern.sigmoid %4 : tensor<?xKxf32, #t>
      %6 = tern.sqrt %5 : tensor<?xKxf32, #t>
      %7 = tern.rsqrt %6 : tensor<?xKxf32, #t>
      %8 = tern.recip %7 : tensor<?xKxf32, #t>
      %9 = tern.square %8 : tensor<?xKxf32, #t>
      %10 = tern.neg %9 : tensor<?xKxf32, #t>
      %11 = tern.erf %10 : tensor<?xKxf32, #t>
      %12 = tern.gelu_tanh %11 : tensor<?xKxf32, #t>
      %13 = tern.quick_gelu %12 : tensor<?xKxf32, #t>
      %14 = tern.pow %1, %13 : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %15 = tern.relu %14 : tensor<?xKxf32, #t>
      tern.yield %15 : tensor<?xKxf32, #t>)",
     {kClose}},
    {"comparison and choice",
     "tensor<?xKxf32, #t>; tensor<?xKxf32, #t>; tensor<?xi32, #t>",
     "tensor<?xKxf32, #t>; tensor<?xKxi32, #t>",
     R"(
      %half = tern.constant dense<0.5> : tensor<f32>
      %three = tern.constant dense<3> : tensor<i32>
      %lt = tern.lt %a, %b : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %le = tern.le %a, %half : tensor<?xKxf32, #t>, tensor<f32>
      %max = tern.maximum %a, %b : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %y = tern.where %lt, %max, %le : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %i = tern.broadcast "t->tk" %c : tensor<?xi32, #t> to tensor<?xKxi32, #t>
      %r = tern.cast %a : tensor<?xKxf32, #t> to tensor<?xKxi32, #t>
      %p = tern.mul %i, %three : tensor<?xKxi32, #t>, tensor<i32>
      %m = tern.minimum %p, %r : tensor<?xKxi32, #t>, tensor<?xKxi32, #t>
      %q = tern.eq %m, %r : tensor<?xKxi32, #t>, tensor<?xKxi32, #t>
      %s = tern.add %m, %q : tensor<?xKxi32, #t>, tensor<?xKxi32, #t>
      tern.yield %y, %s : tensor<?xKxf32, #t>, tensor<?xKxi32, #t>)",
     {0, 0},
     {1, 7, 33},
     20},
    {"rows are quantised",
     "tensor<?xKxf32, #t>; tensor<?xKxf32, #t>",
     "tensor<?xKx!tern.block<8, 32, f32>, #t>",
     R"(
      %x = tern.add %a, %b : tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %n = tern.rms_norm "rk/k" %x epsilon 1.0e-05 : tensor<?xKxf32, #t>
      %q = tern.quantise %n {correction = "-8"}
        : tensor<?xKxf32, #t> to tensor<?xKx!tern.block<8, 32, f32>, #t>
      tern.yield %q : tensor<?xKx!tern.block<8, 32, f32>, #t>)",
     // A code may be the next one where x * (1 / scale) lies at a half: 1 / 127 of the largest.
     {1.0 / 127},
     {32, 64, 160}},
    {"rotary of halves",
     "tensor<?x3x2Kxf32, #t>; tensor<?x1x2Kxf32, #t>; tensor<?xKxf32, #t>",
     "tensor<?x3x2Kxf32, #t>; tensor<?x1x2Kxbf16, #t>",
     R"(
      %c1 = tern.cos %c : tensor<?xKxf32, #t>
      %s1 = tern.sin %c : tensor<?xKxf32, #t>
      %q = tern.rotary half %a, %c1, %s1 : tensor<?x3x2Kxf32, #t>, tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %k = tern.rotary half %b, %c1, %s1 : tensor<?x1x2Kxf32, #t>, tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %r = tern.cast %k : tensor<?x1x2Kxf32, #t> to tensor<?x1x2Kxbf16, #t>
      tern.yield %q, %r : tensor<?x3x2Kxf32, #t>, tensor<?x1x2Kxbf16, #t>)",
     {kClose, 0x1p-8},
     {1, 5, 8, 32}},
    {"rotary of neighbours, in part",
     "tensor<?x2x100xf32, #t>; tensor<?xKxf32, #t>; tensor<?xKxf32, #t>",
     "tensor<?x2x100xf32, #t>",
     R"(
      %x = tern.square %a : tensor<?x2x100xf32, #t>
      %q = tern.rotary interleaved %x, %b, %c : tensor<?x2x100xf32, #t>, tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      tern.yield %q : tensor<?x2x100xf32, #t>)",
     {kClose},
     {1, 8, 13, 50}},
    {"norm of each head, then rotary of halves in part",
     "tensor<?x3x20xf32, #t>; tensor<20xf32>; tensor<?xKxf32, #t>",
     "tensor<?x60xf32, #t>",
     R"(
      %n = tern.rms_norm "thd/d" %a epsilon 1.0e-06 : tensor<?x3x20xf32, #t>
      %w = tern.broadcast "d->thd" %b : tensor<20xf32> to tensor<?x3x20xf32, #t>
      %x = tern.mul %n, %w : tensor<?x3x20xf32, #t>, tensor<?x3x20xf32, #t>
      %q = tern.rotary half %x, %c, %c : tensor<?x3x20xf32, #t>, tensor<?xKxf32, #t>, tensor<?xKxf32, #t>
      %r = tern.reshape %q : tensor<?x3x20xf32, #t> to tensor<?x60xf32, #t>
      tern.yield %r : tensor<?x60xf32, #t>)",
     {kClose},
     {3, 10}},
    {"sums and softmax of heads",
     "tensor<?x5xKxf32, #t>; tensor<?x5xf32, #t>",
     "tensor<?x5xf32, #t>; tensor<?x5xKxf32, #t>; tensor<?x5xKxf32, #t>; tensor<?xf32, #t>",
     R"(
      %e = tern.exp %a : tensor<?x5xKxf32, #t>
      %s = tern.sum "thd->th" %e : tensor<?x5xKxf32, #t>
      %b1 = tern.broadcast "th->thd" %s : tensor<?x5xf32, #t> to tensor<?x5xKxf32, #t>
      %y = tern.div %e, %b1 : tensor<?x5xKxf32, #t>, tensor<?x5xKxf32, #t>
      %b2 = tern.broadcast "th->thd" %b : tensor<?x5xf32, #t> to tensor<?x5xKxf32, #t>
      %x = tern.add %a, %b2 : tensor<?x5xKxf32, #t>, tensor<?x5xKxf32, #t>
      %z = tern.softmax "thd/hd" %x : tensor<?x5xKxf32, #t>
      %m = tern.mean "thd->t" %y : tensor<?x5xKxf32, #t>
      tern.yield %s, %y, %z, %m
        : tensor<?x5xf32, #t>, tensor<?x5xKxf32, #t>, tensor<?x5xKxf32, #t>, tensor<?xf32, #t>)",
     {kClose, kClose, kClose, kClose},
     {1, 7, 16, 40}},
    {"parts of rows",
     "tensor<?x2x2Kxf32, #t>; tensor<2Kxf32>",
     "tensor<?x2xKxf32, #t>",
     R"(
      %v = tern.reshape %b : tensor<2Kxf32> to tensor<2xKxf32>
      %lo = tern.slice %a axis 2 from 0 size K : tensor<?x2x2Kxf32, #t>
      %hi = tern.slice %a axis 2 from K size K : tensor<?x2x2Kxf32, #t>
      %y = tern.mul %lo, %hi : tensor<?x2xKxf32, #t>, tensor<?x2xKxf32, #t>
      %w = tern.broadcast "hd->thd" %v : tensor<2xKxf32> to tensor<?x2xKxf32, #t>
      %z = tern.add %y, %w : tensor<?x2xKxf32, #t>, tensor<?x2xKxf32, #t>
      tern.yield %z : tensor<?x2xKxf32, #t>)",
     {kClose},
     {1, 7, 32}},
    {"tables of angles",
     "tensor<?xi32, #t>",
     "tensor<?x5xf32, #t>; tensor<?x5xf32, #t>",
     R"(
      %f = tern.constant dense<[1.0, 0.25, 0.0625, 0.015625, 0.00390625]> : tensor<5xf64>
      %g = tern.cast %f : tensor<5xf64> to tensor<5xf32>
      %b = tern.broadcast "i->ti" %g : tensor<5xf32> to tensor<?x5xf32, #t>
      %p = tern.cast %a : tensor<?xi32, #t> to tensor<?xf32, #t>
      %q = tern.broadcast "t->ti" %p : tensor<?xf32, #t> to tensor<?x5xf32, #t>
      %x = tern.mul %q, %b : tensor<?x5xf32, #t>, tensor<?x5xf32, #t>
      %c = tern.cos %x : tensor<?x5xf32, #t>
      %s = tern.sin %x : tensor<?x5xf32, #t>
      tern.yield %c, %s : tensor<?x5xf32, #t>, tensor<?x5xf32, #t>)",
     {3e-7, 3e-7},
     {1},
     5000},
    {"weights times a scale of each row",
     "tensor<12xKxbf16>; tensor<12xf32>; tensor<f32>",
     "tensor<12xKxf32>",
     R"(
      %w = tern.cast %a : tensor<12xKxbf16> to tensor<12xKxf32>
      %s = tern.mul %b, %c : tensor<12xf32>, tensor<f32>
      %t = tern.broadcast "n->nk" %s : tensor<12xf32> to tensor<12xKxf32>
      %y = tern.mul %w, %t : tensor<12xKxf32>, tensor<12xKxf32>
      tern.yield %y : tensor<12xKxf32>)",
     {kClose},
     {1, 12, 50}},
    {"a static vector is one tile",
     "tensor<Kxbf16>; tensor<Kxf32>",
     "tensor<Kxf32>; tensor<f32>",
     R"(
      %w = tern.cast %a : tensor<Kxbf16> to tensor<Kxf32>
      %y = tern.add %w, %b : tensor<Kxf32>, tensor<Kxf32>
      %s = tern.sum "k->" %y : tensor<Kxf32>
      tern.yield %y, %s : tensor<Kxf32>, tensor<f32>)",
     {kClose, kClose},
     {1, 50, 300}},
    {"rows of a table",
     "tensor<9xKxf16>; tensor<?xi32, #t>",
     "tensor<?xKxf32, #t>",
     R"(
      %r = tern.gather "vd,t->td" %a, %b : tensor<9xKxf16>, tensor<?xi32, #t>
      %y = tern.cast %r : tensor<?xKxf16, #t> to tensor<?xKxf32, #t>
      tern.yield %y : tensor<?xKxf32, #t>)",
     {0},
     {1, 7, 64}},
};

struct RowsTest : testing::TestWithParam<cpu::Target> {
  std::vector<std::vector<double>> inputsOf(const DispatchRunner &runner, const Law &law,
                                            const Dims &dims) {
    std::vector<std::vector<double>> inputs;
    for (auto type : runner.dispatch().getInputs().getTypes()) {
      int64_t count = 1;
      for (int64_t extent : runner.shapeOf(type, dims))
        count *= extent;
      inputs.push_back(
          test::randomNumbers(count, static_cast<uint32_t>(inputs.size() + 17), law.scale));
    }
    if (std::string(law.name) == "rows of a table")
      for (double &index : inputs[1])
        index = std::floor(std::abs(index) * 4);
    return inputs;
  }

  void check(const Law &law, int64_t width) {
    if (GetParam().warp && llvm::StringRef(law.body).contains("tern.quantise"))
      return; // activations in blocks are a CPU's
    DispatchRunner runner(moduleOf(law, width), cpu::emitRows, GetParam());
    ASSERT_TRUE(runner.compiled()) << law.name << ": " << runner.diagnostic();
    for (int64_t rows : {0, 1, 5}) {
      SCOPED_TRACE(std::string(law.name) + ", width " + std::to_string(width) + ", rows " +
                   std::to_string(rows));
      Dims dims{{"T", rows}};
      auto inputs = inputsOf(runner, law, dims);
      auto got = runner.run(inputs, dims), expected = runner.refer(inputs, dims);
      for (size_t i = 0; i < expected.size(); ++i)
        EXPECT_LE(test::relativeError(got[i], expected[i]), law.tolerances[i]) << "result " << i;
      EXPECT_EQ(runner.run(inputs, dims, /*tileByTile=*/true), got);
    }
  }
};

TEST_P(RowsTest, agreeWithTheReference) {
  for (const Law &law : kLaws)
    for (int64_t width : law.widths)
      check(law, width);
}

TEST(Rows, refuseWhatTheyCannotDo) {
  auto said = [](Law law) {
    DispatchRunner runner(moduleOf(law, 8), cpu::emitRows,
                          llvm::cantFail(cpu::Target::named("haswell")));
    EXPECT_FALSE(runner.compiled());
    return runner.diagnostic();
  };
  EXPECT_EQ(said({"",
                  "tensor<?xKxf32, #t>",
                  "tensor<Kxf32>",
                  R"(
      %s = tern.sum "tk->k" %a : tensor<?xKxf32, #t>
      tern.yield %s : tensor<Kxf32>)",
                  {}}),
            "'tern.sum' op has no row kernel for the CPU: it does not fold the last axes of a row");
  EXPECT_EQ(said({"",
                  "tensor<?xKxf64, #t>",
                  "tensor<?xKxf64, #t>",
                  R"(
      %s = tern.exp %a : tensor<?xKxf64, #t>
      tern.yield %s : tensor<?xKxf64, #t>)",
                  {}}),
            "'tern.yield' op has no row kernel for the CPU: elements are f32, bf16, f16 or i32, "
            "found 'tensor<?x8xf64, #tern.dims<T>>'");
  EXPECT_EQ(said({"",
                  "tensor<?xKxi32, #t>",
                  "tensor<?xKxi32, #t>",
                  R"(
      %s = tern.div %a, %a : tensor<?xKxi32, #t>, tensor<?xKxi32, #t>
      tern.yield %s : tensor<?xKxi32, #t>)",
                  {}}),
            "'tern.div' op has no row kernel for the CPU: integers have sums, products and "
            "comparisons alone");
  EXPECT_EQ(said({"",
                  "tensor<?x3xKxf32, #t>; tensor<?xKxf32, #t>",
                  "tensor<?x3xKxf32, #t>",
                  R"(
      %s = tern.broadcast "td->thd" %b : tensor<?xKxf32, #t> to tensor<?x3xKxf32, #t>
      %y = tern.softmax "thd/h" %a : tensor<?x3xKxf32, #t>
      %z = tern.add %s, %y : tensor<?x3xKxf32, #t>, tensor<?x3xKxf32, #t>
      tern.yield %z : tensor<?x3xKxf32, #t>)",
                  {}}),
            "'tern.softmax' op has no row kernel for the CPU: it does not fold the last axes of a "
            "row");
}

std::string nameOf(const testing::TestParamInfo<cpu::Target> &info) {
  std::string name = info.param.cpu;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(targets, RowsTest, testing::ValuesIn(test::allTargets()), nameOf);

} // namespace
