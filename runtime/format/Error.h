// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "tern/error.h"

#include <memory>
#include <string>
#include <string_view>

/// What the C API calls an error is what C++ code passes around.
struct tern_error_t {
  tern_error_code_t code;
  std::string message;
};

namespace tern::format {

/// Success, or the code and the one sentence that say why not.
class [[nodiscard]] Error {
public:
  Error() = default;
  Error(tern_error_code_t code, std::string message)
      : failure(new tern_error_t{code, std::move(message)}) {}

  /// True on failure: `if (Error error = f()) return error;`
  explicit operator bool() const { return failure != nullptr; }

  tern_error_code_t code() const { return failure->code; }
  const std::string &message() const { return failure->message; }

  /// The same failure, with "`subject`: " before its sentence.
  Error in(std::string_view subject) &&;

  /// Gives the failure (or NULL) to a caller of the C API.
  tern_error_t *release() { return failure.release(); }

private:
  std::unique_ptr<tern_error_t> failure;
};

[[gnu::format(printf, 2, 3)]] Error makeError(tern_error_code_t code, const char *format, ...);

} // namespace tern::format
