// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Law/Law.h"

#include <gtest/gtest.h>
#include <limits>

namespace tern::law {
namespace {

RuleFile read(const std::string &text) {
  std::map<std::string, std::string> names;
  return readRules("a.rules", text, names);
}

/// A law of these lines, in lines 2 to 6 of its file.
std::string law(const std::string &dims, const std::string &vars, const std::string &lhs,
                const std::string &rhs, const std::string &head = "law a R =>",
                const std::string &more = "") {
  return "; a comment\n" + head + "\n  dims " + dims + "\n  vars " + vars + "\n  lhs " + lhs +
         "\n  rhs " + rhs + "\n  why test\n" + more;
}

std::string errorOf(const std::string &text) {
  RuleFile file = read(text);
  return file.errors.size() == 1 ? file.errors[0] : std::to_string(file.errors.size()) + " errors";
}

std::string errorOfTerm(const std::string &dims, const std::string &vars, const std::string &lhs,
                        const std::string &rhs = "x") {
  return errorOf(law(dims, vars, lhs, rhs));
}

TEST(Law, Reads) {
  RuleFile file = read(law("r a b n=a+b", "x:ra y:rb m?r i:r<n f:fn",
                           "(mul (where m 1/2 -3) (sum rn->r (map f (concat ra,rb->rn x y))))",
                           "(sum rn->r (map f (concat ra,rb->rn x y)))", "law a R => grow L",
                           "  when (>= a 1) (some m r)\n  guard (load x)\n  typed (pos x)\n"));
  ASSERT_EQ(file.errors, std::vector<std::string>());
  const Law &law = file.laws.at(0);
  EXPECT_EQ(law.line, 2u);
  EXPECT_EQ(law.tier, Tier::Real);
  EXPECT_FALSE(law.isBothWays);
  EXPECT_TRUE(law.grows);
  EXPECT_TRUE(law.survivesRounding);
  EXPECT_EQ(print(law, law.lhs),
            "(mul (where m 1/2 -3) (sum rn->r (map f (concat ra,rb->rn x y))))");
  EXPECT_EQ(law.when.size(), 2u);
  EXPECT_EQ(law.when[1].text, "(some m r)");
  EXPECT_NE(law.find(Property::Positive, 0), nullptr);
  EXPECT_EQ(law.variables[3].kind, Kind::Integer);
  EXPECT_EQ(law.lhs.letters, Letters{0});
}

TEST(Law, HeadsAreChecked) {
  auto head = [](const std::string &text) {
    return errorOf(law("r", "x:r", "(neg x)", "x", text));
  };
  EXPECT_EQ(head("law a C =>"), "a.rules:2: law 'a': expected tier B or R, found 'C'");
  EXPECT_EQ(head("law a L =>"),
            "a.rules:2: law 'a': expected tier B or R, found 'L': what loses information is no "
            "law, but an operation that somebody asks for");
  EXPECT_EQ(head("law a R ="), "a.rules:2: law 'a': expected => or <=>, found '='");
  EXPECT_EQ(head("law a R => big"), "a.rules:2: law 'a': expected the mark grow or L, found 'big'");
  EXPECT_EQ(head("law a"), "a.rules:2: law 'a': expected 'law NAME TIER WAY', found 'law a'");
  EXPECT_EQ(errorOf("lhs x\n"), "a.rules:1: expected a law first, found 'lhs x'");
  EXPECT_EQ(errorOf("hello\n"), "a.rules:1: expected law, nonlaw or one of dims vars typed when "
                                "guard lhs rhs why, found 'hello'");
}

TEST(Law, NamesAreTakenOnce) {
  std::string one = law("r", "x:r", "(neg (neg x))", "x");
  EXPECT_EQ(errorOf(one + one), "a.rules:9: law 'a': expected a new name, found that of a.rules:2");
  std::map<std::string, std::string> names;
  EXPECT_TRUE(readRules("a.rules", one, names).errors.empty());
  EXPECT_EQ(readRules("b.rules", one, names).errors.at(0),
            "b.rules:2: law 'a': expected a new name, found that of a.rules:2");
}

TEST(Law, LinesAreThereOnce) {
  EXPECT_EQ(errorOf("law a R =>\n dims r\n vars x:r\n lhs x\n why test\n"),
            "a.rules:1: law 'a': expected one line 'rhs', found none");
  EXPECT_EQ(errorOf(law("r", "x:r", "(neg x)", "x", "law a R =>", "  lhs x\n")),
            "a.rules:8: law 'a': expected one line 'lhs', found another");
  EXPECT_EQ(errorOf("law a R =>\n dims r\n vars x:r\n lhs (neg x)\n rhs x\n"),
            "a.rules:1: law 'a': expected one line 'why', found none");
}

TEST(Law, SizesAreChecked) {
  auto dims = [](const std::string &text) { return errorOf(law(text, "x:r", "(neg x)", "x")); };
  EXPECT_EQ(dims("r r"), "a.rules:3: law 'a': expected each size once, found 'r' again");
  EXPECT_EQ(dims("r n=m"), "a.rules:3: law 'a': expected a size of the law or a number, found 'm'");
  EXPECT_EQ(dims("r n=r+"),
            "a.rules:3: law 'a': expected a sum of products such as n=a+2*b, found 'n=r+'");
  EXPECT_EQ(dims("r 1"), "a.rules:3: law 'a': expected the name of a size, found '1'");
  EXPECT_EQ(dims("r n=-1*r"), "a.rules:3: law 'a': expected sizes of at least 0, found '-1'");
  std::string chain = "r a=r*r";
  for (char c = 'a'; c < 'h'; ++c)
    chain += std::string(" ") + char(c + 1) + "=" + c + "*" + c;
  EXPECT_EQ(dims(chain),
            "a.rules:3: law 'a': expected a size of at most 256 products of 16, found 'e'");
}

TEST(Law, VariablesAreChecked) {
  auto vars = [](const std::string &text) { return errorOf(law("r s", text, "(neg x)", "x")); };
  EXPECT_EQ(vars("x"), "a.rules:4: law 'a': expected a variable such as x:rk, found 'x'");
  EXPECT_EQ(vars("x:r x:s"), "a.rules:4: law 'a': expected each variable once, found 'x' again");
  EXPECT_EQ(vars("x:rk"),
            "a.rules:4: law 'a': expected sizes of the law as letters, found 'k' in 'rk'");
  EXPECT_EQ(vars("x:r<k"),
            "a.rules:4: law 'a': expected integers below a size of the law, found 'x:r<k'");
}

TEST(Law, TermsAreChecked) {
  EXPECT_EQ(errorOfTerm("r", "x:r", "(nag x)"),
            "a.rules:5: law 'a': expected an operation, found 'nag'");
  EXPECT_EQ(errorOfTerm("r", "x:r", "(neg y)"),
            "a.rules:5: law 'a': expected a variable of the law or a fraction, found 'y'");
  EXPECT_EQ(errorOfTerm("r", "x:r", "(neg x", "x"),
            "a.rules:5: law 'a': expected ')', found the end of the line");
  EXPECT_EQ(errorOfTerm("r", "x:r", "(neg x))", "x"),
            "a.rules:5: law 'a': expected an opening bracket first, found ')'");
  EXPECT_EQ(errorOfTerm("r", "x:r", "(neg x) x"), "a.rules:5: law 'a': expected one term, found 2");
  EXPECT_EQ(errorOfTerm("r", "x:r", "(neg x x)"),
            "a.rules:5: law 'a': expected 1 operands of 'neg', found 2");
  EXPECT_EQ(errorOfTerm("r", "x:r", "(sum r x)"),
            "a.rules:5: law 'a': expected '->' in the index string, found 'r'");
  EXPECT_EQ(errorOfTerm("r", "x:r", "(contract r->r x x)"),
            "a.rules:5: law 'a': expected 2 operands in the index string of 'contract', "
            "found 'r->r'");
  EXPECT_EQ(errorOfTerm("r", "x:r f:fn", "(map x x)"),
            "a.rules:5: law 'a': expected a function, found 'x'");
  EXPECT_EQ(errorOfTerm("r", "x:r f:fn", "(neg f)"),
            "a.rules:5: law 'a': expected a tensor, found the name 'f'");
  EXPECT_EQ(errorOfTerm("r a", "x:r", "(slice r->a x (% a 1))"),
            "a.rules:5: law 'a': expected a sum, a difference or a product of sizes, "
            "found '(% a 1)'");
}

TEST(Law, StringsAndShapesAreChecked) {
  auto expect = [](const std::string &term, const std::string &expected) {
    std::string error = errorOfTerm("r k n a b h d=2*h w=a+b t=a*b",
                                    "x:rk y:rn g:k m?r i:r<k z:td e:th", term, "x");
    EXPECT_EQ(error, "a.rules:5: law 'a': expected " + expected + " in " + term);
  };
  expect("(add x y)", "operands of one shape or of rank 0, found 'rk' and 'rn'");
  expect("(sum rn->r x)", "operand 1 with the axes 'rn', found 'rk'");
  expect("(sum rk->n x)", "letters of the operand in the result, found another index string");
  expect("(contract rr,k->k x g)", "different letters in one operand, found 'rr'");
  expect("(bcast k->r g)", "all letters of the operand in the result, found another index string");
  expect("(perm rk->r x)", "the letters of the operand, found another index string");
  expect("(reshape rk->rn x)", "as many elements as before, found 'rk' and 'rn'");
  expect("(slice rk->an x 0)", "strings that differ in one place, found 'rk' and 'an'");
  expect("(concat rk,rn->rw x y)", "parts that fill 'w', found another sum of sizes");
  expect("(gather rk,r->rk x i)",
         "one letter of the table that the result lacks, found another index string");
  expect("(gather kr,r->kr (perm rk->kr x) m)",
         "one letter of the table that the result lacks, found another index string");
  expect("(not x)", "truth values as operand 1, found other numbers");
  expect("(and m x)", "operands of one shape or of rank 0, found 'rk' and 'r'");
  expect("(softmax rk/n x)", "a row among the axes, found another index string");
  expect("(rms_norm rk/k x g)", "operand 2 with the axes rank 0, found 'k'");
  expect("(softmax_masked rk/k x x)", "truth values as operand 2, found other numbers");
  expect("(rope_half rk,rn x y)", "twice as many elements as angles, found another size");
  expect("(attention rk,nk,nr->rr x x x 1)", "different letters in the result, found 'rr'");
}

TEST(Law, SidesHaveOneShape) {
  EXPECT_EQ(errorOfTerm("r k", "x:rk", "(sum rk->r x)"),
            "a.rules:5: law 'a': expected both sides to have one shape, found 'r' and 'rk'");
  EXPECT_TRUE(read(law("r k=r", "x:r y:k", "(add x y)", "(add y x)")).errors.empty());
}

TEST(Law, BindingsAreChecked) {
  EXPECT_EQ(errorOf(law("r", "x:r y:r", "(neg x)", "y")),
            "a.rules:2: law 'a': expected the left side to bind 'y', found it on the other side "
            "alone");
  EXPECT_EQ(errorOf(law("r", "x:r y:r", "(sub (add x y) y)", "x", "law a R <=>")),
            "a.rules:2: law 'a': expected the right side to bind 'y', found it on the other side "
            "alone");
  std::string cut = "(concat ra,rb->rn (slice rn->ra x 0) (slice rn->rb x a))";
  EXPECT_EQ(errorOf(law("r a b n=a+b", "x:rn", cut, "x", "law a B <=>")),
            "a.rules:2: law 'a': expected the right side to bind the size 'a', found it on the "
            "other side alone");
  EXPECT_TRUE(read(law("r a b n=a+b", "x:rn", cut, "x", "law a B =>")).errors.empty());
  EXPECT_TRUE(read(law("r a b n=a+b", "x:rn", "x", cut, "law a B => grow")).errors.empty());
  EXPECT_EQ(errorOf(law("r a", "x:r", "(neg x)", "(neg x)", "law a R =>", "  when (>= a 1)\n")),
            "a.rules:2: law 'a': expected the left side to bind the size 'a' of a condition, "
            "found it there alone");
}

TEST(Law, ConditionsAreChecked) {
  auto when = [](const std::string &text) {
    return errorOf(
        law("r k", "x:rk m?r i:r<k f:fn", "(neg x)", "x", "law a R =>", "  when " + text + "\n"));
  };
  EXPECT_EQ(when("(even x)"), "a.rules:8: law 'a': expected a comparison of sizes or a fact about "
                              "a variable, found '(even x)'");
  EXPECT_EQ(when("(pos y)"), "a.rules:8: law 'a': expected a variable of the law, found 'y'");
  EXPECT_EQ(when("(pos m)"), "a.rules:2: law 'a': expected a variable that can be pos, found 'm'");
  EXPECT_EQ(when("(increasing x)"),
            "a.rules:2: law 'a': expected a variable that can be increasing, found 'x'");
  EXPECT_EQ(when("(bijective i)"), "a.rules:2: law 'a': expected as many integers as values in a "
                                   "bijection, found 'i'");
  EXPECT_EQ(when("(orthogonal x)"),
            "a.rules:2: law 'a': expected a square matrix to be orthogonal, found 'x'");
  EXPECT_EQ(when("(some m k)"), "a.rules:2: law 'a': expected axes of 'm', found 'k'");
  EXPECT_EQ(errorOf(law("r", "x:r", "(neg x)", "x", "law a R =>", "  guard (cheap x)\n")),
            "a.rules:8: law 'a': expected a guard, found '(cheap x)'");
}

/// What stands for any number of tensors is what lies before one of them, it, and what follows.
TEST(Law, SiblingsAreThreeParts) {
  RuleFile file = read(law("r k n s", "x:rk w:nk", "(contract rk,nk->rn x w)",
                           "(slice rs->rn (contract rk,sk->rs x (concat nk..->sk w..)) (before n))",
                           "law a B => grow", "  guard (siblings w)\n"));
  ASSERT_EQ(file.errors, std::vector<std::string>());
  EXPECT_EQ(print(file.laws[0], file.laws[0].rhs),
            "(slice rs->rn (contract rk,sk->rs x (concat n.beforek,nk,n.afterk->sk w.before w "
            "w.after)) n.before)");
}

TEST(Law, ElementTypesAndWholeShapesAreRead) {
  EXPECT_TRUE(read(law("r", "x:r t:type u:type", "(cast u (cast t x))", "(cast u x)", "law a B =>",
                       "  guard (exact t x)\n"))
                  .errors.empty());
  EXPECT_TRUE(read(law("a b c", "x:a", "(reshape b->c (reshape a->b x))", "(reshape a->c x)"))
                  .errors.empty());
}

TEST(Law, HostileTextsAreRefused) {
  std::string deep(100000, '(');
  EXPECT_EQ(errorOfTerm("r", "x:r", deep.substr(0, 1000)),
            "a.rules:5: law 'a': expected at most 64 nested brackets, found more");
  EXPECT_EQ(errorOfTerm("r", "x:r", deep),
            "a.rules:5: expected at most 16 KiB in a line, found more");
  EXPECT_EQ(errorOfTerm("r", "x:r", "(add x 1/0)"),
            "a.rules:5: law 'a': expected a variable of the law or a fraction, found '1/0'");
  EXPECT_TRUE(read(law("r", "x:r", "(add x 99999999999999999999)", "(add x 99999999999999999999)"))
                  .errors.empty());
  EXPECT_EQ(errorOf(law("r", "x:r", "(neg \x01x)", "x")),
            "a.rules:5: law 'a': expected a variable of the law or a fraction, found '?x'");
  EXPECT_TRUE(read(std::string("\0\0\n\0", 4)).laws.empty());
}

TEST(Law, CachesAreRead) {
  const std::string dims = "t g m s d e h=g*m", vars = "q:tgmd c:. z:cache y:view";
  auto attention = [](const std::string &visible, const std::string &attend) {
    return std::pair("(contract tgms,tgse->tgme (softmax_masked tgms/s (mul c (contract "
                     "tgmd,tgsd->tgms q (keys tgsd z))) (bcast tgs->tgms " +
                         visible + ")) (values tgse z))",
                     "(reshape the->tgme " + attend + ")");
  };
  auto [lhs, rhs] = attention("(visible tgs z y)", "(attend thd->the (reshape tgmd->thd q) z y c)");
  RuleFile file = read(law(dims, vars, lhs, rhs));
  ASSERT_EQ(file.errors, std::vector<std::string>());
  EXPECT_EQ(print(file.laws.at(0), file.laws[0].lhs), lhs);
  EXPECT_EQ(print(file.laws[0], file.laws[0].rhs), rhs);

  auto error = [&](const std::string &visible, const std::string &attend) {
    auto [left, right] = attention(visible, attend);
    return errorOf(law(dims, vars, left, right));
  };
  EXPECT_EQ(error("(visible tgs z c)", "q"),
            "a.rules:5: law 'a': expected a view of a cache, found 'c'");
  EXPECT_EQ(error("(mul 1 m)", "q"),
            "a.rules:5: law 'a': expected a variable of the law or a fraction, found 'm'");
  EXPECT_EQ(error("(visible tgs z y)", "(attend thd->thd (reshape tgmd->thd q) z y c)"),
            "a.rules:5: law 'a': expected queries, keys and values that fit, found another index "
            "string in (attend thd->thd (reshape tgmd->thd q) z y c)");
  EXPECT_EQ(errorOf(law("t d h", "q:thd c:. z:cache y:view", "q", "(attend thd->thd q z y c)")),
            "a.rules:5: law 'a': expected keys, values and visible of the cache in the law, found "
            "not all of them in (attend thd->thd q z y c)");
  EXPECT_EQ(errorOf(law("t g s d", "z:cache", "(values tgsd z)", "(values gtsd z)")),
            "a.rules:5: law 'a': expected rows, heads and slots of one cache, found another index "
            "string in (values gtsd z)");
}

TEST(Rational, SaysWhatDoesNotFit) {
  int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(Rational(2, -4), Rational(-1, 2));
  EXPECT_EQ(Rational(7, 3) - Rational(1, 3), Rational(2));
  EXPECT_FALSE((Rational(most) + 1).fits());
  EXPECT_FALSE((Rational(most) + 1 - 1).fits());
  EXPECT_FALSE((-Rational(least)).fits());
  EXPECT_FALSE((Rational(1) / 0).fits());
  EXPECT_FALSE((Rational(1, most) * Rational(1, 2)).fits());
  EXPECT_EQ(Rational(most) * Rational(2, most), Rational(2));
  EXPECT_EQ(Rational(-3, 2).floor(), -2);
  EXPECT_LT(Rational(-1, 2), Rational(1, 3));
}

} // namespace
} // namespace tern::law
