// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Session.h"

#include "runtime/src/Border.h"

#include <algorithm>

using namespace tern::format;

namespace tern::runtime {

//===- Sequences ----------------------------------------------------------===//

Error Session::create(std::shared_ptr<const Model> model, const tern_session_options_t &options,
                      std::unique_ptr<Session> &out) {
  const Index &index = model->index();
  const Program *program = index.findStep();
  if (!program)
    return makeError(TERN_UNSUPPORTED,
                     "%s: has no program 'step' of a model, so no session can run it",
                     model->artefact->path.c_str());
  if (options.max_sequences < 0 || options.chunk_rows < 0)
    return makeError(TERN_INVALID_ARGUMENT, "%d sequences and %lld rows: expected 0 or more",
                     options.max_sequences, static_cast<long long>(options.chunk_rows));
  std::unique_ptr<Session> session(new Session(std::move(model)));
  int32_t count = std::max(options.max_sequences, 1);
  session->sequences.resize(size_t(count));
  session->lastLogits.resize(size_t(count));
  Spaces spaces = session->model->spaces();
  if (Error error = session->createCaches(count, options.cache_bytes, spaces))
    return error;
  session->readDims(options.chunk_rows);
  session->step.emplace(*session->model->device, *session->model->code, index, *program,
                        std::move(spaces));
  if (const Program *sample = index.findProgram("sample"))
    session->sampling.emplace(*session->model, *sample);
  out = std::move(session);
  return {};
}

/// States are as large for every sequence, so as many sequences hold them as `limitBytes` has room
/// for (0: all); blocks share what that leaves.
Error Session::createCaches(int32_t count, uint64_t limitBytes, Spaces &spaces) {
  const Index &index = model->index();
  uint64_t stateBytes = 0; // of a sequence
  for (const StateClass &shape : index.states)
    stateBytes += 2 * shape.blockBytes();
  int32_t holders = count;
  if (limitBytes && stateBytes)
    holders = static_cast<int32_t>(std::min<uint64_t>(uint64_t(count), limitBytes / stateBytes));
  for (const StateClass &shape : index.states) {
    StateCache &cache = states.emplace_back();
    if (Error error = StateCache::create(*model->device, shape, count, holders, cache))
      return error;
    spaces.statePools.push_back(cache.pool());
    spaces.stateTables.push_back(cache.tables());
  }
  for (const CacheClass &shape : index.caches) {
    BlockCache &cache = caches.emplace_back();
    uint64_t left = limitBytes - std::min(limitBytes, uint64_t(holders) * stateBytes);
    uint64_t share = limitBytes ? std::max<uint64_t>(left / index.caches.size(), 1) : 0;
    if (Error error = BlockCache::create(*model->device, shape, count, share, cache))
      return error;
    spaces.cachePools.push_back(cache.pool());
    spaces.cacheTables.push_back(cache.tables());
    spaces.cacheLengths.push_back(cache.allLengths());
  }
  return {};
}

/// What a step can hold, as the dimensions say.
void Session::readDims(int64_t chunkRows) {
  const std::vector<Dim> &dims = model->index().dims;
  for (const Dim &dim : dims) {
    auto place = size_t(&dim - dims.data());
    if (dim.name == "T") {
      dimT = place;
      limits.rows = chunkRows ? std::min(chunkRows, dim.max) : dim.max;
    } else if (dim.name == "B") {
      dimB = place;
      limits.entries = dim.max;
    } else if (dim.name == "R") {
      dimR = place;
      limits.logitRows = dim.max;
      leastLogitRows = dim.min;
    }
  }
}

Error Session::check(int32_t sequence) const {
  if (sequence >= 0 && size_t(sequence) < sequences.size() && sequences[size_t(sequence)].active)
    return {};
  return makeError(TERN_INVALID_ARGUMENT, "sequence %d is not in use", sequence);
}

Error Session::begin(int32_t &sequence) {
  auto found = std::ranges::find_if(sequences, [](const Sequence &one) { return !one.active; });
  if (found == sequences.end())
    return makeError(TERN_INVALID_ARGUMENT, "all %zu sequences of the session are in use",
                     sequences.size());
  found->active = true;
  sequence = static_cast<int32_t>(found - sequences.begin());
  return {};
}

void Session::empty(int32_t sequence) {
  bool active = sequences[size_t(sequence)].active;
  sequences[size_t(sequence)] = {};
  sequences[size_t(sequence)].active = active;
  for (BlockCache &cache : caches)
    cache.clear(sequence);
  for (StateCache &cache : states)
    cache.clear(sequence);
}

Error Session::end(int32_t sequence) {
  if (Error error = reset(sequence))
    return error;
  sequences[size_t(sequence)].active = false;
  return {};
}

Error Session::reset(int32_t sequence) {
  if (Error error = check(sequence))
    return error;
  if (Error error = settle())
    return error;
  empty(sequence);
  return {};
}

Error Session::length(int32_t sequence, int64_t &out) const {
  if (Error error = check(sequence))
    return error;
  out = static_cast<int64_t>(sequences[size_t(sequence)].history.size());
  return {};
}

uint64_t Session::cacheBytes() {
  (void)settle(); // what fails is told of by the next call that can
  uint64_t bytes = 0;
  for (const BlockCache &cache : caches)
    bytes += cache.bytesInUse();
  for (const StateCache &cache : states)
    bytes += cache.bytesInUse();
  return bytes;
}

//===- Feeding ------------------------------------------------------------===//

Error Session::check(const tern_feed_t &feed) const {
  if (Error error = check(feed.sequence))
    return error;
  auto fed = static_cast<long long>(sequences[size_t(feed.sequence)].history.size());
  if (feed.count < 1 || feed.wanted < TERN_LOGITS_NONE || feed.wanted > TERN_LOGITS_ALL)
    return makeError(TERN_INVALID_ARGUMENT,
                     "sequence %d: expected 1 or more tokens and a choice of logits, found %lld "
                     "and %d",
                     feed.sequence, static_cast<long long>(feed.count), int(feed.wanted));
  if (feed.count > facts().maxContext - fed)
    return makeError(TERN_INVALID_ARGUMENT,
                     "sequence %d: %lld tokens after %lld exceed the context of %lld",
                     feed.sequence, static_cast<long long>(feed.count), fed,
                     static_cast<long long>(facts().maxContext));
  if (!feed.tokens)
    return makeError(TERN_INVALID_ARGUMENT, "sequence %d: tokens: expected a pointer, found null",
                     feed.sequence);
  for (int64_t i = 0; i < feed.count; ++i)
    if (feed.tokens[i] < 0 || feed.tokens[i] >= facts().vocabulary)
      return makeError(TERN_INVALID_ARGUMENT,
                       "sequence %d: token %d at place %lld is outside the vocabulary of %lld",
                       feed.sequence, feed.tokens[i], static_cast<long long>(i),
                       static_cast<long long>(facts().vocabulary));
  return {};
}

/// `seen` has those that were named before.
static Error checkNew(std::vector<bool> &seen, int32_t sequence) {
  if (seen[size_t(sequence)])
    return makeError(TERN_INVALID_ARGUMENT, "sequence %d: is named twice in one call", sequence);
  seen[size_t(sequence)] = true;
  return {};
}

Error Session::checkAll(std::span<const tern_feed_t> feeds) const {
  std::vector<bool> seen(sequences.size());
  for (const tern_feed_t &feed : feeds) {
    if (Error error = check(feed))
      return error;
    if (Error error = checkNew(seen, feed.sequence))
      return error;
  }
  return {};
}

Error Session::feed(std::span<const tern_feed_t> given, const OnLogits &onLogits) {
  if (Error error = checkAll(given))
    return error;
  std::vector<Feed> feeds;
  for (const tern_feed_t &one : given) {
    Sequence &sequence = sequences[size_t(one.sequence)];
    sequence.hasLogits = false;
    feeds.push_back({one.sequence,
                     static_cast<int64_t>(sequence.history.size()),
                     {one.tokens, size_t(one.count)},
                     static_cast<Wanted>(one.wanted)});
  }
  for (;;) {
    Batch batch = Batch::next(feeds, limits);
    if (batch.tokens.empty())
      return {};
    if (Error error = settle())
      return error;
    if (Error error = prepare(batch))
      return error;
    if (Error error = run(batch))
      return error;
    if (Error error = finish(batch, onLogits))
      return error;
  }
}

Error Session::prepare(const Batch &batch) {
  for (const Batch::Entry &entry : batch.entries)
    if (Error error = prepare(entry)) {
      trim(batch);
      return error;
    }
  return {};
}

Error Session::prepare(const Batch::Entry &entry) {
  for (StateCache &cache : states)
    if (Error error = cache.prepare(entry.feed->slot))
      return error;
  for (BlockCache &cache : caches)
    if (Error error = cache.prepare(entry.feed->slot, entry.rows))
      return error;
  return {};
}

/// Gives back what the batch's sequences have no use for.
void Session::trim(const Batch &batch) {
  for (const Batch::Entry &entry : batch.entries) {
    int32_t slot = entry.feed->slot;
    for (BlockCache &cache : caches)
      cache.trim(slot);
    if (sequences[size_t(slot)].history.empty())
      for (StateCache &cache : states)
        cache.clear(slot);
  }
}

/// Tables and lengths of the batch's sequences, for kernels.
Error Session::send(const Batch &batch) {
  for (const Batch::Entry &entry : batch.entries) {
    for (BlockCache &cache : caches)
      if (Error error = cache.send(entry.feed->slot))
        return error;
    for (StateCache &cache : states)
      if (Error error = cache.send(entry.feed->slot))
        return error;
  }
  return {};
}

Error Session::receive(const Batch &batch) {
  for (const Batch::Entry &entry : batch.entries)
    for (BlockCache &cache : caches)
      if (Error error = cache.receive(entry.feed->slot))
        return error;
  return {};
}

/// Takes the lengths of the step before, which ends first, and gives back what it evicted: not
/// sooner than they are needed, so that a device is not waited for between a step and the token
/// that is drawn.
Error Session::settle() {
  if (unsettled.empty())
    return {};
  if (Error error = model->device->wait())
    return error;
  for (int32_t slot : unsettled)
    for (BlockCache &cache : caches) {
      cache.accept(slot);
      cache.trim(slot);
    }
  unsettled.clear();
  return {};
}

/// Runs the step; on failure the slots are as long as before, and the states what they were.
Error Session::runWithLengths(const Batch &batch, std::span<const Given> arguments) {
  std::vector<int32_t> before;
  for (const Batch::Entry &entry : batch.entries)
    for (const BlockCache &cache : caches) {
      auto lengths = cache.lengths(entry.feed->slot);
      before.insert(before.end(), lengths.begin(), lengths.end());
    }
  std::vector<int64_t> dims(model->index().dims.size());
  dims[dimT] = static_cast<int64_t>(batch.tokens.size());
  dims[dimB] = static_cast<int64_t>(batch.entries.size());
  dims[dimR] = static_cast<int64_t>(batch.logitRows.size());
  Error error = send(batch);
  if (!error)
    error = step->run(dims, arguments, [this](size_t) { return !interrupted.exchange(false); });
  if (!error)
    error = receive(batch);
  if (error) {
    auto from = before.begin();
    for (const Batch::Entry &entry : batch.entries)
      for (BlockCache &cache : caches) {
        auto lengths = cache.lengths(entry.feed->slot);
        std::copy_n(from, lengths.size(), lengths.begin());
        from += ptrdiff_t(lengths.size());
      }
    trim(batch);
    return error;
  }
  for (const Batch::Entry &entry : batch.entries) {
    if (!caches.empty())
      unsettled.push_back(entry.feed->slot);
    for (StateCache &cache : states)
      cache.advance(entry.feed->slot);
  }
  return model->device->sharesMemory() ? settle() : Error();
}

Error Session::run(Batch &batch) {
  // Rows that nobody wants fill up to what the program was compiled for.
  while (static_cast<int64_t>(batch.logitRows.size()) < leastLogitRows)
    batch.logitRows.push_back(0);
  uint64_t bytes = batch.logitRows.size() * uint64_t(facts().vocabulary) * sizeof(float);
  if (logitRows.size() < bytes)
    if (Error error = model->device->allocate(bytes, "logits", logitRows))
      return error;
  const Given arguments[] = {{batch.tokens.data()},    {batch.positions.data()},
                             {batch.lengths.data()},   {batch.rowEntry.data()},
                             {batch.rowStart.data()},  {batch.slot.data()},
                             {batch.logitRows.data()}, {logitRows.data(), true}};
  return runWithLengths(batch, arguments);
}

/// Rows of the device's memory, or copies of them.
Error Session::rowsOnHost(std::span<const std::byte> rows, std::vector<float> &copies,
                          const float *&out) {
  out = reinterpret_cast<const float *>(rows.data());
  Device &device = *model->device;
  if (device.sharesMemory())
    return {};
  copies.resize(rows.size() / sizeof(float));
  out = copies.data();
  if (Error error = device.read(copies.data(), rows.data(), rows.size()))
    return error;
  return device.wait();
}

/// Row `row` of the step is of the sequence's last token.
Error Session::keepLogits(int32_t sequence, size_t row) {
  uint64_t bytes = uint64_t(facts().vocabulary) * sizeof(float);
  Memory &kept = lastLogits[size_t(sequence)].own;
  if (!kept.size())
    if (Error error = model->device->allocate(bytes, "logits", kept))
      return error;
  sequences[size_t(sequence)].hasLogits = true;
  return model->device->copy(kept.data(), logitRows.data() + row * bytes, bytes);
}

Error Session::finish(const Batch &batch, const OnLogits &onLogits) {
  const auto vocabulary = static_cast<size_t>(facts().vocabulary);
  const float *logits = nullptr;
  std::vector<float> copies;
  if (onLogits)
    if (Error error =
            rowsOnHost(logitRows.bytes().first(batch.logitRows.size() * vocabulary * sizeof(float)),
                       copies, logits))
      return error;
  size_t row = 0;
  for (auto [feed, rows] : batch.entries) {
    Sequence &sequence = sequences[size_t(feed->slot)];
    for (int64_t i = 0; i < rows; ++i, ++feed->done) {
      int64_t position = feed->start + feed->done;
      sequence.history.push_back(feed->tokens[size_t(feed->done)]);
      bool last = feed->left() == 1;
      if (feed->wanted == Wanted::None || (feed->wanted == Wanted::Last && !last))
        continue;
      if (last)
        if (Error error = keepLogits(feed->slot, row))
          return error;
      if (onLogits)
        onLogits(feed->slot, position, logits + row * vocabulary);
      ++row;
    }
  }
  return {};
}

//===- Logits -------------------------------------------------------------===//

Error Session::checkLogits(int32_t sequence) const {
  if (Error error = check(sequence))
    return error;
  if (!sequences[size_t(sequence)].hasLogits)
    return makeError(TERN_INVALID_ARGUMENT,
                     "sequence %d: the logits of its last token were not asked for", sequence);
  return {};
}

Error Session::logits(int32_t sequence, const float *&out) {
  if (Error error = checkLogits(sequence))
    return error;
  LastLogits &last = lastLogits[size_t(sequence)];
  return rowsOnHost(last.own.bytes(), last.hosts, out);
}

Error Session::sample(std::span<const int32_t> which, const tern_sampler_t *samplers,
                      int32_t *tokens, float *probabilities) {
  if (!sampling)
    return makeError(TERN_UNSUPPORTED, "%s: has no program 'sample', so no token can be drawn",
                     model->artefact->path.c_str());
  std::vector<SampleRow> rows;
  std::vector<bool> seen(sequences.size());
  for (size_t i = 0; i < which.size(); ++i) {
    if (Error error = checkLogits(which[i]))
      return error;
    if (Error error = checkNew(seen, which[i]))
      return error;
    if (Error error = checkSampler(samplers[i]))
      return error;
    const Sequence &sequence = sequences[size_t(which[i])];
    rows.push_back(
        {lastLogits[size_t(which[i])].own.data(), sequence.history, samplers[i], sequence.drawn});
  }
  if (Error error = sampling->run(rows, tokens, probabilities))
    return error;
  for (int32_t sequence : which)
    ++sequences[size_t(sequence)].drawn;
  return {};
}

} // namespace tern::runtime

//===- C API --------------------------------------------------------------===//

using tern::runtime::atBorder;

tern_error_t *tern_session_create(const tern_model_t *model, const tern_session_options_t *options,
                                  tern_session_t **out_session) {
  return atBorder({{"model", model}, {"out_session", out_session}}, [&]() -> Error {
    *out_session = nullptr;
    auto handle = std::make_unique<tern_session_t>();
    if (Error error = tern::runtime::Session::create(
            model->model, options ? *options : tern_session_options_t{}, handle->session))
      return error;
    *out_session = handle.release();
    return {};
  });
}

static Error checkCount(int64_t count, std::initializer_list<tern::runtime::Needed> arrays) {
  for (const auto &[name, array] : arrays)
    if (count > 0 && !array)
      return makeError(TERN_INVALID_ARGUMENT, "%s: expected a pointer, found null", name);
  if (count >= 0)
    return {};
  return makeError(TERN_INVALID_ARGUMENT, "count: expected 0 or more, found %lld",
                   static_cast<long long>(count));
}

void tern_session_free(tern_session_t *session) { delete session; }

tern_error_t *tern_session_begin(tern_session_t *session, int32_t *out_sequence) {
  return atBorder({{"session", session}, {"out_sequence", out_sequence}}, [&] {
    *out_sequence = -1;
    return session->session->begin(*out_sequence);
  });
}

tern_error_t *tern_session_end(tern_session_t *session, int32_t sequence) {
  return atBorder({{"session", session}}, [&] { return session->session->end(sequence); });
}

tern_error_t *tern_session_reset(tern_session_t *session, int32_t sequence) {
  return atBorder({{"session", session}}, [&] { return session->session->reset(sequence); });
}

tern_error_t *tern_session_get_length(const tern_session_t *session, int32_t sequence,
                                      int64_t *out_length) {
  return atBorder({{"session", session}, {"out_length", out_length}}, [&] {
    *out_length = 0;
    return session->session->length(sequence, *out_length);
  });
}

uint64_t tern_session_get_cache_bytes(const tern_session_t *session) {
  return session->session->cacheBytes();
}

tern_error_t *tern_session_feed(tern_session_t *session, const tern_feed_t *feeds, int64_t count,
                                tern_logits_fn on_logits, void *context) {
  return atBorder({{"session", session}}, [&]() -> Error {
    tern::runtime::Session::OnLogits report;
    if (on_logits)
      report = [=](int32_t sequence, int64_t position, const float *logits) {
        on_logits(context, sequence, position, logits);
      };
    if (Error error = checkCount(count, {{"feeds", feeds}}))
      return error;
    return session->session->feed({feeds, size_t(count)}, report);
  });
}

tern_error_t *tern_session_get_logits(const tern_session_t *session, int32_t sequence,
                                      const float **out_logits) {
  return atBorder({{"session", session}, {"out_logits", out_logits}}, [&] {
    *out_logits = nullptr;
    return session->session->logits(sequence, *out_logits);
  });
}

tern_error_t *tern_session_sample(tern_session_t *session, const int32_t *sequences,
                                  const tern_sampler_t *samplers, int64_t count,
                                  int32_t *out_tokens, float *out_probabilities) {
  return atBorder({{"session", session}}, [&]() -> Error {
    if (Error error = checkCount(
            count, {{"sequences", sequences}, {"samplers", samplers}, {"out_tokens", out_tokens}}))
      return error;
    return session->session->sample({sequences, size_t(count)}, samplers, out_tokens,
                                    out_probabilities);
  });
}

void tern_session_interrupt(tern_session_t *session) { session->session->interrupted.store(true); }
