// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TestModel.h"
#include "Thrown.h"
#include "runtime/src/device/cpu/CpuDevice.h"

#include <gtest/gtest.h>

using namespace tern::test;

namespace {

class ModelTest : public testing::Test {
protected:
  /// The logit 3 of token 5 after an empty sequence: 40 + 1.5.
  float logit(const tern::Model &model) {
    tern::Session session(model);
    int32_t sequence = session.begin(), token = 5;
    session.feed(sequence, std::span(&token, 1));
    return session.logits(sequence)[3];
  }

  void expectGood(const tern::Model &model) { EXPECT_EQ(logit(model), 46.5f); }

  /// The model with a change of its description, in model.tern.
  template <typename Change> void writeChanged(Change change) {
    tern::format::Artefact artefact = makeModel();
    change(artefact);
    ASSERT_FALSE(writeArtefact(artefact, path));
  }

  TemporaryFolder folder, cacheFolder;
  std::string path = writeModel(folder);
  tern::Device device{"cpu", 1};
};

} // namespace

TEST_F(ModelTest, TellsItsFacts) {
  tern::Artefact artefact(path);
  tern_artefact_facts_t facts = artefact.facts();
  EXPECT_STREQ(facts.architecture, "toy");
  EXPECT_EQ(facts.max_context, maxContext);
  EXPECT_EQ(facts.max_rows, maxRows);
  EXPECT_EQ(facts.vocabulary, vocabulary);
  ASSERT_EQ(facts.eos_count, 1u);
  EXPECT_EQ(facts.eos[0], 15);
  EXPECT_EQ(facts.bos, 1);
  EXPECT_TRUE(facts.add_bos);
  EXPECT_EQ(facts.packed_bytes, 64u);
  EXPECT_EQ(artefact.section("tokenizer"), "{\"tokenizer\": 1}");
  EXPECT_EQ(artefact.section("chat-template"), "{{ messages }}");
  EXPECT_EQ(artefact.section("proof"), "");
  artefact.verify();
}

TEST_F(ModelTest, PacksWeightsThatLieBesideIt) { expectGood({tern::Artefact(path), device}); }

TEST_F(ModelTest, FindsWeightsAtThePathOfTheUser) {
  TemporaryFolder elsewhere;
  tern::Artefact artefact(path);
  std::filesystem::rename(folder.path("model.weights"), elsewhere.path("model.weights"));
  std::string error = thrown([&] { tern::Model(artefact, device); });
  EXPECT_NE(error.find("expected its weights in a file 'model.weights' of 64 bytes beside it"),
            std::string::npos)
      << error;
  expectGood({artefact, device, {.weightsPath = elsewhere.path()}});
  std::filesystem::rename(elsewhere.path("model.weights"), elsewhere.path("other"));
  expectGood({artefact, device, {.weightsPath = elsewhere.path("other")}});
}

TEST_F(ModelTest, RefusesWeightsThatWereNotCompiled) {
  tern::Artefact artefact(path);
  std::vector<std::byte> bytes = readFile(folder.path("model.weights"));
  bytes[9] ^= std::byte(1);
  writeFile(folder.path("model.weights"), bytes);
  tern::LoadCache cache(cacheFolder.path());
  for (const tern::LoadCache *given :
       {(const tern::LoadCache *)nullptr, (const tern::LoadCache *)&cache}) {
    std::string error = thrown([&] { tern::Model(artefact, device, {.cache = given}); });
    EXPECT_NE(error.find("its content is not that of the file that"), std::string::npos) << error;
  }
  bytes.push_back(std::byte(0));
  writeFile(folder.path("model.weights"), bytes);
  EXPECT_NE(thrown([&] { tern::Model(artefact, device); }).find("has 65 bytes"), std::string::npos);
}

TEST_F(ModelTest, EmbeddedWeightsNeedNoOtherFile) {
  auto weights = sourceWeights();
  writeChanged([&](auto &artefact) {
    artefact.embedded = {std::as_bytes(std::span(weights))};
    artefact.index.files.clear();
  });
  std::filesystem::remove(folder.path("model.weights"));
  tern::Artefact artefact(path);
  tern::LoadCache cache(cacheFolder.path());
  expectGood({artefact, device, {.cache = &cache}});
  // Damage in the body is found where it is read, and when asked for.
  std::vector<std::byte> bytes = readFile(path);
  bytes[bytes.size() - 4] ^= std::byte(1);
  writeFile(path, bytes);
  tern::Artefact damaged(path);
  tern::Model unseen(damaged, device, {.cache = &cache});
  for (tern::LoadOptions options : {tern::LoadOptions{}, {.cache = &cache, .verify = true}})
    EXPECT_NE(
        thrown([&] { tern::Model(damaged, device, options); }).find("damaged section 'weights'"),
        std::string::npos);
  EXPECT_EQ(thrownCode([&] { damaged.verify(); }), TERN_BAD_FILE);
}

TEST_F(ModelTest, PackedWeightsAreMappedOnTheNextStart) {
  tern::Artefact artefact(path);
  tern::LoadCache cache(cacheFolder.path());
  expectGood({artefact, device, {.cache = &cache}});
  std::filesystem::remove(folder.path("model.weights"));
  expectGood({artefact, device, {.cache = &cache}});
  EXPECT_NE(thrown([&] { tern::Model(artefact, device); }), "");
}

TEST_F(ModelTest, AWrongMemoryOfAHashIsNoReasonToRefuse) {
  tern::Artefact artefact(path);
  tern::LoadCache cache(cacheFolder.path());
  expectGood({artefact, device, {.cache = &cache}});
  for (const auto &item : std::filesystem::directory_iterator(cacheFolder.path())) {
    if (item.path().extension() == ".hash")
      writeFile(item.path().string(), std::vector<std::byte>(16));
    else
      std::filesystem::remove(item.path());
  }
  expectGood({artefact, device, {.cache = &cache}});
}

TEST_F(ModelTest, AnotherArtefactHasAnotherEntry) {
  tern::LoadCache cache(cacheFolder.path());
  expectGood({tern::Artefact(path), device, {.cache = &cache}});
  writeChanged([](auto &artefact) { artefact.index.producer = "another"; });
  std::filesystem::remove(folder.path("model.weights"));
  EXPECT_NE(thrown([&] { tern::Model(tern::Artefact(path), device, {.cache = &cache}); }), "");
}

TEST_F(ModelTest, LoadingReportsProgressAndCanBeStopped) {
  tern::Artefact artefact(path);
  std::vector<uint64_t> seen;
  auto note = [&](uint64_t done, uint64_t total) {
    seen.insert(seen.end(), {done, total});
    return true;
  };
  tern::Model(artefact, device, {.progress = note});
  EXPECT_EQ(seen, (std::vector<uint64_t>{64, 64}));
}

TEST_F(ModelTest, RefusesAHostThatLacksAFeature) {
  writeChanged([](auto &artefact) {
    artefact.index.target.cpu = "future1";
    artefact.index.target.features = {"warp-drive", "time-travel"};
  });
  EXPECT_EQ(thrown([&] { tern::Model(tern::Artefact(path), device); }),
            path + ": expected code that this CPU can run, found code for future1, which needs "
                   "warp-drive, time-travel");
  writeChanged([](auto &artefact) { artefact.index.target.name = "pdp11-unix"; });
  EXPECT_NE(thrown([&] {
              tern::Model(tern::Artefact(path), device);
            }).find("which this host is, found code for pdp11-unix"),
            std::string::npos);
}

TEST_F(ModelTest, RefusesFilesThatAreNone) {
  EXPECT_EQ(thrown([&] { tern::Artefact(folder.path("none")); }),
            folder.path("none") + ": expected a file that can be read: No such file or directory");
  EXPECT_EQ(thrown([&] { tern::Artefact(folder.path()); }),
            folder.path() + ": expected a file, found a directory or device");
  writeFile(folder.path("empty"), {});
  EXPECT_NE(thrown([&] {
              tern::Artefact(folder.path("empty"));
            }).find("expected a file that starts with 'TERN-ART'"),
            std::string::npos);
}

TEST_F(ModelTest, CodeRunsFromACopyWhereSegmentsShareAPage) {
  // The same image, its code moved to the last bytes of the data's page.
  tern::Artefact artefact(path);
  std::vector<std::byte> code = readImage("packed");
  writeChanged([&](auto &changed) {
    changed.code = code;
    tern::format::CodeImage image;
    ASSERT_FALSE(readCodeImage(code, image));
    for (tern::format::Kernel &kernel : changed.index.kernels)
      kernel.offset = image.find(kernel.name)->address;
  });
  expectGood({tern::Artefact(path), device});
}

TEST_F(ModelTest, RefusesUnknownDevicesAndThreadCounts) {
  EXPECT_EQ(thrown([] { tern::Device("abacus"); }),
            "there is no device 'abacus': expected 'cpu', 'emulator' or 'cuda:' and a number");
  EXPECT_EQ(thrownCode([] { tern::Device("cpu", -1); }), TERN_INVALID_ARGUMENT);
  EXPECT_EQ(thrownCode([] { tern::Device("cpu", 1025); }), TERN_INVALID_ARGUMENT);
  EXPECT_GE(tern::Device().threads(), 1);
}
