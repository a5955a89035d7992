// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every model that compiles for a CPU does for a GPU.
#include "test/integration/decoder/CompiledModel.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <stdexcept>

namespace fs = std::filesystem;

namespace tern::test {
namespace {

/// The models that have no kernels for sm_80, a line each. What is made of kernels is not asked for
/// each: it takes most of the time, and there are few things that it refuses.
std::string refused(const std::set<std::string> &paths, const std::string &flags) {
  std::string lines;
  for (const std::string &path : paths) {
    try {
      fs::remove(compile(path, "--target=sm_80 --compile-to=codegen " + flags));
    } catch (const std::runtime_error &error) {
      lines += std::string(error.what()) + "\n";
    }
  }
  return lines;
}

/// The models of a folder: directories with settings, or files.
std::set<std::string> modelsOf(const std::string &folder, const std::string &prefix = "") {
  std::set<std::string> paths;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(prefix) &&
        (!entry.is_directory() || fs::exists(entry.path() / "config.json")))
      paths.insert(entry.path());
  return paths;
}

TEST(GpuKernels, AreMadeOfEveryFamily) {
  EXPECT_EQ(refused(modelsOf(TERN_TEST_DATA "/models"), "--numerics=fast"), "");
}

TEST(GpuKernels, AreMadeOfEveryStorageTypeOfFiles) {
  for (const char *numerics : {"exact", "fast"})
    EXPECT_EQ(refused(modelsOf(TERN_TINY_GGUF, "llama."), std::string("--numerics=") + numerics),
              "");
}

TEST(GpuKernels, AreMadeOfEveryStorageTypeOfDirectories) {
  EXPECT_EQ(refused(modelsOf(TERN_TEST_DATA "/models", "llama-"), "--numerics=exact"), "");
}

} // namespace
} // namespace tern::test
