// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program that uses CUDA itself and gives the runtime its context and stream. The driver is ours
// (test/unit/runtime/cuda).
#include "test/integration/decoder/Golden.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace tern::test {
namespace {

/// The program's own calls.
struct Cuda {
  template <typename... Types> int call(const char *name, Types... values) const {
    auto *function = reinterpret_cast<int (*)(Types...)>(dlsym(library, name));
    EXPECT_NE(function, nullptr) << name;
    return function(values...);
  }
  /// Calls that the stream got and has not done.
  int underWay(void *stream) const { return call("fakeCudaWorkOf", stream); }

  void *library = dlopen("libcuda.so.1", RTLD_NOW);
  void *context = nullptr, *stream = nullptr;
};

class CallerOfCuda : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_NE(cuda.library, nullptr) << dlerror();
    ASSERT_EQ(cuda.call("cuInit", 0u), 0);
    ASSERT_EQ(cuda.call("cuDevicePrimaryCtxRetain", &cuda.context, 0), 0);
    ASSERT_EQ(cuda.call("cuStreamCreate", &cuda.stream, 1u), 0);
  }
  void TearDown() override { EXPECT_EQ(cuda.call("cuStreamDestroy_v2", cuda.stream), 0); }

  bool hasContext() const {
    int device = 0;
    return cuda.call("cuCtxGetDevice", &device) == 0;
  }

  Cuda cuda;
};

TEST_F(CallerOfCuda, HasItsStreamUsedAndItsContextLeft) {
  Golden golden("llama");
  std::string flags = "--target=sm_80 --numerics=exact --max-context=128";
  Artefact artefact(compile(golden.model(), flags));
  Device device = Device::forCuda(cuda.context, cuda.stream, 1);
  Model model(artefact, device, {.weightsPath = golden.model()});
  Session session(model, {});
  int32_t sequence = session.begin();
  session.feed(sequence, golden.prompt(2));
  EXPECT_GT(cuda.underWay(cuda.stream), 10);
  EXPECT_FALSE(hasContext());
  tern_sampler_t sampler;
  tern_sampler_init(&sampler);
  std::vector<int32_t> tokens, expected = golden.greedy(2);
  expected.resize(4);
  while (tokens.size() < expected.size()) {
    tokens.push_back(session.sample(sequence, sampler));
    EXPECT_EQ(cuda.underWay(cuda.stream), 0);
    session.feed(sequence, std::span(tokens).last(1));
  }
  EXPECT_EQ(tokens, expected);
}

TEST_F(CallerOfCuda, HearsOfAContextThatIsNone) {
  int none = 0;
  try {
    Device::forCuda(&none, cuda.stream, 1);
    FAIL() << "expected an error";
  } catch (const Error &error) {
    EXPECT_STREQ(error.what(),
                 "device 'cuda': taking the caller's context: invalid device context");
  }
  EXPECT_THROW(Device::forCuda(nullptr, nullptr, 1), Error);
  EXPECT_THROW(Device::forCuda(cuda.context, cuda.stream, -1), Error);
}

} // namespace
} // namespace tern::test
