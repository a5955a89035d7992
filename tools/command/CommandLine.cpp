// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/CommandLine.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <new>
#include <sstream>

#include <sys/ioctl.h>
#include <unistd.h>

namespace tern::command {

void report(std::string_view message) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s: %.*s\n", program_invocation_short_name,
               static_cast<int>(message.size()), message.data());
}

void warn(std::string_view message) {
  if (!message.empty())
    report(message);
}

Application::Application(const std::string &description, int argc, char **argv)
    : CLI::App(description), argc(argc), argv(argv) {
  name(program_invocation_short_name);
  set_version_flag("--version", "tern " TERN_VERSION);
  get_formatter()->column_width(34);
  option_defaults()->always_capture_default();
}

/// The arguments in reverse, as CLI11 wants them. It takes the next word for the value of
/// `--name=`, so that is written as two words here. Only a text may be empty.
std::vector<std::string> Application::reversedWords() const {
  std::vector<std::string> words;
  const std::span arguments(argv + 1, static_cast<size_t>(std::max(argc - 1, 0)));
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string word = arguments[i];
    if (word == "--") {
      words.insert(words.end(), arguments.begin() + ptrdiff_t(i), arguments.end());
      break;
    }
    size_t equals = word.find('=');
    std::string name = word.substr(0, equals);
    const CLI::Option *option = name.starts_with('-') ? get_option_no_throw(name) : nullptr;
    bool isApart =
        option && option->get_items_expected_min() > 0 &&
        (equals == std::string::npos ? i + 1 < arguments.size() : equals + 1 == word.size());
    words.push_back(isApart ? name : word);
    if (!isApart)
      continue;
    words.push_back(equals == std::string::npos ? arguments[++i] : "");
    if (words.back().empty() && option->get_type_name() != "TEXT")
      throw CLI::ValidationError(name, "expected a value, found none");
  }
  std::ranges::reverse(words);
  return words;
}

/// The first argument that no option takes, in a sentence.
static std::string describeExtra(const std::vector<std::string> &words) {
  for (const std::string &word : words)
    if (word.starts_with('-') && word != "-")
      return "unknown option '" + word.substr(0, word.find('=')) + "' (--help lists all)";
  return "unexpected argument '" + words.front() + "'";
}

int Application::failUsage(const CLI::ParseError &error) const {
  std::vector<std::string> extra = remaining();
  std::erase(extra, "--"); // what follows is no option, and nothing else is wrong with it
  bool isExtra = dynamic_cast<const CLI::ExtrasError *>(&error) && !extra.empty();
  report(isExtra ? describeExtra(extra) : error.what());
  return exitcode::usage;
}

/// What Ctrl-C does until a tool has something to finish first.
static void endAtOnce(int) {
  if (showsProgress()) [[maybe_unused]]
    auto ignored = write(STDERR_FILENO, "\r\033[K", 4);
  _exit(exitcode::interrupted);
}

int Application::finish(int code) const {
  bool isWritten = std::fflush(stdout) == 0 && std::cout.flush();
  if (code != exitcode::done || isWritten)
    return code;
  report("expected an output that can be written to, found one that can't");
  return exitcode::userError;
}

int Application::run(const std::function<int()> &body) {
  std::signal(SIGINT, endAtOnce);
  std::signal(SIGTERM, endAtOnce);
  try {
    parse(reversedWords());
    return finish(body());
  } catch (const CLI::Success &request) {
    return exit(request);
  } catch (const CLI::ParseError &error) {
    return failUsage(error);
  } catch (const UserError &error) {
    report(error.what());
    return exitcode::userError;
  } catch (const std::filesystem::filesystem_error &error) {
    report(error.path1().string() +
           ": expected a file or folder that can be read: " + error.code().message());
    return exitcode::userError;
  } catch (const std::bad_alloc &) {
    report("out of memory");
    return exitcode::userError;
  } catch (const std::exception &error) {
    report(error.what());
    return exitcode::internalError;
  }
}

std::vector<std::string> givenOptions(const CLI::App &app,
                                      std::span<const std::string_view> groups) {
  std::vector<std::string> words;
  for (const CLI::Option *option : app.get_options()) {
    if (option->empty() || std::ranges::find(groups, option->get_group()) == groups.end())
      continue;
    std::string name = option->get_lnames().empty() ? "-" + option->get_snames().front()
                                                    : "--" + option->get_lnames().front() + "=";
    for (const std::string &value : option->results())
      words.push_back(name + value);
  }
  return words;
}

/// The bounds as help and messages say them.
template <typename T> static std::string describeRange(T least, T most) {
  std::ostringstream text;
  text << least;
  if (most == std::numeric_limits<T>::max())
    text << " or more";
  else
    text << " to " << most;
  return text.str();
}

template <typename T> static CLI::Validator wholeNumberOf(T least, T most) {
  std::string range = describeRange(least, most);
  return CLI::Validator(
      [=](std::string &text) {
        T value{};
        const char *end = text.data() + text.size();
        auto [stop, error] = std::from_chars(text.data(), end, value);
        bool fits = error == std::errc() && stop == end && value >= least && value <= most;
        return fits ? std::string() : "expected a whole number of " + range + ", found " + text;
      },
      range);
}

CLI::Validator wholeNumber(int64_t least, int64_t most) { return wholeNumberOf(least, most); }

CLI::Validator seedNumber() {
  return wholeNumberOf(uint64_t(0), std::numeric_limits<uint64_t>::max());
}

CLI::Validator number(float least, float most) {
  std::string range = describeRange(least, most);
  return CLI::Validator(
      [=](std::string &text) {
        char *end = nullptr;
        float value = std::strtof(text.c_str(), &end);
        bool fits = end != text.c_str() && !*end && value >= least && value <= most;
        return fits ? std::string() : "expected a number of " + range + ", found " + text;
      },
      range);
}

CLI::Validator numberAboveZero(float most) {
  bool isBounded = most < std::numeric_limits<float>::max();
  std::string range = "above 0" + (isBounded ? " and at most " + CLI::detail::to_string(most) : "");
  return CLI::Validator(
      [=](std::string &text) {
        char *end = nullptr;
        float value = std::strtof(text.c_str(), &end);
        bool fits = end != text.c_str() && !*end && value > 0 && value <= most;
        return fits ? std::string() : "expected a number " + range + ", found " + text;
      },
      range);
}

bool showsProgress() { return isatty(STDERR_FILENO); }

/// As much of a line as a terminal of that many columns shows without going on below; characters
/// are whole.
static std::string cutLine(std::string line, size_t columns) {
  auto isFirst = [](char byte) { return (byte & 0xc0) != 0x80; };
  size_t shown = 0, at = 0;
  for (; at < line.size(); ++at)
    if (isFirst(line[at]) && ++shown > columns)
      break;
  line.resize(at);
  return line;
}

void showProgress(const std::string &line) {
  if (!showsProgress())
    return;
  winsize size{};
  bool isKnown = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  // A character in the last column makes some terminals go on below.
  std::string shown = cutLine(line, isKnown ? size.ws_col - 1u : 79u);
  std::fprintf(stderr, "\r\033[K%s", shown.c_str());
}

} // namespace tern::command
