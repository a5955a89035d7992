// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"

#include <exception>
#include <initializer_list>
#include <new>
#include <system_error>

namespace tern::runtime {

/// A pointer that a caller may not leave null, and its name in the header.
struct Needed {
  const char *name;
  const void *pointer;
};

/// Calls what implements a function of the C API, if all pointers are there that it needs; no
/// exception passes.
template <typename Body>
tern_error_t *atBorder(std::initializer_list<Needed> needed, Body body) noexcept {
  try {
    for (const auto &[name, pointer] : needed)
      if (!pointer)
        return format::makeError(TERN_INVALID_ARGUMENT, "%s: expected a pointer, found null", name)
            .release();
    return body().release();
  } catch (const std::bad_alloc &) {
    return format::makeError(TERN_OUT_OF_MEMORY, "no memory").release();
  } catch (const std::system_error &error) {
    return format::makeError(TERN_OUT_OF_MEMORY, "the system refuses: %s", error.what()).release();
  } catch (const std::exception &error) {
    return format::makeError(TERN_INTERNAL, "%s", error.what()).release();
  }
}

} // namespace tern::runtime
