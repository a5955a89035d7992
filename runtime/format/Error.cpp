// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Error.h"

#include <cstdarg>
#include <cstdio>

namespace tern::format {

Error Error::in(std::string_view subject) && {
  if (failure)
    failure->message.insert(0, std::string(subject) + ": ");
  return std::move(*this);
}

Error makeError(tern_error_code_t code, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  std::string message(std::vsnprintf(nullptr, 0, format, arguments), '\0');
  std::vsnprintf(message.data(), message.size() + 1, format, again);
  va_end(again);
  va_end(arguments);
  return Error(code, std::move(message));
}

} // namespace tern::format

tern_error_code_t tern_error_code(const tern_error_t *error) { return error->code; }

const char *tern_error_message(const tern_error_t *error) { return error->message.c_str(); }

void tern_error_free(tern_error_t *error) { delete error; }
