// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Session.h"
#include "ApartDevice.h"
#include "TestModel.h"
#include "Thrown.h"
#include "runtime/src/device/cpu/CpuDevice.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>

using namespace tern::test;

namespace {

using Tokens = std::vector<int32_t>;

class SessionTest : public testing::TestWithParam<bool> {
protected:
  static Tokens text(int64_t length, int32_t first = 1) {
    Tokens tokens;
    for (int64_t i = 0; i < length; ++i)
      tokens.push_back(int32_t((first + i * 5) % vocabulary));
    return tokens;
  }

  static void expectLogits(const tern::Session &session, int32_t sequence, const Tokens &tokens) {
    for (int64_t v = 0; v < vocabulary; ++v)
      ASSERT_EQ(session.logits(sequence)[v], expectedLogit(tokens, v)) << v;
  }

  TemporaryFolder folder;
  tern::Artefact artefact{writeModel(folder)};
  tern::Device device = makeDevice(GetParam(), 2);
  tern::Model model{artefact, device};
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Devices, SessionTest, testing::Bool(), nameOfDevice);

TEST_P(SessionTest, EveryChunkSizeGivesTheSameLogits) {
  for (int64_t length : {1, 7, 8, 9, 63, 64, 65, 130, 200}) {
    Tokens tokens = text(length);
    for (int64_t chunk : {0, 1, 3, 8, 100}) {
      tern::Session session(model, {.max_sequences = 1, .chunk_rows = chunk, .cache_bytes = 0});
      int32_t sequence = session.begin();
      session.feed(sequence, tokens);
      EXPECT_EQ(session.length(sequence), length);
      expectLogits(session, sequence, tokens);
    }
  }
}

TEST_P(SessionTest, DecodingContinuesAPrompt) {
  tern::Session session(model);
  int32_t sequence = session.begin();
  Tokens tokens = text(60);
  session.feed(sequence, tokens);
  for (int32_t next : {3, 1, 4, 1, 5, 9, 2, 6}) {
    tokens.push_back(next);
    session.feed(sequence, std::span(&next, 1));
    expectLogits(session, sequence, tokens);
  }
}

TEST_P(SessionTest, RaggedBatchesEqualSingleSequences) {
  tern::Session session(model, {.max_sequences = 5, .chunk_rows = 0, .cache_bytes = 0});
  std::vector<Tokens> texts;
  std::vector<tern_feed_t> feeds;
  for (int64_t length : {70, 1, 13, 8, 33})
    texts.push_back(text(length, int32_t(length)));
  for (const Tokens &tokens : texts)
    feeds.push_back({session.begin(), tokens.data(), int64_t(tokens.size()), TERN_LOGITS_LAST});
  session.feed(feeds);
  for (int32_t i = 0; i < 5; ++i)
    expectLogits(session, i, texts[size_t(i)]);
}

TEST_P(SessionTest, AllLogitsArriveInOrder) {
  tern::Session session(model, {.max_sequences = 2, .chunk_rows = 0, .cache_bytes = 0});
  Tokens first = text(21), second = text(10, 4);
  tern_feed_t feeds[] = {{session.begin(), first.data(), 21, TERN_LOGITS_ALL},
                         {session.begin(), second.data(), 10, TERN_LOGITS_ALL}};
  std::vector<int64_t> positions[2];
  session.feed(feeds, [&](int32_t sequence, int64_t position, const float *logits) {
    const Tokens &tokens = sequence ? second : first;
    EXPECT_EQ(logits[5], expectedLogit(std::span(tokens).first(size_t(position) + 1), 5));
    positions[sequence].push_back(position);
  });
  for (int i : {0, 1}) {
    ASSERT_EQ(positions[i].size(), i ? 10u : 21u);
    EXPECT_TRUE(std::ranges::is_sorted(positions[i]));
  }
  expectLogits(session, 0, first);
}

TEST_P(SessionTest, EndedSequencesGiveTheirBlocksBack) {
  tern::Session session(model, {.max_sequences = 2, .chunk_rows = 0, .cache_bytes = 0});
  int32_t first = session.begin(), second = session.begin();
  EXPECT_EQ(thrown([&] { session.begin(); }), "all 2 sequences of the session are in use");
  session.feed(first, text(100));
  session.feed(second, text(100));
  uint64_t both = session.cacheBytes();
  EXPECT_EQ(both, 2u * (4 * 2 * 5376 + 2 * 64));
  session.end(first);
  EXPECT_EQ(session.cacheBytes(), both / 2);
  EXPECT_EQ(thrown([&] { session.length(first); }), "sequence 0 is not in use");
  // The number and the blocks are used again, and hold nothing of before.
  EXPECT_EQ(session.begin(), first);
  session.feed(first, text(3));
  expectLogits(session, first, text(3));
  session.reset(second);
  EXPECT_EQ(session.length(second), 0);
  session.feed(second, text(5));
  expectLogits(session, second, text(5));
}

TEST_P(SessionTest, APromptLongerThanTheContextIsRefused) {
  tern::Session session(model);
  int32_t sequence = session.begin();
  EXPECT_EQ(thrown([&] { session.feed(sequence, text(201)); }),
            "sequence 0: 201 tokens after 0 exceed the context of 200");
  session.feed(sequence, text(200));
  EXPECT_EQ(thrown([&] { session.feed(sequence, text(1)); }),
            "sequence 0: 1 tokens after 200 exceed the context of 200");
  expectLogits(session, sequence, text(200));
}

TEST_P(SessionTest, WrongFeedsAreRefusedBeforeAnythingRuns) {
  tern::Session session(model, {.max_sequences = 2, .chunk_rows = 0, .cache_bytes = 0});
  int32_t sequence = session.begin();
  Tokens good = text(4), bad{1, 16}, negative{-1};
  tern_feed_t twice[] = {{sequence, good.data(), 4, TERN_LOGITS_LAST},
                         {sequence, good.data(), 4, TERN_LOGITS_LAST}};
  EXPECT_EQ(thrown([&] { session.feed(twice); }), "sequence 0: is named twice in one call");
  tern_feed_t second[] = {{sequence, good.data(), 4, TERN_LOGITS_LAST},
                          {1, good.data(), 4, TERN_LOGITS_LAST}};
  EXPECT_EQ(thrown([&] { session.feed(second); }), "sequence 1 is not in use");
  EXPECT_EQ(thrown([&] { session.feed(sequence, bad); }),
            "sequence 0: token 16 at place 1 is outside the vocabulary of 16");
  EXPECT_NE(thrown([&] { session.feed(sequence, negative); }), "");
  EXPECT_NE(thrown([&] { session.feed(sequence, {}); }).find("expected 1 or more tokens"),
            std::string::npos);
  tern_feed_t odd{sequence, good.data(), 4, static_cast<tern_wanted_t>(3)};
  EXPECT_NE(thrown([&] { session.feed(std::span(&odd, 1)); }), "");
  for (int32_t wrong : {-1, 7})
    EXPECT_NE(thrown([&] { session.feed(wrong, good); }), "");
  EXPECT_EQ(session.length(sequence), 0);
  EXPECT_EQ(thrown([&] { tern::Session(model, {-1, 0, 0}); }),
            "-1 sequences and 0 rows: expected 0 or more");
}

TEST_P(SessionTest, LogitsThatWereNotWantedAreNotThere) {
  tern::Session session(model);
  int32_t sequence = session.begin();
  session.feed(sequence, text(9), TERN_LOGITS_NONE);
  EXPECT_EQ(thrown([&] { session.logits(sequence); }),
            "sequence 0: the logits of its last token were not asked for");
  Tokens tokens = text(9);
  tokens.push_back(2);
  session.feed(sequence, std::span(tokens).last(1));
  expectLogits(session, sequence, tokens);
}

TEST_P(SessionTest, AFullCacheLeavesWhatWasFed) {
  // Room for one sequence of 64 tokens, and half of another; for the states of both.
  tern::Session session(model,
                        {.max_sequences = 2, .chunk_rows = 8, .cache_bytes = 6 * 5376 + 4 * 64});
  int32_t first = session.begin(), second = session.begin();
  session.feed(first, text(60));
  EXPECT_EQ(thrownCode([&] { session.feed(second, text(1)); }), TERN_OUT_OF_MEMORY);
  EXPECT_EQ(session.length(second), 0);
  EXPECT_EQ(session.cacheBytes(), 4 * 5376u + 2 * 64);
  EXPECT_EQ(thrownCode([&] { session.feed(first, text(10)); }), TERN_OUT_OF_MEMORY);
  EXPECT_EQ(session.length(first), 60);
  session.end(first);
  session.feed(second, text(64));
  expectLogits(session, second, text(64));
}

TEST_P(SessionTest, AnInterruptedFeedCanBeContinued) {
  tern::Session session(model);
  int32_t sequence = session.begin();
  session.interrupt();
  EXPECT_EQ(thrownCode([&] { session.feed(sequence, text(20)); }), TERN_INTERRUPTED);
  EXPECT_EQ(session.length(sequence), 0);
  // Stopped between steps: what is fed is fed.
  Tokens tokens = text(20);
  tern_feed_t all{sequence, tokens.data(), 20, TERN_LOGITS_ALL};
  EXPECT_EQ(thrownCode([&] {
              session.feed(std::span(&all, 1), [&](int32_t, int64_t position, const float *) {
                if (position == 9)
                  session.interrupt();
              });
            }),
            TERN_INTERRUPTED);
  int64_t fed = session.length(sequence);
  EXPECT_EQ(fed, 12); // 4 rows of logits a step
  session.feed(sequence, std::span(tokens).subspan(size_t(fed)));
  expectLogits(session, sequence, tokens);
}

namespace {

/// Calls a function after the launch that it counts down to.
class StoppingDevice : public tern::runtime::CpuDevice {
public:
  StoppingDevice() : CpuDevice(1) {}

  tern::format::Error launch(const tern::runtime::Work &work) override {
    auto error = CpuDevice::launch(work);
    if (countdown > 0 && --countdown == 0)
      stop();
    return error;
  }

  int countdown = 0;
  std::function<void()> stop;
};

} // namespace

TEST_P(SessionTest, AStepThatIsInterruptedLeavesNoTrace) {
  std::shared_ptr<const tern::runtime::Artefact> opened;
  ASSERT_FALSE(tern::runtime::Artefact::open(folder.path("model.tern"), opened));
  auto stopping = std::make_shared<StoppingDevice>();
  std::shared_ptr<const tern::runtime::Model> loaded;
  ASSERT_FALSE(tern::runtime::Model::load(opened, stopping, {}, loaded));
  std::unique_ptr<tern::runtime::Session> session;
  ASSERT_FALSE(tern::runtime::Session::create(loaded, {}, session));
  stopping->stop = [&] { session->interrupted = true; };
  int32_t sequence = 0;
  ASSERT_FALSE(session->begin(sequence));
  Tokens tokens = text(70);
  tern_feed_t first{sequence, tokens.data(), 64, TERN_LOGITS_LAST};
  ASSERT_FALSE(session->feed(std::span(&first, 1), {}));
  uint64_t bytes = session->cacheBytes();
  // After the rows were appended, which took a new block, after attention, after the recurrence.
  for (int launches : {1, 2, 3}) {
    stopping->countdown = launches;
    tern_feed_t rest{sequence, tokens.data() + 64, 6, TERN_LOGITS_LAST};
    tern::format::Error error = session->feed(std::span(&rest, 1), {});
    ASSERT_TRUE(error);
    EXPECT_EQ(error.code(), TERN_INTERRUPTED);
    int64_t length = 0;
    ASSERT_FALSE(session->length(sequence, length));
    EXPECT_EQ(length, 64);
    EXPECT_EQ(session->cacheBytes(), bytes);
  }
  tern_feed_t rest{sequence, tokens.data() + 64, 6, TERN_LOGITS_LAST};
  ASSERT_FALSE(session->feed(std::span(&rest, 1), {}));
  const float *logits = nullptr;
  ASSERT_FALSE(session->logits(sequence, logits));
  EXPECT_EQ(logits[3], expectedLogit(tokens, 3));
}

TEST_P(SessionTest, APlanThatIsWrongBetweenItsCornersIsRefused) {
  using tern::format::Expression;
  tern::format::Artefact changed = makeModel();
  // An offset of 0 for 1 and 8 rows, of 1200 for 4.
  auto &step = const_cast<tern::format::Program &>(*changed.index.findProgram("step"));
  Expression T = Expression::dim(0), one = Expression::constant(1);
  Expression offset = (T - one) * (Expression::constant(8) - T) * Expression::constant(100);
  step.buffers.push_back({tern::format::Space::Arena, 0, step.intern(offset), step.intern(0)});
  ASSERT_FALSE(writeArtefact(changed, folder.path("model.tern")));
  tern::Model wrong(tern::Artefact(folder.path("model.tern")), device);
  tern::Session session(wrong);
  int32_t sequence = session.begin();
  session.feed(sequence, text(8));
  EXPECT_NE(thrown([&] {
              session.feed(sequence, text(4));
            }).find("program 'step': buffer 16: 0 bytes at 1200"),
            std::string::npos);
  EXPECT_EQ(session.length(sequence), 8);
}

TEST_P(SessionTest, ThreadsDoNotChangeABit) {
  Tokens tokens = text(150);
  for (int32_t threads : {1, 2, 4}) {
    tern::Device other("cpu", threads);
    tern::Model same(artefact, other);
    tern::Session session(same);
    int32_t sequence = session.begin();
    session.feed(sequence, tokens);
    expectLogits(session, sequence, tokens);
  }
}

TEST_P(SessionTest, SessionsOfOneModelRunSideBySide) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        tern::Session session(model);
        Tokens tokens = text(40 + i);
        int32_t sequence = session.begin();
        session.feed(sequence, tokens);
        expectLogits(session, sequence, tokens);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_P(SessionTest, HandlesMayBeFreedInAnyOrder) {
  auto ownArtefact = std::make_unique<tern::Artefact>(folder.path("model.tern"));
  auto ownDevice = std::make_unique<tern::Device>("cpu", 2);
  auto ownModel = std::make_unique<tern::Model>(*ownArtefact, *ownDevice);
  tern::Session session(*ownModel);
  ownArtefact.reset();
  ownModel.reset();
  ownDevice.reset();
  int32_t sequence = session.begin();
  session.feed(sequence, text(70));
  expectLogits(session, sequence, text(70));
}

TEST_P(SessionTest, AnArtefactWithoutAStepIsRefused) {
  tern::format::Artefact changed = makeModel();
  std::erase_if(changed.index.programs, [](auto &program) { return program.name == "step"; });
  ASSERT_FALSE(writeArtefact(changed, folder.path("model.tern")));
  tern::Model without(tern::Artefact(folder.path("model.tern")), device);
  EXPECT_NE(thrown([&] { tern::Session session(without); }).find("has no program 'step'"),
            std::string::npos);
}

TEST_P(SessionTest, AFunctionNamedStepIsNoModel) {
  tern::format::Artefact changed = makeModel();
  changed.index.model.vocabulary = 0;
  changed.index.model.eos.clear();
  changed.index.model.bos = -1;
  changed.index.model.addBos = false;
  ASSERT_FALSE(writeArtefact(changed, folder.path("model.tern")));
  tern::Model function(tern::Artefact(folder.path("model.tern")), device);
  EXPECT_NE(thrown([&] { tern::Session session(function); }).find("has no program 'step' of a"),
            std::string::npos);
}

//===- Sampling -----------------------------------------------------------===//

TEST_P(SessionTest, GreedyTakesTheLargestLogit) {
  tern::Session session(model);
  int32_t sequence = session.begin();
  session.feed(sequence, text(3));
  tern_sampler_t sampler;
  tern_sampler_init(&sampler);
  EXPECT_EQ(session.sample(sequence, sampler), 15);
}

TEST_P(SessionTest, TheSampleProgramIsGivenWhatItNeeds) {
  tern::Session session(model, {.max_sequences = 6, .chunk_rows = 0, .cache_bytes = 0});
  std::vector<int32_t> sequences, tokens(6);
  std::vector<tern_sampler_t> samplers(6);
  for (int32_t i = 0; i < 6; ++i) {
    sequences.push_back(session.begin());
    session.feed(i, text(i + 2));
    samplers[size_t(i)] = {0.5f, 40, 0.9f, 0.05f, 0.8f, i == 3 ? 1.5f : 1.0f, 7, uint64_t(i)};
  }
  std::vector<float> probabilities(6 * vocabulary);
  // Six rows in programs of at most four.
  ASSERT_FALSE(tern_session_sample(session.get(), sequences.data(), samplers.data(), 6,
                                   tokens.data(), probabilities.data()));
  for (size_t i = 0; i < 6; ++i) {
    const float *echo = &probabilities[i * vocabulary];
    EXPECT_EQ(echo[0], 0.5f);
    EXPECT_EQ(echo[1], 40.0f);
    EXPECT_EQ(echo[2], 0.9f);
    EXPECT_EQ(echo[3], 0.05f);
    EXPECT_EQ(echo[4], 0.8f);
    EXPECT_EQ(echo[5], i == 3 ? 1.5f : 1.0f);
    EXPECT_EQ(tokens[i], int32_t(echo[6] * vocabulary));
    EXPECT_EQ(echo[7], 0.0f);
    // The history is there where the penalty reads it.
    EXPECT_EQ(echo[8], i == 3 ? 5.0f : 0.0f);
    if (i == 3) {
      EXPECT_EQ(echo[9], float(text(5).back()));
    }
  }
}

TEST_P(SessionTest, ASeedGivesTheSameTokensAgain) {
  tern_sampler_t sampler;
  tern_sampler_init(&sampler);
  sampler.temperature = 1;
  auto draw = [&](uint64_t seed, uint64_t request) {
    sampler.seed = seed;
    sampler.request = request;
    tern::Session session(model);
    int32_t sequence = session.begin();
    Tokens drawn;
    session.feed(sequence, text(3));
    for (int i = 0; i < 20; ++i) {
      drawn.push_back(session.sample(sequence, sampler));
      session.feed(sequence, std::span(&drawn.back(), 1));
    }
    return drawn;
  };
  Tokens first = draw(1, 0);
  EXPECT_EQ(first, draw(1, 0));
  EXPECT_NE(first, draw(2, 0));
  EXPECT_NE(first, draw(1, 1));
}

TEST_P(SessionTest, ParametersOutOfRangeAreRefused) {
  tern::Session session(model);
  int32_t sequence = session.begin();
  session.feed(sequence, text(3));
  auto refusal = [&](auto change) {
    tern_sampler_t sampler;
    tern_sampler_init(&sampler);
    change(sampler);
    return thrown([&] { session.sample(sequence, sampler); });
  };
  EXPECT_EQ(refusal([](auto &) {}), "");
  EXPECT_EQ(refusal([](auto &s) { s.temperature = -1; }),
            "temperature: expected 0 or more, found -1");
  EXPECT_NE(refusal([](auto &s) { s.temperature = NAN; }), "");
  EXPECT_NE(refusal([](auto &s) { s.temperature = INFINITY; }), "");
  EXPECT_EQ(refusal([](auto &s) { s.top_k = -1; }), "top-k: expected 0 or more, found -1");
  EXPECT_EQ(refusal([](auto &s) { s.top_p = 0; }),
            "top-p: expected more than 0 and at most 1, found 0");
  EXPECT_NE(refusal([](auto &s) { s.top_p = 1.5f; }), "");
  EXPECT_EQ(refusal([](auto &s) { s.min_p = 1.5f; }), "min-p: expected 0 to 1, found 1.5");
  EXPECT_EQ(refusal([](auto &s) { s.typical_p = 0; }),
            "typical-p: expected more than 0 and at most 1, found 0");
  EXPECT_EQ(refusal([](auto &s) { s.repetition_penalty = 0; }),
            "repetition penalty: expected 1e-30 to 1e30, found 0");
  EXPECT_NE(refusal([](auto &s) { s.repetition_penalty = 1e-31f; }), "");
  EXPECT_NE(refusal([](auto &s) { s.repetition_penalty = 1e31f; }), "");
}

TEST_P(SessionTest, AnArtefactWithoutASamplerSaysSo) {
  tern::format::Artefact changed = makeModel();
  std::erase_if(changed.index.programs, [](auto &program) { return program.name == "sample"; });
  ASSERT_FALSE(writeArtefact(changed, folder.path("model.tern")));
  tern::Model without(tern::Artefact(folder.path("model.tern")), device);
  tern::Session session(without);
  int32_t sequence = session.begin();
  session.feed(sequence, text(3));
  tern_sampler_t sampler;
  tern_sampler_init(&sampler);
  EXPECT_EQ(thrown([&] { session.sample(sequence, sampler); }),
            folder.path("model.tern") + ": has no program 'sample', so no token can be drawn");
}
