// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_BISECTRULES_H
#define TERN_TOOLS_TERN_EXPLAIN_BISECTRULES_H

#include "tools/tern-compile/Request.h"

#include <nlohmann/json_fwd.hpp>

namespace tern {

/// Finds the first application of a law after which a result of `request.function` leaves its
/// tolerance: the function is saturated with fewer and more of them, in their one order, and what
/// is chosen is run by the references of its operations. What is expected are the results that the
/// options say, or else those of the function as it was written. Throws UserError if no results
/// leave it, or those without laws do.
nlohmann::ordered_json bisectRules(Request request);

/// The same for people.
std::string printBisected(const nlohmann::ordered_json &answer);

} // namespace tern

#endif
