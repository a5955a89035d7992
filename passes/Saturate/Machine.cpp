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
};
} // namespace

static constexpr Figure figures[] = {{"read_gbs", &Machine::bytesPerSecond, 1e9},
                                     {"f32_gflops", &Machine::floatOps, 1e9},
                                     {"bf16_gflops", &Machine::halfOps, 1e9},
                                     {"int8_gops", &Machine::byteOps, 1e9},
                                     {"launch_us", &Machine::launch, 1e-6}};

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
  Machine machine;
  for (const Figure &figure : saturate::figures) {
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

Expected<Machine> Machine::of(StringRef targetCpu) {
  Expected<cpu::Target> target = cpu::Target::named(targetCpu);
  if (!target)
    return target.takeError();
  std::vector<MachineFile> files = shippedMachines();
  auto find = [&](StringRef name) {
    return find_if(files,
                   [&](const MachineFile &file) { return file.name == name.str() + ".json"; });
  };
  auto found = find(target->cpu);
  if (found == files.end())
    found = find(target->avx512 ? "x86-64-v4" : "x86-64-v3");
  return parse(found->name, found->text);
}

std::vector<std::pair<StringRef, double>> Machine::figures() const {
  std::vector<std::pair<StringRef, double>> all;
  for (const Figure &figure : saturate::figures)
    all.emplace_back(figure.name, this->*figure.member / figure.unit);
  return all;
}

} // namespace tern::saturate
