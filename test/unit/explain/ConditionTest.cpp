// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each condition and guard that the checker evaluates holds in one place and fails next to it.
#include "test/unit/explain/ProofText.h"

#include "gtest/gtest.h"

#include <sstream>

using namespace tern;
using namespace tern::test;

namespace {

/// One step from (neg x) to (abs x) by a law with that condition; x is term `x` of `terms`.
struct Case {
  const char *condition;
  const char *vars;  ///< beside x
  const char *left;  ///< of the law
  const char *right; ///< of the law
  const char *holds; ///< types and terms; the last two terms are the step's
  const char *fails;
};

class Conditions : public testing::TestWithParam<Case> {};

std::string rulesWith(const Case &test) {
  std::string vars = test.vars;
  const char *dims = vars == "x:k" ? "lo a u k=lo+a+u" : vars.ends_with("rs") ? "r s" : "r";
  bool isOfSizes = vars == "x:k";
  return std::string("law test R =>\n dims ") + dims + "\n vars " + test.vars + "\n when " +
         (isOfSizes ? "(>= u 1) " : "") + test.condition + "\n lhs " + test.left + "\n rhs " +
         test.right + "\n why test\n";
}

check::Verdict checkStep(const std::string &rules, const std::string &body) {
  int terms = -1;
  std::istringstream lines(body);
  for (std::string line; std::getline(lines, line);)
    terms += !line.starts_with("type") && !line.starts_with("other");
  std::string ends = std::to_string(terms - 1) + " " + std::to_string(terms);
  return checkBody(rules, body + "forth test " + ends + "\n", ends + " 0");
}

} // namespace

TEST_P(Conditions, HoldHereAndFailThere) {
  const Case &test = GetParam();
  check::Verdict right = checkStep(rulesWith(test), test.holds);
  EXPECT_TRUE(right.isAccepted) << right.reason;
  check::Verdict wrong = checkStep(rulesWith(test), test.fails);
  EXPECT_FALSE(wrong.isAccepted);
  EXPECT_NE(wrong.reason.find("the condition " + std::string(test.condition)), std::string::npos)
      << wrong.reason;
}

#define LEAF "type f32 8\ntype f32\nleaf x 0\n"
#define ENDS(x) "op tern.neg 0 " x "\nop tern.abs 0 " x "\n"

INSTANTIATE_TEST_SUITE_P(
    Facts, Conditions,
    testing::Values(Case{"(pos x)", "x:r", "(neg x)", "(abs x)", LEAF "op tern.exp 0 0\n" ENDS("1"),
                         LEAF "op tern.square 0 0\n" ENDS("1")},
                    Case{"(nonneg x)", "x:r", "(neg x)", "(abs x)",
                         LEAF "op tern.square 0 0\n" ENDS("1"),
                         LEAF "op tern.neg 0 0\nop tern.neg 0 1\nop tern.abs 0 1\n"},
                    Case{"(nonzero x)", "x:r", "(neg x)", "(abs x)",
                         LEAF "op tern.sigmoid 0 0\n" ENDS("1"),
                         LEAF "op tern.relu 0 0\n" ENDS("1")}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Conditions,
    testing::Values(
        Case{"(pow2 c)", "x:r c:.", "(mul x c)", "(div x c)",
             LEAF "splat 1 0x1p+2\nop tern.constant 1 1\nop tern.mul 0 0 2\nop tern.div 0 0 2\n",
             LEAF "splat 1 0x1.8p+1\nop tern.constant 1 1\nop tern.mul 0 0 2\nop tern.div 0 0 2\n"},
        Case{"(pos e)", "x:r e:.", "(rms_norm r/r x e)", "(layer_norm r/r x e)",
             LEAF "text - a/a\nreal - 0x1p-2\nop tern.rms_norm 0 0 1 2\n"
                  "op tern.layer_norm 0 0 1 2\n",
             LEAF "text - a/a\nreal - 0x0p+0\nop tern.rms_norm 0 0 1 2\n"
                  "op tern.layer_norm 0 0 1 2\n"},
        Case{"(some x r)", "x:r", "(neg x)", "(abs x)",
             "type f32 8\nsplat 0 0x1p+0\nop tern.constant 0 0\n" ENDS("1"),
             "type f32 0\nsplat 0 0x1p+0\nop tern.constant 0 0\n" ENDS("1")}));

INSTANTIATE_TEST_SUITE_P(
    OfOperations, Conditions,
    testing::Values(
        Case{"(increasing f)", "x:r f:fn", "(neg (map f x))", "(map f (neg x))",
             LEAF "op tern.exp 0 0\nop tern.neg 0 0\nop tern.neg 0 1\nop tern.exp 0 2\n",
             LEAF "op tern.cos 0 0\nop tern.neg 0 0\nop tern.neg 0 1\nop tern.cos 0 2\n"},
        Case{"(zero_at_zero f)", "x:r f:fn", "(neg (map f x))", "(map f (neg x))",
             LEAF "op tern.tanh 0 0\nop tern.neg 0 0\nop tern.neg 0 1\nop tern.tanh 0 2\n",
             LEAF "op tern.cos 0 0\nop tern.neg 0 0\nop tern.neg 0 1\nop tern.cos 0 2\n"},
        Case{"(exact t x)", "x:r t:type u:type", "(cast u (cast t x))", "(cast u x)",
             "type bf16 8\ntype f32 8\ntype f16 8\nleaf x 0\nshape 1\nop tern.cast 1 0 1\nshape 2\n"
             "op tern.cast 2 2 3\nop tern.cast 2 0 3\n",
             "type f32 8\ntype bf16 8\ntype f16 8\nleaf x 0\nshape 1\nop tern.cast 1 0 1\nshape 2\n"
             "op tern.cast 2 2 3\nop tern.cast 2 0 3\n"}));

#define INDICES "type i32 8\ntype i32 3\ntext - a->a\nshape 0\nshape 1\n"
#define INDEX_ENDS(type, x) "op tern.neg " type " " x "\nop tern.abs " type " " x "\n"

INSTANTIATE_TEST_SUITE_P(
    Permutations, Conditions,
    testing::Values(
        Case{"(bijective i)", "i:r<r", "(neg i)", "(abs i)",
             INDICES "op tern.iota 0 0 1\n" INDEX_ENDS("0", "3"),
             "type i32 8\nleaf i 0\n" INDEX_ENDS("0", "0")},
        // A choice of all by all, and one of eight by three.
        Case{"(bijective i)", "i:r<r", "(neg i)", "(abs i)",
             INDICES
             "op tern.iota 0 0 1\ntext - a,b->b\nop tern.gather 0 3 3 4\n" INDEX_ENDS("0", "5"),
             INDICES "op tern.iota 0 0 1\nop tern.iota 1 0 2\ntext - a,b->b\n"
                     "op tern.gather 1 3 4 5\n" INDEX_ENDS("1", "6")},
        Case{"(orthogonal x)", "x:rs", "(neg x)", "(abs x)",
             "type f32 8 8\ntype i32 8\ntext - a->a\nshape 1\nop tern.iota 1 0 1\ntext - a->ab\n"
             "shape 0\nop tern.one_hot 0 2 3 4\ntext - ab->ba\n"
             "op tern.transpose 0 5 6\n" ENDS("7"),
             "type f32 8 8\ntype i32 8\nleaf i 1\ntext - a->ab\nshape 0\n"
             "op tern.one_hot 0 0 1 2\n" ENDS("3")},
        Case{"(orthogonal x)", "x:rs", "(neg x)", "(abs x)",
             "type f32 8 8\ntype i32 8\ntext - a->a\nshape 1\nop tern.iota 1 0 1\ntext - a->ab\n"
             "shape 0\nop tern.one_hot 0 2 3 4\n" ENDS("5"),
             "type f32 8 9\ntype i32 8\ntext - a->a\nshape 1\nop tern.iota 1 0 1\ntext - a->ab\n"
             "shape 0\nop tern.one_hot 0 2 3 4\n" ENDS("5")}));

#define ROUNDED(from)                                                                              \
  "type bf16 8\ntype f32 8\ntype " from " 8\nleaf y 2\nshape 1\nop tern.cast 1 0 1\nshape 0\n"     \
  "op tern.cast 0 2 3\nop tern.neg 0 4\nop tern.abs 0 4\n"

INSTANTIATE_TEST_SUITE_P(Roundings, Conditions,
                         testing::Values(Case{"(rounded x)", "x:r", "(neg (rnd x))",
                                              "(abs (rnd x))", ROUNDED("bf16"), ROUNDED("f16")}));

// [r, s]: the indices of s (1) and of r (3), and a mask of them.
#define MASK(rows, operation, rest)                                                                \
  "type f32 " rows " 8\ntext - b->ab\nshape 0\nop tern.iota 0 0 1\ntext - a->ab\n"                 \
  "op tern.iota 0 3 1\n" operation rest

#define SUMS(mask, axes, sum) "text - ab/b\nop tern.cumsum 0 " mask " " axes "\n" ENDS(sum)

INSTANTIATE_TEST_SUITE_P(
    Masks, Conditions,
    testing::Values(Case{"(some x s)", "x?rs", "(neg (cumsum rs/s x))", "(abs (cumsum rs/s x))",
                         MASK("8", "op tern.le 0 2 4\n", SUMS("5", "6", "7")),
                         MASK("8", "op tern.lt 0 2 4\n", SUMS("5", "6", "7"))},
                    Case{"(some x s)", "x?rs", "(neg (cumsum rs/s x))", "(abs (cumsum rs/s x))",
                         MASK("8", "op tern.le 0 4 2\n", SUMS("5", "6", "7")),
                         // Row 8 of nine is beyond the last one of eight.
                         MASK("9", "op tern.le 0 4 2\n", SUMS("5", "6", "7"))},
                    Case{"(some x s)", "x?rs", "(neg (cumsum rs/s x))", "(abs (cumsum rs/s x))",
                         MASK("8", "op tern.le 0 2 4\nop tern.lt 0 2 4\nop tern.or 0 6 5\n",
                              SUMS("7", "8", "9")),
                         MASK("8", "op tern.le 0 2 4\nop tern.lt 0 2 4\nop tern.and 0 6 5\n",
                              SUMS("7", "8", "9"))}));

#define SLICE(offset)                                                                              \
  "type f32 8\ntype f32 3\nleaf x 0\nint - 0\nint - " offset                                       \
  "\nint - 3\nop tern.slice 1 0 1 2 3\nop tern.neg 1 4\nop tern.abs 1 4\n"

INSTANTIATE_TEST_SUITE_P(
    Sizes, Conditions,
    testing::Values(Case{"(<= (+ lo a) 5)", "x:k", "(neg (slice k->a x lo))",
                         "(abs (slice k->a x lo))", SLICE("2"), SLICE("4")},
                    Case{"(< (+ lo a) 5)", "x:k", "(neg (slice k->a x lo))",
                         "(abs (slice k->a x lo))", SLICE("1"), SLICE("2")},
                    Case{"(>= lo 2)", "x:k", "(neg (slice k->a x lo))", "(abs (slice k->a x lo))",
                         SLICE("2"),
                         "type f32 8\ntype f32 3\nleaf x 0\nint - 0\nint - 3\n"
                         "op tern.slice 1 0 1 1 2\nop tern.neg 1 3\nop tern.abs 1 3\n"},
                    Case{"(> lo 2)", "x:k", "(neg (slice k->a x lo))", "(abs (slice k->a x lo))",
                         SLICE("4"), SLICE("2")},
                    Case{"(= (* 2 lo) 4)", "x:k", "(neg (slice k->a x lo))",
                         "(abs (slice k->a x lo))", SLICE("2"), SLICE("4")}));

/// What the checker does not know is refused, and said. A guard says when a law pays.
TEST(Conditions, ThatAreUnheardOfAreRefused) {
  auto check = [](const std::string &key) {
    return checkStep("law test R =>\n dims r\n vars x:r\n " + key +
                         " (unheard-of x)\n lhs (neg x)\n rhs (abs x)\n why test\n",
                     LEAF ENDS("0"));
  };
  for (const char *key : {"when", "typed"}) {
    check::Verdict verdict = check(key);
    EXPECT_FALSE(verdict.isAccepted);
    EXPECT_NE(verdict.reason.find("(unheard-of x)"), std::string::npos) << verdict.reason;
  }
  EXPECT_TRUE(check("guard").isAccepted);
}
