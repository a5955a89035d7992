// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECTS_KV_REFERENCE_KVREFERENCE_H
#define TERN_DIALECTS_KV_REFERENCE_KVREFERENCE_H

#include "dialects/KV/IR/KV.h"
#include "dialects/Tern/Reference/Interpreter.h"

#include <map>
#include <tuple>

namespace tern::kv {

/// One slot of a head: a key, a value, the position of their token.
struct Slot {
  std::vector<double> key, value;
  int64_t position;
};

/// The slots by sequence, layer and head. Operations that change a cache change it in place: the
/// old value is used up.
struct CacheState : reference::State {
  std::map<std::tuple<int64_t, int64_t, int64_t>, std::vector<Slot>> slots;
};

/// The numbers by sequence and layer, row by row; one that is not there is all 0. Changed in place
/// like a cache.
struct RecurrentState : reference::State {
  std::map<std::pair<int64_t, int64_t>, std::vector<double>> numbers;
};

/// Entry b is sequence `sequences[b]` with the rows from `starts[b]` to `starts[b + 1]`.
struct BatchState : reference::State {
  std::vector<int64_t> starts, sequences;
};

/// The references of the kv dialect's operations.
void defineKV(reference::Interpreter &interpreter);

} // namespace tern::kv

#endif
