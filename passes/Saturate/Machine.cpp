// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Saturate/Machine.h"

#include "passes/CPU/Target.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace tern::saturate {

namespace {
struct Figure {
  StringRef name;
  double Machine::*member;
  double unit; ///< what 1 in the file stands for
  bool isOfGpu = false;
};
} // namespace

static constexpr Figure figures[] = {{"read_gbs", &Machine::bytesPerSecond, 1e9},
                                     {"f32_gflops", &Machine::floatOps, 1e9},
                                     {"bf16_gflops", &Machine::halfOps, 1e9},
                                     {"int8_gops", &Machine::byteOps, 1e9},
                                     {"launch_us", &Machine::launch, 1e-6},
                                     {"multiprocessors", &Machine::multiprocessors, 1, true},
                                     {"clock_mhz", &Machine::clock, 1e6, true},
                                     {"registers", &Machine::registers, 1, true},
                                     {"shared_bytes", &Machine::sharedBytes, 1, true},
                                     {"warps", &Machine::warps, 1, true},
                                     {"blocks", &Machine::blocks, 1, true},
                                     {"capability", &Machine::capability, 1, true}};

/// The GPU whose figures are taken for what runs on a chip and on later ones.
static constexpr std::pair<StringRef, StringRef> gpus[] = {
    {"sm_80", "a100"}, {"sm_86", "rtx3090"}, {"sm_89", "rtx4090"}, {"sm_90", "h100"}};

static std::string print(const json::Value &value) {
  std::string text;
  raw_string_ostream(text) << value;
  return text;
}

Expected<Machine> Machine::parse(StringRef name, StringRef text) {
  auto refuse = [&](const Twine &why) { return createStringError(name + ": " + why); };
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return refuse("expected JSON: " + toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return refuse("expected an object of figures, found " + print(*value));
  for (const auto &entry : *object) {
    StringRef key = entry.first;
    if (none_of(saturate::figures, [&](const Figure &figure) { return figure.name == key; }))
      return refuse("expected no figure '" + key + "', found " + print(entry.second));
  }
  bool isGpu = any_of(saturate::figures, [&](const Figure &figure) {
    return figure.isOfGpu && object->get(figure.name);
  });
  Machine machine;
  for (const Figure &figure : saturate::figures) {
    if (figure.isOfGpu && !isGpu)
      continue;
    const json::Value *found = object->get(figure.name);
    std::optional<double> number = found ? found->getAsNumber() : std::nullopt;
    if (!number || !(*number > 0))
      return refuse("expected a number above 0 for '" + figure.name + "', found " +
                    (found ? print(*found) : "none"));
    machine.*figure.member = *number * figure.unit;
  }
  return machine;
}

Expected<Machine> Machine::read(const std::string &path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return createStringError(path +
                             ": expected a file that can be read: " + buffer.getError().message());
  return parse(path, (*buffer)->getBuffer());
}

Expected<Machine> Machine::of(StringRef name) {
  std::vector<MachineFile> files = shippedMachines();
  auto find = [&](StringRef stem) {
    return find_if(files,
                   [&](const MachineFile &file) { return file.name == stem.str() + ".json"; });
  };
  for (auto [chip, gpu] : gpus)
    if (name == chip) {
      auto found = find(gpu);
      return parse(found->name, found->text);
    }
  Expected<cpu::Target> target = cpu::Target::named(name);
  if (!target)
    return target.takeError();
  auto found = find(target->cpu);
  if (found == files.end())
    found = find(target->avx512 ? "x86-64-v4" : "x86-64-v3");
  return parse(found->name, found->text);
}

std::vector<std::pair<StringRef, double>> Machine::figures() const {
  std::vector<std::pair<StringRef, double>> all;
  for (const Figure &figure : saturate::figures)
    if (!figure.isOfGpu || multiprocessors > 0)
      all.emplace_back(figure.name, this->*figure.member / figure.unit);
  return all;
}

} // namespace tern::saturate
