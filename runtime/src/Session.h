// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/src/Batch.h"
#include "runtime/src/BlockCache.h"
#include "runtime/src/Model.h"
#include "runtime/src/Sampling.h"
#include "runtime/src/StateCache.h"
#include "tern/session.h"

#include <optional>

namespace tern::runtime {

class Session {
public:
  static format::Error create(std::shared_ptr<const Model> model,
                              const tern_session_options_t &options, std::unique_ptr<Session> &out);

  format::Error begin(int32_t &sequence);
  format::Error end(int32_t sequence);
  format::Error reset(int32_t sequence);
  format::Error length(int32_t sequence, int64_t &out) const;
  uint64_t cacheBytes();

  using OnLogits = std::function<void(int32_t, int64_t, const float *)>;
  format::Error feed(std::span<const tern_feed_t> feeds, const OnLogits &onLogits);
  format::Error logits(int32_t sequence, const float *&out);
  format::Error sample(std::span<const int32_t> which, const tern_sampler_t *samplers,
                       int32_t *tokens, float *probabilities);

  /// Set by other threads and signal handlers.
  std::atomic<bool> interrupted{false};

private:
  explicit Session(std::shared_ptr<const Model> model) : model(std::move(model)) {}

  struct Sequence {
    bool active = false;
    std::vector<int32_t> history; ///< all tokens that were fed
    bool hasLogits = false;       ///< of the last one
    uint64_t drawn = 0;           ///< tokens sampled
  };

  format::Error createCaches(int32_t count, uint64_t limitBytes, Spaces &spaces);
  void readDims(int64_t chunkRows);
  format::Error check(int32_t sequence) const;
  format::Error check(const tern_feed_t &feed) const;
  format::Error checkAll(std::span<const tern_feed_t> feeds) const;
  format::Error prepare(const Batch &batch);
  format::Error prepare(const Batch::Entry &entry);
  format::Error send(const Batch &batch);
  format::Error receive(const Batch &batch);
  format::Error settle();
  void trim(const Batch &batch);
  format::Error run(Batch &batch);
  format::Error runWithLengths(const Batch &batch, std::span<const Given> arguments);
  format::Error finish(const Batch &batch, const OnLogits &onLogits);
  format::Error keepLogits(int32_t sequence, size_t row);
  format::Error rowsOnHost(std::span<const std::byte> rows, std::vector<float> &copies,
                           const float *&out);
  format::Error checkLogits(int32_t sequence) const;
  void empty(int32_t sequence);
  const format::Model &facts() const { return model->index().model; }

  std::shared_ptr<const Model> model;
  std::vector<Sequence> sequences;
  std::vector<BlockCache> caches; ///< by class
  std::vector<StateCache> states; ///< by class
  std::optional<Interpreter> step;
  std::optional<Sampling> sampling;
  BatchLimits limits{};
  int64_t leastLogitRows = 0;
  size_t dimT = 0, dimB = 0, dimR = 0; ///< places in the index's dimensions
  Memory logitRows;                    ///< of one step
  std::vector<int32_t> unsettled;      ///< sequences whose lengths are under way
  struct LastLogits {
    Memory own;
    std::vector<float> hosts;
  };
  std::vector<LastLogits> lastLogits; ///< by sequence; memory stays when a sequence ends
};

} // namespace tern::runtime

struct tern_session_t {
  std::unique_ptr<tern::runtime::Session> session;
};
