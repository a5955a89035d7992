// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_FUZZ_CHECKPOINTUSE_H
#define TERN_TEST_FUZZ_CHECKPOINTUSE_H

#include "frontend/checkpoint/Checkpoint.h"

#include <string>

namespace tern::checkpoint {

/// Does with a checkpoint what compiling does: checks that its tensors lie in their files, decodes
/// each, computes the rotary frequencies, reads settings and tokenizer. Returns all that was found
/// or refused, as text in which a changed number shows.
std::string useCheckpoint(const Checkpoint &checkpoint);

} // namespace tern::checkpoint

#endif
