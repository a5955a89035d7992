// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs on a GPU what pack.py packed, compares it with what the emulator and the goldens say, and
// measures products. Needs the runtime and NVIDIA's driver alone.
//
//   GpuReport FOLDER cuda:N > report.json
#include "runtime/src/Model.h"
#include "runtime/src/device/Handle.h"
#include "runtime/src/device/cuda/CudaCode.h"
#include "tern/tern.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iostream>

using nlohmann::ordered_json;
namespace cuda = tern::runtime::cuda;

namespace {

std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw std::runtime_error(path + ": expected a file that can be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> floatsOf(const std::string &bytes) {
  std::vector<float> numbers(bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

void check(tern::format::Error error) {
  if (error)
    throw std::runtime_error(error.message());
}

//===- Models -------------------------------------------------------------===//

/// Logits of the prompt and of what follows, fed token by token, beside those of the emulator.
ordered_json runModel(const std::string &folder, const ordered_json &given, tern::Device &device) {
  tern::Artefact artefact(folder + "/" + given["artefact"].get<std::string>());
  tern::Model model(artefact, device);
  tern::Session session(model, {});
  std::vector<int32_t> prompt = given["prompt"], next = given["next"];
  std::vector<float> expected =
      floatsOf(readFile(folder + "/" + given["logits"].get<std::string>()));
  std::vector<float> found;
  auto width = static_cast<size_t>(artefact.facts().vocabulary);
  int32_t sequence = session.begin();
  auto feed = [&](std::span<const int32_t> tokens) {
    tern_feed_t one{sequence, tokens.data(), static_cast<int64_t>(tokens.size()), TERN_LOGITS_ALL};
    session.feed({&one, 1}, [&](int32_t, int64_t, const float *row) {
      found.insert(found.end(), row, row + width);
    });
  };
  feed(prompt);
  for (const int32_t &token : next)
    feed({&token, 1});
  double largest = 0, scale = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    double difference = i < found.size() ? std::abs(double(found[i]) - expected[i]) : INFINITY;
    largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
    scale = std::max(scale, std::abs(double(expected[i])));
  }
  bool isSame = found.size() == expected.size() &&
                std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) == 0;
  return {{"name", given["name"]},
          {"same bits", isSame},
          {"distance", largest / scale},
          {"passed", largest <= given["tolerance"].get<double>() * scale}};
}

//===- Kernels ------------------------------------------------------------===//

/// The driver without the runtime, for kernels that are in no artefact.
class Gpu {
public:
  explicit Gpu(int number) {
    check(cuda::Driver::load(driver));
    cuda::DeviceNumber device = 0;
    need(driver.deviceGet(&device, number), "cuDeviceGet");
    need(driver.retainContext(&context, device), "cuDevicePrimaryCtxRetain");
    need(driver.pushContext(context), "cuCtxPushCurrent");
    need(driver.createStream(&stream, cuda::nonBlockingStream), "cuStreamCreate");
  }

  void need(cuda::Result result, const char *what) const {
    if (result != cuda::success)
      throw std::runtime_error(std::string(what) + ": " + driver.nameOf(result));
  }

  cuda::Driver driver{};
  cuda::Context context = nullptr;
  cuda::Stream stream = nullptr;
};

/// Buffers after the kernel, one after the other, beside those of the emulator.
ordered_json runKernel(const std::string &folder, const ordered_json &given, Gpu &gpu) {
  std::string name = given["name"], text = readFile(folder + "/kernels/" + name + ".ptx");
  std::string data = readFile(folder + "/kernels/" + name + ".data");
  cuda::Module module = nullptr;
  gpu.need(gpu.driver.loadModule(&module, text.c_str(), 0, nullptr, nullptr), "cuModuleLoadDataEx");
  cuda::Function function = nullptr;
  gpu.need(gpu.driver.getFunction(&function, module, given["kernel"].get<std::string>().c_str()),
           "cuModuleGetFunction");
  auto shared = given["sharedBytes"].get<unsigned>();
  if (shared > 48 << 10)
    gpu.need(gpu.driver.setFunctionAttribute(function, cuda::dynamicSharedBytes,
                                             static_cast<int>(shared)),
             "cuFuncSetAttribute");
  std::vector<uint64_t> arguments;
  std::vector<size_t> sizes = given["buffers"];
  size_t place = 0;
  for (size_t size : sizes) {
    cuda::Address address = 0;
    gpu.need(gpu.driver.allocate(&address, std::max<size_t>(size, 1), gpu.stream),
             "cuMemAllocAsync");
    if (size)
      gpu.need(gpu.driver.copyToDevice(address, data.data() + place, size, gpu.stream),
               "cuMemcpyHtoDAsync");
    place += size;
    arguments.push_back(address);
  }
  for (uint64_t number : given["numbers"])
    arguments.push_back(number);
  std::vector<void *> parameters;
  for (uint64_t &argument : arguments)
    parameters.push_back(&argument);
  gpu.need(gpu.driver.launch(function, given["blocks"], 1, 1, given["threads"], 1, 1, shared,
                             gpu.stream, parameters.data(), nullptr),
           "cuLaunchKernel");
  std::string after(place, '\0');
  place = 0;
  for (size_t i = 0; i < sizes.size(); place += sizes[i++])
    if (sizes[i])
      gpu.need(gpu.driver.copyToHost(after.data() + place, arguments[i], sizes[i], gpu.stream),
               "cuMemcpyDtoHAsync");
  gpu.need(gpu.driver.synchronise(gpu.stream), "cuStreamSynchronize");
  for (size_t i = 0; i < sizes.size(); ++i)
    gpu.driver.free(arguments[i], gpu.stream);
  gpu.driver.unloadModule(module);
  size_t wrong = 0;
  for (size_t i = 0; i < place; ++i)
    wrong += after[i] != data[place + i];
  return {{"name", name}, {"wrong bytes", wrong}, {"passed", wrong == 0}};
}

//===- Products -----------------------------------------------------------===//

/// Seconds of a function's runs at each number of rows, on arguments that stay on the GPU.
ordered_json measure(const std::string &folder, const ordered_json &given, tern::Device &device) {
  using namespace tern::runtime;
  std::shared_ptr<const Artefact> artefact;
  check(Artefact::open(folder + "/" + given["artefact"].get<std::string>(), artefact));
  std::shared_ptr<const Model> model;
  LoadOptions options;
  options.weightsPath = folder + "/" + given["weights"].get<std::string>();
  std::shared_ptr<Device> own = device.get()->device;
  check(Model::load(artefact, own, options, model));
  const tern::format::Program &program = *artefact->index.findProgram("product");
  ordered_json results{{"name", given["name"]}, {"width", given["width"]}};
  for (int64_t rows : given["rows"]) {
    Interpreter interpreter(*own, *model->code, artefact->index, program, model->spaces());
    std::vector<int64_t> dims(artefact->index.dims.size(), rows);
    auto width = given["width"].get<int64_t>();
    Memory x, y;
    check(own->allocate(static_cast<uint64_t>(4 * rows * width), "x", x));
    check(own->allocate(static_cast<uint64_t>(4 * rows * width), "y", y));
    Given arguments[] = {{x.data(), true}, {y.data(), true}};
    auto runFor = [&](int times) {
      auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < times; ++i)
        check(interpreter.run(dims, arguments, {}));
      check(own->wait());
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() /
             times;
    };
    double one = runFor(3);
    int times = std::clamp(static_cast<int>(0.2 / one), 1, 2000);
    std::vector<double> seconds;
    for (int i = 0; i < 5; ++i)
      seconds.push_back(runFor(times));
    std::ranges::sort(seconds);
    results["seconds by rows"][std::to_string(rows)] = seconds[2];
  }
  return results;
}

/// Each entry's report, or what went wrong with it.
template <typename Run> ordered_json runAll(const ordered_json &entries, Run run) {
  ordered_json results = ordered_json::array();
  for (const ordered_json &entry : entries)
    try {
      results.push_back(run(entry));
    } catch (const std::exception &error) {
      results.push_back({{"name", entry["name"]}, {"error", error.what()}, {"passed", false}});
    }
  return results;
}

} // namespace

int main(int count, char **words) {
  if (count != 3 || !std::string_view(words[2]).starts_with("cuda:")) {
    std::cerr << "usage: GpuReport FOLDER cuda:N\n";
    return 2;
  }
  try {
    std::string folder = words[1];
    auto manifest = ordered_json::parse(readFile(folder + "/manifest.json"));
    Gpu gpu(std::stoi(words[2] + 5));
    tern::Device device(words[2]);
    ordered_json report;
    report["kernels"] = runAll(manifest["kernels"], [&](const ordered_json &entry) {
      return runKernel(folder, entry, gpu);
    });
    report["models"] = runAll(manifest["models"], [&](const ordered_json &entry) {
      return runModel(folder, entry, device);
    });
    report["products"] = runAll(manifest["products"], [&](const ordered_json &entry) {
      return measure(folder, entry, device);
    });
    std::cout << report.dump(1) << "\n";
  } catch (const std::exception &error) {
    std::cerr << "GpuReport: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
