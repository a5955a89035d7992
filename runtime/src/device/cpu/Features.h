// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace tern::runtime {

/// `x86_64-linux` or `aarch64-linux`: what the runtime was built for.
std::string_view hostTarget();

/// Features that this processor has and the system saves, by LLVM's names. A
/// name that the runtime does not know is a feature that the host lacks.
const std::set<std::string, std::less<>> &hostFeatures();

} // namespace tern::runtime
