// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/LinearForm.h"

#include <algorithm>
#include <cmath>

namespace tern::checkpoint {

const TokenForm::Part *TokenForm::find(std::string_view name) const {
  auto at = std::ranges::find_if(parts, [&](const Part &p) { return name.ends_with(p.ending); });
  return at == parts.end() ? nullptr : &*at;
}

static bool hasPart(std::string_view name, const std::vector<std::string> &parts) {
  return std::ranges::any_of(parts,
                             [&](const std::string &part) { return name.find(part) != name.npos; });
}

bool BinaryForm::covers(std::string_view name) const { return !hasPart(name, omitted); }
bool SplitForm::covers(std::string_view name) const { return !hasPart(name, omitted); }

int64_t LowRankForm::rankOf(std::string_view name, int64_t out, int64_t in) const {
  constexpr int64_t kLeastOut = 10; // narrower heads stay whole
  bool isOmitted = out < kLeastOut || hasPart(name, omitted);
  return isOmitted ? 0 : int64_t(std::floor(double(in) * double(out) / (ratio * double(in + out))));
}

namespace {

constexpr int64_t kPrime = 2038074743;

/// The value modulo the hash's prime and then `size`, as torch computes on int64: products wrap,
/// and remainders are not negative.
int64_t reduce(uint64_t wrapped, int64_t size) {
  auto value = static_cast<int64_t>(wrapped) % kPrime;
  return (value < 0 ? value + kPrime : value) % size;
}

int64_t hashOne(const std::array<int64_t, 4> &r, int64_t number, int64_t size) {
  auto x = uint64_t(number);
  return reduce(x * uint64_t(r[0]) + x * x * uint64_t(r[1]) + uint64_t(r[2]), size);
}

int64_t hashTwo(const std::array<int64_t, 4> &r, int64_t a, int64_t b, int64_t size) {
  return reduce(uint64_t(a) * uint64_t(r[0]) + uint64_t(b) * uint64_t(r[1]) + uint64_t(r[2]), size);
}

} // namespace

double SharedForm::scaleOf(int64_t in) const { return 1 / std::sqrt(double(in)) / deviation; }

std::vector<SharedForm::Run> SharedForm::runsOf(int64_t offset, int64_t count) const {
  std::vector<Run> runs;
  for (int64_t at = offset, end = offset + count; at < end; at += runs.back().count) {
    int64_t inChunk = at % size;
    int64_t first = (hashOne(numbers, at / size, size) + inChunk) % size;
    runs.push_back({first, std::min({size - inChunk, size - first, end - at})});
  }
  return runs;
}

std::vector<int32_t> SharedForm::startsOf(int64_t offset, int64_t out, int64_t in) const {
  std::vector<int32_t> starts;
  int64_t rows = (in + blockRows - 1) / blockRows,
          columns = (out + blockColumns - 1) / blockColumns;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      starts.push_back(int32_t(
          hashTwo(numbers, row + offset, column + offset + in, size - blockRows * blockColumns)));
  return starts;
}

namespace {

class Lister {
public:
  Lister(const std::string &name, int64_t out, int64_t in, bool isBiased)
      : name(name), out(out), in(in), isBiased(isBiased) {}

  std::vector<ExpectedTensor> operator()(std::monostate) const { return {}; }

  std::vector<ExpectedTensor> operator()(const TokenForm &form) const {
    const TokenForm::Part *part = form.find(name);
    if (!part)
      return {};
    return {{name + ".key_param_tokens", {part->slots, in}},
            {name + ".value_param_tokens", {part->slots, out}}};
  }

  std::vector<ExpectedTensor> operator()(const LowRankForm &form) const {
    int64_t rank = form.rankOf(name, out, in);
    if (rank == 0)
      return {};
    std::vector<ExpectedTensor> tensors{{name + ".0.weight", {rank, in}},
                                        {name + ".1.weight", {out, rank}}};
    if (isBiased)
      tensors.push_back({name + ".1.bias", {out}});
    return tensors;
  }

  std::vector<ExpectedTensor> operator()(const SharedForm &form) const {
    if (!form.offsets.contains(name))
      return {};
    std::vector<ExpectedTensor> tensors{{"roast_array", {form.size}}};
    if (form.hasSigns)
      tensors.push_back({name + ".WHelper.G", {out, in}});
    return withBias(std::move(tensors));
  }

  std::vector<ExpectedTensor> operator()(const BinaryForm &form) const {
    if (!form.covers(name))
      return {};
    constexpr int64_t kByte = BinaryForm::kByte;
    return withBias({{name + ".binary_weight", {form.bits, in / kByte, out}},
                     {name + ".alpha", {in / kByte, BinaryForm::kOutputGroups, form.bits}}});
  }

  std::vector<ExpectedTensor> operator()(const SplitForm &form) const {
    if (!form.covers(name))
      return {};
    return withBias({{name + ".codes", {out, in}},
                     {name + ".mask", {out, in}},
                     {name + ".scales", {2, out, in / form.group}},
                     {name + ".minima", {2, out, in / form.group}}});
  }

private:
  std::vector<ExpectedTensor> withBias(std::vector<ExpectedTensor> tensors) const {
    if (isBiased)
      tensors.push_back({name + ".bias", {out}});
    return tensors;
  }

  const std::string &name;
  int64_t out, in;
  bool isBiased;
};

} // namespace

std::vector<ExpectedTensor> tensorsOf(const LinearForm &form, const std::string &name, int64_t out,
                                      int64_t in, bool isBiased) {
  return std::visit(Lister(name, out, in, isBiased), form);
}

} // namespace tern::checkpoint
