// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tern/tern.hpp"

#include <cstdio>

int main() {
  try {
    tern::Artefact artefact("/none");
  } catch (const tern::Error &error) {
    std::puts(error.what());
    return error.code() == TERN_BAD_FILE ? 0 : 1;
  }
  return 1;
}
