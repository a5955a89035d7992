// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_RUN_SESSIONMODEL_H
#define TERN_TOOLS_TERN_RUN_SESSIONMODEL_H

#include "tern/tern.hpp"
#include "tools/generate/Model.h"
#include "tools/tern-run/RunOptions.h"

namespace tern {

/// An artefact's model, made ready on the device that the options name, through the load cache that
/// they name, with progress on a terminal. Failures are thrown as tern::Error.
Model loadModel(const Artefact &artefact, const RunOptions &options);

/// A session of the runtime as what generation runs on.
class SessionModel : public generate::Model {
public:
  /// `model` is `artefact`'s, which must outlive this.
  SessionModel(const Artefact &artefact, tern::Model model, const RunOptions &options,
               int32_t sequences);

  Failure feed(std::span<const generate::Entry> entries, const OnLogits &onLogits) override;
  Failure sample(std::span<const int32_t> numbers, const generate::Sampling &sampling,
                 std::span<int32_t> tokens) override;

  /// Ends the feed that runs. Safe in a signal handler.
  void interrupt() { session.interrupt(); }

private:
  tern_artefact_facts_t facts;
  tern::Model model;
  Session session;
  bool hasLogitsElsewhere; ///< a GPU has them, and the host would wait for a copy
};

} // namespace tern

#endif
