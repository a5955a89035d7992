// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Json.h"

#include <algorithm>
#include <set>
#include <vector>

namespace tern::checkpoint {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMaxBytes = 1 << 20;
constexpr size_t kMaxValues = 20'000;
constexpr size_t kMaxDepth = 32;
constexpr std::string_view kWeightMapKey = "weight_map";

/// Follows a parse without keeping values. What is derived from it looks at keys and strings.
class JsonVisitor : public nlohmann::json_sax<Json> {
public:
  explicit JsonVisitor(const MappedFile &file, bool isArray = false)
      : file(file), isArray(isArray) {}

  Failure failure;

  bool null() override { return scalar(nullptr); }
  bool boolean(bool) override { return scalar(nullptr); }
  bool number_integer(int64_t) override { return scalar(nullptr); }
  bool number_unsigned(uint64_t) override { return scalar(nullptr); }
  bool number_float(double, const std::string &) override { return scalar(nullptr); }
  bool binary(Json::binary_t &) override { return scalar(nullptr); }
  bool string(std::string &text) override { return scalar(&text); }
  bool start_object(size_t) override { return open(/*array=*/false); }
  bool start_array(size_t) override { return open(/*array=*/true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  /// `position` is the number of bytes read, of which the end counts as one.
  bool parse_error(size_t position, const std::string &token,
                   const nlohmann::detail::exception &) override {
    std::string_view text = file.text(), before = text.substr(0, position - 1);
    size_t column = position - (before.rfind('\n') + 1); // npos + 1 is 0
    return fail("line ", 1 + std::ranges::count(before, '\n'), ", column ", column, ": expected ",
                position > text.size() ? "more JSON, found the end"
                                       : "JSON, found " + quote(token));
  }

protected:
  /// A number, text (else null), Boolean or null, inside the document's object.
  virtual bool value(const std::string *text) = 0;
  /// An object or array began at `depth`, or ended.
  virtual bool opened(bool array) = 0;
  virtual void closed() {}

  template <typename... Parts> bool fail(const Parts &...parts) {
    failure = makeError(file.path(), ": ", parts...);
    return false;
  }

  size_t depth = 0;

private:
  bool scalar(const std::string *text) { return depth != 0 ? value(text) : failRoot(); }

  bool failRoot() {
    return fail("expected a JSON ", isArray ? "array" : "object", ", found something else");
  }

  bool open(bool array) {
    if (depth == 0 && array != isArray)
      return failRoot();
    if (depth == kMaxDepth)
      return fail("expected at most ", kMaxDepth, " levels of nesting, found more");
    ++depth;
    return opened(array);
  }

  bool close() {
    closed();
    --depth;
    return true;
  }

  const MappedFile &file;
  bool isArray; ///< the document, else it is an object
};

/// Counts values and refuses keys that occur twice, of which a document would keep one in silence.
class LimitChecker : public JsonVisitor {
public:
  using JsonVisitor::JsonVisitor;

  bool key(std::string &text) override {
    if (!keys.back().insert(text).second)
      return fail("expected each key of an object once, found ", quote(text), " twice");
    return true;
  }

protected:
  bool value(const std::string *) override { return count(); }
  bool opened(bool) override {
    keys.emplace_back();
    return count();
  }
  void closed() override { keys.pop_back(); }

private:
  bool count() {
    return ++values <= kMaxValues || fail("expected at most ", kMaxValues, " values, found more");
  }

  size_t values = 0;
  std::vector<std::set<std::string>> keys;
};

class WeightMapReader : public JsonVisitor {
public:
  using JsonVisitor::JsonVisitor;

  std::map<std::string, std::string> shards;
  bool found = false;

  bool key(std::string &text) override {
    if (depth == 1 && (inMap = text == kWeightMapKey) && std::exchange(found, true))
      return fail("expected one weight_map, found two");
    name = text;
    return true;
  }

protected:
  bool value(const std::string *text) override {
    if (!inMap)
      return true;
    if (depth == 1)
      return fail("weight_map: expected an object, found something else");
    if (!text)
      return failName();
    if (!shards.emplace(name, *text).second)
      return fail("weight_map: expected each tensor once, found ", quote(name), " twice");
    return true;
  }
  bool opened(bool array) override {
    if (!inMap || (depth == 2 && !array))
      return true;
    return depth == 2 ? fail("weight_map: expected an object, found an array") : failName();
  }

private:
  bool failName() {
    return fail("weight_map: ", quote(name), ": expected a file name, found something else");
  }

  bool inMap = false;
  std::string name;
};

} // namespace

static Expected<Json> readDocument(const MappedFile &file, bool isArray) {
  if (file.size() > kMaxBytes)
    return makeError(file.path(), ": expected at most ", kMaxBytes, " bytes, found ", file.size());
  std::string_view text = file.text();
  LimitChecker checker(file, isArray);
  if (!Json::sax_parse(text.begin(), text.end(), &checker))
    return std::move(*checker.failure);
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

Expected<Json> readJsonObject(const MappedFile &file) {
  return readDocument(file, /*isArray=*/false);
}

Expected<Json> readJsonArray(const MappedFile &file) {
  return readDocument(file, /*isArray=*/true);
}

Expected<std::map<std::string, std::string>> readWeightMap(const MappedFile &file) {
  std::string_view text = file.text();
  WeightMapReader reader(file);
  if (!Json::sax_parse(text.begin(), text.end(), &reader))
    return std::move(*reader.failure);
  if (!reader.found)
    return makeError(file.path(), ": expected a weight_map, found none");
  return std::move(reader.shards);
}

} // namespace tern::checkpoint
