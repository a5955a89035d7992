// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/explain/ProofText.h"

#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace tern;
using namespace tern::test;

namespace {

const std::string doubleNeg = "law neg-neg B =>\n dims r\n vars x:r\n lhs (neg (neg x))\n rhs x\n"
                              " why test\n";
const std::string terms = "type f32 8\nleaf x 0\nop tern.neg 0 0\nop tern.neg 0 1\n";

void expectRefusal(const check::Verdict &verdict, const std::string &reason) {
  EXPECT_FALSE(verdict.isAccepted);
  EXPECT_NE(verdict.reason.find(reason), std::string::npos) << verdict.reason;
}

void expectAccepted(const check::Verdict &verdict) {
  EXPECT_TRUE(verdict.isAccepted) << verdict.reason;
}

} // namespace

TEST(Steps, ByALawBothWays) {
  expectAccepted(checkBody(doubleNeg, terms + "forth neg-neg 2 0\n", "2 0 0"));
  expectAccepted(checkBody(doubleNeg, terms + "back neg-neg 0 2\n", "0 2 0"));
  expectRefusal(checkBody(doubleNeg, terms + "back neg-neg 2 0\n", "2 0 0"),
                "function f: step 0 by law 'neg-neg': its sides do not have the form");
  expectRefusal(checkBody(doubleNeg, terms + "forth neg-neg 1 0\n", "1 0 0"), "form");
  expectRefusal(checkBody(doubleNeg, terms + "forth neg 2 0\n", "2 0 0"), "no such law");
}

TEST(Steps, OfTierBitUseBitLawsAlone) {
  std::string real = doubleNeg;
  real.replace(real.find(" B "), 3, " R ");
  std::string body = terms + "forth neg-neg 2 0\n";
  expectAccepted(checkBody(doubleNeg, body, "2 0 0", /*isBitOnly=*/true));
  expectAccepted(checkBody(real, body, "2 0 0"));
  expectRefusal(checkBody(real, body, "2 0 0", /*isBitOnly=*/true), "does not keep every bit");
}

TEST(Steps, ByEqualKids) {
  std::string body = terms + "op tern.exp 0 2\nop tern.exp 0 0\nop tern.abs 0 0\n"
                             "forth neg-neg 2 0\n";
  expectAccepted(checkBody(doubleNeg, body + "kids 3 4 0\n", "3 4 1"));
  expectRefusal(checkBody(doubleNeg, body + "kids 3 5 0\n", "3 5 1"), "not of one operation");
  expectRefusal(checkBody(doubleNeg, body + "kids 3 4 =\n", "3 4 1"), "operand 0");
  expectRefusal(checkBody(doubleNeg, body + "kids 4 3 0\n", "4 3 1"), "operand 0");
  expectRefusal(checkBody(doubleNeg, body + "kids 3 4\n", "3 4 1"), "not of one operation");
}

TEST(Steps, OneAfterTheOther) {
  std::string body = terms + "op tern.neg 0 2\nop tern.neg 0 3\nforth neg-neg 4 2\n"
                             "forth neg-neg 2 0\n";
  expectAccepted(checkBody(doubleNeg, body + "chain 4 0 0 1\n", "4 0 2"));
  expectRefusal(checkBody(doubleNeg, body + "chain 4 0 1 0\n", "4 0 2"), "do not follow");
  expectRefusal(checkBody(doubleNeg, body + "chain 4 0 0\n", "4 0 2"), "end at another term");
  expectRefusal(checkBody(doubleNeg, body + "chain 4 0 = 1\n", "4 0 2"), "do not follow");
  expectRefusal(checkBody(doubleNeg, body, "4 0 1"), "does not show what is to be proved");
  expectRefusal(checkBody(doubleNeg, body, "4 0 ="), "does not show what is to be proved");
}

/// The module leaves open which operand a choice is; a name is none.
TEST(Steps, ByAChoiceOfTheModule) {
  std::string body = terms + "text - w\nop tern.choice 0 1 0 3\nop tern.neg 0 2\n";
  expectAccepted(checkBody(doubleNeg, body + "forth tern.choice 4 0\n", "4 0 0", true));
  expectAccepted(checkBody(doubleNeg, body + "back tern.choice 1 4\n", "1 4 0"));
  expectRefusal(checkBody(doubleNeg, body + "forth tern.choice 4 2\n", "4 2 0"), "no operand");
  expectRefusal(checkBody(doubleNeg, body + "forth tern.choice 2 1\n", "2 1 0"), "no operand");
}

/// A letter is a block of axes, and two letters are two axes.
TEST(Letters, AreBlocksOfAxes) {
  std::string rules = "law turn B =>\n dims r k n\n vars x:rk w:kn\n"
                      " lhs (contract rk,nk->rn x (perm kn->nk w))\n"
                      " rhs (contract rk,kn->rn x w)\n why test\n";
  auto body = [](const std::string &perm, const std::string &before, const std::string &after) {
    return "type f32 2 8 8\ntype f32 8 8\nleaf x 0\nleaf w 1\ntext - " + perm +
           "\nop tern.transpose 1 1 2\ntext - " + before + "\nop tern.contract 0 0 3 4\ntext - " +
           after + "\nop tern.contract 0 0 1 6\nforth turn 5 7\n";
  };
  expectAccepted(checkBody(rules, body("ab->ba", "abc,dc->abd", "abc,cd->abd"), "5 7 0"));
  // All extents are equal here, so only the letters tell.
  expectRefusal(checkBody(rules, body("ab->ba", "abc,cd->abd", "efg,gh->efh"), "5 7 0"),
                "letters do not fit");
  expectRefusal(checkBody(rules, body("ab->ba", "abc,dc->abd", "efg,hg->efh"), "5 7 0"),
                "letters do not fit");
  // Axes may stand in any order.
  expectAccepted(checkBody(rules, body("ab->ba", "abc,cd->abd", "abc,dc->abd"), "5 7 0"));
  expectRefusal(checkBody(rules, body("ab->ba", "abc,dc->abd", "abc,dc->abe"), "5 7 0"),
                "an axis of the result");
  expectRefusal(checkBody(rules, body("ab->ba", "abc,dc->abd", "abc,bd->acd"), "5 7 0"), "");
}

/// The sum over n is not the term in which n is r.
TEST(Letters, TwoAreTwoAxes) {
  std::string rules = "law sum R =>\n dims r k n\n vars x:kr w:nk\n"
                      " when (>= n 2)\n lhs (neg (contract kr,nk->r x w))\n"
                      " rhs (abs (contract kr,nk->r x w))\n why test\n";
  auto body = [](const std::string &axes) {
    return "type f32 8 8\ntype f32 8\nleaf x 0\nleaf w 0\ntext - " + axes +
           "\nop tern.contract 1 0 1 2\nop tern.neg 1 3\nop tern.abs 1 3\nforth sum 4 5\n";
  };
  expectAccepted(checkBody(rules, body("ab,ca->b"), "4 5 0"));
  // As of a frame r, without axes n.
  expectRefusal(checkBody(rules, body("ab,ba->b"), "4 5 0"), "the condition (>= n 2)");
}

/// A place that there is not is an error, so what takes by an index knows that it is below.
TEST(Letters, BoundAnIndex) {
  std::string rules = "law hot R =>\n dims v t d\n vars E:vd i:t<v\n lhs (gather vd,t->td E i)\n"
                      " rhs (contract tv,vd->td (one_hot t->tv i) E)\n why test\n";
  auto body = [](const std::string &index) {
    return "type f32 5 3\ntype i32 5\ntype f32 5 5\nleaf E 0\ntext - a->a\nshape 1\nleaf i 1\n"
           "op tern.iota 1 1 2\ntext - ab,c->cb\nop tern.gather 0 0 " +
           index + " 5\ntext - a->ab\nshape 2\nop tern.one_hot 2 " + index +
           " 7 8\ntext - ab,bc->ac\nop tern.contract 0 9 0 10\n";
  };
  expectAccepted(checkBody(rules, body("3") + "forth hot 6 11\n", "6 11 0"));
  expectRefusal(checkBody(rules, body("3") + "back hot 11 6\n", "11 6 0"),
                "i is not known to be below its size");
  // The indices of v are.
  expectAccepted(checkBody(rules, body("4") + "back hot 11 6\n", "11 6 0"));
}

/// What is summed along no axes is a sum of one, which is itself.
TEST(Letters, MayBeNoneOfASum) {
  std::string rules = "law neg R =>\n dims r k\n vars x:rk\n lhs (sum rk->r (neg x))\n"
                      " rhs (neg (sum rk->r x))\n why test\n";
  std::string body = "type f32 8 4\ntype f32 8\nleaf x 0\nop tern.neg 0 0\ntext - ab->ab\n"
                     "text - ab->a\nop tern.sum 0 1 2\nop tern.sum 1 1 3\n"
                     "op tern.sum 1 0 3\nop tern.neg 1 6\nop tern.abs 0 0\n";
  expectAccepted(checkBody(rules, body + "forth neg 4 1\n", "4 1 0"));
  expectAccepted(checkBody(rules, body + "forth neg 5 7\n", "5 7 0"));
  expectRefusal(checkBody(rules, body + "forth neg 4 8\n", "4 8 0"), "form");
  // Along k of 4 it is not.
  std::string square = rules;
  square.replace(square.find("rhs"), std::string::npos,
                 "rhs (neg (contract rk,rk->r x x))\n why test\n");
  expectRefusal(checkBody(square,
                          body + "text - ab,ab->a\nop tern.contract 1 0 0 9\n"
                                 "op tern.neg 1 10\nforth neg 4 11\n",
                          "4 11 0"),
                "");
}

/// Which of two letters an axis is shows where the variable stands alone under one of them.
TEST(Letters, AreThoseOfTheVariableElsewhere) {
  std::string rules = "law two R =>\n dims r k\n vars x:rk\n lhs (mean r-> (mean rk->r x))\n"
                      " rhs (mean rk-> x)\n why test\n";
  auto body = [](const std::string &inner, const std::string &outer, const std::string &type) {
    return "type f32 8 4\ntype f32\ntype f32" + type + "\nleaf x 0\ntext - " + inner +
           "\nop tern.mean 2 0 1\ntext - " + outer +
           "\nop tern.mean 1 2 3\ntext - cd->\nop tern.mean 1 0 5\nforth two 4 6\n";
  };
  expectAccepted(checkBody(rules, body("ab->a", "a->", " 8"), "4 6 0"));
  expectAccepted(checkBody(rules, body("ab->b", "a->", " 4"), "4 6 0"));
  expectAccepted(checkBody(rules, body("ab->ab", "ab->", " 8 4"), "4 6 0"));
  expectAccepted(checkBody(rules, body("ab->", "->", ""), "4 6 0"));
}

TEST(Letters, OfAFrameAreSharedByAllOperands) {
  std::string rules = "law sum R =>\n dims r k n\n vars x:rk y:rk w:nk\n"
                      " lhs (contract rk,nk->rn (add x y) w)\n"
                      " rhs (add (contract rk,nk->rn x w) (contract rk,nk->rn y w))\n why test\n";
  std::string body = "type f32 H T 8\ntype f32 H 4 8\ntype f32 H T 4\nleaf x 0\nleaf y 0\n"
                     "leaf w 1\nop tern.add 0 0 1\ntext - abc,adc->abd\nop tern.contract 2 3 2 4\n"
                     "op tern.contract 2 0 2 4\nop tern.contract 2 1 2 4\nop tern.add 2 6 7\n"
                     "forth sum 5 8\n";
  expectAccepted(checkBody(rules, body, "5 8 0"));
}

TEST(Operands, OfSumsAndProductsMayBeSwapped) {
  std::string rules = "law one B =>\n dims r\n vars x:r\n lhs (WORD x 1)\n rhs x\n why test\n";
  std::string body = "type f32 8\ntype f32\nleaf x 0\nsplat 1 0x1p+0\nop tern.constant 1 1\n"
                     "op tern.WORD 0 2 0\nforth one 3 0\n";
  for (auto [word, isRight] : {std::pair("mul", true), std::pair("div", false)}) {
    std::string own = rules, terms = body;
    own.replace(own.find("WORD"), 4, word);
    terms.replace(terms.find("WORD"), 4, word);
    EXPECT_EQ(checkBody(own, terms, "3 0 0").isAccepted, isRight) << word;
  }
}

/// -0 is not 0, and a constant is the law's number or none.
TEST(Numbers, AreMeantBitForBit) {
  std::string rules = "law minus B =>\n dims r\n vars x:r\n lhs (sub x 0)\n rhs x\n why test\n";
  for (auto [number, isRight] :
       {std::pair("0x0p+0", true), std::pair("-0x0p+0", false), std::pair("0x1p-140", false)}) {
    std::string body = std::string("type f32 8\ntype f32\nleaf x 0\nsplat 1 ") + number +
                       "\nop tern.constant 1 1\nop tern.sub 0 0 2\nforth minus 3 0\n";
    EXPECT_EQ(checkBody(rules, body, "3 0 0").isAccepted, isRight) << number;
  }
}

/// Truth values are 0 and 1 where more is done with them than to be asked.
TEST(Variables, AreOfTheirKinds) {
  std::string rules = "law mask R =>\n dims r\n vars m?r x:r\n lhs (where m x 0)\n rhs (mul m x)\n"
                      " why test\n";
  auto body = [](const std::string &mask) {
    return "type f32 8\ntype f32\nleaf a 0\nleaf x 0\nop tern." + mask +
           "\nsplat 1 0x0p+0\nop tern.constant 1 3\nop tern.where 0 2 1 4\nop tern.mul 0 2 1\n"
           "forth mask 5 6\n";
  };
  expectAccepted(checkBody(rules, body("le 0 0 1"), "5 6 0"));
  expectRefusal(checkBody(rules, body("add 0 0 1"), "5 6 0"), "m is not known to be 0 or 1");
}

/// What is regrouped has the order of the broadcast, though that is seen through.
TEST(Axes, OfABroadcastAreRegroupedInItsOrder) {
  std::string rules = "law any B =>\n dims a b=a c=a\n vars x:a\n"
                      " lhs (reshape b->c (reshape a->b x))\n rhs (reshape a->c x)\n why test\n";
  std::string body = "type f32 5 7\ntype f32 4 5 7\ntype f32 2 2 5 7\ntype f32 2 10 7\n"
                     "type f32 5 4 7\nleaf x 0\ntext - bc->dbc\nshape 1\n"
                     "op tern.broadcast 1 0 1 2\nshape 2\nop tern.reshape 2 3 4\nshape 3\n"
                     "op tern.reshape 3 5 6\nop tern.reshape 3 3 6\ntext - bc->bdc\nshape 4\n"
                     "op tern.broadcast 4 0 9 10\nop tern.reshape 3 11 6\n";
  expectAccepted(checkBody(rules, body + "forth any 7 8\n", "7 8 0"));
  expectRefusal(checkBody(rules, body + "forth any 7 12\n", "7 12 0"), "do not fit the axes");
}

TEST(Types, FollowFromOperands) {
  for (auto [line, reason] :
       {std::pair("op tern.neg 1 0", "another type"),
        std::pair("op tern.add 0 0 2", "two extents for one axis"),
        std::pair("op tern.add 0 0 1", "element types"), std::pair("op tern.neg 0 0 0", "number"),
        std::pair("op tern.sum 3 0 3", "another rank than its string"),
        std::pair("op tern.concat 0 0 5", "axis"),
        std::pair("op tern.slice 2 0 4 5 6", "beyond its axis"),
        std::pair("op tern.reshape 1 0 7", "keep the elements"),
        std::pair("op tern.constant 0 4", "no type"),
        std::pair("op tern.transpose 0 0 8", "one letter twice"),
        std::pair("op tern.transpose 0 0 4", "no index string"),
        std::pair("op tern.iota 2 3 7", "along no axis of its result")}) {
    std::string body = std::string("type f32 8\ntype bf16 8\ntype f32 4\ntype f32\nleaf x 0\n"
                                   "leaf y 1\nleaf z 2\ntext - ab->a\nint - 0\nint - 6\nint - 4\n"
                                   "shape 2\ntext - aa->a\n") +
                       line + "\n";
    expectRefusal(checkBody(doubleNeg, body, "9 9 ="), reason);
  }
}

TEST(Types, AreTheSameBeforeAndAfter) {
  std::string rules = "law any R =>\n dims r\n vars x:r\n lhs (tanh x)\n rhs x\n why test\n";
  std::string body = "type f32 8\ntype f16 8\nleaf x 0\nshape 1\nop tern.unheard 0 0\n"
                     "op tern.unheard 1 0\n";
  expectRefusal(checkBody(rules, body, "2 2 ="), "stands there twice");
  body = "type f32 8\ntype f16 8\nleaf x 0\nleaf y 0\nop tern.unheard 0 0\nop tern.unheard 1 1\n";
  expectRefusal(checkBody(rules, body, "2 2 ="), "two types over the same operands");
}

/// No check nests as deep as terms may.
TEST(Terms, MayNestDeeply) {
  std::string body = "type f32 8 8\ntext - ab->ba\nleaf x 0\n";
  int top = 1;
  auto add = [&](const std::string &operation, const std::string &rest) {
    body += "op tern." + operation + " 0 " + std::to_string(top++) + rest + "\n";
  };
  for (int turn = 0; turn < 50000; ++turn)
    add("transpose", " 0");
  add("neg", "");
  add("neg", "");
  std::string ends = std::to_string(top) + " 1";
  expectAccepted(checkBody(doubleNeg, body + "forth neg-neg " + ends + "\n", ends + " 0"));
}

TEST(Files, AreRefusedByLine) {
  std::string head = "tern-proof 1\nrules real 0\nfunction f\n";
  for (auto [text, reason] :
       {std::pair(std::string("tern-proof 2\n"), "line 1: expected a file of 'tern-proof 1'"),
        std::pair(std::string("tern-proof 1\nrules all 0\n"), "line 2: expected the tier"),
        std::pair(head, "line 3: the file ends too soon"),
        std::pair(head + "type f32 8\nleaf x 1\n", "line 5: expected a type that stands before"),
        std::pair(head + "leaf  x\n", "line 4: expected one blank"),
        std::pair(head + "leaf x -\n", "line 4: expected a type where there is one"),
        std::pair(head + "int - 1x\n", "line 4: expected an integer"),
        std::pair(head + "splat 0 1\n", "line 4: expected a type that stands"),
        std::pair(head + "op roots - 0\n", "line 4: expected a term that stands before"),
        std::pair(head + "leap x 0\n", "line 4: expected a type, a term or a step"),
        std::pair(head + "none -\nkids 0 1\n", "line 5: expected a term that stands before"),
        std::pair(head + "none -\nchain 0 0 0\n", "line 5: expected a step that stands before"),
        std::pair(head + "none -\nforth a 0\n", "line 5: expected a step of two terms")})
    expectRefusal(check::check(text, {}), reason);
}

TEST(Files, OfOtherRulesOrTermsAreRefused) {
  std::string proof = proofOf("llama", "real");
  std::vector<check::RuleText> rules = shippedRules();
  expectAccepted(check::check(proof, rules));
  rules[0].text += "; a comment\n";
  expectRefusal(check::check(proof, rules), "the proof is of other rules");
  size_t leaf = proof.find("leaf argument.0");
  ASSERT_NE(leaf, std::string::npos);
  proof.replace(leaf + 5, 10, "Argument.9");
  expectRefusal(check::check(proof, shippedRules()), "its text is not what was written");
}

/// The name of a word that no operation is comes from the law that defines it.
TEST(Rules, DefineWords) {
  std::string rules = "law def B =>\n dims r k\n vars x:rk g:k\n lhs (mul x (bcast k->rk g))\n"
                      " rhs (scaled rk,k x g)\n why definition\n"
                      "law once R =>\n dims t k\n vars x:tk g:k\n lhs (neg (scaled tk,k x g))\n"
                      " rhs (scaled tk,k (neg x) g)\n why test\n";
  std::string body = "type f32 4 8\ntype f32 8\nleaf x 0\nleaf g 1\ntext - b->ab\nshape 0\n"
                     "op tern.broadcast 0 1 2 3\nop tern.mul 0 0 4\nop tern.neg 0 5\n"
                     "op tern.neg 0 0\nop tern.mul 0 7 4\nop tern.mul 0 7 0\n";
  expectAccepted(checkBody(rules, body + "forth once 6 8\n", "6 8 0"));
  expectRefusal(checkBody(rules, body + "forth once 6 9\n", "6 9 0"), "form");
  body += "forth once 6 8\n";
  expectRefusal(checkBody(rules.substr(rules.find("law once")), body, "6 8 0"),
                "by law 'once': 'scaled' is no operation");
  // A meaning is of operations alone.
  expectRefusal(checkBody("law once B =>\n dims r\n vars x:r\n lhs (more (more x))\n"
                          " rhs (more r,r x)\n",
                          body, "6 8 0"),
                "'more' is no operation");
}

TEST(Rules, AreRefusedByLine) {
  for (auto [text, reason] :
       {std::pair("rule x\n", "a.rules:1: expected a law"),
        std::pair("; c\nlaw a B\n", "a.rules:2: expected 'law NAME TIER WAY'"),
        std::pair("law a B =>\n dims r\n vars x:r\n lhs (neg x)\n rhs (neg y)\n", "'y' is neither"),
        std::pair("law a B =>\n dims r k=\n lhs 0\n rhs 0\n",
                  "expected a sum of products, found ''"),
        std::pair("law a B =>\n dims r\n vars x:s\n lhs (neg x)\n rhs x\n",
                  "'s' is no size of the law"),
        std::pair("law a B =>\n dims r\n vars x:r\n lhs (neg x\n rhs x\n", "does not balance"),
        std::pair("law a B =>\n dims r\n vars x:r\n rhs x\n", "expected one line 'lhs'"),
        std::pair("law a B =>\n dims r\n vars x:r\n lhs (neg x x)\n rhs x\n", "scalars"),
        std::pair("law a B =>\n dims r\n vars x:r\n lhs (perm rr->r x)\n rhs x\n", "twice")})
    expectRefusal(check::check("", {{"a.rules", text}}), reason);
}

/// The whole catalogue can be read.
TEST(Rules, OfTheCatalogueAreRead) {
  std::vector<check::RuleText> rules;
  for (const auto &file : std::filesystem::directory_iterator(TERN_RULES))
    if (file.path().extension() == ".rules") {
      std::stringstream text;
      text << std::ifstream(file.path()).rdbuf();
      rules.push_back({file.path().filename(), text.str()});
    }
  EXPECT_GE(check::readRules(rules).size(), 432u);
}
