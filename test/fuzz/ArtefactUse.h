// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"

#include <span>
#include <string>
#include <vector>

namespace tern::format {

/// Writes the hashes that header and sections ought to have over those that
/// they have, so that damage gets past them.
void rehash(std::vector<std::byte> &file);

/// Reads a file as the runtime does, up to running it; `text` says what it holds.
Error useArtefact(std::span<const std::byte> file, std::string &text);

} // namespace tern::format
