// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each word whose operation has axes in places of its own, and each that is a definition: a step by
// a law of the catalogue that holds, and the same step with one thing wrong.
#include "test/unit/explain/ProofText.h"

#include "gtest/gtest.h"

#include <map>
#include <sstream>

using namespace tern;
using namespace tern::test;

namespace {

struct Change {
  const char *from, *to;
};

struct Case {
  const char *law;
  /// A line a term: `NAME : TYPE` a leaf, `NAME = OPERATION TYPE PART...`. A part is a name, 'text,
  /// #integer, ~real, @TYPE, none or !value. The law's sides are `left` and `right`.
  const char *terms;
  std::vector<std::vector<Change>> wrong; ///< what is changed at once
};

class Words : public testing::TestWithParam<Case> {};

/// Types and terms of a proof, each once.
class Body {
public:
  explicit Body(const std::string &lines) {
    std::istringstream stream(lines);
    for (std::string line; std::getline(stream, line);) {
      std::istringstream words(line);
      std::string name, mark, operation, type, part, parts;
      words >> name >> mark;
      if (mark == ":") {
        words >> type;
        numbers[name] = add("leaf " + name + " " + typeOf(type));
        continue;
      }
      words >> operation >> type;
      while (words >> part)
        parts += " " + numberOf(part);
      numbers[name] = add("op " + operation + " " + typeOf(type) + parts);
    }
  }

  std::string text() const { return types + terms; }
  std::string ends() const { return numbers.at("left") + " " + numbers.at("right"); }

private:
  /// `f32[5,4]` or another type.
  std::string typeOf(std::string text) {
    size_t bracket = text.find('[');
    std::string line = "other " + text;
    if (bracket != std::string::npos) {
      line = "type " + text.substr(0, bracket);
      std::istringstream extents(text.substr(bracket + 1, text.size() - bracket - 2));
      for (std::string extent; std::getline(extents, extent, ',');)
        line += " " + extent;
    }
    auto [at, isNew] = known.try_emplace(line, std::to_string(typeCount));
    if (isNew) {
      types += line + "\n";
      ++typeCount;
    }
    return at->second;
  }

  std::string numberOf(const std::string &part) {
    std::string rest = part.substr(1);
    switch (part[0]) {
    case '\'':
      return add("text - " + rest);
    case '#':
      return add("int - " + rest);
    case '~':
      return add("real - " + rest);
    case '@':
      return add("shape " + typeOf(rest));
    case '!':
      return add("value - " + rest);
    case '$':
      return add("splat " + typeOf("f32[]") + " " + rest);
    default:
      return part == "none" ? add("none -") : numbers.at(part);
    }
  }

  std::string add(const std::string &line) {
    auto [at, isNew] = known.try_emplace(line, std::to_string(count));
    if (isNew) {
      terms += line + "\n";
      ++count;
    }
    return at->second;
  }

  std::string types, terms;
  int typeCount = 0, count = 0;
  std::map<std::string, std::string> known, numbers;
};

/// All files as one, so that words have their definitions, and laws over words that no shipped law
/// has.
std::string catalogue() {
  std::string text = R"(
law test-grouped R =>
  dims t g m s d e h=g*m
  vars q:tgmd k:sgd w:sge c:.
  lhs (contract tgms,sge->tgme (softmax tgms/s (mul c (contract tgmd,sgd->tgms q k))) w)
  rhs (reshape the->tgme (grouped thd,sgd,sge->the (reshape tgmd->thd q) k w c))
law test-sloped R =>
  dims t g m s d e h=g*m
  vars q:tgmd p:t a:gm c:. z:cache y:view u:type
  lhs (contract tgms,tgse->tgme (softmax_masked tgms/s (mul c (add (contract tgmd,tgsd->tgms q (keys tgsd z)) (sub (mul (bcast gm->tgms a) (bcast tgs->tgms (cast u (slots tgs z)))) (mul (bcast gm->tgms a) (bcast t->tgms (cast u p)))))) (bcast tgs->tgms (visible tgs z y))) (values tgse z))
  rhs (reshape the->tgme (attend_sloped thd,t,h->the (reshape tgmd->thd q) p (reshape gm->h a) z y u c))
)";
  for (const check::RuleText &file : shippedRules())
    text += file.text;
  return text;
}

check::Verdict checkStep(const std::string &law, const std::string &terms) {
  Body body(terms);
  return checkBody(catalogue(), body.text() + "forth " + law + " " + body.ends() + "\n",
                   body.ends() + " 0");
}

} // namespace

TEST_P(Words, HoldHereAndFailThere) {
  const Case &test = GetParam();
  check::Verdict right = checkStep(test.law, test.terms);
  EXPECT_TRUE(right.isAccepted) << right.reason;
  for (const std::vector<Change> &changes : test.wrong) {
    std::string terms = test.terms;
    for (const Change &change : changes) {
      size_t at = terms.find(change.from);
      ASSERT_NE(at, std::string::npos) << change.from;
      terms.replace(at, std::string(change.from).size(), change.to);
    }
    check::Verdict wrong = checkStep(test.law, terms);
    EXPECT_FALSE(wrong.isAccepted) << changes[0].from << " to " << changes[0].to;
    EXPECT_NE(wrong.reason.find("by law"), std::string::npos) << wrong.reason;
  }
}

// Queries [t, h, d], keys and values [s, h, d].
INSTANTIATE_TEST_SUITE_P(Attention, Words,
                         testing::Values(Case{"attention-found",
                                              R"(q : f32[5,4,8]
k : f32[6,4,8]
v : f32[6,4,8]
c = tern.constant f32[] $0x1p-2
scores = tern.contract f32[4,5,6] q k 'abc,dbc->bad
scaled = tern.mul f32[4,5,6] scores c
soft = tern.softmax f32[4,5,6] scaled 'abc/c
left = tern.contract f32[5,4,8] soft v 'bad,dbe->abe
right = tern.attention f32[5,4,8] q k v none ~0x1p-2 ~0x0p+0 #0
)",
                                              {{{"abc/c", "abc/b"}},
                                               {{"~0x1p-2", "~0x1p-3"}},
                                               {{"~0x0p+0", "~0x1p+0"}},
                                               {{"#0", "#3"}},
                                               {{"none", "!unit"}},
                                               {{"q k v none", "q v k none"}}}},
                                         // Three heads share a key head: [t, g, m, d] is [t, h, d].
                                         Case{"attention-found",
                                              R"(q : f32[5,2,3,8]
k : f32[6,2,8]
v : f32[6,2,8]
c = tern.constant f32[] $0x1p-2
scores = tern.contract f32[2,3,5,6] q k 'abcd,ebd->bcae
scaled = tern.mul f32[2,3,5,6] scores c
soft = tern.softmax f32[2,3,5,6] scaled 'abcd/d
left = tern.contract f32[5,2,3,8] soft v 'bcae,ebd->abcd
heads = tern.reshape f32[5,6,8] q @f32[5,6,8]
out = tern.attention f32[5,6,8] heads k v none ~0x1p-2 ~0x0p+0 #0
right = tern.reshape f32[5,2,3,8] out @f32[5,2,3,8]
)",
                                              // A key head goes by the last axis of the heads.
                                              {{{"[5,2,3,8]", "[5,3,2,8]"},
                                                {"[2,3,5,6]", "[3,2,5,6]"},
                                                {"abcd,ebd->bcae", "abcd,ecd->bcae"},
                                                {"[2,3,5,6]", "[3,2,5,6]"},
                                                {"[2,3,5,6]", "[3,2,5,6]"},
                                                {"[5,2,3,8]", "[5,3,2,8]"},
                                                {"bcae,ebd->abcd", "bcae,ecd->abcd"},
                                                {"[5,2,3,8]", "[5,3,2,8]"},
                                                {"[5,2,3,8]", "[5,3,2,8]"}}}},
                                         Case{"attention-found-capped",
                                              R"(q : f32[5,4,8]
k : f32[6,4,8]
v : f32[6,4,8]
c = tern.constant f32[] $0x1p-2
a = tern.constant f32[] $0x1p+4
scores = tern.contract f32[4,5,6] q k 'abc,dbc->bad
scaled = tern.mul f32[4,5,6] scores c
part = tern.div f32[4,5,6] scaled a
bent = tern.tanh f32[4,5,6] part
capped = tern.mul f32[4,5,6] a bent
soft = tern.softmax f32[4,5,6] capped 'abc/c
left = tern.contract f32[5,4,8] soft v 'bad,dbe->abe
right = tern.attention f32[5,4,8] q k v none ~0x1p-2 ~0x1p+4 #0
)",
                                              {{{"~0x1p+4", "~0x1p+5"}}, {{"~0x1p+4", "~0x0p+0"}}}},
                                         Case{"attention-found-where",
                                              R"(q : f32[6,4,8]
k : f32[6,4,8]
v : f32[6,4,8]
c = tern.constant f32[] $0x1p-2
zero = tern.constant f32[] $0x0p+0
never = tern.constant f32[] $-inf
scores = tern.contract f32[4,6,6] q k 'abc,dbc->bad
scaled = tern.mul f32[4,6,6] scores c
keys = tern.iota f32[6,6] 'b->ab @f32[6,6]
rows = tern.iota f32[6,6] 'a->ab @f32[6,6]
mask = tern.le f32[6,6] keys rows
spread = tern.broadcast f32[4,6,6] mask 'ab->cab @f32[4,6,6]
kept = tern.where f32[4,6,6] spread scaled never
soft = tern.softmax f32[4,6,6] kept 'abc/c
left = tern.contract f32[6,4,8] soft v 'bad,dbe->abe
bias = tern.where f32[6,6] mask zero never
right = tern.attention f32[6,4,8] q k v bias none ~0x1p-2 ~0x0p+0 #0
)",
                                              {{{"spread scaled never", "spread never scaled"}},
                                               {{"mask zero never", "mask never zero"}}}}));

// A cache with 2 key heads and 3 query heads for each.
INSTANTIATE_TEST_SUITE_P(Caches, Words,
                         testing::Values(Case{"cache-attend",
                                              R"(q : f32[T,2,3,8]
z : cache
batch : batch
layer : index
other : index
positions : i32[T]
c = tern.constant f32[] $0x1p-2
k = kv.keys f32[T,2,S,8] z batch layer 'S
v = kv.values f32[T,2,S,8] z batch layer 'S
seen = kv.visible f32[T,2,S] z positions batch layer 'S #0
scores = tern.contract f32[T,2,3,S] q k 'abcd,abed->abce
scaled = tern.mul f32[T,2,3,S] c scores
spread = tern.broadcast f32[T,2,3,S] seen 'abd->abcd @f32[T,2,3,S]
soft = tern.masked_softmax f32[T,2,3,S] scaled spread 'abcd/d
left = tern.contract f32[T,2,3,8] soft v 'abcd,abde->abce
heads = tern.reshape f32[T,6,8] q @f32[T,6,8]
out = kv.attend f32[T,6,8] heads z positions batch layer none ~0x1p-2 none ~0x0p+0 #0
right = tern.reshape f32[T,2,3,8] out @f32[T,2,3,8]
)",
                                              {{{"'S #0", "'S #9"}},
                                               {{"v = kv.values f32[T,2,S,8] z batch layer",
                                                 "v = kv.values f32[T,2,S,8] z batch other"}},
                                               {{"~0x0p+0", "~0x1p+0"}},
                                               {{"~0x1p-2", "~0x1p-3"}},
                                               {{"k = kv.keys", "k = kv.values"}}}}));

// Planes (i, i + 8) of rows [t, d] by angles [t, i]; of rows [t, h, d] whatever the head.
INSTANTIATE_TEST_SUITE_P(Rotations, Words,
                         testing::Values(Case{"rotary-half",
                                              R"(x : f32[5,16]
a : f32[5,8]
cos = tern.cos f32[5,8] a
sin = tern.sin f32[5,8] a
low = tern.slice f32[5,8] x #1 #0 #8
high = tern.slice f32[5,8] x #1 #8 #8
lc = tern.mul f32[5,8] low cos
hs = tern.mul f32[5,8] high sin
first = tern.sub f32[5,8] lc hs
hc = tern.mul f32[5,8] high cos
ls = tern.mul f32[5,8] low sin
second = tern.add f32[5,8] hc ls
left = tern.concat f32[5,16] first second #1
right = tern.rotary f32[5,16] x cos sin !#tern<rotary_style%20half>
)",
                                              {{{"style%20half", "style%20interleaved"}},
                                               {{"x cos sin !", "x sin cos !"}},
                                               {{"lc hs", "hs lc"}}}},
                                         Case{"rotary-half-heads",
                                              R"(x : f32[5,4,16]
a : f32[5,8]
cos = tern.cos f32[5,8] a
sin = tern.sin f32[5,8] a
cosines = tern.broadcast f32[5,4,8] cos 'ac->abc @f32[5,4,8]
sines = tern.broadcast f32[5,4,8] sin 'ac->abc @f32[5,4,8]
low = tern.slice f32[5,4,8] x #2 #0 #8
high = tern.slice f32[5,4,8] x #2 #8 #8
lc = tern.mul f32[5,4,8] low cosines
hs = tern.mul f32[5,4,8] high sines
first = tern.sub f32[5,4,8] lc hs
hc = tern.mul f32[5,4,8] high cosines
ls = tern.mul f32[5,4,8] low sines
second = tern.add f32[5,4,8] hc ls
left = tern.concat f32[5,4,16] first second #2
right = tern.rotary f32[5,4,16] x cos sin !#tern<rotary_style%20half>
)",
                                              {{{"style%20half", "style%20interleaved"}}}},
                                         Case{"rotary-half-part",
                                              R"(x : f32[5,4,20]
c : f32[5,8]
s : f32[5,8]
front = tern.slice f32[5,4,16] x #2 #0 #16
rest = tern.slice f32[5,4,4] x #2 #16 #4
turned = tern.rotary f32[5,4,16] front c s !#tern<rotary_style%20half>
left = tern.concat f32[5,4,20] turned rest #2
right = tern.rotary f32[5,4,20] x c s !#tern<rotary_style%20half>
)",
                                              {{{"front c s", "front s c"}},
                                               {{"#2 #0 #16", "#2 #4 #16"}},
                                               {{"style%20half", "style%20interleaved"}}}},
                                         Case{"rotary-pair-part",
                                              R"(x : f32[5,4,20]
c : f32[5,8]
s : f32[5,8]
front = tern.slice f32[5,4,16] x #2 #0 #16
rest = tern.slice f32[5,4,4] x #2 #16 #4
turned = tern.rotary f32[5,4,16] front c s !#tern<rotary_style%20interleaved>
left = tern.concat f32[5,4,20] turned rest #2
right = tern.rotary f32[5,4,20] x c s !#tern<rotary_style%20interleaved>
)",
                                              {{{"front c s", "front s c"}},
                                               {{"style%20interleaved", "style%20half"}}}}));

// Each weight's bias stands where the weight does.
INSTANTIATE_TEST_SUITE_P(Siblings, Words,
                         testing::Values(Case{
                             "contraction-bias-siblings",
                             R"(x : f32[5,8]
q : f32[4,8]
k : f32[4,8]
v : f32[2,8]
qb : f32[4]
kb : f32[4]
vb : f32[2]
product = tern.contract f32[5,4] x k 'ac,bc->ab
bias = tern.broadcast f32[5,4] kb 'b->ab @f32[5,4]
left = tern.add f32[5,4] product bias
all = tern.concat f32[10,8] q k v #0
products = tern.contract f32[5,10] x all 'ac,bc->ab
own = tern.concat f32[10] qb kb vb #0
biases = tern.broadcast f32[5,10] own 'b->ab @f32[5,10]
sum = tern.add f32[5,10] products biases
right = tern.slice f32[5,4] sum #1 #4 #4
)",
                             {{{"qb kb vb", "kb qb vb"}},
                              {{"qb kb vb", "kb qb vb"}, {"sum #1 #4", "sum #1 #0"}},
                              {{"q k v", "k q v"}},
                              {{"sum #1 #4", "sum #1 #0"}},
                              {{"sum #1 #4", "products #1 #4"}},
                              {{"qb kb vb", "qb vb kb"}}}}));

INSTANTIATE_TEST_SUITE_P(
    Definitions, Words,
    testing::Values(Case{"adapter-scale",
                         R"(x : f32[5,8]
A : f32[2,8]
B : f32[6,2]
s = tern.constant f32[] $0x1p+1
c = tern.constant f32[] $0x1p-2
down = tern.contract f32[5,2] x A 'ab,cb->ac
up = tern.contract f32[5,6] down B 'ab,cb->ac
scaled = tern.mul f32[5,6] c up
left = tern.mul f32[5,6] s scaled
both = tern.mul f32[] s c
right = tern.mul f32[5,6] both up
)",
                         {{{"both = tern.mul f32[] s c", "both = tern.mul f32[] s s"}}}},
                    Case{"moe-scale-down",
                         R"(x : f32[5,8]
g : f32[6,8]
u : f32[6,8]
d : f32[8,6]
c = tern.constant f32[] $0x1p-2
gate = tern.contract f32[5,6] x g 'ab,cb->ac
act = tern.silu f32[5,6] gate
up = tern.contract f32[5,6] x u 'ab,cb->ac
prod = tern.mul f32[5,6] act up
out = tern.contract f32[5,8] prod d 'ab,cb->ac
left = tern.mul f32[5,8] c out
scaled = tern.mul f32[8,6] c d
right = tern.contract f32[5,8] prod scaled 'ab,cb->ac
)",
                         {{{"prod scaled", "up scaled"}}}},
                    Case{"dequant-scaled",
                         R"(q : f32[3,4,8]
s : f32[3,8]
z : f32[3,8]
c = tern.constant f32[] $0x1p-2
zeros = tern.broadcast f32[3,4,8] z 'ac->abc @f32[3,4,8]
diff = tern.sub f32[3,4,8] q zeros
scales = tern.broadcast f32[3,4,8] s 'ac->abc @f32[3,4,8]
whole = tern.mul f32[3,4,8] diff scales
left = tern.mul f32[3,4,8] c whole
scaled = tern.mul f32[3,8] c s
spread = tern.broadcast f32[3,4,8] scaled 'ac->abc @f32[3,4,8]
right = tern.mul f32[3,4,8] diff spread
)",
                         {{{"c s", "c z"}}}},
                    Case{"dequant-gather",
                         R"(q : f32[7,4]
s : f32[7]
z : f32[7]
i : i32[3]
zeros = tern.broadcast f32[7,4] z 'a->ab @f32[7,4]
diff = tern.sub f32[7,4] q zeros
scales = tern.broadcast f32[7,4] s 'a->ab @f32[7,4]
whole = tern.mul f32[7,4] diff scales
left = tern.gather f32[3,4] whole i 'ab,c->cb
qi = tern.gather f32[3,4] q i 'ab,c->cb
si = tern.gather f32[3] s i 'a,c->c
zi = tern.gather f32[3] z i 'a,c->c
someZeros = tern.broadcast f32[3,4] zi 'a->ab @f32[3,4]
someDiff = tern.sub f32[3,4] qi someZeros
someScales = tern.broadcast f32[3,4] si 'a->ab @f32[3,4]
right = tern.mul f32[3,4] someDiff someScales
)",
                         {{{"someDiff someScales", "someDiff someZeros"}}}}));

INSTANTIATE_TEST_SUITE_P(
    Heads, Words,
    testing::Values(Case{"test-grouped",
                         R"(q : f32[5,2,3,8]
k : f32[6,2,8]
v : f32[6,2,8]
c = tern.constant f32[] $0x1p-2
scores = tern.contract f32[5,2,3,6] q k 'abcd,ebd->abce
scaled = tern.mul f32[5,2,3,6] c scores
soft = tern.softmax f32[5,2,3,6] scaled 'abcd/d
left = tern.contract f32[5,2,3,8] soft v 'abce,ebd->abcd
heads = tern.reshape f32[5,6,8] q @f32[5,6,8]
out = tern.attention f32[5,6,8] heads k v none ~0x1p-2 ~0x0p+0 #0
right = tern.reshape f32[5,2,3,8] out @f32[5,2,3,8]
)",
                         {{{"none", "!unit"}},
                          {{"#0", "#2"}},
                          {{"~0x0p+0", "~0x1p+0"}},
                          {{"~0x1p-2", "~0x1p-3"}},
                          {{"heads k v", "heads v k"}}}},
                    Case{"test-sloped",
                         R"(q : f32[T,2,3,8]
a : f32[2,3]
z : cache
batch : batch
layer : index
p : i32[T]
other : i32[T]
c = tern.constant f32[] $0x1p-2
k = kv.keys f32[T,2,S,8] z batch layer 'S
v = kv.values f32[T,2,S,8] z batch layer 'S
at = kv.positions i32[T,2,S] z batch layer 'S
seen = kv.visible f32[T,2,S] z p batch layer 'S #0
scores = tern.contract f32[T,2,3,S] q k 'abcd,abed->abce
slopes = tern.broadcast f32[T,2,3,S] a 'bc->abcd @f32[T,2,3,S]
atReal = tern.cast f32[T,2,S] at @f32[T,2,S]
atAll = tern.broadcast f32[T,2,3,S] atReal 'abd->abcd @f32[T,2,3,S]
pReal = tern.cast f32[T] p @f32[T]
pAll = tern.broadcast f32[T,2,3,S] pReal 'a->abcd @f32[T,2,3,S]
there = tern.mul f32[T,2,3,S] slopes atAll
here = tern.mul f32[T,2,3,S] slopes pAll
bias = tern.sub f32[T,2,3,S] there here
sum = tern.add f32[T,2,3,S] scores bias
scaled = tern.mul f32[T,2,3,S] c sum
spread = tern.broadcast f32[T,2,3,S] seen 'abd->abcd @f32[T,2,3,S]
soft = tern.masked_softmax f32[T,2,3,S] scaled spread 'abcd/d
left = tern.contract f32[T,2,3,8] soft v 'abcd,abde->abce
heads = tern.reshape f32[T,6,8] q @f32[T,6,8]
flat = tern.reshape f32[6] a @f32[6]
out = kv.attend f32[T,6,8] heads z p batch layer flat none ~0x1p-2 none ~0x0p+0 #0
right = tern.reshape f32[T,2,3,8] out @f32[T,2,3,8]
)",
                         {{{"heads z p batch", "heads z other batch"}},
                          {{"there here", "here there"}},
                          {{"flat none ~", "flat @bf16 ~"}},
                          {{"tern.cast f32[T] p", "tern.cast f32[T] other"}}}}));
