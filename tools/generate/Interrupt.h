// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_GENERATE_INTERRUPT_H
#define TERN_TOOLS_GENERATE_INTERRUPT_H

/// Ctrl-C: what there is by then is the answer. A second one ends the program at once.
namespace tern::generate {

/// From now on SIGINT and SIGTERM set `interrupted`, and call `wake` if there is one; it must be
/// safe in a signal handler.
void catchInterrupts(void (*wake)());

bool interrupted();

} // namespace tern::generate

#endif
