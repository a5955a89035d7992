// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/cuda/CudaDevice.h"

#include "runtime/src/device/cuda/CudaCode.h"

#include <atomic>
#include <thread>

using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime {
namespace {

using namespace cuda;

Address addressOf(const void *address) { return reinterpret_cast<Address>(address); }

/// The first and the last of some kernels, of which one may have failed.
struct KernelRange {
  std::string first, last;

  void add(const std::string &name) {
    last = name;
    if (first.empty())
      first = name;
  }
  std::string print() const {
    if (first == last)
      return "kernel '" + last + "'";
    return "kernels '" + first + "' to '" + last + "'";
  }
};

class CudaRecording final : public Recording {
public:
  CudaRecording(const Driver &driver, Context context) : driver(driver), context(context) {}
  ~CudaRecording() override {
    if (!exec)
      return;
    Current current(driver, context);
    driver.destroyExec(exec);
  }

  GraphExec exec = nullptr;
  KernelRange kernels;
  std::shared_ptr<Memory> scratch; ///< that they were given

private:
  const Driver &driver;
  Context context;
};

class CudaDevice final : public Device {
public:
  CudaDevice(std::string title, std::shared_ptr<Device> host)
      : title(std::move(title)), hostDevice(std::move(host)) {}
  ~CudaDevice() override;

  Error open(int number);
  Error open(Context callers, Stream callersStream);

  const char *name() const override { return title.c_str(); }
  Error checkTarget(const format::Index &index) const override;
  Error loadCode(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) override;
  Device &host() override { return *hostDevice; }
  bool sharesMemory() const override { return false; }
  Error allocate(uint64_t bytes, const char *purpose, Memory &out) override;
  Error allocateOnHost(uint64_t bytes, const char *purpose, Memory &out) override;
  Error launch(const Work &work) override;
  Error copy(void *destination, const void *source, uint64_t bytes) override;
  Error write(void *destination, const void *hosts, uint64_t bytes) override;
  Error read(void *hosts, const void *source, uint64_t bytes) override;
  Error clear(void *destination, uint64_t bytes) override;
  Error wait() override;
  bool canRecord() const override { return true; }
  Error record(const std::function<Error()> &commands, std::unique_ptr<Recording> &out) override;
  Error replay(const Recording &recording) override;

private:
  Error load();
  Error readFacts();
  Error check(Result result, const char *what) const;
  Error ask(const char *what, uint64_t work, const std::function<Result(Stream)> &call);
  Error prepareScratch(uint64_t bytes);
  bool isRecording() const { return recorder.load() == std::this_thread::get_id(); }

  std::string title;
  std::shared_ptr<Device> hostDevice;
  Driver driver{};
  DeviceNumber device = 0;
  std::string model;
  int capability = 0; ///< 80: sm_80
  Context context = nullptr;
  bool isOwnContext = false, isOwnStream = false;
  Stream stream = nullptr;
  Stream recordingStream = nullptr; ///< does nothing; commands are recorded of it
  std::atomic<std::thread::id> recorder;
  KernelRange recorded;
  std::shared_ptr<Memory> scratch; ///< of all tiles of a launch

  mutable std::mutex counting;  ///< of the rest: sessions of several threads copy
  uint64_t asked = 0, done = 0; ///< calls that the stream got, and how many it is known to be past
  KernelRange underWay;         ///< since the stream was last waited for
};

/// The driver tells of a kernel's failure with whatever it is asked next.
Error CudaDevice::check(Result result, const char *what) const {
  if (result == success)
    return {};
  std::lock_guard lock(counting);
  if (underWay.last.empty())
    return makeError(TERN_INTERNAL, "device '%s': %s: %s", name(), what, driver.nameOf(result));
  return makeError(TERN_INTERNAL, "device '%s': %s, after %s: %s", name(), what,
                   underWay.print().c_str(), driver.nameOf(result));
}

//===- Opening ------------------------------------------------------------===//

Error CudaDevice::load() {
  if (Error error = Driver::load(driver))
    return std::move(error).in("device '" + title + "'");
  return {};
}

Error CudaDevice::open(int number) {
  if (Error error = load())
    return error;
  int count = 0;
  if (Error error = check(driver.deviceCount(&count), "counting GPUs"))
    return error;
  if (number >= count)
    return makeError(TERN_UNSUPPORTED, "device '%s': expected a number below %d, as many GPUs are",
                     name(), count);
  if (Error error = check(driver.deviceGet(&device, number), "finding the GPU"))
    return error;
  if (Error error = check(driver.retainContext(&context, device), "making a context"))
    return error;
  isOwnContext = true;
  return readFacts();
}

Error CudaDevice::open(Context callers, Stream callersStream) {
  if (Error error = load())
    return error;
  Current current(driver, callers);
  if (Error error = check(current.result, "taking the caller's context"))
    return error;
  if (Error error = check(driver.deviceOfContext(&device), "finding the context's GPU"))
    return error;
  title = "cuda:" + std::to_string(device);
  context = callers;
  stream = callersStream;
  return readFacts();
}

Error CudaDevice::readFacts() {
  char text[256] = "";
  int major = 0, minor = 0;
  Result results[] = {driver.deviceName(text, sizeof text, device),
                      driver.deviceAttribute(&major, capabilityMajor, device),
                      driver.deviceAttribute(&minor, capabilityMinor, device)};
  for (Result result : results)
    if (Error error = check(result, "asking for the GPU's facts"))
      return error;
  model = text;
  capability = 10 * major + minor;
  Current current(driver, context);
  if (Error error = check(current.result, "taking the context"))
    return error;
  if (Error error =
          check(driver.createStream(&recordingStream, nonBlockingStream), "making a stream"))
    return error;
  if (stream)
    return {};
  isOwnStream = true;
  return check(driver.createStream(&stream, nonBlockingStream), "making a stream");
}

CudaDevice::~CudaDevice() {
  if (!context)
    return;
  scratch.reset();
  {
    Current current(driver, context);
    if (recordingStream)
      driver.destroyStream(recordingStream);
    if (isOwnStream && stream)
      driver.destroyStream(stream);
  }
  if (isOwnContext)
    driver.releaseContext(device);
}

//===- Code ---------------------------------------------------------------===//

Error CudaDevice::checkTarget(const format::Index &index) const {
  const format::Target &target = index.device;
  if (target.name.empty())
    return makeError(TERN_UNSUPPORTED,
                     "expected kernels for a GPU, such as --target=sm_80 makes, found code for "
                     "%s (%s) alone",
                     index.target.name.c_str(), index.target.cpu.c_str());
  int wanted = capabilityOf(target);
  if (wanted == 0 || wanted > capability)
    return makeError(TERN_UNSUPPORTED,
                     "expected code for sm_%d, which %s (%s) is, found code for %s", capability,
                     name(), model.c_str(), target.cpu.c_str());
  return {};
}

Error CudaDevice::loadCode(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) {
  Current current(driver, context);
  if (Error error = check(current.result, "taking the context"))
    return error;
  auto code = std::make_unique<CudaCode>(driver, context);
  if (Error error = code->load(artefact, capability))
    return std::move(error).in("device '" + title + "'");
  out = std::move(code);
  return {};
}

//===- Memory -------------------------------------------------------------===//

Error CudaDevice::allocate(uint64_t bytes, const char *purpose, Memory &out) {
  Current current(driver, context);
  if (Error error = check(current.result, "taking the context"))
    return error;
  Address address = 0;
  size_t length = bytes ? bytes : 1;
  Result result = driver.allocate(&address, length, stream);
  if (result == outOfMemory)
    return makeError(TERN_OUT_OF_MEMORY, "device '%s': no memory for %s of %llu bytes", name(),
                     purpose, static_cast<unsigned long long>(bytes));
  if (Error error = check(result, purpose))
    return error;
  out = Memory(
      reinterpret_cast<std::byte *>(address), length,
      [](void *device, std::byte *start) {
        auto &own = *static_cast<CudaDevice *>(device);
        Current current(own.driver, own.context);
        own.driver.free(addressOf(start), own.stream);
      },
      this);
  return clear(out.data(), length);
}

Error CudaDevice::allocateOnHost(uint64_t bytes, const char *purpose, Memory &out) {
  Current current(driver, context);
  if (Error error = check(current.result, "taking the context"))
    return error;
  void *address = nullptr;
  if (Error error = check(driver.allocateOnHost(&address, bytes), purpose))
    return error;
  out = Memory(
      static_cast<std::byte *>(address), bytes,
      [](void *device, std::byte *start) {
        auto &own = *static_cast<CudaDevice *>(device);
        Current current(own.driver, own.context);
        own.driver.synchronise(own.stream); // a copy may be on its way there
        own.driver.freeOnHost(start);
      },
      this);
  return {};
}

Error CudaDevice::copy(void *destination, const void *source, uint64_t bytes) {
  return ask("a copy", bytes, [&](Stream to) {
    return driver.copyOnDevice(addressOf(destination), addressOf(source), bytes, to);
  });
}

Error CudaDevice::write(void *destination, const void *hosts, uint64_t bytes) {
  return ask("a copy to the GPU", bytes, [&](Stream to) {
    return driver.copyToDevice(addressOf(destination), hosts, bytes, to);
  });
}

Error CudaDevice::read(void *hosts, const void *source, uint64_t bytes) {
  return ask("a copy from the GPU", bytes,
             [&](Stream to) { return driver.copyToHost(hosts, addressOf(source), bytes, to); });
}

Error CudaDevice::clear(void *destination, uint64_t bytes) {
  return ask("clearing memory", bytes,
             [&](Stream to) { return driver.fill(addressOf(destination), 0, bytes, to); });
}

//===- Running ------------------------------------------------------------===//

/// Calls the driver for the stream, if there is any work.
Error CudaDevice::ask(const char *what, uint64_t work, const std::function<Result(Stream)> &call) {
  if (work == 0)
    return {};
  Current current(driver, context);
  if (Error error = check(current.result, "taking the context"))
    return error;
  if (isRecording())
    return check(call(recordingStream), what);
  {
    std::lock_guard lock(counting);
    ++asked;
  }
  return check(call(stream), what);
}

Error CudaDevice::wait() {
  uint64_t target = 0;
  {
    std::lock_guard lock(counting);
    target = asked;
    if (done == target)
      return {};
  }
  Current current(driver, context);
  if (Error error = check(current.result, "taking the context"))
    return error;
  if (Error error = check(driver.synchronise(stream), "waiting"))
    return error;
  std::lock_guard lock(counting);
  done = std::max(done, target);
  if (asked == target)
    underWay = {};
  return {};
}

/// Memory is given back in the order of the stream, so what uses the one before still may.
Error CudaDevice::prepareScratch(uint64_t bytes) {
  if (scratch && scratch->size() >= bytes)
    return {};
  auto larger = std::make_shared<Memory>();
  if (Error error = allocate(bytes, "scratch", *larger))
    return error;
  scratch = std::move(larger);
  return {};
}

Error CudaDevice::launch(const Work &work) {
  if (work.tiles == 0)
    return {};
  const auto &[kernel, function] = *static_cast<const LoadedKernel *>(work.kernel);
  std::vector<uint64_t> arguments;
  for (size_t i = 0; i < work.launch.buffers.size(); ++i)
    arguments.push_back(addressOf(work.buffers[i]));
  for (size_t i = 0; i < work.launch.sizes.size(); ++i)
    arguments.push_back(static_cast<uint64_t>(work.sizes[i]));
  if (uint64_t bytes = kernel.scratchBytes * static_cast<uint64_t>(work.tiles)) {
    if (Error error = prepareScratch(bytes))
      return error;
    arguments.push_back(addressOf(scratch->data()));
  }
  arguments.push_back(static_cast<uint64_t>(work.tiles));
  std::vector<void *> parameters;
  for (uint64_t &argument : arguments)
    parameters.push_back(&argument);
  auto blocks = static_cast<unsigned>((work.tiles + kernel.blockTiles - 1) / kernel.blockTiles);
  if (isRecording()) {
    recorded.add(kernel.name);
  } else {
    std::lock_guard lock(counting);
    underWay.add(kernel.name);
  }
  return ask("a launch", blocks, [&](Stream to) {
    return driver.launch(function, blocks, 1, 1, kernel.threads, 1, 1, kernel.sharedBytes, to,
                         parameters.data(), nullptr);
  });
}

Error CudaDevice::record(const std::function<Error()> &commands, std::unique_ptr<Recording> &out) {
  Current current(driver, context);
  if (Error error = check(current.result, "taking the context"))
    return error;
  if (Error error =
          check(driver.beginCapture(recordingStream, captureOfThread), "recording kernels"))
    return error;
  recorded = {};
  recorder = std::this_thread::get_id();
  Error failed = commands();
  recorder = std::thread::id();
  Graph graph = nullptr;
  Result ended = driver.endCapture(recordingStream, &graph);
  auto recording = std::make_unique<CudaRecording>(driver, context);
  if (!failed && ended == success)
    ended = driver.instantiate(&recording->exec, graph, 0);
  if (graph)
    driver.destroyGraph(graph);
  if (failed)
    return failed;
  if (Error error = check(ended, "recording kernels"))
    return error;
  recording->kernels = std::move(recorded);
  recording->scratch = scratch;
  out = std::move(recording);
  return {};
}

Error CudaDevice::replay(const Recording &recording) {
  const auto &own = static_cast<const CudaRecording &>(recording);
  if (!own.kernels.first.empty()) {
    std::lock_guard lock(counting);
    underWay.add(own.kernels.first);
    underWay.add(own.kernels.last);
  }
  return ask("a graph of launches", 1, [&](Stream to) { return driver.launchGraph(own.exec, to); });
}

} // namespace

Error makeCudaDevice(int number, std::shared_ptr<Device> host, std::shared_ptr<Device> &out) {
  auto device = std::make_shared<CudaDevice>("cuda:" + std::to_string(number), std::move(host));
  if (Error error = device->open(number))
    return error;
  out = std::move(device);
  return {};
}

Error makeCudaDevice(void *context, void *stream, std::shared_ptr<Device> host,
                     std::shared_ptr<Device> &out) {
  auto device = std::make_shared<CudaDevice>("cuda", std::move(host));
  if (Error error = device->open(static_cast<Context>(context), static_cast<Stream>(stream)))
    return error;
  out = std::move(device);
  return {};
}

} // namespace tern::runtime
