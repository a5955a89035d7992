// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/conformance/CPU/DispatchLaw.h"

#include <gtest/gtest.h>

using namespace tern;
using test::DispatchLaw;

namespace {

/// Moved elements are exact, sums and products are rounded once in f32, whose unit is 6e-8; e^x has
/// 2 units more (passes/CPU/Functions.h). Narrow results are rounded once more: f16 to 5e-4 of the
/// number, bf16 to 4e-3.
constexpr double kExact = 0, kRounded = 2e-7, kHalf = 6e-4, kBrain = 4.5e-3;

const DispatchLaw kLaws[] = {
    {"dynamic axes inside", "3 T S f32; 3 T S f32", "3 T S f32", R"(
      %0 = tern.mul %a, %b : {0}, {0}
      %1 = tern.exp %0 : {0}
      tern.yield %1 : {0})",
     1e-6},
    {"numbers", "f32; f32", "f32; f32", R"(
      %0 = tern.add %a, %b : {0}, {0}
      %1 = tern.mul %a, %b : {0}, {0}
      tern.yield %0, %1 : {0}, {0})",
     kRounded},
    {"a long row in parts", "2 9001 f32; f32", "2 9001 f32", R"(
      %0 = tern.sub %a, %b : {0}, {1}
      tern.yield %0 : {0})",
     kRounded},
    {"a column of rows", "T 1 f32; T 1 f32", "T 1 f32", R"(
      %0 = tern.maximum %a, %b : {0}, {0}
      tern.yield %0 : {0})",
     kExact},
    {"f16", "T S f16; T S f16", "T S f16", R"(
      %0 = tern.add %a, %b : {0}, {0}
      tern.yield %0 : {0})",
     kHalf},
    {"bf16 with one lane left", "T 17 bf16; T 17 bf16", "T 17 bf16", R"(
      %0 = tern.mul %a, %b : {0}, {0}
      tern.yield %0 : {0})",
     kBrain},
    {"i8 with one lane left", "T 33 i8; T 33 i8", "T 33 i8", R"(
      %0 = tern.add %a, %b : {0}, {0}
      tern.yield %0 : {0})",
     kExact},
    {"i64", "T S i64; T S i64", "T S i64", R"(
      %0 = tern.mul %a, %b : {0}, {0}
      %1 = tern.lt %a, %0 : {0}, {0}
      %2 = tern.where %1, %0, %b : {0}, {0}, {0}
      tern.yield %2 : {0})",
     kExact},
    {"f64", "T S f64; T S f64", "T S f64", R"(
      %0 = tern.mul %a, %b : {0}, {0}
      %1 = tern.abs %0 : {0}
      %2 = tern.sqrt %1 : {0}
      tern.yield %2 : {0})",
     4e-16},
    {"casts", "T S i16", "T S f16; T S i64; T S f64", R"(
      %0 = tern.cast %a : {0} to {1}
      %1 = tern.cast %a : {0} to {2}
      %2 = tern.cast %a : {0} to {3}
      tern.yield %0, %1, %2 : {1}, {2}, {3})",
     kExact},
    {"truth values", "T S f32; T S f32", "T S f32", R"(
      %0 = tern.rint %a : {0}
      %1 = tern.not %0 : {0}
      %2 = tern.lt %a, %b : {0}, {0}
      %3 = tern.and %1, %2 : {0}, {0}
      %4 = tern.or %3, %0 : {0}, {0}
      tern.yield %4 : {0})",
     kExact},
    {"indices and a size", "T S f32", "T S f32; T S i64", R"(
      %0 = tern.iota "s->ts" : {0}
      %1 = tern.add %a, %0 : {0}, {0}
      %2 = tern.iota "t->ts" : {2}
      %3 = tern.size <T, 2 * S, 3> : tensor<f32>
      %4 = tern.mul %1, %3 : {0}, tensor<f32>
      tern.yield %4, %2 : {1}, {2})",
     kRounded},
    {"one in each row", "T i32", "T 19 f16", R"(
      %0 = tern.one_hot "t->tv" %a : {0} to {1}
      tern.yield %0 : {1})",
     kExact, 25},
    {"one in each column, of i64", "T S i64", "T 4 S i8", R"(
      %0 = tern.one_hot "ts->tvs" %a : {0} to {1}
      tern.yield %0 : {1})",
     kExact},
    {"zeros around columns", "T 17 bf16", "T 40 bf16", R"(
      %0 = tern.pad %a axis 1 low 3 high 20 : {0}
      tern.yield %0 : {1})",
     kExact},
    {"zeros before rows", "2 T S i64", "2 T+5 S i64", R"(
      %0 = tern.pad %a axis 1 low 5 high 0 : {0}
      tern.yield %0 : {1})",
     kExact},
    {"a matrix turned", "T 40 f32", "40 T f32", R"(
      %0 = tern.transpose "tk->kt" %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"bytes turned", "33 19 i8", "19 33 i8", R"(
      %0 = tern.transpose "tk->kt" %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"two results turned, and one element", "S 3 T f64; f64", "T 3 S f64; T 3 S f32", R"(
      %0 = tern.transpose "abc->cba" %a : {0}
      %1 = tern.sub %0, %b : {2}, {1}
      %2 = tern.cast %1 : {2} to {3}
      tern.yield %1, %2 : {2}, {3})",
     kRounded},
    {"pairs of a table, turned", "7 2 i8; 5 T i32", "5 2 T i8", R"(
      %0 = tern.gather "pi,kt->kit" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kExact},
    {"heads to the front", "T 3 20 bf16", "3 T 20 bf16", R"(
      %0 = tern.transpose "thd->htd" %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"all axes turned, and an exponential", "T 2 3 S f32", "S 3 2 T f32", R"(
      %0 = tern.transpose "abcd->dcba" %a : {0}
      %1 = tern.exp %0 : {1}
      tern.yield %1 : {1})",
     1e-6},
    {"broadcasts of every kind", "S f32; T f32; 7 f32", "T 7 S f32", R"(
      %0 = tern.broadcast "s->ths" %a : {0} to {3}
      %1 = tern.broadcast "t->ths" %b : {1} to {3}
      %2 = tern.broadcast "h->ths" %c : {2} to {3}
      %3 = tern.add %0, %1 : {3}, {3}
      %4 = tern.mul %3, %2 : {3}, {3}
      tern.yield %4 : {3})",
     kRounded},
    {"a range of rows", "12 T f32", "5 T f32", R"(
      %0 = tern.slice %a axis 0 from 4 size 5 : {0}
      tern.yield %0 : {1})",
     kExact},
    {"a range of columns", "T 2 40 f32", "T 2 19 f32", R"(
      %0 = tern.slice %a axis 2 from 3 size 19 : {0}
      tern.yield %0 : {1})",
     kExact},
    {"padded rows regrouped", "T 60 f32", "T 4 15 f32", R"(
      %0 = tern.reshape %a : {0} to {1}
      tern.yield %0 : {1})",
     kExact},
    {"rows across others", "6 10 f32", "4 15 f32", R"(
      %0 = tern.reshape %a : {0} to {1}
      tern.yield %0 : {1})",
     kExact},
    {"joined rows", "T 20 f32; S 20 f32", "T+S 20 f32", R"(
      %0 = tern.concat %a, %b axis 0 : {0}, {1}
      tern.yield %0 : {2})",
     kExact},
    {"joined columns", "T 5 f16; T 20 f16; T 1 f16", "T 26 f16", R"(
      %0 = tern.concat %a, %b, %c axis 1 : {0}, {1}, {2}
      tern.yield %0 : {3})",
     kExact},
    {"joined in the middle", "2 T S i64; 2 S S i64", "2 T+S S i64", R"(
      %0 = tern.concat %a, %b axis 1 : {0}, {1}
      tern.yield %0 : {2})",
     kExact},
    {"columns of a table", "7 9 f32; T i32", "7 T f32", R"(
      %0 = tern.gather "dv,t->dt" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kExact},
    {"rows by a matrix of i64", "4 20 f32; T S i64", "T S 20 f32", R"(
      %0 = tern.gather "vd,ts->tsd" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kExact},
    {"one of each row", "T 4 f32; T i32", "T f32", R"(
      %0 = tern.gather "tv,t->t" %a, %b : {0}, {1}
      tern.yield %0 : {2})",
     kExact},
    {"records of activations", "T 64 !tern.block<8,32,f32>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"q8_0", "T 64 !tern.block<8,32,f16>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"q4_0", "T 64 !tern.block<4,32,f16,zero=8>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"q4_1", "T 64 !tern.block<4,32,f16,min>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"q5_0", "T 64 !tern.block<5,32,f16,zero=16>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"q5_1", "T 64 !tern.block<5,32,f16,min>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"q2_k", "T 512 !tern.block<2,16,f16,scale_bits=4,groups=16,min>", "T 512 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"q3_k", "T 512 !tern.block<3,16,f16,scale_bits=6,groups=16,zero=4>", "T 512 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"q4_k", "T 512 !tern.block<4,32,f16,scale_bits=6,groups=8,min>", "T 512 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"q5_k", "T 512 !tern.block<5,32,f16,scale_bits=6,groups=8,min>", "T 512 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"q6_k", "T 512 !tern.block<6,16,f16,scale_bits=8,groups=16,zero=32>", "T 512 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"iq4_xs",
     "T 512 "
     "!tern.block<4,32,f16,scale_bits=6,groups=8,table=[-127,-104,-83,-65,-49,-35,-22,-10,1,13,25,"
     "38,53,69,89,113]>",
     "T 512 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"mxfp4", "T 64 !tern.block<4,32,f8E8M0FNU,table=[0,1,2,3,4,6,8,12,0,-1,-2,-3,-4,-6,-8,-12]>",
     "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kExact},
    {"nf4", "T 64 !tern.block<4,32,f32,numbers=nf4>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"e4m3", "T 64 !tern.block<8,32,f32,numbers=e4m3>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"e5m2", "T 64 !tern.block<8,32,f32,numbers=e5m2>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"i8", "T 64 !tern.block<8,32,f32,numbers=i8>", "T 64 f32", R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
    {"codes with zero points", "T 128 !tern.block<4,32,f16,scale_bits=6,groups=4,min>", "T 128 f32",
     R"(
      %0 = tern.dequantise %a : {0}
      tern.yield %0 : {1})",
     kRounded},
};

struct LoopsTest : testing::TestWithParam<cpu::Target> {};

TEST_P(LoopsTest, agreesWithTheReference) {
  for (const DispatchLaw &law : kLaws)
    test::checkLaw(law, Schema::loops, cpu::emitLoops, GetParam(),
                   {{0, 3}, {1, 1}, {5, 17}, {16, 1}, {33, 64}});
}

INSTANTIATE_TEST_SUITE_P(targets, LoopsTest, testing::ValuesIn(test::allTargets()),
                         [](const auto &info) { return test::targetName(info.param); });

} // namespace
