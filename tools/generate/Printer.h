// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_PRINTER_H
#define TERN_TOOLS_GENERATE_PRINTER_H

#include "tools/generate/Sequence.h"

#include <ostream>

namespace tern::generate {

/// Shows the answer. Text and tokens stream: the first sequence that is not done as it comes, the
/// others when it is their turn, each on lines of its own; of several texts each is below a line
/// that says whose it is. JSON comes at the end.
class Printer {
public:
  Printer(OutputFormat format, std::ostream &out) : format(format), out(out) {}

  void begin(size_t sequences) { pending.resize(sequences); }
  /// `text` is what is new of a sequence's text.
  void add(size_t sequence, int32_t token, const std::string &text);
  void finish(size_t sequence, const std::string &text);

  /// All of the answer, for JSON; `loadSeconds` is the time from the start to the first feed.
  void end(const std::vector<Sequence> &sequences, double loadSeconds);

  /// What was asked for, tokenised and not run.
  void showPrompts(const std::vector<Sequence> &sequences);

private:
  struct Pending {
    std::string text;
    bool isDone = false, isBegun = false, isHeaded = false;
  };

  void show();

  OutputFormat format;
  std::ostream &out;
  std::vector<Pending> pending;
  size_t current = 0; ///< the sequence that streams
};

} // namespace tern::generate

#endif
