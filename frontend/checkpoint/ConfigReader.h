// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_CONFIGREADER_H
#define TERN_FRONTEND_CHECKPOINT_CONFIGREADER_H

#include "frontend/checkpoint/Checkpoint.h"

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tern::checkpoint {

/// Least and greatest value that a setting may have.
struct Range {
  int64_t least;
  int64_t most;
};

/// A setting as the file has it.
struct Setting {
  enum class Kind { Absent, Null, Boolean, Integer, Real, Text, Array, Object };

  Kind kind = Kind::Absent;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0; ///< of integers too
  std::string text;
  size_t count = 0;              ///< of an array's elements
  std::vector<Setting> elements; ///< of an array; of a GGUF file's, integers and truth values alone

  bool isAbsent() const { return kind == Kind::Absent || kind == Kind::Null; }
  bool isText() const { return kind == Kind::Text; }
  bool isNumber() const { return kind == Kind::Integer || kind == Kind::Real; }
  bool isPositive() const { return isNumber() && real > 0 && std::isfinite(real); }
  bool isIn(Range range) const {
    return kind == Kind::Integer && integer >= range.least && integer <= range.most;
  }

  /// As messages show it.
  std::string shown() const;
};

/// Typed look-ups in a checkpoint's settings: GGUF keys, or paths such as `rope_scaling.factor` in
/// config.json. Null there is as good as absent.
///
/// The first mistake is kept and told by `failure()`; what is read after it may have any value. So
/// a family's reader is a list of settings without a branch for each.
class ConfigReader {
public:
  /// Which of a Hugging Face directory's files; a GGUF file has only one set of keys.
  enum class Source { Model, Generation };

  explicit ConfigReader(const Checkpoint &checkpoint, Source source = Source::Model);
  /// Of an object in another file, both of which must outlive this. What is no object has no keys.
  ConfigReader(std::string file, const nlohmann::json &object);

  bool has(std::string_view key) const { return !find(key).isAbsent(); }
  /// True if the file has the key, with null too: of few keys it is no default, but says none.
  bool isGiven(std::string_view key) const { return find(key).kind != Setting::Kind::Absent; }
  bool isEmpty(std::string_view key) const {
    return find(key).kind == Setting::Kind::Array && find(key).count == 0;
  }
  bool isObject(std::string_view key) const { return find(key).kind == Setting::Kind::Object; }
  bool isArray(std::string_view key) const { return find(key).kind == Setting::Kind::Array; }
  bool isText(std::string_view key) const { return find(key).isText(); }

  int64_t integer(std::string_view key, Range range);
  int64_t integer(std::string_view key, Range range, int64_t ifAbsent);

  /// A finite number above zero.
  double positive(std::string_view key);
  double positive(std::string_view key, double ifAbsent);
  std::optional<double> optionalPositive(std::string_view key);

  /// A finite number.
  double number(std::string_view key);

  bool boolean(std::string_view key, bool ifAbsent);
  std::optional<bool> optionalBoolean(std::string_view key);

  std::string text(std::string_view key);
  std::string text(std::string_view key, std::string_view ifAbsent);

  /// An integer or several in an array; empty if absent.
  std::vector<int64_t> integers(std::string_view key, Range range);

  /// `count` finite numbers above zero in an array.
  std::vector<double> positives(std::string_view key, size_t count);

  /// `count` texts in an array, each one of `known`; as places in `known`.
  std::vector<size_t> choices(std::string_view key, size_t count,
                              std::span<const std::string_view> known);

  /// Texts in an array; empty if absent.
  std::vector<std::string> texts(std::string_view key);
  /// The same, some of which may be in arrays of their own.
  std::vector<std::string> textsOfLists(std::string_view key);

  /// `count` truth values in an array.
  std::vector<bool> booleans(std::string_view key, size_t count);

  /// Counts keys as read whose values change nothing in this model.
  void ignore(std::initializer_list<std::string_view> keys);
  /// False for what is absent, null, false, 0 or empty.
  bool isSet(std::string_view key) const;
  bool is(std::string_view key, double number) const;
  /// The keys that the file has and that nothing here was asked about, in the order of the file.
  /// Paths in config.json; what is in an object counts unless nobody looked into it.
  std::vector<std::string> unread() const;

  /// Records a mistake in the value of `key`.
  void reject(std::string_view key, std::string_view expected, std::string_view found);
  /// The same with what the file has there.
  void reject(std::string_view key, std::string_view expected);

  /// Takes over the mistake of another reader, if there is one.
  void adopt(const ConfigReader &other) { adopt(other.failure()); }
  /// Takes over a mistake in another file, if there is one.
  void adopt(const Failure &failure);

  const Failure &failure() const { return firstFailure; }

private:
  Setting find(std::string_view key) const;
  Setting look(std::string_view key) const;

  std::string file;
  mutable std::set<std::string, std::less<>> asked;
  const GgufMetadata *metadata = nullptr; ///< this or `json`, or neither if there is no such file
  const nlohmann::json *json = nullptr;
  Failure firstFailure;
};

} // namespace tern::checkpoint

#endif
