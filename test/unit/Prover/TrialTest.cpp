// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Trial/Trial.h"

#include "passes/Saturate/Trial/Instance.h"
#include "test/unit/Prover/Rules.h"

#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>

namespace tern::trial {
namespace {

using prover::nonLaws;
using prover::read;
using prover::shippedLaws;

TEST(Trial, LawsHold) {
  for (const law::Law &law : shippedLaws()) {
    Trial trial = tryLaw(law, 1000);
    EXPECT_EQ(trial.counterexample, "") << law.place();
    EXPECT_GE(trial.instances, 990u) << law.place();
  }
}

TEST(Trial, NonLawsHaveCounterexamples) {
  for (const law::Law &law : nonLaws())
    EXPECT_NE(tryLaw(law, 1000).counterexample, "") << law.place();
}

TEST(Trial, EachConditionHasACounterexample) {
  for (const law::Law &law : shippedLaws())
    for (size_t i = 0; i < law.when.size(); ++i)
      EXPECT_NE(tryWithout(law, i, 1000).counterexample, "")
          << law.place() << "without " << law.when[i].text;
}

TEST(Trial, EachLawHasAnExample) {
  for (const law::Law &law : shippedLaws())
    EXPECT_NE(exampleOf(law), "") << law.place();
}

/// The numbers are the law's own, and the result is what they give.
TEST(Trial, ExamplesSayNumbers) {
  law::Law scaled = read("law a R =>\n dims\n vars x:. c:.\n when (pow2 c)\n"
                         " lhs (mul x c)\n rhs (mul c x)\n why test\n");
  double x = 0, c = 0, result = 0;
  int exponent = 0;
  std::string example = exampleOf(scaled);
  ASSERT_EQ(std::sscanf(example.c_str(), "x = %lf, c = %lf: %lf", &x, &c, &result), 3) << example;
  EXPECT_EQ(result, x * c);
  EXPECT_EQ(std::ldexp(std::frexp(c, &exponent), 1), 1);
  EXPECT_EQ(exampleOf(read("law a B =>\n lhs (exp 0)\n rhs 1\n why test\n")), "1");
}

/// Sizes 0 and 1, ties and zeros of both signs are among the instances.
TEST(Trial, InstancesHaveEdges) {
  law::Law law = read("law a R =>\n dims r k\n vars x:rk\n lhs (neg (neg x))\n rhs x\n why test\n");
  Random random(1);
  bool isEmpty = false, isOne = false, hasTies = false, hasMinusZero = false;
  for (int i = 0; i < 100; ++i) {
    Instance instance = *randomInstance(law, random);
    isEmpty |= instance.sizes[0] == 0;
    isOne |= instance.sizes[0] == 1;
    const std::vector<double> &x = instance.tensors[0].values;
    for (size_t j = 0; j < x.size(); ++j) {
      hasTies |= j > 0 && x[j] == x[j - 1];
      hasMinusZero |= x[j] == 0 && std::signbit(x[j]);
    }
  }
  EXPECT_TRUE(isEmpty && isOne && hasTies && hasMinusZero);
}

/// The value of the left side at sizes and values that are given in full.
template <class T>
std::vector<double> valueAt(const law::Law &law, std::vector<int64_t> sizes,
                            std::vector<Tensor<double>> tensors) {
  Instance instance{std::move(sizes), std::move(tensors), {}};
  Evaluator<T> evaluator(law, instance);
  Tensor<T> result = evaluator.evaluate(law.lhs);
  EXPECT_EQ(evaluator.error, "");
  std::vector<double> values;
  for (T value : result.values)
    values.push_back(double(value));
  return values;
}

law::Law term(const std::string &dims, const std::string &vars, const std::string &lhs) {
  return read("law a R =>\n dims " + dims + "\n vars " + vars + "\n lhs " + lhs + "\n rhs " + lhs +
              "\n why test\n");
}

using Values = std::vector<double>;

TEST(Evaluator, Contracts) {
  law::Law law = term("r k n", "x:rk w:kn", "(contract rk,kn->nr x w)");
  EXPECT_EQ(valueAt<double>(law, {2, 2, 2}, {{{2, 2}, {1, 2, 3, 4}}, {{2, 2}, {5, 6, 7, 8}}}),
            (Values{19, 43, 22, 50}));
}

TEST(Evaluator, SumsInOrder) {
  law::Law law = term("k", "x:k", "(sum k-> x)");
  float big = 0x1p24f;
  EXPECT_EQ(valueAt<float>(law, {3}, {{{3}, {big, 1, 1}}}), Values{big});
  EXPECT_EQ(valueAt<float>(law, {3}, {{{3}, {1, 1, big}}}), Values{double(big) + 2});
  EXPECT_EQ(valueAt<Bfloat>(law, {3}, {{{3}, {256, 1, 1}}}), Values{256});
}

TEST(Evaluator, MovesElements) {
  EXPECT_EQ(valueAt<double>(term("r a b n=a+b", "x:rn", "(slice rn->rb x a)"), {1, 2, 1, 3},
                            {{{1, 3}, {1, 2, 3}}}),
            Values{3});
  EXPECT_EQ(valueAt<double>(term("a n", "x:a", "(pad a->n x 1)"), {1, 3}, {{{1}, {5}}}),
            (Values{0, 5, 0}));
  EXPECT_EQ(valueAt<double>(term("v d t", "E:vd i:t<v", "(gather vd,t->td E i)"), {2, 2, 1},
                            {{{2, 2}, {1, 2, 3, 4}}, {{1}, {1}}}),
            (Values{3, 4}));
  EXPECT_EQ(valueAt<double>(term("v t", "x:t i:t<v", "(scatter_add t,t->v x i)"), {2, 3},
                            {{{3}, {1, 2, 4}}, {{3}, {1, 0, 1}}}),
            (Values{2, 5}));
}

TEST(Evaluator, RanksAndRotates) {
  law::Law top = term("e c", "x:e", "(topk_mask e/e x c)");
  EXPECT_EQ(valueAt<double>(top, {4, 2}, {{{4}, {1, 3, 3, 3}}}), (Values{0, 1, 1, 0}));
  double turn = std::acos(-1) / 2;
  auto rotated = [&](const char *name) {
    law::Law law = term("h d=2*h", "x:d a:h", std::string("(") + name + " d,h x a)");
    Values y = valueAt<double>(law, {2, 4}, {{{4}, {1, 2, 3, 4}}, {{2}, {turn, 0}}});
    for (double &value : y)
      value = std::round(value);
    return y;
  };
  EXPECT_EQ(rotated("rope_half"), (Values{-3, 2, 1, 4}));
  EXPECT_EQ(rotated("rope_pair"), (Values{-2, 1, 3, 4}));
}

TEST(Evaluator, MasksWholeRows) {
  law::Law law = term("s", "x:s m?s", "(softmax_masked s/s x m)");
  EXPECT_EQ(valueAt<double>(law, {2}, {{{2}, {1, 2}}, {{2}, {0, 0}}}), (Values{0, 0}));
  EXPECT_EQ(valueAt<double>(law, {2}, {{{2}, {1, 2}}, {{2}, {0, 1}}}), (Values{0, 1}));
}

TEST(Evaluator, SaysWhatIsOutOfRange) {
  law::Law law = term("r a", "x:r", "(slice r->a x 1)");
  Instance instance{{2, 2}, {{{2}, {1, 2}}}, {}};
  Evaluator<double> evaluator(law, instance);
  evaluator.evaluate(law.lhs);
  EXPECT_EQ(evaluator.error, "a cut is out of range");
}

} // namespace
} // namespace tern::trial
