// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Axes of terms beside those of laws: `Side` and `match`, on structures made by hand.
#include "tools/tern-explain/check/Wires.h"

#include "gtest/gtest.h"

using namespace tern::check;

namespace {

enum Dim { r, k, n };
const std::vector<bool> allBlocks(3, true), noBlocks(3, false);

/// A law's and a term's side with one variable, which stands at each place that is added.
struct Sides : Wires {
  std::vector<Slot> lawSlots(const std::vector<int> &dims) {
    std::vector<Slot> slots;
    for (int dim : dims)
      slots.push_back(law.fresh(dim));
    return slots;
  }

  std::vector<Slot> termSlots(const std::vector<std::string> &extents) {
    std::vector<Slot> slots;
    for (const std::string &extent : extents)
      slots.push_back(term.fresh(extent));
    return slots;
  }

  void stand(const std::vector<Slot> &inLaw, const std::vector<Slot> &inTerm,
             const Letters &letters) {
    places.push_back({inLaw, inTerm});
    standings.push_back({0, letters, {inLaw, inTerm}});
  }

  std::optional<Match> run(const std::vector<bool> &mayBeBlock, bool keepsSums = false) const {
    return match(*this, mayBeBlock, 1, keepsSums);
  }
};

using Extents = std::vector<std::string>;

} // namespace

TEST(Side, FindsOneWireUnderSeveralNames) {
  Side<int> side;
  Slot a = side.fresh(r), b = side.fresh(r);
  EXPECT_NE(side.find(a), side.find(b));
  EXPECT_EQ(side.named(a, r), a);
  Slot other = side.named(a, k);
  EXPECT_NE(other, a);
  EXPECT_EQ(side.find(other), side.find(a));
  EXPECT_EQ(side.names[other], k);
}

/// rk,nk->rn: r and n are the result's, k is one axis of both operands.
TEST(Side, PutsOperandsWhereTheirLettersAre) {
  Side<int> side;
  Strings strings{{{r, k}, {n, k}}, {{}, {}}, {r, n}, {}};
  Place at{{side.fresh(r), side.fresh(n)}, {side.fresh(7)}};
  std::map<int, Slot> slots;
  std::vector<Place> places = side.operands(strings, at, [](int dim) { return dim; }, slots);
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].own[0], at.own[0]);
  EXPECT_EQ(places[1].own[0], at.own[1]);
  EXPECT_EQ(places[0].own[1], places[1].own[1]);
  EXPECT_EQ(places[0].spread, at.spread);
}

/// What is joined along k has a k of its own in each operand.
TEST(Side, KeepsJoinedAxesApart) {
  Side<int> side;
  for (bool areJoined : {false, true}) {
    Strings strings{{{r, k}, {r, k}}, {{}, {}}, {r, n}, {}, areJoined};
    Place at{{side.fresh(r), side.fresh(n)}, {}};
    std::map<int, Slot> slots;
    std::vector<Place> places = side.operands(strings, at, [](int dim) { return dim; }, slots);
    EXPECT_EQ(places[0].own[0], places[1].own[0]);
    EXPECT_EQ(places[0].own[1] == places[1].own[1], !areJoined);
  }
}

TEST(Side, SpreadsWhatLacksAxes) {
  Side<int> side;
  Strings strings{{{k}}, {}, {r, k}, {}};
  strings.spreadAll();
  EXPECT_EQ(strings.spread, std::vector<Letters>{{r}});
  Place at{{side.fresh(r), side.fresh(k)}, {}};
  std::map<int, Slot> slots;
  std::vector<Place> places = side.operands(strings, at, [](int dim) { return dim; }, slots);
  EXPECT_EQ(places[0].own, std::vector<Slot>{at.own[1]});
  EXPECT_EQ(places[0].spread, std::vector<Slot>{at.own[0]});
}

/// x:rk once at axes 8, 4, once with them in the other order: k is known by a second place.
TEST(Match, GoesByPlacesAndNotByOrder) {
  Sides sides;
  std::vector<Slot> inLaw = sides.lawSlots({r, k}), inTerm = sides.termSlots({"8", "4"});
  sides.stand(inLaw, inTerm, {r, k});
  sides.places.push_back({{inLaw[1]}, {inTerm[0]}});
  std::optional<Match> found = sides.run(noBlocks);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->blocks[r], Extents{"4"});
  EXPECT_EQ(found->blocks[k], Extents{"8"});
  EXPECT_EQ(found->axes[0], (Letters{k, r}));
}

TEST(Match, RefusesAxesWithoutALetterAndLettersWithoutAnAxis) {
  for (const Extents &extents : {Extents{"8"}, Extents{"8", "4", "2"}}) {
    Sides sides;
    sides.stand(sides.lawSlots({r, k}), sides.termSlots(extents), {r, k});
    EXPECT_FALSE(sides.run(noBlocks));
  }
}

TEST(Match, LetsALetterBeAnyNumberOfAxes) {
  for (const Extents &extents : {Extents{}, Extents{"8"}, Extents{"8", "4", "2"}}) {
    Sides sides;
    sides.stand(sides.lawSlots({k}), sides.termSlots(extents), {k});
    std::optional<Match> found = sides.run(allBlocks);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->blocks[k], extents);
  }
}

/// A variable that stands twice has each axis under one letter, and one number of its block.
TEST(Match, NamesTheAxesOfAVariableAlike) {
  for (bool isSame : {true, false}) {
    Sides sides;
    std::vector<Slot> inLaw = sides.lawSlots({r}), inTerm = sides.termSlots({"4", "4"});
    sides.stand(inLaw, inTerm, {r});
    std::swap(inTerm[0], inTerm[isSame ? 0 : 1]);
    sides.stand(inLaw, inTerm, {r});
    EXPECT_EQ(sides.run(allBlocks).has_value(), isSame);
  }
}

TEST(Match, GivesALetterOneExtentEverywhere) {
  for (const char *extent : {"8", "4", "?"}) {
    Sides sides;
    sides.stand(sides.lawSlots({r, r}), sides.termSlots({"8", "8"}), {r, r});
    sides.places.push_back({sides.lawSlots({r}), sides.termSlots({extent})});
    // Of two axes that are not one, an unknown extent may be another one.
    EXPECT_EQ(sides.run(noBlocks).has_value(), std::string(extent) == "8") << extent;
  }
}

TEST(Match, RefusesADiagonal) {
  for (bool isDiagonal : {false, true}) {
    Sides sides;
    std::vector<Slot> inTerm = sides.termSlots({"8", "8"});
    if (isDiagonal)
      inTerm[1] = sides.term.named(inTerm[0], "?");
    sides.stand(sides.lawSlots({r, k}), inTerm, {r, k});
    EXPECT_EQ(sides.run(noBlocks).has_value(), !isDiagonal);
  }
}

TEST(Match, KeepsTheOrderOfWhatIsRegrouped) {
  for (bool isRight : {true, false}) {
    Sides sides;
    std::vector<Slot> inLaw = sides.lawSlots({r, k}), inTerm = sides.termSlots({"8", "4"});
    sides.stand(inLaw, inTerm, {r, k});
    sides.places.push_back({{inLaw[0]}, {inTerm[0]}});
    std::vector<Slot> order = isRight ? inTerm : std::vector<Slot>{inTerm[1], inTerm[0]};
    sides.orders.push_back({inLaw, order});
    EXPECT_EQ(sides.run(noBlocks).has_value(), isRight);
  }
}

/// Bit for bit, r is summed before k; over the reals the order does not matter.
TEST(Match, KeepsTheOrderOfSumsBitForBit) {
  for (bool isRight : {true, false})
    for (bool keepsSums : {true, false}) {
      Sides sides;
      std::vector<Slot> inLaw = sides.lawSlots({r, k}), inTerm = sides.termSlots({"8", "4"});
      sides.stand(inLaw, inTerm, {r, k});
      sides.places.push_back({{inLaw[0]}, {inTerm[0]}});
      std::vector<Slot> sum = isRight ? inTerm : std::vector<Slot>{inTerm[1], inTerm[0]};
      sides.sums.push_back({inLaw, sum});
      EXPECT_EQ(sides.run(noBlocks, keepsSums).has_value(), isRight || !keepsSums);
    }
}
