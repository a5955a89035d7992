// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TERN_HPP
#define TERN_TERN_HPP

#include "tern/tern.h"

#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Needs C++20. The C API with ownership: each class frees its handle, and each failure is
/// thrown as a tern::Error. The C headers say what the calls do.
namespace tern {

class Error : public std::runtime_error {
public:
  explicit Error(tern_error_t *error)
      : std::runtime_error(tern_error_message(error)), errorCode(tern_error_code(error)) {
    tern_error_free(error);
  }

  tern_error_code_t code() const { return errorCode; }

private:
  tern_error_code_t errorCode;
};

inline void check(tern_error_t *error) {
  if (error)
    throw Error(error);
}

/// A handle and the function that frees it.
template <auto free> struct Free {
  template <typename T> void operator()(T *handle) const { free(handle); }
};
template <typename T, auto free> using Handle = std::unique_ptr<T, Free<free>>;

/// Calls a function of the C API that gives a handle last.
template <typename Owner, typename Function, typename... Arguments>
Owner create(Function function, Arguments... arguments) {
  typename Owner::pointer handle = nullptr;
  check(function(arguments..., &handle));
  return Owner(handle);
}

class Artefact {
public:
  explicit Artefact(const std::string &path)
      : handle(create<Owner>(tern_artefact_open, path.c_str())) {}

  tern_artefact_facts_t facts() const {
    tern_artefact_facts_t facts;
    tern_artefact_get_facts(get(), &facts);
    return facts;
  }

  /// Valid as long as the artefact.
  std::string_view section(const std::string &name) const {
    const void *data = nullptr;
    size_t bytes = 0;
    check(tern_artefact_get_section(get(), name.c_str(), &data, &bytes));
    return {static_cast<const char *>(data), bytes};
  }

  void verify() const { check(tern_artefact_verify(get())); }

  const tern_artefact_t *get() const { return handle.get(); }

private:
  using Owner = Handle<tern_artefact_t, tern_artefact_free>;
  Owner handle;
};

class Device {
public:
  explicit Device(const std::string &name = "cpu", int32_t threads = 0)
      : handle(create<Owner>(tern_device_create, name.c_str(), threads)) {}

  /// As tern_device_create_for_cuda.
  static Device forCuda(void *context, void *stream, int32_t threads = 0) {
    return Device(create<Owner>(tern_device_create_for_cuda, context, stream, threads));
  }

  int32_t threads() const { return tern_device_get_threads(get()); }

  /// Receives what a kernel did; must not throw.
  using OnKernel = std::function<void(const tern_kernel_counts_t &)>;

  void takeCounts(const OnKernel &onKernel) const {
    tern_kernel_counts_fn report = [](void *context, const tern_kernel_counts_t *counts) {
      (*static_cast<const OnKernel *>(context))(*counts);
    };
    check(tern_device_take_counts(get(), report, const_cast<OnKernel *>(&onKernel)));
  }

  tern_device_t *get() const { return handle.get(); }

private:
  using Owner = Handle<tern_device_t, tern_device_free>;
  explicit Device(Owner handle) : handle(std::move(handle)) {}
  Owner handle;
};

class LoadCache {
public:
  explicit LoadCache(const std::string &directory, uint64_t limitBytes = 0)
      : handle(create<Owner>(tern_load_cache_create, directory.c_str(), limitBytes)) {}

  tern_load_cache_t *get() const { return handle.get(); }

private:
  using Owner = Handle<tern_load_cache_t, tern_load_cache_free>;
  Owner handle;
};

struct LoadOptions {
  std::string weightsPath = {};
  const LoadCache *cache = nullptr;
  bool verify = false;
  std::function<bool(uint64_t done, uint64_t total)> progress = {}; ///< must not throw
};

class Model {
public:
  Model(const Artefact &artefact, const Device &device, const LoadOptions &options = {})
      : handle(load(artefact, device, options)) {}

  const tern_model_t *get() const { return handle.get(); }

private:
  using Owner = Handle<tern_model_t, tern_model_free>;

  static Owner load(const Artefact &artefact, const Device &device, const LoadOptions &options) {
    tern_load_options_t given{};
    given.weights_path = options.weightsPath.empty() ? nullptr : options.weightsPath.c_str();
    given.cache = options.cache ? options.cache->get() : nullptr;
    given.verify = options.verify;
    if (options.progress)
      given.progress = [](void *context, uint64_t done, uint64_t total) {
        return static_cast<const LoadOptions *>(context)->progress(done, total);
      };
    given.progress_context = const_cast<LoadOptions *>(&options);
    return create<Owner>(tern_model_load, artefact.get(), device.get(), &given);
  }

  Owner handle;
};

class Session {
public:
  explicit Session(const Model &model, const tern_session_options_t &options = {})
      : handle(create<Owner>(tern_session_create, model.get(), &options)) {}

  int32_t begin() {
    int32_t sequence = 0;
    check(tern_session_begin(get(), &sequence));
    return sequence;
  }
  void end(int32_t sequence) { check(tern_session_end(get(), sequence)); }
  void reset(int32_t sequence) { check(tern_session_reset(get(), sequence)); }

  int64_t length(int32_t sequence) const {
    int64_t length = 0;
    check(tern_session_get_length(get(), sequence, &length));
    return length;
  }
  uint64_t cacheBytes() const { return tern_session_get_cache_bytes(get()); }

  /// Receives logits; must not throw.
  using OnLogits = std::function<void(int32_t sequence, int64_t position, const float *logits)>;

  void feed(std::span<const tern_feed_t> feeds, const OnLogits &onLogits = nullptr) {
    tern_logits_fn report = [](void *context, int32_t sequence, int64_t position,
                               const float *logits) {
      (*static_cast<const OnLogits *>(context))(sequence, position, logits);
    };
    check(tern_session_feed(get(), feeds.data(), static_cast<int64_t>(feeds.size()),
                            onLogits ? report : nullptr, const_cast<OnLogits *>(&onLogits)));
  }

  void feed(int32_t sequence, std::span<const int32_t> tokens,
            tern_wanted_t wanted = TERN_LOGITS_LAST) {
    tern_feed_t one{sequence, tokens.data(), static_cast<int64_t>(tokens.size()), wanted};
    feed(std::span(&one, 1));
  }

  const float *logits(int32_t sequence) const {
    const float *logits = nullptr;
    check(tern_session_get_logits(get(), sequence, &logits));
    return logits;
  }

  int32_t sample(int32_t sequence, const tern_sampler_t &sampler) {
    int32_t token = 0;
    check(tern_session_sample(get(), &sequence, &sampler, 1, &token, nullptr));
    return token;
  }

  /// Safe from any thread and from signal handlers.
  void interrupt() { tern_session_interrupt(get()); }

  tern_session_t *get() const { return handle.get(); }

private:
  using Owner = Handle<tern_session_t, tern_session_free>;
  Owner handle;
};

class Call {
public:
  Call(const Model &model, const std::string &name)
      : handle(create<Owner>(tern_call_create, model.get(), name.c_str())) {}

  std::vector<tern_argument_t> arguments() const {
    std::vector<tern_argument_t> all(size_t(tern_call_get_argument_count(get())));
    for (size_t i = 0; i < all.size(); ++i)
      check(tern_call_get_argument(get(), static_cast<int32_t>(i), &all[i]));
    return all;
  }

  void setInput(const std::string &name, tern_type_t type, std::span<const int64_t> shape,
                const void *data) {
    check(tern_call_set_input(get(), name.c_str(), type, shape.data(),
                              static_cast<int32_t>(shape.size()), data));
  }

  void run() { check(tern_call_run(get())); }

  struct Output {
    std::vector<int64_t> shape;
    const void *data; ///< until the next run
  };
  Output output(const tern_argument_t &argument) const {
    Output output{std::vector<int64_t>(size_t(argument.rank)), nullptr};
    check(tern_call_get_output(get(), argument.name, output.shape.data(), &output.data));
    return output;
  }

  tern_call_t *get() const { return handle.get(); }

private:
  using Owner = Handle<tern_call_t, tern_call_free>;
  Owner handle;
};

} // namespace tern

#endif
