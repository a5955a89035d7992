// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TestModel.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace tern::test;

// CApiTest.c, linked with the shared library alone.
TEST(CApi, WorksFromC) {
  TemporaryFolder folder, cache;
  std::string command =
      "'" TERN_TEST_C_PROGRAM "' '" + writeModel(folder) + "' '" + cache.path() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

/// What runtime/example/generate.c prints, and its exit code.
static std::pair<std::string, int> generate(const std::string &arguments) {
  TemporaryFolder folder;
  std::string command = "'" TERN_TEST_EXAMPLE "' " + arguments + " >'" + folder.path("out") +
                        "' 2>'" + folder.path("errors") + "'";
  int code = WEXITSTATUS(std::system(command.c_str()));
  std::vector<std::byte> bytes = readFile(folder.path(code ? "errors" : "out"));
  return {{reinterpret_cast<const char *>(bytes.data()), bytes.size()}, code};
}

TEST(CApi, TheExampleGeneratesUntilTheTextEnds) {
  TemporaryFolder folder;
  std::string path = writeModel(folder);
  using Result = std::pair<std::string, int>;
  EXPECT_EQ(generate("'" + path + "' 3,1,4 5"), Result("15\n", 0));
  tern::format::Artefact endless = makeModel();
  endless.index.model.eos.clear();
  ASSERT_FALSE(writeArtefact(endless, path));
  EXPECT_EQ(generate("'" + path + "' 3,1,4 3"), Result("15\n15\n15\n", 0));
  EXPECT_EQ(
      generate("'" + path + "' 3,77 3"),
      Result("generate: sequence 0: token 77 at place 1 is outside the vocabulary of 16\n", 1));
  EXPECT_EQ(generate("'" + path + "' '' 3").second, 1);
  EXPECT_EQ(
      generate("/none 1 3"),
      Result("generate: /none: expected a file that can be read: No such file or directory\n", 1));
}
