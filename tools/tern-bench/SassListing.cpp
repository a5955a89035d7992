// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/Sass.h"

#include "tools/command/CommandLine.h"

#include <charconv>
#include <optional>

namespace tern::bench {

using command::UserError;

/// Takes the next line off a text.
static std::string_view takeLine(std::string_view &text) {
  size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

static std::string_view trim(std::string_view text) {
  size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <typename Number>
static std::optional<Number> parseNumber(std::string_view text, int base = 10) {
  Number number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

/// The number of a comment at the start of the text, which is taken off: 0040 of /*0040*/.
static std::optional<uint64_t> takeComment(std::string_view &text, std::string_view prefix) {
  text = trim(text);
  if (!text.starts_with("/*"))
    return std::nullopt;
  size_t end = text.find("*/");
  if (end == std::string_view::npos)
    return std::nullopt;
  std::string_view inside = trim(text.substr(2, end - 2));
  if (!inside.starts_with(prefix))
    return std::nullopt;
  inside.remove_prefix(prefix.size());
  std::optional<uint64_t> number = parseNumber<uint64_t>(inside, 16);
  if (number)
    text.remove_prefix(end + 2);
  return number;
}

static SassInstruction splitWords(std::string_view text) {
  SassInstruction instruction;
  auto takeWord = [&] {
    size_t end = std::min(text.find_first_of(" \t"), text.size());
    std::string word(text.substr(0, end));
    text = trim(text.substr(end));
    return word;
  };
  if (text.starts_with("@"))
    instruction.predicate = takeWord();
  instruction.opcode = takeWord();
  instruction.operands = text;
  return instruction;
}

namespace {

class Reader {
public:
  std::vector<SassFunction> read(std::string_view text) {
    while (!text.empty()) {
      ++number;
      readLine(takeLine(text));
    }
    if (isHalf)
      refuse("the second half of an encoding", "the listing's end");
    if (functions.empty())
      throw UserError("nvdisasm: expected a listing of functions, found none");
    return std::move(functions);
  }

private:
  [[noreturn]] void refuse(const std::string &expected, std::string_view found) const {
    throw UserError("nvdisasm: line " + std::to_string(number) + ": expected " + expected +
                    ", found '" + std::string(trim(found)) + "'");
  }

  void readLine(std::string_view line) {
    constexpr std::string_view section = ".text.";
    std::string_view rest = line;
    if (isHalf) {
      std::optional<uint64_t> high = takeComment(rest, "0x");
      if (!high)
        refuse("the second half of an encoding", line);
      functions.back().instructions.back().high = *high;
      isHalf = false;
    } else if (line.starts_with(section) && line.ends_with(":")) {
      functions.emplace_back().name = line.substr(section.size(), line.size() - section.size() - 1);
      labels.clear();
    } else if (!line.empty() && line.front() != ' ' && line.front() != '\t' &&
               line.ends_with(":")) {
      labels.emplace_back(line.substr(0, line.size() - 1));
    } else if (std::optional<uint64_t> address = takeComment(rest, "")) {
      readInstruction(*address, rest, line);
    }
  }

  void readInstruction(uint64_t address, std::string_view rest, std::string_view line) {
    if (functions.empty())
      refuse("a function before its instructions", line);
    size_t end = rest.find(';');
    if (end == std::string_view::npos)
      refuse("an instruction that ends with ';'", line);
    SassInstruction instruction = splitWords(trim(rest.substr(0, end)));
    rest.remove_prefix(end + 1);
    std::optional<uint64_t> low = takeComment(rest, "0x");
    if (instruction.opcode.empty() || !low)
      refuse("an instruction and its encoding", line);
    SassFunction &function = functions.back();
    if (!function.instructions.empty() && function.instructions.back().address >= address)
      refuse("addresses that ascend", line);
    for (std::string &label : labels)
      function.labels[std::move(label)] = address;
    labels.clear();
    instruction.address = address;
    instruction.low = *low;
    function.instructions.push_back(std::move(instruction));
    isHalf = true;
  }

  std::vector<SassFunction> functions;
  std::vector<std::string> labels; ///< that stand before the next instruction
  size_t number = 0;
  bool isHalf = false; ///< the second half of the last instruction's encoding comes next
};

} // namespace

std::vector<SassFunction> readSass(std::string_view listing) { return Reader().read(listing); }

/// The number that stands before `words` in a line; 0 if there is none.
static uint32_t numberBefore(std::string_view line, std::string_view words) {
  size_t end = line.find(words);
  if (end == std::string_view::npos)
    return 0;
  std::string_view before = trim(line.substr(0, end));
  return parseNumber<uint32_t>(before.substr(before.find_last_of(" ,\t") + 1)).value_or(0);
}

std::vector<KernelResources> readReport(std::string_view report) {
  constexpr std::string_view entry = "Compiling entry function '";
  std::vector<KernelResources> kernels;
  auto check = [&] {
    if (!kernels.empty() && kernels.back().registers == 0)
      throw UserError("ptxas: expected the registers of kernel '" + kernels.back().name +
                      "', found none");
  };
  while (!report.empty()) {
    std::string_view line = takeLine(report);
    if (size_t begin = line.find(entry); begin != std::string_view::npos) {
      check();
      std::string_view name = line.substr(begin + entry.size());
      kernels.emplace_back().name = name.substr(0, name.find('\''));
    } else if (!kernels.empty() && line.find("bytes stack frame") != std::string_view::npos) {
      kernels.back().stackBytes = numberBefore(line, "bytes stack frame");
      kernels.back().spillStores = numberBefore(line, "bytes spill stores");
      kernels.back().spillLoads = numberBefore(line, "bytes spill loads");
    } else if (!kernels.empty() && line.find("Used ") != std::string_view::npos) {
      kernels.back().registers = numberBefore(line, "registers");
      kernels.back().sharedBytes = numberBefore(line, "bytes smem");
    }
  }
  check();
  return kernels;
}

} // namespace tern::bench
