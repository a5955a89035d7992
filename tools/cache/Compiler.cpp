// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/cache/Compiler.h"

#include "tools/command/CommandLine.h"
#include "tools/command/Program.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace tern::compiler {

using command::UserError;

std::string path() {
  std::string found = command::findProgram("tern-compile", ".");
  if (found.empty())
    throw UserError("tern-compile: expected beside this program or in PATH, found in neither");
  return found;
}

/// argv of the program, which borrows the words.
static std::vector<char *> argumentsOf(const std::vector<std::string> &words) {
  std::vector<char *> arguments{program_invocation_short_name};
  for (const std::string &word : words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  return arguments;
}

static UserError cannotRun(const std::string &program, int error) {
  return UserError(program + ": expected a program that can be run: " + std::strerror(error));
}

/// The process that `run` waits for, or 0; whether it was to end, perhaps before it was known. What
/// a signal handler and `run` tell each other.
static std::atomic<pid_t> running = 0;
static std::atomic<bool> isInterrupted = false;

void interrupt() {
  isInterrupted = true;
  if (pid_t child = running)
    kill(child, SIGINT);
}

int run(const std::vector<std::string> &words) {
  std::string program = path();
  pid_t child = 0;
  if (int error = posix_spawn(&child, program.c_str(), nullptr, nullptr, argumentsOf(words).data(),
                              environ))
    throw cannotRun(program, error);
  running = child;
  if (isInterrupted)
    interrupt();
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  running = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void become(const std::vector<std::string> &words) {
  std::string program = path();
  execv(program.c_str(), argumentsOf(words).data());
  throw cannotRun(program, errno);
}

} // namespace tern::compiler
