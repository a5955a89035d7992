// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_WHYNOT_H
#define TERN_TOOLS_TERN_EXPLAIN_WHYNOT_H

#include "tools/tern-explain/Explained.h"

#include <nlohmann/json_fwd.hpp>

namespace tern {

/// `A+B` with the operations' full names. Throws UserError if that are no two operations.
std::string readPair(const std::string &text);

/// Of each function, each law with both operations on its left side, the nearest one first: where
/// it came nearest and what kept it from being used.
nlohmann::ordered_json explainWhyNot(const Explained &explained, const Request &request);

/// The same for people.
std::string printWhyNot(const nlohmann::ordered_json &answer);

} // namespace tern

#endif
