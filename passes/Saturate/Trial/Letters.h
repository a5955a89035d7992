// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_PASSES_SATURATE_TRIAL_LETTERS_H
#define TERN_PASSES_SATURATE_TRIAL_LETTERS_H

#include "passes/Saturate/Law/Law.h"

#include <algorithm>

namespace tern::trial {

using law::Letters;

inline bool isAmong(const Letters &letters, law::Dim d) {
  return std::find(letters.begin(), letters.end(), d) != letters.end();
}

/// The letters of both that the third lacks, each once, in order of appearance.
inline Letters reduced(const Letters &a, const Letters &b, const Letters &out) {
  Letters rest;
  for (const Letters *letters : {&a, &b})
    for (law::Dim d : *letters)
      if (!isAmong(out, d) && !isAmong(rest, d))
        rest.push_back(d);
  return rest;
}

inline Letters common(const Letters &a, const Letters &b) {
  Letters both;
  for (law::Dim d : a)
    if (isAmong(b, d))
      both.push_back(d);
  return both;
}

} // namespace tern::trial

#endif
