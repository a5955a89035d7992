# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# What tests compile has its proof checked (tools/tern-explain/EveryProof.h).
set(ENV{TERN_CHECK_PROOFS} 1)
