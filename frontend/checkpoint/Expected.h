// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_EXPECTED_H
#define TERN_FRONTEND_CHECKPOINT_EXPECTED_H

#include <cassert>
#include <concepts>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tern::checkpoint {

/// Why reading failed: one sentence with the file, the key or tensor, what was expected and what
/// was found.
struct Error {
  std::string message;
};

/// The result of a function that returns nothing else: empty on success.
using Failure = std::optional<Error>;

/// A T, or why there is none.
template <typename T> class [[nodiscard]] Expected {
public:
  Expected(T value) : state(std::in_place_index<0>, std::move(value)) {}
  Expected(Error error) : state(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state.index() == 0; }

  T &operator*() { return *value(); }
  const T &operator*() const { return *value(); }
  T *operator->() { return value(); }
  const T *operator->() const { return value(); }

  const Error &error() const {
    assert(!*this && "error() of a value");
    return *std::get_if<1>(&state);
  }

private:
  T *value() {
    assert(*this && "value of an error");
    return std::get_if<0>(&state);
  }
  const T *value() const { return const_cast<Expected *>(this)->value(); }

  std::variant<T, Error> state;
};

inline std::string toText(std::string_view text) { return std::string(text); }
std::string toText(std::integral auto value) { return std::to_string(value); }
/// The shortest of the usual forms that shows six digits.
inline std::string toText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// Joins strings and numbers into an Error.
template <typename... Parts> Error makeError(const Parts &...parts) {
  return {(toText(parts) + ...)};
}

/// `text` in single quotes, fit for a terminal: control characters, quotes and bytes above 0x7e as
/// \xNN, and at most 96 characters of it, so that a hostile name can neither flood nor steer what
/// shows the message.
std::string quote(std::string_view text);

} // namespace tern::checkpoint

#endif
