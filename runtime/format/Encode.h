// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Error.h"
#include "runtime/format/Index.h"

#include <span>
#include <vector>

namespace tern::format {

/// The index section's bytes. Equal indices give equal bytes.
std::vector<std::byte> encodeIndex(const Index &index);

/// Reads what encodeIndex wrote. Checks the structure only: no read is out of
/// bounds, whatever the bytes; the meaning is verifyIndex's to check.
Error decodeIndex(std::span<const std::byte> bytes, Index &out);

} // namespace tern::format
