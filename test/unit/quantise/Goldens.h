// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TEST_UNIT_QUANTISE_GOLDENS_H
#define TERN_TEST_UNIT_QUANTISE_GOLDENS_H

#include "frontend/checkpoint/Checkpoint.h"
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/quantise/GroupedWeight.h"

#include <cstring>
#include <gtest/gtest.h>

namespace tern::quantise {

/// A case of make_calibrated.py.
class Goldens {
public:
  explicit Goldens(const std::string &name)
      : file(checkpoint::Checkpoint::openSafetensors(TERN_TEST_DATA "/calibrated/" + name +
                                                     ".safetensors")) {
    if (!file)
      throw std::runtime_error(file.error().message);
  }

  Matrix matrix(const std::string &name) const {
    const checkpoint::Tensor &tensor = find(name);
    Matrix numbers(tensor.rows(), tensor.columns());
    checkpoint::dequantise(tensor, 0, tensor.rows(), numbers.data());
    return numbers;
  }

  template <typename T> std::vector<T> integers(const std::string &name) const {
    const checkpoint::Tensor &tensor = find(name);
    std::vector<T> numbers(tensor.bytes / sizeof(T));
    std::memcpy(numbers.data(), tensor.data, tensor.bytes);
    return numbers;
  }

private:
  const checkpoint::Tensor &find(const std::string &name) const {
    const checkpoint::Tensor *tensor = file->find(name);
    if (!tensor)
      throw std::runtime_error(file->path() + ": no " + name);
    return *tensor;
  }

  checkpoint::Expected<checkpoint::Checkpoint> file;
};

} // namespace tern::quantise

#endif
