// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/integration/decoder/CompiledModel.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <tuple>

#include <unistd.h>

namespace tern::test {

namespace {

/// A folder of this process alone, since ctest runs a program under several filters at once.
/// It goes when the process ends.
struct ArtefactFolder {
  std::string path = std::string(TERN_ARTEFACTS "/") + program_invocation_short_name + "-" +
                     std::to_string(getpid());

  ArtefactFolder() { std::filesystem::create_directories(path); }
  ~ArtefactFolder() { std::filesystem::remove_all(path); }
};

} // namespace

std::string compile(const std::string &model, const std::string &flags) {
  static int count = 0;
  static const ArtefactFolder folder;
  std::string artefact = folder.path + "/" + std::to_string(count++) + ".tern";
  std::string command = "'" TERN_COMPILE "' '" + model + "' " + flags + " -o '" + artefact + "'";
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error("failed: " + command);
  return artefact;
}

/// One artefact serves all numbers of threads.
static const std::string &artefactOf(const std::string &model, const std::string &flags) {
  static std::map<std::pair<std::string, std::string>, std::string> artefacts;
  auto [at, isNew] = artefacts.try_emplace({model, flags});
  if (isNew)
    at->second = compile(model, flags);
  return at->second;
}

CompiledModel::CompiledModel(const std::string &model, const std::string &flags, int32_t threads,
                             const std::string &weights, const char *device)
    : source(weights.empty() ? model : weights), artefact(artefactOf(model, flags)),
      device(device, threads), model(artefact, this->device, {.weightsPath = source}) {}

const CompiledModel &CompiledModel::get(const std::string &model, const std::string &flags,
                                        int32_t threads, const char *device) {
  static std::map<std::tuple<std::string, std::string, int32_t, std::string>, CompiledModel> models;
  return models.try_emplace({model, flags, threads, device}, model, flags, threads, "", device)
      .first->second;
}

Session CompiledModel::newSession(int32_t sequences, int64_t chunkRows) const {
  tern_session_options_t options{};
  options.max_sequences = sequences;
  options.chunk_rows = chunkRows;
  return Session(model, options);
}

Logits CompiledModel::logits(const std::vector<int32_t> &tokens, const Steps &steps) const {
  std::vector<Feed> feeds;
  if (steps.isTokenByToken)
    for (int32_t token : tokens)
      feeds.push_back({{0, {token}}});
  else
    feeds.push_back({{0, tokens}});
  return logitsOfBatches(1, feeds, steps.chunkRows)[0];
}

std::vector<Logits> CompiledModel::logitsOfBatches(int32_t sequences,
                                                   const std::vector<Feed> &feeds,
                                                   int64_t chunkRows) const {
  Session session = newSession(sequences, chunkRows);
  for (int32_t i = 0; i < sequences; ++i)
    session.begin();
  std::vector<Logits> result(sequences);
  for (const Feed &feed : feeds) {
    std::vector<tern_feed_t> entries;
    for (const auto &[sequence, tokens] : feed)
      entries.push_back({sequence, tokens.data(), int64_t(tokens.size()), TERN_LOGITS_ALL});
    session.feed(entries, [&](int32_t sequence, int64_t, const float *row) {
      result[sequence].emplace_back(row, row + vocabulary());
    });
  }
  return result;
}

std::vector<int32_t> CompiledModel::greedy(const std::vector<int32_t> &prompt, size_t count) const {
  Session session = newSession();
  int32_t sequence = session.begin();
  std::vector<int32_t> next = prompt, result;
  while (result.size() < count) {
    session.feed(sequence, next);
    next = {argmax(session.logits(sequence), vocabulary())};
    result.push_back(next[0]);
  }
  return result;
}

std::string remarksOf(const std::string &model, const std::string &flags) {
  std::string artefact = artefactOf(model, flags), file = artefact + ".remarks";
  std::string command = "'" TERN_DUMP "' --remarks '" + artefact + "' > '" + file + "'";
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error("failed: " + command);
  std::ifstream stream(file);
  std::string remarks;
  for (std::string line; std::getline(stream, line);)
    if (line.starts_with("kernel "))
      remarks += line + "\n";
  return remarks;
}

int32_t argmax(const float *values, int64_t count) {
  return static_cast<int32_t>(std::max_element(values, values + count) - values);
}

} // namespace tern::test
