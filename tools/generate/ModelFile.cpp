// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/ModelFile.h"

#include "tools/command/CommandLine.h"

namespace tern::generate {

template <typename T> static T valueOf(checkpoint::Expected<T> expected) {
  if (!expected)
    throw command::UserError(expected.error().message);
  return std::move(*expected);
}

ModelFile ModelFile::open(const std::string &path) {
  auto opened = valueOf(checkpoint::Checkpoint::open(path));
  checkpoint::ModelConfig config = valueOf(architecture::readModelConfig(opened));
  if (checkpoint::Failure failure = architecture::checkModel(opened, config))
    throw command::UserError(failure->message);
  return {std::move(opened), std::move(config)};
}

std::string describeExtension(const ModelFile &model, int64_t maxContext) {
  if (maxContext <= model.config.contextLength || model.config.positionRows > 0)
    return "";
  return model.checkpoint.path() + ": --max-context=" + std::to_string(maxContext) +
         " goes beyond the " + std::to_string(model.config.contextLength) +
         " tokens that the model was made for, where its answers may be worse";
}

} // namespace tern::generate
