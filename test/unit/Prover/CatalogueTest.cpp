// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Prover/Prove.h"
#include "test/unit/Prover/Rules.h"

#include <gtest/gtest.h>

namespace tern::prover {
namespace {

TEST(Catalogue, LawsAreProved) {
  size_t proved = 0;
  for (const law::Law &law : shippedLaws()) {
    Proof proof = prove(law);
    EXPECT_TRUE(proof.isProved()) << law.place() << proof.refusal << "\n  left  " << proof.left
                                  << "\n  right " << proof.right;
    proved += proof.isProved();
  }
  EXPECT_GE(proved, 420u);
}

TEST(Catalogue, NonLawsAreRefused) {
  EXPECT_EQ(nonLaws().size(), 84u);
  for (const law::Law &law : nonLaws())
    EXPECT_FALSE(prove(law).isProved()) << law.place();
}

/// Values for which neither side is a number are no law's matter, and its badge says so. What is
/// one on one side alone takes a condition.
TEST(Catalogue, LawsHoldWhereTheirSidesAreDefined) {
  auto isPartial = [](const law::Law &law) { return prove(law).isPartial; };
  auto named = [](std::string_view name) {
    for (const law::Law &law : shippedLaws())
      if (law.name == name)
        return law;
    throw std::out_of_range(std::string(name));
  };
  for (const char *name : {"product-div-as-recip", "scalar-log-mul", "softmax-hide",
                           "attention-found-where", "attention-found-fill"})
    EXPECT_TRUE(isPartial(named(name))) << name;
  for (const char *name : {"product-div-cancel", "softmax-naive", "softmax-mask-where",
                           "attention-found", "attention-found-bias", "attention-mask-all"})
    EXPECT_FALSE(isPartial(named(name))) << name;
}

TEST(Catalogue, EachConditionIsNeeded) {
  size_t conditions = 0;
  for (const law::Law &law : shippedLaws())
    for (size_t i = 0; i < law.when.size(); ++i, ++conditions)
      EXPECT_TRUE(needsCondition(law, i)) << law.place() << "without " << law.when[i].text;
  EXPECT_GE(conditions, 60u);
}

static bool hasFixedPlaces(const law::Term &t) {
  using enum law::Op;
  return t.isOperation(Grouped) || t.isOperation(GroupedBias) || t.isOperation(GroupedCausalBias) ||
         !t.sources.empty() || std::any_of(t.operands.begin(), t.operands.end(), hasFixedPlaces);
}

/// Bijections, orthogonal matrices and operations whose axes have fixed places have no more axes
/// than they have.
TEST(Catalogue, FramedLawsAreProved) {
  size_t framed = 0;
  for (const law::Law &law : shippedLaws()) {
    bool isFixed = hasFixedPlaces(law.rhs);
    for (unsigned v = 0; v < law.variables.size(); ++v)
      isFixed |= law.find(law::Property::Bijective, v) || law.find(law::Property::Orthogonal, v);
    if (isFixed)
      continue;
    law::Law wider = frame(law);
    ASSERT_EQ(law::checkTypes(wider), "") << law.place();
    Proof proof = prove(wider);
    EXPECT_TRUE(proof.isProved()) << law.place() << proof.refusal;
    ++framed;
  }
  EXPECT_GE(framed, 410u);
}

/// What a word for attention over a cache is made of.
TEST(Catalogue, AttentionOverACacheIsItsDefinition) {
  auto law = [](const std::string &scores, const std::string &view, const std::string &rhs) {
    return read("law a R =>\n dims t g m s d e h=g*m\n vars q:tgmd p:t a:gm c:. z:cache y:view "
                "v:view u:type\n lhs (contract tgms,tgse->tgme (softmax_masked tgms/s " +
                scores + " (bcast tgs->tgms (visible tgs z " + view +
                "))) (values tgse z))\n rhs (reshape the->tgme " + rhs +
                ")\n guard (load a)\n why test\n");
  };
  const std::string products = "(contract tgmd,tgsd->tgms q (keys tgsd z))";
  const std::string plain = "(attend thd->the (reshape tgmd->thd q) z y c)";
  EXPECT_TRUE(prove(law("(mul c " + products + ")", "y", plain)).isProved());
  EXPECT_FALSE(prove(law("(mul c (mul c " + products + "))", "y", plain)).isProved());
  auto bias = [&](const std::string &slot, const std::string &row) {
    auto part = [](const std::string &position) {
      return "(mul (bcast gm->tgms a) " + position + ")";
    };
    return "(mul c (add " + products + " (sub " + part(slot) + " " + part(row) + ")))";
  };
  const std::string slot = "(bcast tgs->tgms (cast u (slots tgs z)))";
  const std::string row = "(bcast t->tgms (cast u p))";
  const std::string sloped =
      "(attend_sloped thd,t,h->the (reshape tgmd->thd q) p (reshape gm->h a) z y u c)";
  EXPECT_TRUE(prove(law(bias(slot, row), "y", sloped)).isProved());
  EXPECT_FALSE(prove(law(bias(row, slot), "y", sloped)).isProved());
}

/// A quotient that is not chosen need not be defined; one that is chosen must be.
TEST(Catalogue, WhatIsNotChosenNeedNotBeDefined) {
  auto law = [](const std::string &lhs, const std::string &rhs) {
    return read("law a R =>\n dims r s\n vars x:rs y:rs m?rs n?rs\n lhs " + lhs + "\n rhs " + rhs +
                "\n guard (load y)\n why test\n");
  };
  const std::string sum = "(bcast r->rs (sum rs->r (where m (exp x) 0)))";
  const std::string softmax = "(softmax_masked rs/s x m)";
  EXPECT_TRUE(prove(law("(where m (div (exp x) " + sum + ") 0)", softmax)).isProved());
  EXPECT_FALSE(prove(law("(mul m (div (exp x) " + sum + "))", softmax)).isProved());
  EXPECT_FALSE(
      prove(law("(where n (div (where m (exp x) 0) " + sum + ") 0)", "(where n " + softmax + " 0)"))
          .isProved());
  EXPECT_FALSE(
      prove(law("(where m 0 (div (where m 0 (exp x)) " + sum + "))", "(mul 0 x)")).isProved());
  EXPECT_FALSE(prove(law("(where m (div (mul x y) y) 0)", "(where m x 0)")).isProved());
}

/// Any number may choose: what counts is whether it is 0, and no more is known of it.
TEST(Catalogue, NumbersChooseByWhetherTheyAre0) {
  auto law = [](const char *tier, const std::string &lhs, const std::string &rhs) {
    return read("law a " + std::string(tier) + " =>\n dims r\n vars m:r x:r y:r\n lhs " + lhs +
                "\n rhs " + rhs + "\n why test\n");
  };
  const std::string chosen = "(where m x y)";
  EXPECT_TRUE(prove(law("R", chosen, "(where (not (eq m 0)) x y)")).isProved());
  EXPECT_TRUE(prove(law("R", chosen, "(where (mul 2 m) x y)")).isProved());
  EXPECT_TRUE(prove(law("B", "(where m " + chosen + " y)", chosen)).isProved());
  for (const char *tier : {"R", "B"})
    for (const char *other : {"(where (lt 0 m) x y)", "(where m y x)",
                              "(add (mul m x) (mul (sub 1 m) y))", "(where (mul m x) x y)"})
      EXPECT_FALSE(prove(law(tier, chosen, other)).isProved()) << tier << other;
}

TEST(Catalogue, ProofsAreTheSameEachTime) {
  for (const law::Law &law : shippedLaws()) {
    Proof a = prove(law), b = prove(law);
    ASSERT_EQ(a.queries, b.queries) << law.place();
    ASSERT_EQ(a.axioms, b.axioms) << law.place();
  }
}

} // namespace
} // namespace tern::prover
