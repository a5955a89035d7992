// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/Page.h"

#include <nlohmann/json.hpp>

namespace tern {

std::string makePage(const std::string &title, const nlohmann::ordered_json &answers) {
  std::string data = nlohmann::ordered_json{{"title", title}, {"answers", answers}}.dump();
  // Nothing in it ends the element that it stands in.
  for (size_t at = 0; (at = data.find('<', at)) != std::string::npos;)
    data.replace(at, 1, "\\u003c");
  constexpr std::string_view mark = "@ANSWERS@";
  std::string page = pageTexts().front().second;
  return page.replace(page.find(mark), mark.size(), data);
}

} // namespace tern
