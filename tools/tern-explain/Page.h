// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_PAGE_H
#define TERN_TOOLS_TERN_EXPLAIN_PAGE_H

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <utility>
#include <vector>

namespace tern {

/// A page that needs nothing but a browser: for each answer of --why the chosen terms drawn beside
/// the written ones, with their seconds and places, and the laws between them.
std::string makePage(const std::string &title, const nlohmann::ordered_json &answers);

/// Page.html, which the build puts into the program.
std::vector<std::pair<std::string, std::string>> pageTexts();

} // namespace tern

#endif
