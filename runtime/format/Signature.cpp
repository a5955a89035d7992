// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Verify.h"

#include <algorithm>

namespace tern::format {

namespace {

/// Letters stand for sizes: T rows, B entries, b = B + 1, R logit rows, r = R + 1,
/// H tokens of all rows' histories, V vocabulary, 8.
struct Expected {
  const char *name;
  ElementType type;
  bool output;
  const char *shape;
};

constexpr Expected stepArguments[] = {
    {"tokens", ElementType::I32, false, "T"},    {"positions", ElementType::I32, false, "T"},
    {"lengths", ElementType::I32, false, "T"},   {"rowEntry", ElementType::I32, false, "T"},
    {"rowStart", ElementType::I32, false, "b"},  {"slot", ElementType::I32, false, "B"},
    {"logitRows", ElementType::I32, false, "R"}, {"logits", ElementType::F32, true, "RV"},
};

constexpr Expected sampleArguments[] = {
    {"logits", ElementType::F32, false, "RV"},      {"history", ElementType::I32, false, "H"},
    {"historyStart", ElementType::I32, false, "r"}, {"parameters", ElementType::F32, false, "R8"},
    {"token", ElementType::I32, true, "R"},         {"probabilities", ElementType::F32, true, "RV"},
};

} // namespace

static bool hasShape(const Index &index, const Program &program, const Argument &argument,
                     std::string_view letters) {
  if (argument.shape.size() != letters.size())
    return false;
  auto dimNamed = [&](std::string_view name) {
    auto found = std::find_if(index.dims.begin(), index.dims.end(),
                              [&](const Dim &dim) { return dim.name == name; });
    return Expression::dim(static_cast<uint32_t>(found - index.dims.begin()));
  };
  for (size_t i = 0; i < letters.size(); ++i) {
    Expression expected = letters[i] == 'V'   ? Expression::constant(index.model.vocabulary)
                          : letters[i] == '8' ? Expression::constant(8)
                          : letters[i] == 'b' ? dimNamed("B") + Expression::constant(1)
                          : letters[i] == 'r' ? dimNamed("R") + Expression::constant(1)
                                              : dimNamed(letters.substr(i, 1));
    if (program.expressions[argument.shape[i]] != expected)
      return false;
  }
  return true;
}

static Error checkSignature(const Index &index, const Program &program,
                            std::span<const Expected> expected) { // V17
  if (program.arguments.size() != expected.size())
    return makeError(TERN_BAD_FILE, "expected %zu arguments, found %zu", expected.size(),
                     program.arguments.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const Argument &argument = program.arguments[i];
    if (argument.name != expected[i].name || argument.type != expected[i].type ||
        argument.output != expected[i].output ||
        !hasShape(index, program, argument, expected[i].shape))
      return makeError(TERN_BAD_FILE,
                       "argument %zu: expected '%s' of type %s and shape %s, found '%s'", i,
                       expected[i].name, elementTypeInfo(expected[i].type)->name, expected[i].shape,
                       argument.name.c_str());
  }
  return {};
}

Error verifySignature(const Index &index, const Program &program) {
  if (program.name == "load" && !program.arguments.empty()) // V14
    return makeError(TERN_BAD_FILE, "expected no arguments, found %zu", program.arguments.size());
  if (index.model.vocabulary && program.name == "sample")
    return checkSignature(index, program, sampleArguments);
  if (&program != index.findStep())
    return {};
  if (Error error = checkSignature(index, program, stepArguments))
    return error;
  for (const Dim &dim : index.dims)
    if ((dim.name == "T" && (dim.max != index.model.maxRows || dim.min > 1)) ||
        ((dim.name == "B" || dim.name == "R") && (dim.min > 1 || dim.max < 1)))
      return makeError(TERN_BAD_FILE,
                       "dimension '%s': a range of %lld .. %lld cannot hold a step of one row, or "
                       "is not the model's %lld rows",
                       dim.name.c_str(), static_cast<long long>(dim.min),
                       static_cast<long long>(dim.max),
                       static_cast<long long>(index.model.maxRows));
  return index.model.maxRows >= 1 && index.model.maxContext >= 1
             ? Error()
             : makeError(TERN_BAD_FILE,
                         "expected a context and rows of 1 or more, found %lld and %lld",
                         static_cast<long long>(index.model.maxContext),
                         static_cast<long long>(index.model.maxRows));
}

} // namespace tern::format
