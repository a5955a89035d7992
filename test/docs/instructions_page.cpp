// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Prints docs/emulator-instructions.md, from the emulator's own table.
#include "runtime/src/device/emulator/Counts.h"
#include "runtime/src/device/emulator/Table.h"

#include <iostream>

using namespace tern::runtime::emulator;

namespace {

constexpr const char *introduction =
    R"(<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
# Instructions of the emulator

Made of the emulator's table (`ninja -C build instructions-page`; the test `docs-instructions` compares them). PTX with any
other instruction or form is refused with a sentence that names it.

- Modifiers stand in the order of PTX; `a|b` asks for one of them, `[a|b]` allows one. The type names among them are T, U, V
  and so on, in turn.
- `>` marks a destination. T, U, V or W is an operand of that type (W: twice as wide as T), `{T}4` a vector, `{T}` one of as
  many elements as `.v2` or `.v4` says, `~T` a register that may be wider, `[a]` an address, `L` a label, `B` a list of labels,
  `#` a whole number; `?` marks what may be missing, `|pred?` a second destination behind a bar.
- The class is what an instruction is counted as.

)";

/// Groups of modifiers, apart by blanks.
std::string printModifiers(std::string_view groups) {
  std::string text;
  while (!groups.empty()) {
    size_t end = std::min(groups.find(' '), groups.size());
    std::string_view group = groups.substr(0, end);
    groups.remove_prefix(std::min(end + 1, groups.size()));
    bool mayMiss = group.starts_with('?');
    group.remove_prefix(mayMiss);
    text += (text.empty() ? "." : " .") + std::string(mayMiss ? "[" : "") + std::string(group) +
            (mayMiss ? "]" : "");
  }
  return text;
}

std::string escaped(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2)
    text.insert(at, "\\");
  return text;
}

} // namespace

int main() {
  std::cout << introduction;
  for (std::string_view name : {"COMPARISON", "MEMORY", "ORDER"})
    std::cout << "- `" << name << "`: " << printModifiers(groupsNamed(name)) << "\n";
  std::cout << "\n| instruction | modifiers | operands | class | from |\n|---|---|---|---|---|\n";
  for (const Row &row : instructions())
    std::cout << "| `" << row.name << "` | " << escaped(printModifiers(row.modifiers)) << " | "
              << escaped(std::string(row.operands)) << " | " << nameOf(row.kind) << " | sm_"
              << row.target << " |\n";
}
