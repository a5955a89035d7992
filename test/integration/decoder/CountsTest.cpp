// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the emulator counts of a model's kernels, as the device gives it.
#include "test/integration/decoder/CompiledModel.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace tern::test {
namespace {

/// A kernel's counts that outlive the call that gives them.
struct Counted {
  std::string name;
  tern_kernel_counts_t sums;
  uint64_t instructions = 0, loads = 0;

  /// All that does not depend on where they lie.
  bool operator==(const Counted &other) const {
    auto key = [](const Counted &each) {
      const tern_kernel_counts_t &sums = each.sums;
      return std::tuple(each.name, each.instructions, each.loads, sums.launches, sums.blocks,
                        sums.global_sectors, sums.global_sectors_ideal, sums.memory_bytes,
                        sums.shared_passes, sums.divergent_branches, sums.other_operations,
                        sums.global.read, sums.global.written, sums.shared.read);
    };
    return key(*this) == key(other);
  }
};

std::vector<Counted> take(const Device &device) {
  std::vector<Counted> all;
  device.takeCounts([&](const tern_kernel_counts_t &counts) {
    Counted &one = all.emplace_back(counts.kernel, counts);
    for (size_t i = 0; i < counts.instructions_count; ++i) {
      const tern_instructions_t &each = counts.instructions[i];
      one.instructions += each.warps;
      if (each.kind == std::string("load"))
        one.loads += each.warps;
    }
  });
  return all;
}

uint64_t launchesOf(const std::vector<Counted> &kernels) {
  uint64_t launches = 0;
  for (const Counted &kernel : kernels)
    launches += kernel.sums.launches;
  return launches;
}

class DecoderCounts : public testing::Test {
protected:
  static std::string source() { return TERN_TEST_DATA "/models/llama"; }

  static std::vector<std::vector<Counted>> count(int32_t threads) {
    static const Artefact artefact(compile(source(), "--target=sm_80 --numerics=exact"));
    return count(artefact, threads);
  }

  /// Of three tokens at once and of one more.
  static std::vector<std::vector<Counted>> count(const Artefact &artefact, int32_t threads) {
    Device device("emulator", threads);
    Model model(artefact, device, {.weightsPath = source()});
    EXPECT_TRUE(take(device).empty());
    Session session(model);
    int32_t sequence = session.begin();
    std::vector<std::vector<Counted>> steps;
    for (const std::vector<int32_t> &tokens : {std::vector<int32_t>{3, 5, 7}, {9}}) {
      session.feed(sequence, tokens);
      steps.push_back(take(device));
    }
    EXPECT_TRUE(take(device).empty());
    return steps;
  }
};

TEST_F(DecoderCounts, AreThoseOfEachStep) {
  std::vector<std::vector<Counted>> steps = count(1);
  EXPECT_EQ(launchesOf(steps[0]), launchesOf(steps[1]));
  for (const std::vector<Counted> &kernels : steps) {
    EXPECT_TRUE(std::ranges::is_sorted(kernels, {}, &Counted::name));
    for (const Counted &kernel : kernels) {
      EXPECT_GT(kernel.loads, 0u) << kernel.name;
      EXPECT_GT(kernel.instructions, kernel.loads) << kernel.name;
      EXPECT_GE(kernel.sums.global_sectors, kernel.sums.global_sectors_ideal) << kernel.name;
      EXPECT_LE(kernel.sums.memory_bytes, 32 * kernel.sums.global_sectors) << kernel.name;
    }
  }
}

/// Two layers of six: keys and values with queries, the rotation of keys, attention, its output
/// with the norm, both halves of the network, its output with the next norm. Before them the
/// embedding goes with the rotation's tables and the first norm; after them are the rows that are
/// wanted with the last norm, and the logits.
TEST_F(DecoderCounts, AreSixLaunchesOfALayer) {
  for (const char *flags : {"--numerics=exact", "--numerics=fast --max-context=1024"}) {
    Artefact artefact(compile(source(), std::string("--target=sm_80 ") + flags));
    std::vector<Counted> kernels = count(artefact, 1)[1];
    EXPECT_EQ(launchesOf(kernels), 2u * 6 + 3) << flags;
    std::erase_if(kernels, [](const Counted &each) { return !each.name.starts_with("attention"); });
    ASSERT_EQ(kernels.size(), 1u) << flags;
    EXPECT_TRUE(kernels[0].name.ends_with("_apart")) << flags << ": " << kernels[0].name;
    EXPECT_EQ(launchesOf(kernels), 2u) << flags;
  }
}

/// Queries, keys and values of a token are 128 numbers in f32.
TEST_F(DecoderCounts, AreOfTheBytesThatAKernelMoves) {
  std::vector<std::vector<Counted>> steps = count(1);
  for (uint64_t step : {0, 1}) {
    uint64_t tokens = step ? 1 : 3;
    auto values = std::ranges::find(steps[step], "contraction_6", &Counted::name);
    ASSERT_NE(values, steps[step].end());
    EXPECT_EQ(values->sums.launches, 2u);
    EXPECT_EQ(values->sums.global.written, 2 * tokens * 128 * sizeof(float));
  }
}

TEST_F(DecoderCounts, DoNotDependOnThreads) { EXPECT_EQ(count(1), count(3)); }

/// By requests of warps; and shared memory gives what is asked of it without conflicts.
TEST(DecoderKernels, AskForWholeSectors) {
  for (const char *name : {"deepseek_v2", "gemma2", "llama-bf16", "llama-gptq", "mixtral"}) {
    std::string source = std::string(TERN_TEST_DATA "/models/") + name;
    Artefact artefact(compile(source, "--target=sm_80 --numerics=fast"));
    Device device("emulator", 2);
    Model model(artefact, device, {.weightsPath = source});
    Session session(model);
    int32_t sequence = session.begin();
    for (const std::vector<int32_t> &tokens : {std::vector<int32_t>(12, 5), {9}}) {
      session.feed(sequence, tokens);
      for (const Counted &kernel : take(device)) {
        if (!kernel.name.starts_with("contraction") && !kernel.name.starts_with("attention"))
          continue;
        EXPECT_LE(double(kernel.sums.global_sectors),
                  1.05 * double(kernel.sums.global_sectors_ideal))
            << name << " " << kernel.name;
        EXPECT_EQ(kernel.sums.shared_passes, kernel.sums.shared_passes_ideal)
            << name << " " << kernel.name;
      }
    }
  }
}

TEST_F(DecoderCounts, AreNotThoseOfACpu) {
  try {
    take(Device("cpu", 1));
    FAIL() << "expected an error";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), TERN_UNSUPPORTED);
    EXPECT_STREQ(error.what(),
                 "expected the device 'emulator', which counts what kernels do, found 'cpu'");
  }
}

} // namespace
} // namespace tern::test
