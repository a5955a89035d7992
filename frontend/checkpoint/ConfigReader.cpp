// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/ConfigReader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace tern::checkpoint {
namespace {

using Kind = Setting::Kind;
using Json = nlohmann::json;

Setting settingOf(bool value) {
  Setting setting;
  setting.kind = Kind::Boolean;
  setting.boolean = value;
  return setting;
}

Setting settingOf(int64_t value) {
  Setting setting;
  setting.kind = Kind::Integer;
  setting.integer = value;
  setting.real = double(value);
  return setting;
}

Setting fromGguf(const GgufValue &value) {
  Setting setting;
  if (auto text = value.text()) {
    setting.kind = Kind::Text;
    setting.text = *text;
  } else if (auto boolean = value.boolean()) {
    setting = settingOf(*boolean);
  } else if (auto integer = value.integer()) {
    setting = settingOf(*integer);
  } else if (auto real = value.real()) {
    setting.kind = Kind::Real;
    setting.real = *real;
  } else {
    // Arrays, and integers of 2^63 and more. No setting is a long array.
    setting.kind = Kind::Array;
    setting.count = size_t(value.count());
    if (value.count() <= 4096) {
      for (int64_t integer : value.integers().value_or(std::vector<int64_t>()))
        setting.elements.push_back(settingOf(integer));
      for (bool boolean : value.booleans().value_or(std::vector<bool>()))
        setting.elements.push_back(settingOf(boolean));
    }
  }
  return setting;
}

/// An integer that int64_t holds, else nothing.
std::optional<int64_t> integerOf(const Json &json) {
  if (!json.is_number_integer())
    return std::nullopt;
  if (json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX)
    return std::nullopt;
  return json.get<int64_t>();
}

Setting fromJson(const Json &json) {
  Setting setting;
  if (json.is_string()) {
    setting.kind = Kind::Text;
    setting.text = json.get_ref<const std::string &>();
  } else if (json.is_boolean()) {
    setting = settingOf(json.get<bool>());
  } else if (auto integer = integerOf(json)) {
    setting = settingOf(*integer);
  } else if (json.is_number()) {
    setting.kind = Kind::Real;
    setting.real = json.get<double>();
  } else if (json.is_array()) {
    setting.kind = Kind::Array;
    setting.count = json.size();
    for (const Json &element : json)
      setting.elements.push_back(fromJson(element));
  } else {
    setting.kind = json.is_null() ? Kind::Null : Kind::Object;
  }
  return setting;
}

/// What is wrong with an array of elements that must fit, as messages show it; empty if nothing is.
template <typename Fits> std::string misfit(const Setting &setting, size_t count, Fits fits) {
  if (setting.kind != Kind::Array)
    return setting.shown();
  if (setting.count != count || setting.elements.size() != count)
    return "an array of " + toText(setting.count);
  auto wrong = std::ranges::find_if_not(setting.elements, fits);
  return wrong == setting.elements.end()
             ? ""
             : wrong->shown() + " at index " + toText(wrong - setting.elements.begin());
}

} // namespace

std::string Setting::shown() const {
  switch (kind) {
  case Kind::Absent:
    return "none";
  case Kind::Null:
    return "null";
  case Kind::Boolean:
    return boolean ? "true" : "false";
  case Kind::Integer:
    return toText(integer);
  case Kind::Real:
    return toText(real);
  case Kind::Text:
    return quote(text);
  case Kind::Array:
    return "an array";
  case Kind::Object:
    return "an object";
  }
  __builtin_unreachable();
}

ConfigReader::ConfigReader(const Checkpoint &checkpoint, Source source)
    : file(checkpoint.configPath()) {
  if (checkpoint.format() == Format::Gguf) {
    if (source == Source::Model)
      metadata = &checkpoint.metadata();
  } else if (source == Source::Model) {
    json = checkpoint.config();
  } else {
    json = checkpoint.generationConfig();
    file = checkpoint.path() + "/generation_config.json";
  }
}

ConfigReader::ConfigReader(std::string path, const nlohmann::json &object)
    : file(std::move(path)), json(object.is_object() ? &object : nullptr) {}

Setting ConfigReader::find(std::string_view key) const {
  asked.emplace(key);
  return look(key);
}

Setting ConfigReader::look(std::string_view key) const {
  if (metadata) {
    const GgufValue *value = metadata->find(key);
    return value ? fromGguf(*value) : Setting();
  }
  const Json *object = json;
  for (size_t dot; object && (dot = key.find('.')) != key.npos; key.remove_prefix(dot + 1)) {
    auto inner = object->find(std::string(key.substr(0, dot)));
    object = inner != object->end() && inner->is_object() ? &*inner : nullptr;
  }
  if (!object)
    return {};
  auto value = object->find(std::string(key));
  return value == object->end() ? Setting() : fromJson(*value);
}

void ConfigReader::ignore(std::initializer_list<std::string_view> keys) {
  asked.insert(keys.begin(), keys.end());
}

bool ConfigReader::isSet(std::string_view key) const {
  Setting setting = look(key);
  switch (setting.kind) {
  case Kind::Absent:
  case Kind::Null:
    return false;
  case Kind::Boolean:
    return setting.boolean;
  case Kind::Integer:
  case Kind::Real:
    return setting.real != 0;
  case Kind::Array:
    return setting.count != 0;
  case Kind::Text:
  case Kind::Object:
    return true;
  }
  __builtin_unreachable();
}

bool ConfigReader::is(std::string_view key, double number) const {
  Setting setting = look(key);
  return setting.isNumber() && setting.real == number;
}

std::vector<std::string> ConfigReader::unread() const {
  std::vector<std::string> keys;
  auto add = [&](const std::string &key) {
    if (!asked.contains(key))
      keys.push_back(key);
  };
  if (metadata)
    for (const GgufEntry &entry : metadata->entries())
      add(std::string(entry.key));
  auto addAll = [&](auto &self, const std::string &group, const Json &object) -> void {
    for (const auto &[name, value] : object.items()) {
      const std::string key = group + name;
      auto inner = asked.lower_bound(key + ".");
      bool isOpened = inner != asked.end() && inner->starts_with(key + ".");
      if (value.is_object() && isOpened)
        self(self, key + ".", value);
      else if (!value.is_null())
        add(key);
    }
  };
  if (json)
    addAll(addAll, "", *json);
  return keys;
}

void ConfigReader::reject(std::string_view key, std::string_view expected, std::string_view found) {
  if (!firstFailure)
    firstFailure = makeError(file, ": ", key, ": expected ", expected, ", found ", found);
}

void ConfigReader::reject(std::string_view key, std::string_view expected) {
  reject(key, expected, look(key).shown());
}

void ConfigReader::adopt(const Failure &failure) {
  if (!firstFailure)
    firstFailure = failure;
}

int64_t ConfigReader::integer(std::string_view key, Range range) {
  Setting setting = find(key);
  if (setting.isIn(range))
    return setting.integer;
  reject(key, "an integer from " + toText(range.least) + " to " + toText(range.most),
         setting.shown());
  return range.least;
}

int64_t ConfigReader::integer(std::string_view key, Range range, int64_t ifAbsent) {
  return has(key) ? integer(key, range) : ifAbsent;
}

double ConfigReader::positive(std::string_view key) {
  Setting setting = find(key);
  if (setting.isPositive())
    return setting.real;
  reject(key, "a finite number above 0", setting.shown());
  return 1;
}

double ConfigReader::positive(std::string_view key, double ifAbsent) {
  return has(key) ? positive(key) : ifAbsent;
}

std::optional<double> ConfigReader::optionalPositive(std::string_view key) {
  return has(key) ? std::optional(positive(key)) : std::nullopt;
}

double ConfigReader::number(std::string_view key) {
  Setting setting = find(key);
  if (!setting.isNumber() || !std::isfinite(setting.real))
    reject(key, "a finite number", setting.shown());
  return setting.isNumber() ? setting.real : 0;
}

bool ConfigReader::boolean(std::string_view key, bool ifAbsent) {
  return optionalBoolean(key).value_or(ifAbsent);
}

std::optional<bool> ConfigReader::optionalBoolean(std::string_view key) {
  Setting setting = find(key);
  if (setting.isAbsent())
    return std::nullopt;
  if (setting.kind != Kind::Boolean)
    reject(key, "true or false", setting.shown());
  return setting.boolean;
}

std::string ConfigReader::text(std::string_view key) {
  Setting setting = find(key);
  if (setting.kind != Kind::Text)
    reject(key, "text", setting.shown());
  return setting.text;
}

std::string ConfigReader::text(std::string_view key, std::string_view ifAbsent) {
  return has(key) ? text(key) : std::string(ifAbsent);
}

std::vector<int64_t> ConfigReader::integers(std::string_view key, Range range) {
  Setting setting = find(key);
  if (setting.isAbsent())
    return {};
  auto fits = [&](const Setting &element) { return element.isIn(range); };
  if (fits(setting))
    return {setting.integer};
  std::string wrong = misfit(setting, std::max<size_t>(setting.count, 1), fits);
  if (!wrong.empty())
    reject(key, "integers from " + toText(range.least) + " to " + toText(range.most), wrong);
  std::vector<int64_t> result;
  for (const Setting &element : setting.elements)
    result.push_back(element.integer);
  return result;
}

std::vector<double> ConfigReader::positives(std::string_view key, size_t count) {
  Setting setting = find(key);
  std::string wrong = misfit(setting, count, &Setting::isPositive);
  if (!wrong.empty()) {
    reject(key, "an array of " + toText(count) + " finite numbers above 0", wrong);
    return std::vector<double>(count, 1);
  }
  std::vector<double> result;
  for (const Setting &element : setting.elements)
    result.push_back(element.real);
  return result;
}

std::vector<bool> ConfigReader::booleans(std::string_view key, size_t count) {
  Setting setting = find(key);
  auto isBoolean = [](const Setting &element) { return element.kind == Kind::Boolean; };
  std::string wrong = misfit(setting, count, isBoolean);
  if (!wrong.empty()) {
    reject(key, "an array of " + toText(count) + " truth values", wrong);
    return std::vector<bool>(count);
  }
  std::vector<bool> result;
  for (const Setting &element : setting.elements)
    result.push_back(element.boolean);
  return result;
}

std::vector<std::string> ConfigReader::textsOfLists(std::string_view key) {
  Setting setting = find(key);
  constexpr std::string_view expected = "an array of texts or of arrays of texts";
  if (!setting.isAbsent() && setting.kind != Kind::Array)
    reject(key, expected, setting.shown());
  std::vector<std::string> result;
  for (size_t i = 0; i < setting.elements.size(); ++i) {
    const Setting &element = setting.elements[i];
    if (element.isText())
      result.push_back(element.text);
    else if (std::string wrong = misfit(element, element.count, &Setting::isText); !wrong.empty())
      reject(key, expected,
             wrong + (element.kind == Kind::Array ? " of the array" : "") + " at index " +
                 toText(i));
    for (const Setting &inner : element.elements)
      result.push_back(inner.text);
  }
  return result;
}

std::vector<std::string> ConfigReader::texts(std::string_view key) {
  Setting setting = find(key);
  std::string wrong = misfit(setting, setting.count, &Setting::isText);
  if (!setting.isAbsent() && !wrong.empty())
    reject(key, "an array of texts", wrong);
  std::vector<std::string> result;
  for (const Setting &element : setting.elements)
    result.push_back(element.text);
  return result;
}

std::vector<size_t> ConfigReader::choices(std::string_view key, size_t count,
                                          std::span<const std::string_view> known) {
  Setting setting = find(key);
  auto isKnown = [&](const Setting &element) {
    return element.isText() && std::ranges::find(known, element.text) != known.end();
  };
  std::string wrong = misfit(setting, count, isKnown);
  if (!wrong.empty()) {
    std::string words;
    for (std::string_view word : known)
      words += (words.empty() ? "" : " or ") + std::string(word);
    reject(key, "an array of " + toText(count) + " times " + words, wrong);
    return std::vector<size_t>(count);
  }
  std::vector<size_t> places;
  for (const Setting &element : setting.elements)
    places.push_back(size_t(std::ranges::find(known, element.text) - known.begin()));
  return places;
}

} // namespace tern::checkpoint
