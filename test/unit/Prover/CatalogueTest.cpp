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
  EXPECT_EQ(nonLaws().size(), 81u);
  for (const law::Law &law : nonLaws())
    EXPECT_FALSE(prove(law).isProved()) << law.place();
}

TEST(Catalogue, EachConditionIsNeeded) {
  size_t conditions = 0;
  for (const law::Law &law : shippedLaws())
    for (size_t i = 0; i < law.when.size(); ++i, ++conditions)
      EXPECT_TRUE(needsCondition(law, i)) << law.place() << "without " << law.when[i].text;
  EXPECT_GE(conditions, 60u);
}

/// Bijections and orthogonal matrices have no more axes than they have.
TEST(Catalogue, FramedLawsAreProved) {
  size_t framed = 0;
  for (const law::Law &law : shippedLaws()) {
    bool isFixed = false;
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

TEST(Catalogue, ProofsAreTheSameEachTime) {
  for (const law::Law &law : shippedLaws()) {
    Proof a = prove(law), b = prove(law);
    ASSERT_EQ(a.queries, b.queries) << law.place();
    ASSERT_EQ(a.axioms, b.axioms) << law.place();
  }
}

} // namespace
} // namespace tern::prover
