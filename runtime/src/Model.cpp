// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Model.h"

#include "runtime/src/Border.h"
#include "runtime/src/device/Handle.h"

using namespace tern::format;

namespace tern::runtime {

Spaces Model::spaces() const {
  Spaces spaces;
  spaces.packed.assign(weights.packed().begin(), weights.packed().end());
  spaces.constants = constants.size() ? constants.data() : artefact->constants.data();
  return spaces;
}

Error Model::load(std::shared_ptr<const Artefact> artefact, std::shared_ptr<Device> device,
                  const LoadOptions &options, std::shared_ptr<const Model> &out) {
  if (Error error = device->checkTarget(artefact->index))
    return std::move(error).in(artefact->path);
  auto model = std::make_shared<Model>();
  model->artefact = std::move(artefact);
  model->device = std::move(device);
  const Artefact &opened = *model->artefact;
  if (Error error = model->device->loadCode(opened, model->code))
    return std::move(error).in(opened.path);
  Device &host = model->device->host();
  std::unique_ptr<LoadedCode> ofHost;
  if (&host != model->device.get())
    if (Error error = host.loadCode(opened, ofHost))
      return std::move(error).in(opened.path);
  if (Error error = model->weights.load(opened, host, ofHost ? *ofHost : *model->code, options))
    return error;
  if (!model->device->sharesMemory())
    if (Error error = model->upload())
      return error;
  out = std::move(model);
  return {};
}

/// Weights and constants, to a device that does not share the host's memory.
Error Model::upload() {
  if (Error error = weights.upload(*device))
    return error;
  std::span<const std::byte> bytes = artefact->constants;
  if (bytes.empty())
    return {};
  if (Error error = device->allocate(bytes.size(), "constants", constants))
    return error;
  return device->write(constants.data(), bytes.data(), bytes.size());
}

} // namespace tern::runtime

tern_error_t *tern_model_load(const tern_artefact_t *artefact, tern_device_t *device,
                              const tern_load_options_t *options, tern_model_t **out_model) {
  std::initializer_list<tern::runtime::Needed> needed = {
      {"artefact", artefact}, {"device", device}, {"out_model", out_model}};
  return tern::runtime::atBorder(needed, [&]() -> Error {
    *out_model = nullptr;
    tern::runtime::LoadOptions given;
    if (options) {
      given.weightsPath = options->weights_path ? options->weights_path : "";
      given.cache = options->cache ? options->cache->cache.get() : nullptr;
      given.verify = options->verify;
      if (options->progress)
        given.progress = [options](uint64_t done, uint64_t total) {
          return options->progress(options->progress_context, done, total);
        };
    }
    auto handle = std::make_unique<tern_model_t>();
    if (Error error =
            tern::runtime::Model::load(artefact->artefact, device->device, given, handle->model))
      return error;
    *out_model = handle.release();
    return {};
  });
}

void tern_model_free(tern_model_t *model) { delete model; }
