// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_RUN_SESSIONMODEL_H
#define TERN_TOOLS_TERN_RUN_SESSIONMODEL_H

#include "tern/tern.hpp"
#include "tools/generate/Model.h"

namespace tern {

/// A session of the runtime as what generation runs on.
class SessionModel : public generate::Model {
public:
  /// `model` and `artefact` must outlive this. `chunkRows`: most rows of a step, 0 for the model's.
  SessionModel(const Artefact &artefact, const tern::Model &model, int32_t sequences,
               int64_t chunkRows);

  int64_t vocabulary() const override { return facts.vocabulary; }
  int64_t maxContext() const override { return facts.max_context; }
  Failure feed(std::span<const generate::Entry> entries, std::vector<float> &logits) override;
  Failure sample(std::span<const float> logits, std::span<const int32_t> history,
                 const generate::Sampling &sampling, int32_t sequence, int64_t step,
                 int32_t &token) override;
  void interrupt() { session.interrupt(); }

private:
  tern_artefact_facts_t facts;
  Session session;
  std::vector<int32_t> sequences; ///< the session's numbers
};

} // namespace tern

#endif
