// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/Program.h"

#include "tools/command/CommandLine.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace fs = std::filesystem;

namespace tern::command {

fs::path findProgram(const std::string &name, const fs::path &beside) {
  std::error_code error;
  fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  fs::path found = (own / beside / name).lexically_normal();
  if (!error && access(found.c_str(), X_OK) == 0)
    return found;
  const char *folders = std::getenv("PATH");
  for (const std::string &folder : CLI::detail::split(folders ? folders : "", ':'))
    if (found = fs::path(folder) / name; access(found.c_str(), X_OK) == 0)
      return found;
  return {};
}

/// A pipe whose ends close with it.
namespace {
struct Pipe {
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw UserError(std::string("expected a pipe to another program: ") + std::strerror(errno));
  }
  ~Pipe() {
    close(ends[0]);
    closeInput();
  }
  void closeInput() {
    if (ends[1] >= 0)
      close(ends[1]);
    ends[1] = -1;
  }
  std::string read() const {
    std::string text;
    std::array<char, 1 << 16> part;
    for (ssize_t count; (count = ::read(ends[0], part.data(), part.size())) != 0;) {
      if (count > 0)
        text.append(part.data(), static_cast<size_t>(count));
      else if (errno != EINTR)
        break;
    }
    return text;
  }

  std::array<int, 2> ends{-1, -1};
};
} // namespace

Ended runProgram(const std::vector<std::string> &words) {
  std::vector<char *> arguments;
  for (const std::string &word : words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  Pipe pipe;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int stream : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_adddup2(&actions, pipe.ends[1], stream);
  pid_t child = 0;
  int error = posix_spawn(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error)
    throw UserError(words.front() +
                    ": expected a program that can be run: " + std::strerror(error));
  pipe.closeInput();
  Ended ended;
  ended.output = pipe.read();
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

static fs::path makeFolder() {
  std::error_code error;
  std::string path = (fs::temp_directory_path(error) / "tern-XXXXXX").string();
  if (error || !mkdtemp(path.data()))
    throw UserError(path + ": expected a folder that can be made: " + std::strerror(errno));
  return path;
}

TemporaryFolder::TemporaryFolder() : path(makeFolder()) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  fs::remove_all(path, error);
}

} // namespace tern::command
