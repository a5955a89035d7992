// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_FRONTEND_CHECKPOINT_GGUFWRITER_H
#define TERN_FRONTEND_CHECKPOINT_GGUFWRITER_H

#include "frontend/checkpoint/Gguf.h"

#include <span>
#include <string>

namespace tern::checkpoint {

/// Makes the head of a GGUF file of version 3: keys and the table of tensors, in the order in which
/// they are added. The tensors' data follow in that order, each padded to `kAlignment`.
class GgufWriter {
public:
  static constexpr uint64_t kAlignment = 32;

  void number(std::string_view key, uint32_t value);
  void real(std::string_view key, float value);
  void boolean(std::string_view key, bool value);
  void text(std::string_view key, std::string_view value);
  void texts(std::string_view key, std::span<const std::string> values);
  void reals(std::string_view key, std::span<const float> values);
  void integers(std::string_view key, std::span<const int32_t> values);
  /// A value of another file as it is there.
  void copy(std::string_view key, const GgufValue &value);

  /// `shape` has the rows first, `type` is the number of a storage type in GGUF.
  void tensor(std::string_view name, std::span<const int64_t> shape, uint32_t type, uint64_t bytes);

  /// The head, padded to where the first tensor's data lie.
  std::string head() const;

  static uint64_t aligned(uint64_t bytes) { return (bytes + kAlignment - 1) & ~(kAlignment - 1); }

private:
  void start(std::string_view key, GgufType type);
  void startArray(std::string_view key, GgufType type, uint64_t count);

  std::string keys, table;
  uint64_t entries = 0, tensors = 0, dataBytes = 0;
};

} // namespace tern::checkpoint

#endif
