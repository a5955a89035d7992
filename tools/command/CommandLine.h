// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMMAND_COMMANDLINE_H
#define TERN_TOOLS_COMMAND_COMMANDLINE_H

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What the command-line tools share: how they parse, fail and end.
namespace tern::command {

namespace exitcode {
inline constexpr int done = 0;
inline constexpr int userError = 1;
inline constexpr int usage = 2;
inline constexpr int internalError = 70;
inline constexpr int interrupted = 130; ///< as a shell says of SIGINT
} // namespace exitcode

/// A user's mistake: one sentence, exit code 1.
struct UserError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A mistake of ours: one sentence, exit code 70.
struct InternalError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Prints `NAME: message` on stderr, where NAME is the word that the program was started by.
void report(std::string_view message);
/// The same, if there is something to say.
void warn(std::string_view message);

/// A tool. Named by the word that it was started by.
class Application : public CLI::App {
public:
  Application(const std::string &description, int argc, char **argv);

  /// Parses the arguments and runs `body`, which returns the exit code. Usage mistakes, --help,
  /// --version, thrown errors, lack of memory and output that can't be written end here, each with
  /// one sentence on stderr that starts with the program's name. Ctrl-C ends the tool at once
  /// unless `body` catches it.
  int run(const std::function<int()> &body);

private:
  std::vector<std::string> reversedWords() const;
  int failUsage(const CLI::ParseError &error) const;
  int finish(int code) const;

  int argc;
  char **argv;
};

/// The options of these groups that were given, written out again, one word each.
std::vector<std::string> givenOptions(const CLI::App &app,
                                      std::span<const std::string_view> groups);

/// These refuse what is no number within bounds, in a sentence.
CLI::Validator wholeNumber(int64_t least = 0, int64_t most = std::numeric_limits<int64_t>::max());
CLI::Validator seedNumber(); ///< of 64 bits
CLI::Validator number(float least, float most = std::numeric_limits<float>::max());
CLI::Validator numberAboveZero(float most = std::numeric_limits<float>::max());

/// True if stderr is a terminal, where progress may be shown.
bool showsProgress();

/// Puts a line in place of the last one, cut to the terminal's width; an empty one leaves nothing.
/// Does nothing if stderr is no terminal.
void showProgress(const std::string &line);

} // namespace tern::command

#endif
