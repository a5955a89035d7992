// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/Benchmark.h"

#include "frontend/tokenizer/Tokenizer.h"
#include "tools/command/CommandLine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>

#include <unistd.h>

namespace tern::bench {

using command::UserError;

static double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The number below which a part of the values lies, between its neighbours.
static double quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  double place = part * double(values.size() - 1);
  auto below = size_t(place), above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], place - double(below));
}

static double median(const std::vector<double> &values) { return quantile(values, 0.5); }

std::vector<int32_t> someTokens(int64_t count, int64_t vocabulary) {
  std::vector<int32_t> tokens;
  uint32_t state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    tokens.push_back(static_cast<int32_t>((uint64_t(state) * uint64_t(vocabulary)) >> 32));
  }
  return tokens;
}

int64_t lengthFor(const char *flag, std::optional<int64_t> given, int64_t usual, int64_t most) {
  if (most < 1)
    throw UserError("expected a model with a context of 2 tokens or more, found one of " +
                    std::to_string(most + 1));
  int64_t length = given.value_or(std::min(usual, most));
  if (length < 1 || length > most)
    throw UserError(std::string(flag) + ": expected 1 to " + std::to_string(most) +
                    ", as the model's context allows, found " + std::to_string(length));
  return length;
}

/// The tokens of both measurements.
struct Inputs {
  Inputs(const tern_artefact_facts_t &facts, const Options &options)
      : decoded(
            someTokens(1 + lengthFor("--max-tokens", options.maxTokens, 128, facts.max_context - 1),
                       facts.vocabulary)),
        prompt(someTokens(lengthFor("--prompt", options.prompt, 512, facts.max_context),
                          facts.vocabulary)) {}

  std::vector<int32_t> decoded; ///< the first one is the prompt
  std::vector<int32_t> prompt;
};

/// A figure and its share of a limit, of each repeat.
struct Rates {
  std::vector<double> tokensPerSecond, shares;

  void add(double rate, double share) {
    tokensPerSecond.push_back(rate);
    shares.push_back(share);
  }
  Rate result() const { return {median(tokensPerSecond), median(shares)}; }
};

static double decodeSeconds(const Model &model, std::span<const int32_t> tokens) {
  Session session(model);
  int32_t sequence = session.begin();
  session.feed(sequence, tokens.first(1));
  auto begin = std::chrono::steady_clock::now();
  for (size_t i = 1; i < tokens.size(); ++i)
    session.feed(sequence, tokens.subspan(i, 1));
  return secondsSince(begin);
}

static double prefillSeconds(const Model &model, std::span<const int32_t> tokens) {
  Session session(model);
  int32_t sequence = session.begin();
  auto begin = std::chrono::steady_clock::now();
  session.feed(sequence, tokens);
  return secondsSince(begin);
}

/// Decode and prefill in turn, the limits before, between and after them.
static void measureRates(const Model &model, const Inputs &inputs, const StepCost &cost,
                         const LimitMeter &meter, int32_t repeat, Figures &figures) {
  auto newTokens = double(inputs.decoded.size() - 1), read = double(inputs.prompt.size());
  prefillSeconds(model, inputs.prompt); // the first run of code and memory is not the usual one
  std::vector<Limits> limits{meter.measure()};
  Rates decode, prefill;
  for (int32_t i = 0; i < repeat; ++i) {
    double seconds = decodeSeconds(model, inputs.decoded);
    limits.push_back(meter.measure());
    Limits around = mean(limits[limits.size() - 2], limits.back());
    double rate = newTokens / seconds;
    // Token i is read with i + 1 in the cache, so with (n + 3) / 2 on average.
    double bytes = cost.bytesOfToken((newTokens + 3) / 2);
    decode.add(rate, bytes * rate / (around.readGbs * 1e9));

    seconds = prefillSeconds(model, inputs.prompt);
    limits.push_back(meter.measure());
    around = mean(limits[limits.size() - 2], limits.back());
    prefill.add(read / seconds,
                cost.secondsAtPeak(int64_t(inputs.prompt.size()), around) / seconds);
  }
  figures.decode = decode.result();
  figures.prefill = prefill.result();
  auto medianOf = [&](double Limits::*member) {
    std::vector<double> values;
    for (const Limits &each : limits)
      values.push_back(each.*member);
    return median(values);
  };
  figures.limits = {medianOf(&Limits::readGbs), medianOf(&Limits::f32Gflops),
                    medianOf(&Limits::bf16Gflops), medianOf(&Limits::int8Gops),
                    medianOf(&Limits::launchUs)};
}

//===- Against another artefact -------------------------------------------===//

/// A sequence that tokens are fed to, and how long that took.
class TimedSequence {
public:
  explicit TimedSequence(const Model &model) : session(model), sequence(session.begin()) {}

  void feed(std::span<const int32_t> tokens) { session.feed(sequence, tokens); }

  void feedTimed(std::span<const int32_t> tokens) {
    auto begin = std::chrono::steady_clock::now();
    feed(tokens);
    seconds += secondsSince(begin);
  }

  double seconds = 0;

private:
  Session session;
  int32_t sequence;
};

/// The time of `other` over that of `model` for the whole of `tokens` at once.
static double ratioOfPrompt(const Model &model, const Model &other, std::span<const int32_t> tokens,
                            bool isOtherFirst) {
  TimedSequence own(model), theirs(other);
  TimedSequence *first = isOtherFirst ? &theirs : &own, *second = isOtherFirst ? &own : &theirs;
  first->feedTimed(tokens);
  second->feedTimed(tokens);
  return theirs.seconds / own.seconds;
}

/// The time of `other` over that of `model` for one token after another, where both take turns, so
/// that a machine that slows down does so for both. The first half of a turn isn't timed: a cache
/// that holds one model's weights but not both takes some thirty tokens to hold them again.
static double ratioOfDecode(const Model &model, const Model &other, std::span<const int32_t> tokens,
                            bool isOtherFirst) {
  constexpr size_t mostOfTurn = 64;
  TimedSequence own(model), theirs(other);
  TimedSequence *first = isOtherFirst ? &theirs : &own, *second = isOtherFirst ? &own : &theirs;
  for (size_t at = 0; at < tokens.size(); at += mostOfTurn) {
    size_t ofTurn = std::min(mostOfTurn, tokens.size() - at);
    for (TimedSequence *each : {first, second})
      for (size_t i = 0; i < ofTurn; ++i)
        if (i < ofTurn / 2)
          each->feed(tokens.subspan(at + i, 1));
        else
          each->feedTimed(tokens.subspan(at + i, 1));
  }
  return theirs.seconds / own.seconds;
}

static Ratio summarise(const std::vector<double> &ratios) {
  return {median(ratios), quantile(ratios, 0.25), quantile(ratios, 0.75)};
}

/// Pairs of measurements. Where pages of weights lie changes a speed by a tenth, so both models are
/// loaded anew for each.
static Comparison compare(const std::string &path, const Device &device, const Inputs &inputs,
                          const Options &options) {
  std::vector<double> decode, prefill;
  LoadOptions load{.weightsPath = options.weights};
  Artefact artefact(path), other(options.against);
  for (int32_t pair = 0; pair < options.repeat; ++pair) {
    bool isOtherFirst = pair % 2;
    Model first(isOtherFirst ? other : artefact, device, load);
    Model second(isOtherFirst ? artefact : other, device, load);
    const Model &model = isOtherFirst ? second : first, &theirs = isOtherFirst ? first : second;
    ratioOfPrompt(model, theirs, inputs.prompt, isOtherFirst); // warms up
    decode.push_back(ratioOfDecode(model, theirs, inputs.decoded, isOtherFirst));
    prefill.push_back(ratioOfPrompt(model, theirs, inputs.prompt, isOtherFirst));
  }
  return {summarise(decode), summarise(prefill)};
}

//===- Loss ---------------------------------------------------------------===//

/// The tokens of the text that --perplexity names.
static std::vector<int32_t> tokenise(const Artefact &artefact, const Options &options) {
  const std::string &path = options.perplexity;
  std::string_view bytes = artefact.section("tokenizer");
  if (bytes.empty())
    throw UserError("the artefact has no tokenizer, so --perplexity can't read " + path);
  auto tokenizer = text::Tokenizer::fromJson(bytes);
  if (!tokenizer)
    throw UserError(tokenizer.error().message);
  // Losses are given with BOS in front, where the model knows one.
  auto ids = tokenizer->encode(options.text, /*parseSpecial=*/false,
                               tokenizer->bos() ? text::Bos::Yes : text::Bos::Auto);
  if (!ids)
    throw UserError(path + ": " + ids.error().message);
  tern_artefact_facts_t facts = artefact.facts();
  if (ids->size() < 2 || int64_t(ids->size()) > facts.max_context)
    throw UserError(path + ": expected a text of 2 to " + std::to_string(facts.max_context) +
                    " tokens, the model's context, found " + std::to_string(ids->size()));
  return {ids->begin(), ids->end()};
}

static Perplexity measurePerplexity(const Model &model, std::span<const int32_t> tokens,
                                    int64_t vocabulary) {
  Session session(model);
  tern_feed_t feed{session.begin(), tokens.data(), int64_t(tokens.size()), TERN_LOGITS_ALL};
  double total = 0;
  session.feed({&feed, 1}, [&](int32_t, int64_t position, const float *logits) {
    if (size_t(position) + 1 == tokens.size())
      return;
    double largest = *std::max_element(logits, logits + vocabulary), sum = 0;
    for (int64_t i = 0; i < vocabulary; ++i)
      sum += std::exp(double(logits[i]) - largest);
    total += std::log(sum) + largest - double(logits[tokens[size_t(position) + 1]]);
  });
  return {tokens.size() - 1, total / double(tokens.size() - 1)};
}

/// Resident memory of this process.
static uint64_t residentBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * uint64_t(sysconf(_SC_PAGESIZE));
}

Figures runBenchmark(const std::string &path, const Options &options) {
  Figures figures;
  StepCost cost = StepCost::ofArtefact(path);
  Device device("cpu", options.threads);
  LoadOptions load{.weightsPath = options.weights};
  const tern_artefact_facts_t facts = Artefact(path).facts();
  Inputs inputs(facts, options);
  std::vector<int32_t> words;
  if (!options.perplexity.empty())
    words = tokenise(Artefact(path), options);
  auto begin = std::chrono::steady_clock::now();
  {
    Artefact artefact(path);
    Model model(artefact, device, load);
    figures.loadSeconds = secondsSince(begin);
  }
  std::optional<LoadCache> cache;
  if (!options.loadCache.empty()) {
    cache.emplace(options.loadCache);
    load.cache = &*cache;
    Model(Artefact(path), device, load); // now the folder has them
  }
  begin = std::chrono::steady_clock::now();
  Artefact artefact(path);
  Model model(artefact, device, load);
  prefillSeconds(model, std::span(inputs.prompt).first(std::min<size_t>(5, inputs.prompt.size())));
  figures.firstTokenSeconds = secondsSince(begin);
  {
    LimitMeter meter(device.threads());
    measureRates(model, inputs, cost, meter, options.repeat, figures);
  }
  figures.residentBytes = residentBytes();
  if (!words.empty())
    figures.perplexity = measurePerplexity(model, words, facts.vocabulary);
  if (!options.against.empty())
    figures.against = compare(path, device, inputs, options);
  return figures;
}

} // namespace tern::bench
