// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Machine.h"

#include <bit>
#include <functional>
#include <sstream>

/// A product of matrices as LLVM writes it, whole and with one line at fault at a time: a fault is
/// told, or its result is wrong.
using namespace tern::test;

namespace {

constexpr unsigned rows = 128, depth = 256;

std::vector<std::string> lines() {
  std::vector<std::string> out;
  std::istringstream text(readPtx("product.ptx"));
  for (std::string line; std::getline(text, line);)
    out.push_back(line);
  return out;
}

uint16_t bf16Of(int value) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(static_cast<float>(value)) >> 16);
}
float wide(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

struct Result {
  std::string message;
  unsigned wrong = 0; ///< elements
  Counts counts{};
};

/// Small whole numbers, so that sums are exact but for the rounding of the result to 8 bits.
Result multiply(const std::vector<std::string> &text, uint64_t seed) {
  std::string all;
  for (const std::string &line : text)
    all += line + "\n";
  Result result;
  Module module;
  result.message = told(Module::parse(all, module));
  if (!result.message.empty())
    return result;
  std::vector<uint16_t> a(rows * depth), b(rows * depth), c(rows * rows);
  for (unsigned i = 0; i < a.size(); ++i) {
    a[i] = bf16Of(static_cast<int>(i * 7919 % 1009 % 15) - 7);
    b[i] = bf16Of(static_cast<int>(i * 6007 % 997 % 13) - 6);
  }
  Memory memory;
  Parameters parameters(memory.add(a.data(), 2 * a.size(), "A", Contents::Constant),
                        memory.add(b.data(), 2 * b.size(), "B", Contents::Constant),
                        memory.add(c.data(), 2 * c.size(), "C", Contents::Uninitialised));
  Options options;
  options.seed = seed;
  options.stepLimit = 100000;
  Launch launch{
      module.kernels()[0], {rows / 64, rows / 64}, {128}, 3 * 2 * 64 * 64, parameters.bytes};
  result.message = told(run(module, launch, memory, options, result.counts));
  for (unsigned i = 0; i < rows; ++i)
    for (unsigned j = 0; j < rows; ++j) {
      float sum = 0;
      for (unsigned k = 0; k < depth; ++k)
        sum += wide(a[i * depth + k]) * wide(b[j * depth + k]);
      // Nearest in 8 bits.
      uint32_t bits = std::bit_cast<uint32_t>(sum);
      result.wrong +=
          c[i * rows + j] != static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }
  return result;
}

/// How many lines begin with the text, and how many of them, at fault, are told or give wrong sums.
struct Tally {
  unsigned lines = 0, told = 0, wrong = 0;
  std::string missed{};
};

Tally tally(const std::string &begin, const std::function<std::string(std::string)> &fault) {
  std::vector<std::string> text = lines();
  Tally out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i].find(begin) == std::string::npos)
      continue;
    std::vector<std::string> faulty = text;
    faulty[i] = fault(text[i]);
    if (faulty[i] == text[i])
      continue;
    ++out.lines;
    Result result = multiply(faulty, i);
    out.told += !result.message.empty();
    out.wrong += result.message.empty() && result.wrong > 0;
    if (result.message.empty() && result.wrong == 0)
      out.missed += "line " + std::to_string(i + 1) + ": " + faulty[i] + "\n";
  }
  return out;
}

std::string drop(const std::string &) { return ""; }

/// Puts one text for another, once.
std::function<std::string(std::string)> put(const std::string &from, const std::string &to) {
  return [=](std::string line) {
    size_t at = line.find(from);
    return at == line.npos ? line : line.replace(at, from.size(), to);
  };
}

} // namespace

TEST(Fault, TheProductIsRight) {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    Result result = multiply(lines(), seed);
    EXPECT_EQ(result.message, "");
    EXPECT_EQ(result.wrong, 0u);
    EXPECT_EQ(result.counts.sharedPasses, result.counts.sharedPassesIdeal);
    EXPECT_EQ(result.counts.matrixOperations, 2u * rows * rows * depth);
    EXPECT_GT(result.counts.matrixShare(), 0.98);
  }
}

// The last step of the drain has nothing to wait for: no copy is under way, and what it loads is
// multiplied by nobody. So its wait and barrier, and the turn of its four loads, are no faults.

TEST(Fault, DroppedBarriers) {
  Tally out = tally("bar.sync", drop);
  EXPECT_EQ(out.lines, 4u);
  EXPECT_EQ(out.told, 3u) << out.missed;
}

TEST(Fault, MissingWaits) {
  Tally out = tally("cp.async.wait_group", drop);
  EXPECT_EQ(out.lines, 4u);
  EXPECT_EQ(out.told, 3u) << out.missed;
  // A group too few: in the drain, the newest group is empty.
  Tally late = tally("cp.async.wait_group", [](std::string line) {
    size_t at = line.find_first_of("0123456789");
    ++line[at];
    return line;
  });
  EXPECT_EQ(late.told, 2u) << late.missed;
}

TEST(Fault, CopiesThatAreNotMade) {
  Tally out = tally("cp.async.cg", drop);
  EXPECT_EQ(out.told + out.wrong, out.lines) << out.missed;
  EXPECT_EQ(out.lines, 12u);
}

TEST(Fault, WrongPlaces) {
  // One row or one piece of 16 bytes too far, in the source, the destination, or the fragment.
  Tally fragments = tally("ldmatrix", [](std::string line) {
    return line.insert(line.find(']'), line.find('+') == line.npos ? "+64" : "");
  });
  EXPECT_EQ(fragments.told + fragments.wrong, fragments.lines) << fragments.missed;
  Tally stored = tally("st.global", [](std::string line) {
    return line.insert(line.find(']'), line.find('+') == line.npos ? "+4" : "");
  });
  EXPECT_EQ(stored.told + stored.wrong, stored.lines) << stored.missed;
}

TEST(Fault, WrongMatrices) {
  // The fragments' halves in the wrong order, the wrong type, no accumulation.
  Tally types = tally("mma.sync", put("bf16.bf16", "f16.f16"));
  EXPECT_EQ(types.wrong, types.lines) << types.missed;
  EXPECT_EQ(types.lines, 48u);
  Tally turned = tally("ldmatrix", put(".x4.", ".x4.trans."));
  EXPECT_EQ(turned.lines, 28u);
  EXPECT_EQ(turned.wrong + turned.told, 24u) << turned.missed;
}

TEST(Fault, WrongAddresses) {
  // Each shift, mask and swizzle by one bit.
  Tally swizzles = tally("xor.b32", put("xor", "or"));
  Tally masks = tally("and.b32", put("and", "or"));
  Tally shifts = tally("shl.b32", [](std::string line) {
    size_t at = line.rfind(';') - 1;
    line[at] = line[at] == '9' ? '8' : static_cast<char>(line[at] + 1);
    return line;
  });
  for (const Tally &out : {swizzles, masks, shifts})
    EXPECT_EQ(out.told + out.wrong, out.lines) << out.missed;
  EXPECT_GT(swizzles.lines + masks.lines + shifts.lines, 20u);
}
