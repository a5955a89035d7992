// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/cuda/CudaDevice.h"

#include "runtime/src/device/cuda/Driver.h"

#include <map>

using tern::format::Error;
using tern::format::makeError;

namespace tern::runtime {
namespace {

using namespace cuda;

/// A kernel as its module has it.
struct LoadedKernel {
  const format::Kernel &kernel;
  Function function;
};

class CudaCode final : public LoadedCode {
public:
  CudaCode(const Driver &driver, Context context) : driver(driver), context(context) {}
  ~CudaCode() override {
    if (module) {
      driver.setContext(context);
      driver.unloadModule(module);
    }
  }

  Error load(const Artefact &artefact);

  KernelHandle kernel(const format::Kernel &kernel) const override {
    return &kernels.at(kernel.name);
  }

private:
  Error addKernel(const format::Kernel &kernel);

  const Driver &driver;
  Context context;
  Module module = nullptr;
  std::map<std::string, LoadedKernel, std::less<>> kernels;
};

Error CudaCode::load(const Artefact &artefact) {
  std::span<const std::byte> bytes;
  if (Error error = artefact.container.section(format::section::ptx, bytes))
    return error;
  // The driver reads to a zero.
  std::string text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  std::string log(4096, '\0');
  int names[] = {errorLog, errorLogBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size())};
  if (Result result = driver.loadModule(&module, text.c_str(), 2, names, values);
      result != success) {
    std::string first = log.substr(0, log.find_first_of(std::string_view("\n\0", 2)));
    return makeError(TERN_BAD_FILE, "expected PTX that the driver compiles: %s%s%s",
                     driver.nameOf(result), first.empty() ? "" : ": ", first.c_str());
  }
  for (const format::Kernel &kernel : artefact.index.kernels)
    if (kernel.isForDevice())
      if (Error error = addKernel(kernel))
        return error;
  return {};
}

Error CudaCode::addKernel(const format::Kernel &kernel) {
  Function function = nullptr;
  if (Result result = driver.getFunction(&function, module, kernel.name.c_str()); result != success)
    return makeError(TERN_BAD_FILE, "expected PTX with a kernel '%s': %s", kernel.name.c_str(),
                     driver.nameOf(result));
  constexpr uint32_t withoutAsking = 48 << 10;
  if (kernel.sharedBytes > withoutAsking)
    if (Result result = driver.setFunctionAttribute(function, dynamicSharedBytes,
                                                    static_cast<int>(kernel.sharedBytes));
        result != success)
      return makeError(TERN_UNSUPPORTED, "kernel '%s': expected %u bytes of shared memory: %s",
                       kernel.name.c_str(), kernel.sharedBytes, driver.nameOf(result));
  kernels.try_emplace(kernel.name, LoadedKernel{kernel, function});
  return {};
}

class CudaDevice final : public Device {
public:
  CudaDevice(int number, std::shared_ptr<Device> host)
      : title("cuda:" + std::to_string(number)), number(number), hostDevice(std::move(host)) {}
  ~CudaDevice() override;

  Error open();

  const char *name() const override { return title.c_str(); }
  Error checkTarget(const format::Index &index) const override;
  Error loadCode(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) override;
  Device &host() override { return *hostDevice; }
  bool sharesMemory() const override { return false; }
  Error allocate(uint64_t bytes, const char *purpose, Memory &out) override;
  Error launch(const Work &work) override;
  Error copy(void *destination, const void *source, uint64_t bytes) override;
  Error write(void *destination, const void *hosts, uint64_t bytes) override;
  Error read(void *hosts, const void *source, uint64_t bytes) override;
  Error clear(void *destination, uint64_t bytes) override;

private:
  static Address of(const void *address) { return reinterpret_cast<Address>(address); }
  Error check(Result result, const char *what) const;
  Error wait();

  const std::string title;
  const int number;
  std::shared_ptr<Device> hostDevice;
  Driver driver{};
  DeviceNumber device = 0;
  std::string model;
  int capability = 0; ///< 80: sm_80
  Context context = nullptr;
  Stream stream = nullptr;
  Memory scratch; ///< of all tiles of a launch
  /// Kernels since the stream was last waited for, of which one may have failed.
  std::string firstKernel, lastKernel;
  mutable std::mutex namesInUse; ///< sessions of several threads copy
};

/// The driver tells of a kernel's failure with whatever it is asked next.
Error CudaDevice::check(Result result, const char *what) const {
  if (result == success)
    return {};
  std::lock_guard lock(namesInUse);
  if (lastKernel.empty())
    return makeError(TERN_INTERNAL, "device '%s': %s: %s", name(), what, driver.nameOf(result));
  std::string kernels = firstKernel == lastKernel
                            ? "kernel '" + lastKernel + "'"
                            : "kernels '" + firstKernel + "' to '" + lastKernel + "'";
  return makeError(TERN_INTERNAL, "device '%s': %s, after %s: %s", name(), what, kernels.c_str(),
                   driver.nameOf(result));
}

Error CudaDevice::open() {
  if (Error error = Driver::load(driver))
    return std::move(error).in("device '" + title + "'");
  int count = 0;
  if (Error error = check(driver.deviceCount(&count), "counting GPUs"))
    return error;
  if (number >= count)
    return makeError(TERN_UNSUPPORTED, "device '%s': expected a number below %d, as many GPUs are",
                     name(), count);
  if (Error error = check(driver.deviceGet(&device, number), "finding the GPU"))
    return error;
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
  if (Error error = check(driver.retainContext(&context, device), "making a context"))
    return error;
  if (Error error = check(driver.setContext(context), "taking the context"))
    return error;
  constexpr unsigned withoutDefault = 1; // not in step with the default stream
  return check(driver.createStream(&stream, withoutDefault), "making a stream");
}

CudaDevice::~CudaDevice() {
  if (!context)
    return;
  driver.setContext(context);
  scratch = Memory();
  if (stream)
    driver.destroyStream(stream);
  driver.releaseContext(device);
}

Error CudaDevice::checkTarget(const format::Index &index) const {
  const format::Target &target = index.device;
  if (target.name.empty())
    return makeError(TERN_UNSUPPORTED,
                     "expected kernels for a GPU, such as --target=sm_80 makes, found code for "
                     "%s (%s) alone",
                     index.target.name.c_str(), index.target.cpu.c_str());
  int wanted = 0;
  if (target.name != "nvptx64-cuda" || std::sscanf(target.cpu.c_str(), "sm_%d", &wanted) != 1 ||
      wanted > capability)
    return makeError(TERN_UNSUPPORTED,
                     "expected code for sm_%d, which %s (%s) is, found code for %s", capability,
                     name(), model.c_str(), target.cpu.c_str());
  return {};
}

Error CudaDevice::loadCode(const Artefact &artefact, std::unique_ptr<LoadedCode> &out) {
  if (Error error = check(driver.setContext(context), "taking the context"))
    return error;
  auto code = std::make_unique<CudaCode>(driver, context);
  if (Error error = code->load(artefact))
    return std::move(error).in("device '" + title + "'");
  out = std::move(code);
  return {};
}

Error CudaDevice::allocate(uint64_t bytes, const char *purpose, Memory &out) {
  if (Error error = check(driver.setContext(context), "taking the context"))
    return error;
  Address address = 0;
  size_t length = bytes ? bytes : 1;
  Result result = driver.allocate(&address, length);
  if (result == outOfMemory)
    return makeError(TERN_OUT_OF_MEMORY, "device '%s': no memory for %s of %llu bytes", name(),
                     purpose, static_cast<unsigned long long>(bytes));
  if (Error error = check(result, purpose))
    return error;
  out = Memory(
      reinterpret_cast<std::byte *>(address), length,
      [](void *context, std::byte *start) {
        auto &own = *static_cast<CudaDevice *>(context);
        own.driver.setContext(own.context);
        own.driver.free(of(start));
      },
      this);
  return clear(out.data(), length);
}

Error CudaDevice::launch(const Work &work) {
  if (work.tiles == 0)
    return {};
  if (Error error = check(driver.setContext(context), "taking the context"))
    return error;
  const auto &[kernel, function] = *static_cast<const LoadedKernel *>(work.kernel);
  std::vector<uint64_t> arguments;
  for (size_t i = 0; i < work.launch.buffers.size(); ++i)
    arguments.push_back(of(work.buffers[i]));
  for (size_t i = 0; i < work.launch.sizes.size(); ++i)
    arguments.push_back(static_cast<uint64_t>(work.sizes[i]));
  if (uint64_t bytes = kernel.scratchBytes * static_cast<uint64_t>(work.tiles)) {
    if (scratch.size() < bytes) {
      if (Error error = wait()) // for who uses the one before
        return error;
      if (Error error = allocate(bytes, "scratch", scratch))
        return error;
    }
    arguments.push_back(of(scratch.data()));
  }
  arguments.push_back(static_cast<uint64_t>(work.tiles));
  std::vector<void *> parameters;
  for (uint64_t &argument : arguments)
    parameters.push_back(&argument);
  auto blocks = static_cast<unsigned>((work.tiles + kernel.blockTiles - 1) / kernel.blockTiles);
  {
    std::lock_guard lock(namesInUse);
    lastKernel = kernel.name;
    if (firstKernel.empty())
      firstKernel = kernel.name;
  }
  return check(driver.launch(function, blocks, 1, 1, kernel.threads, 1, 1, kernel.sharedBytes,
                             stream, parameters.data(), nullptr),
               "a launch");
}

Error CudaDevice::wait() {
  Error error = check(driver.synchronise(stream), "waiting");
  std::lock_guard lock(namesInUse);
  firstKernel.clear();
  lastKernel.clear();
  return error;
}

Error CudaDevice::copy(void *destination, const void *source, uint64_t bytes) {
  if (bytes == 0)
    return {};
  if (Error error = check(driver.setContext(context), "taking the context"))
    return error;
  return check(driver.copyOnDevice(of(destination), of(source), bytes, stream), "a copy");
}

Error CudaDevice::write(void *destination, const void *hosts, uint64_t bytes) {
  if (bytes == 0)
    return {};
  if (Error error = check(driver.setContext(context), "taking the context"))
    return error;
  return check(driver.copyToDevice(of(destination), hosts, bytes, stream), "a copy to the GPU");
}

Error CudaDevice::read(void *hosts, const void *source, uint64_t bytes) {
  if (bytes == 0)
    return {};
  if (Error error = check(driver.setContext(context), "taking the context"))
    return error;
  if (Error error =
          check(driver.copyToHost(hosts, of(source), bytes, stream), "a copy from the GPU"))
    return error;
  return wait();
}

Error CudaDevice::clear(void *destination, uint64_t bytes) {
  if (bytes == 0)
    return {};
  if (Error error = check(driver.setContext(context), "taking the context"))
    return error;
  return check(driver.fill(of(destination), 0, bytes, stream), "clearing memory");
}

} // namespace

Error makeCudaDevice(int number, std::shared_ptr<Device> host, std::shared_ptr<Device> &out) {
  auto device = std::make_shared<CudaDevice>(number, std::move(host));
  if (Error error = device->open())
    return error;
  out = std::move(device);
  return {};
}

} // namespace tern::runtime
