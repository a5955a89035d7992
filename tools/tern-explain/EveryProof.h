// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_TERN_EXPLAIN_EVERYPROOF_H
#define TERN_TOOLS_TERN_EXPLAIN_EVERYPROOF_H

namespace tern {

/// Has the checker check what each run of tern-saturate in this process does, if the environment
/// has TERN_CHECK_PROOFS, as it has in tests. A refused proof is an error; no result depends on it.
void checkProofsInTests();

} // namespace tern

#endif
