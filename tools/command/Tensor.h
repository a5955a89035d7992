// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TOOLS_COMMAND_TENSOR_H
#define TERN_TOOLS_COMMAND_TENSOR_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tern::command {

enum class NumberType { F32, F16, BF16, F64, I8, U8, I16, I32, I64 };

std::string_view nameOf(NumberType type);
std::optional<NumberType> numberType(std::string_view name);
size_t bytesOf(NumberType type);

/// A dense tensor, row-major, as files and arguments hold it.
struct Tensor {
  NumberType type = NumberType::F32;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;

  /// Zeros.
  static Tensor make(NumberType type, std::vector<int64_t> shape);

  int64_t size() const { return static_cast<int64_t>(bytes.size() / bytesOf(type)); }
  double get(int64_t i) const;
  /// Rounds to the nearest number of the type, ties to even.
  void set(int64_t i, double value);
};

/// Reads F.npy, or `2x3xf32=1,2,3,4,5,6`: one number fills the tensor, none leaves zeros. Throws
/// command::UserError.
Tensor readTensor(const std::string &text);

/// As readTensor reads it, in full precision.
std::string printTensor(const Tensor &tensor);

/// Throws a command::UserError that names `what` if types, shapes or numbers differ, the numbers by
/// more than `tolerance` times the largest that is expected.
void compareTensors(const std::string &what, const Tensor &found, const Tensor &expected,
                    double tolerance);

/// Reads a file of NumPy's format 1, 2 or 3 in C order.
Tensor readNpy(const std::string &path);

/// Throws UserError if the file can't be written.
void writeNpy(const std::string &path, const Tensor &tensor);

/// The head of a .npy file; the same length for all numbers of rows.
std::string npyHeader(NumberType type, std::span<const int64_t> shape);

} // namespace tern::command

#endif
