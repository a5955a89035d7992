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
