// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_WHY_H
#define TERN_TOOLS_TERN_EXPLAIN_WHY_H

#include "tools/tern-explain/Explained.h"

#include <nlohmann/json_fwd.hpp>

namespace tern {

/// Of a kernel, or of each chosen term of an operation: its terms, what they were made of and where
/// that is written, by which laws, and seconds of a step before and after.
nlohmann::ordered_json explainWhy(const Explained &explained, const Request &request,
                                  const std::string &name);

/// The same for people.
std::string printWhy(const nlohmann::ordered_json &answers);

} // namespace tern

#endif
