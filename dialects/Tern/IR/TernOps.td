// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_OPS
#define TERN_OPS

include "dialects/Tern/IR/TernNames.td"
include "dialects/Tern/IR/TernElementwise.td"
include "dialects/Tern/IR/TernReductions.td"
include "dialects/Tern/IR/TernLayout.td"
include "dialects/Tern/IR/TernTransformers.td"
include "dialects/Tern/IR/TernStorage.td"
include "dialects/Tern/IR/TernTemplates.td"

#endif
