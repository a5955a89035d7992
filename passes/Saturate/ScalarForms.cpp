// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/ScalarForms.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"

#include <cmath>

namespace tern::saturate {

using Id = ScalarForms::Id;
using Part = ScalarForms::Part;

template <typename T> static void append(std::string &key, T value) {
  key.append(reinterpret_cast<const char *>(&value), sizeof(value));
}

Id ScalarForms::intern(Form form, const std::string &leafKey) {
  std::string key = leafKey, content;
  append(key, form.kind);
  append(key, form.number);
  for (const Part &part : form.parts) {
    append(key, part.form);
    append(key, part.factor);
  }
  auto [at, inserted] = known.try_emplace(key, static_cast<Id>(forms.size()));
  if (!inserted)
    return at->second;
  append(content, form.kind);
  append(content, form.number);
  append(content, form.hash);
  for (const Part &part : form.parts) {
    append(content, forms[part.form].hash);
    append(content, part.factor);
  }
  form.hash = llvm::xxh3_64bits(content);
  forms.push_back(std::move(form));
  return at->second;
}

void ScalarForms::sort(std::vector<Part> &parts) const {
  llvm::sort(parts, [&](const Part &a, const Part &b) {
    return std::pair(forms[a.form].hash, a.form) < std::pair(forms[b.form].hash, b.form);
  });
}

Id ScalarForms::number(double value) { return intern({Kind::Number, value, {}, {}, 0}); }

Id ScalarForms::leaf(mlir::Value value, const std::string &key, uint64_t hash) {
  return intern({Kind::Leaf, 0, {}, value, hash}, key);
}

Id ScalarForms::sum(llvm::ArrayRef<Part> parts, double number) {
  llvm::MapVector<Id, double> collected;
  for (const Part &part : parts) {
    const Form &form = forms[part.form];
    if (form.kind == Kind::Number || form.kind == Kind::Sum)
      number += part.factor * form.number;
    else if (form.kind != Kind::Sum)
      collected[part.form] += part.factor;
    if (form.kind == Kind::Sum)
      for (const Part &inner : form.parts)
        collected[inner.form] += part.factor * inner.factor;
  }
  Form result{Kind::Sum, number, {}, {}, 0};
  for (auto [form, factor] : collected)
    if (factor != 0)
      result.parts.push_back({form, factor});
  if (result.parts.empty())
    return this->number(number);
  if (number == 0 && result.parts.size() == 1 && result.parts[0].factor == 1)
    return result.parts[0].form;
  sort(result.parts);
  return intern(std::move(result));
}

Id ScalarForms::product(llvm::ArrayRef<Part> parts) {
  double number = 1;
  llvm::MapVector<Id, double> collected;
  auto add = [&](Id id, double exponent) {
    if (forms[id].kind == Kind::Product)
      for (const Part &inner : forms[id].parts)
        collected[inner.form] += exponent * inner.factor;
    else
      collected[id] += exponent;
  };
  for (const Part &part : parts) {
    const Form &form = forms[part.form];
    bool isScaled = form.kind == Kind::Sum && form.number == 0 && form.parts.size() == 1;
    if (form.kind == Kind::Number)
      number *= std::pow(form.number, part.factor);
    else if (isScaled)
      number *= std::pow(form.parts[0].factor, part.factor);
    if (form.kind != Kind::Number)
      add(isScaled ? form.parts[0].form : part.form, part.factor);
  }
  Form result{Kind::Product, 0, {}, {}, 0};
  for (auto [form, exponent] : collected)
    result.parts.push_back({form, exponent});
  if (result.parts.empty() || number == 0)
    return this->number(result.parts.empty() ? number : 0);
  sort(result.parts);
  bool isOne = result.parts.size() == 1 && result.parts[0].factor == 1;
  Id id = isOne ? result.parts[0].form : intern(std::move(result));
  return number == 1 ? id : scaled(id, number);
}

Part ScalarForms::unit(Id id) {
  const Form &form = forms[id];
  if (form.kind != Kind::Sum)
    return {id, 1};
  double first = form.parts[0].factor, size = std::abs(first);
  bool isEven =
      llvm::all_of(form.parts, [&](const Part &part) { return std::abs(part.factor) == size; });
  double content = (isEven && form.number == 0 ? size : 1) * (first < 0 ? -1 : 1);
  if (content == 1)
    return {id, 1};
  std::vector<Part> parts = form.parts;
  for (Part &part : parts)
    part.factor = part.factor / content;
  return {sum(parts, form.number / content), content};
}

std::vector<Part> ScalarForms::factored(Id id, unsigned limit) {
  std::vector<Part> open = forms[id].parts, result;
  auto factorsOf = [&](Id form) {
    return forms[form].kind == Kind::Product ? forms[form].parts : std::vector<Part>{{form, 1}};
  };
  for (unsigned round = 0; round < limit; ++round) {
    llvm::MapVector<Id, unsigned> uses;
    for (const Part &part : open)
      for (const Part &factor : factorsOf(part.form))
        ++uses[factor.form];
    auto isBetter = [&](const auto &a, const auto &b) {
      return a.second != b.second ? a.second < b.second : forms[a.first].hash > forms[b.first].hash;
    };
    auto best = llvm::max_element(uses, isBetter);
    if (best == uses.end() || best->second < 2)
      break;
    Id common = best->first;
    std::vector<Part> inner, rest;
    double number = 0;
    for (const Part &part : open) {
      std::vector<Part> factors = factorsOf(part.form);
      auto at = llvm::find_if(factors, [&](const Part &f) { return f.form == common; });
      if (at == factors.end()) {
        rest.push_back(part);
        continue;
      }
      at->factor -= 1;
      llvm::erase_if(factors, [](const Part &f) { return f.factor == 0; });
      if (factors.empty())
        number += part.factor;
      else
        inner.push_back({product(factors), part.factor});
    }
    Part left = unit(sum(inner, number));
    result.push_back({product({{common, 1}, {left.form, 1}}), left.factor});
    open = std::move(rest);
  }
  llvm::append_range(result, open);
  sort(result);
  return result;
}

} // namespace tern::saturate
