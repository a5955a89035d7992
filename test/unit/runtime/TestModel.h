// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Writer.h"

#include <filesystem>

namespace tern::test {

/// A folder of its own for each test, removed with all that is in it.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string path(const std::string &name) const { return (folder / name).string(); }
  std::string path() const { return folder.string(); }

private:
  std::filesystem::path folder;
};

/// The image built from kernels/NAME.c.
std::vector<std::byte> readImage(const std::string &name = "kernels");

/// Sizes of the model that kernels/kernels.c computes.
inline constexpr int64_t vocabulary = 16;
inline constexpr int64_t maxContext = 200;
inline constexpr int64_t maxRows = 8;
inline constexpr int64_t maxEntries = 3;

/// The 16 floats of the only weight: v / 4.
std::vector<float> sourceWeights();

/// The model, with programs `load`, `step`, `sample`, and `add_table` (x [T]
/// f32 to y [T]) and `use_scratch` (a dummy [T] to y [T]). Its weight lies in
/// `model.weights`.
format::Artefact makeModel();

/// Writes the model and its weights to FOLDER/model.tern and
/// FOLDER/model.weights; returns the former's path.
std::string writeModel(const TemporaryFolder &folder);

void writeFile(const std::string &path, std::span<const std::byte> bytes);
std::vector<std::byte> readFile(const std::string &path);

/// What `step` must give: the logit `v` of the last of these tokens.
float expectedLogit(std::span<const int32_t> tokens, int64_t v);

} // namespace tern::test
