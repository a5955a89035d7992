// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_COMPILE_WEIGHTTYPES_H
#define TERN_TOOLS_TERN_COMPILE_WEIGHTTYPES_H

#include "frontend/checkpoint/LinearForm.h"
#include "frontend/checkpoint/Quantise.h"
#include "frontend/checkpoint/QuantisedWeight.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/GlobPattern.h"

namespace tern {

/// A type that weights are written in: one of a tensor's elements, or one of several tensors, whose
/// kind the whole model has.
struct WeightType {
  std::string name;
  std::variant<const checkpoint::BlockEncoder *, checkpoint::BitsAndBytesScheme,
               checkpoint::BinaryForm>
      form;
  std::string text = {}; ///< the part of --quantize that asks for it

  /// Null for a type of several tensors.
  const checkpoint::BlockEncoder *encoder() const;
  /// True for f32, f16 and bf16.
  bool isFloat() const { return encoder() && encoder()->elements == 1; }
};

/// The types that --quantize asks for, by tensors' names: TYPE, or PATTERN=TYPE,... of which the
/// first that fits counts.
class WeightTypes {
public:
  /// Throws UserError for what is no such text, and for two types of several tensors.
  explicit WeightTypes(std::string spec);
  WeightTypes(const WeightTypes &) = delete;

  /// Null if no part fits the name.
  const WeightType *find(llvm::StringRef name) const;
  /// The type of several tensors, if one is asked for.
  const WeightType *inParts() const;
  /// The types of all parts, in their order.
  const std::vector<WeightType> &all() const { return types; }
  const std::string &text() const { return spec; }

private:
  const std::string spec; ///< that the patterns are parts of
  std::vector<llvm::GlobPattern> patterns;
  std::vector<WeightType> types;
};

} // namespace tern

#endif
