// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "tern/tern.hpp"

namespace tern::test {

/// The sentence of the error that the call throws, or nothing.
template <typename Body> std::string thrown(Body body) {
  try {
    body();
  } catch (const tern::Error &error) {
    return error.what();
  }
  return "";
}

/// The code of the error that the call throws, or 0.
template <typename Body> int thrownCode(Body body) {
  try {
    body();
  } catch (const tern::Error &error) {
    return error.code();
  }
  return 0;
}

} // namespace tern::test
