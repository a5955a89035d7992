// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchLaw.h"

#include <gtest/gtest.h>

using namespace tern;
using test::DispatchLaw;

namespace {

/// A sum of n products below 4 by fma has an error of at most n units of 6e-8 of their sum; here n
/// is at most 600. f16 and bf16 are widened exactly.
constexpr double kSum = 4e-6;

const DispatchLaw kLaws[] = {
    {"matrices", "T 40 f32; 33 40 f32", "T 33 f32", R"(
      %0 = tern.contract "tk,nk->tn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"the right one turned", "T 40 f32; 40 S f32", "T S f32", R"(
      %0 = tern.contract "tk,kn->tn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"the result turned", "T 40 f32; 70 40 f32", "70 T f32", R"(
      %0 = tern.contract "tk,nk->nt" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"a batch", "3 T 20 bf16; 3 S 20 bf16", "3 T S f32", R"(
      %0 = tern.contract "btk,bnk->btn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"scores", "T 3 20 f32; S 3 20 f32", "3 T S f32", R"(
      %0 = tern.contract "thd,shd->hts" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"weighted values", "3 T S f32; S 3 20 f32", "T 3 20 f32", R"(
      %0 = tern.contract "hts,shd->thd" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"two summed axes, more than a panel of steps", "T 5 300 f32; 17 5 300 f32", "T 17 f32", R"(
      %0 = tern.contract "tab,nab->tn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     2e-5},
    {"an axis that one operand has", "T 9 3 f32; 17 9 f32", "T 17 f32", R"(
      %0 = tern.contract "tka,nk->tn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"outer product", "T f32; S f32", "T S f32", R"(
      %0 = tern.contract "t,n->tn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"one number", "S f32; S f32", "f32", R"(
      %0 = tern.contract "k,k->" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"a number of each row", "T 20 f16; T 20 f16", "T f32", R"(
      %0 = tern.contract "tk,tk->t" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"a step of a state", "T 6 f32; T 16 f32", "T 6 16 f32", R"(
      %0 = tern.contract "td,tn->tdn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"integers", "T 10 i32; 5 10 i32", "T 5 f32", R"(
      %0 = tern.contract "tk,nk->tn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     0},
    {"groups", "T 40 f32; 4 33 40 f32; T i32", "T 33 f32", R"(
      %0 = tern.contract "tk,nk->tn" %a, %b groups %c : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kSum},
    {"groups of two axes of rows", "T 2 40 f32; 4 33 40 f32; T 2 i32", "T 2 33 f32", R"(
      %0 = tern.contract "tak,nk->tan" %a, %b groups %c : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kSum},
    {"groups of turned matrices", "T 2 40 f32; 4 40 33 bf16; T i64", "T 2 33 f32", R"(
      %0 = tern.contract "thk,kn->thn" %a, %b groups %c : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kSum},
    {"records of activations", "T 64 !tern.block<8,32,f32>; 9 64 f32", "T 9 f32", R"(
      %0 = tern.contract "tk,nk->tn" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kSum},
    {"groups of blocks", "T 64 f32; 3 9 64 !tern.block<4,32,f16,zero=8>; T i32", "T 9 f32", R"(
      %0 = tern.contract "tk,nk->tn" %a, %b groups %c : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kSum, 3},
    {"an epilogue and a moved operand", "T 40 f32; 40 33 f32; 33 f32", "T 33 f32", R"(
      %0 = tern.transpose "kn->nk" %b : {1}
      %1 = tern.contract "tk,nk->tn" %a, %0 : {0}, tensor<33x40xf32>
      %2 = tern.broadcast "n->tn" %c : {2} to {3}
      %3 = tern.add %1, %2 : {3}, {3}
      %4 = tern.relu %3 : {3}
      tern.yield %4 : {3})",
     kSum},
};

struct LoopContractionTest : testing::TestWithParam<cpu::Target> {};

TEST_P(LoopContractionTest, agreesWithTheReference) {
  for (const DispatchLaw &law : kLaws)
    test::checkLaw(law, Schema::contraction, cpu::emitContraction, GetParam(),
                   {{0, 3}, {1, 1}, {5, 17}, {7, 64}, {100, 33}});
}

INSTANTIATE_TEST_SUITE_P(targets, LoopContractionTest, testing::ValuesIn(test::allTargets()),
                         [](const auto &info) { return test::targetName(info.param); });

} // namespace
