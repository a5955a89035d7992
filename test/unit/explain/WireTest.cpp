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
  std::vector<Wire> lawWires(const std::vector<int> &dims) {
    std::vector<Wire> wires;
    for (int dim : dims)
      wires.push_back(law.fresh(dim));
    return wires;
  }

  std::vector<Wire> termWires(const std::vector<std::string> &extents) {
    std::vector<Wire> wires;
    for (const std::string &extent : extents)
      wires.push_back(term.fresh(extent));
    return wires;
  }

  void stand(const std::vector<Wire> &inLaw, const std::vector<Wire> &inTerm) {
    places.push_back({inLaw, inTerm});
    standings.push_back({0, {inLaw, inTerm}});
  }

  std::optional<Match> run(const std::vector<bool> &mayBeBlock, bool keepsSums = false) const {
    return match(*this, mayBeBlock, 1, keepsSums);
  }
};

using Extents = std::vector<std::string>;

} // namespace

TEST(Side, CallsAWireBySeveralNames) {
  Side<int> side;
  Wire a = side.fresh(r), b = side.fresh(r);
  EXPECT_NE(a, b);
  side.call(a, k);
  side.call(a, r);
  EXPECT_EQ(side.names[a], (std::vector<int>{r, k}));
  EXPECT_EQ(side.names[b], std::vector<int>{r});
}

/// rk,nk->rn: r and n are the result's, k is one axis of both operands.
TEST(Side, PutsOperandsWhereTheirLettersAre) {
  Side<int> side;
  Strings strings{{{r, k}, {n, k}}, {{}, {}}, {r, n}, {}};
  Place at{{side.fresh(r), side.fresh(n)}, {side.fresh(7)}};
  std::map<int, Wire> wires;
  std::vector<Place> places = side.operands(strings, at, [](int dim) { return dim; }, wires);
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
    std::map<int, Wire> wires;
    std::vector<Place> places = side.operands(strings, at, [](int dim) { return dim; }, wires);
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
  std::map<int, Wire> wires;
  std::vector<Place> places = side.operands(strings, at, [](int dim) { return dim; }, wires);
  EXPECT_EQ(places[0].own, std::vector<Wire>{at.own[1]});
  EXPECT_EQ(places[0].spread, std::vector<Wire>{at.own[0]});
}

/// x:rk once at axes 8, 4, once with them in the other order: k is known by a second place.
TEST(Match, GoesByPlacesAndNotByOrder) {
  Sides sides;
  std::vector<Wire> inLaw = sides.lawWires({r, k}), inTerm = sides.termWires({"8", "4"});
  sides.stand(inLaw, inTerm);
  sides.places.push_back({{inLaw[1]}, {inTerm[0]}});
  std::optional<Match> found = sides.run(noBlocks);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->blocks[r], Extents{"4"});
  EXPECT_EQ(found->blocks[k], Extents{"8"});
  EXPECT_EQ(found->axes[0], (std::vector<size_t>{1, 0}));
}

TEST(Match, RefusesAxesWithoutALetterAndLettersWithoutAnAxis) {
  for (const Extents &extents : {Extents{"8"}, Extents{"8", "4", "2"}}) {
    Sides sides;
    sides.stand(sides.lawWires({r, k}), sides.termWires(extents));
    EXPECT_FALSE(sides.run(noBlocks));
  }
}

TEST(Match, LetsALetterBeAnyNumberOfAxes) {
  for (const Extents &extents : {Extents{}, Extents{"8"}, Extents{"8", "4", "2"}}) {
    Sides sides;
    sides.stand(sides.lawWires({k}), sides.termWires(extents));
    std::optional<Match> found = sides.run(allBlocks);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->blocks[k], extents);
  }
}

/// A variable that stands twice has each axis under one letter, and one number of its block.
TEST(Match, NamesTheAxesOfAVariableAlike) {
  for (bool isSame : {true, false}) {
    Sides sides;
    std::vector<Wire> inLaw = sides.lawWires({r}), inTerm = sides.termWires({"4", "4"});
    sides.stand(inLaw, inTerm);
    std::swap(inTerm[0], inTerm[isSame ? 0 : 1]);
    sides.stand(inLaw, inTerm);
    EXPECT_EQ(sides.run(allBlocks).has_value(), isSame);
  }
}

TEST(Match, GivesALetterOneExtentEverywhere) {
  for (const char *extent : {"8", "4", "?"}) {
    Sides sides;
    sides.stand(sides.lawWires({r, r}), sides.termWires({"8", "8"}));
    sides.places.push_back({sides.lawWires({r}), sides.termWires({extent})});
    // Of two axes that are not one, an unknown extent may be another one.
    EXPECT_EQ(sides.run(noBlocks).has_value(), std::string(extent) == "8") << extent;
  }
}

TEST(Match, RefusesADiagonal) {
  for (bool isDiagonal : {false, true}) {
    Sides sides;
    std::vector<Wire> inTerm = sides.termWires({"8", "8"});
    if (isDiagonal)
      inTerm[1] = inTerm[0];
    sides.stand(sides.lawWires({r, k}), inTerm);
    EXPECT_EQ(sides.run(noBlocks).has_value(), !isDiagonal);
  }
}

TEST(Match, KeepsTheOrderOfWhatIsRegrouped) {
  for (bool isRight : {true, false}) {
    Sides sides;
    std::vector<Wire> inLaw = sides.lawWires({r, k}), inTerm = sides.termWires({"8", "4"});
    sides.stand(inLaw, inTerm);
    sides.places.push_back({{inLaw[0]}, {inTerm[0]}});
    std::vector<Wire> order = isRight ? inTerm : std::vector<Wire>{inTerm[1], inTerm[0]};
    sides.orders.push_back({inLaw, order});
    EXPECT_EQ(sides.run(noBlocks).has_value(), isRight);
  }
}

/// Bit for bit, r is summed before k; over the reals the order does not matter.
TEST(Match, KeepsTheOrderOfSumsBitForBit) {
  for (bool isRight : {true, false})
    for (bool keepsSums : {true, false}) {
      Sides sides;
      std::vector<Wire> inLaw = sides.lawWires({r, k}), inTerm = sides.termWires({"8", "4"});
      sides.stand(inLaw, inTerm);
      sides.places.push_back({{inLaw[0]}, {inTerm[0]}});
      std::vector<Wire> sum = isRight ? inTerm : std::vector<Wire>{inTerm[1], inTerm[0]};
      sides.sums.push_back({inLaw, sum});
      EXPECT_EQ(sides.run(noBlocks, keepsSums).has_value(), isRight || !keepsSums);
    }
}
