// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"

#include <exception>
#include <new>
#include <system_error>

namespace tern::runtime {

/// Calls what implements a function of the C API; no exception passes.
template <typename Body> tern_error_t *atBorder(Body body) noexcept {
  try {
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
