// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/device/emulator/Cta.h"
#include "runtime/src/device/emulator/Decode.h"
#include "runtime/src/device/emulator/Parser.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <thread>

namespace tern::runtime::emulator {

using format::Error;
using format::makeError;

Module::Module() : contents(std::make_unique<Program>()) {}
Module::Module(Module &&) noexcept = default;
Module &Module::operator=(Module &&) noexcept = default;
Module::~Module() = default;

Error Module::parse(std::string_view text, Module &out) {
  // What the tables refer to must not move.
  auto program = std::make_unique<Program>();
  program->text = text;
  if (Error error = Parser(program->text, program->syntax).parse())
    return error;
  for (const Kernel &kernel : program->syntax.kernels) {
    Code &code = program->codes.emplace_back();
    if (Error error = Decoder(program->syntax, kernel, code).decode())
      return error;
  }
  out.contents = std::move(program);
  return {};
}

std::vector<std::string> Module::kernels() const {
  std::vector<std::string> names;
  for (const Kernel &kernel : contents->syntax.kernels)
    names.push_back(kernel.name);
  return names;
}

static constexpr uint64_t maximumShared = 227 << 10, maximumCtas = (1 << 24) - 1,
                          maximumThreads = 1024;

static Error check(const Launch &launch, const Options &options, const Code &code) {
  const Kernel &kernel = *code.syntax;
  const char *name = kernel.name.c_str();
  auto shown = [](uint64_t number) { return static_cast<unsigned long long>(number); };
  const Size3 &block = launch.block;
  uint64_t threads = block.count();
  if (threads == 0 || threads > maximumThreads || block.z > 64)
    return makeError(TERN_INVALID_ARGUMENT,
                     "kernel '%s': expected a CTA of 1 to 1024 threads, found %ux%ux%u", name,
                     block.x, block.y, block.z);
  if (launch.grid.count() == 0 || launch.grid.count() > maximumCtas)
    return makeError(TERN_INVALID_ARGUMENT, "kernel '%s': expected 1 to %llu CTAs, found %ux%ux%u",
                     name, shown(maximumCtas), launch.grid.x, launch.grid.y, launch.grid.z);
  if (kernel.maximumThreads && threads > kernel.maximumThreads)
    return makeError(TERN_INVALID_ARGUMENT,
                     "kernel '%s': expected at most %llu threads in a CTA, found %llu", name,
                     shown(kernel.maximumThreads), shown(threads));
  const uint32_t *wanted = kernel.requiredThreads;
  if (wanted[0] && (block.x != wanted[0] || block.y != wanted[1] || block.z != wanted[2]))
    return makeError(TERN_INVALID_ARGUMENT,
                     "kernel '%s': expected a CTA of %ux%ux%u threads, found %ux%ux%u", name,
                     wanted[0], wanted[1], wanted[2], block.x, block.y, block.z);
  if (launch.parameters.size() != kernel.parameterBytes)
    return makeError(TERN_INVALID_ARGUMENT,
                     "kernel '%s': expected %llu bytes of parameters, found %zu", name,
                     shown(kernel.parameterBytes), launch.parameters.size());
  if (launch.dynamicSharedBytes > maximumShared ||
      code.dynamicOffset + launch.dynamicSharedBytes > maximumShared)
    return makeError(TERN_INVALID_ARGUMENT,
                     "kernel '%s': expected at most %llu bytes of shared memory, found %llu "
                     "static and %llu dynamic ones",
                     name, shown(maximumShared), shown(code.sharedBytes),
                     shown(launch.dynamicSharedBytes));
  if (options.sampleEvery == 0 || options.threads == 0)
    return makeError(TERN_INVALID_ARGUMENT, "kernel '%s': expected at least one thread and CTA",
                     name);
  return {};
}

/// A warp's slots with their constants.
static std::vector<std::byte> makeFrame(const Code &code, const std::vector<uint64_t> &variables) {
  std::vector<std::byte> frame(code.frameBytes);
  for (const Constant &constant : code.constants) {
    uint64_t value = constant.value;
    if (constant.kind == Constant::Register)
      continue;
    if (constant.kind == Constant::Variable)
      value += variables[constant.variable];
    if (constant.bytes == 1) { // a predicate: one bit a lane
      std::memcpy(&frame[constant.slot], &value, sizeof(uint32_t));
      continue;
    }
    for (unsigned lane = 0; lane < numLanes; ++lane)
      std::memcpy(&frame[constant.slot + lane * constant.bytes], &value, constant.bytes);
  }
  return frame;
}

/// What the threads of the host agree on.
struct Outcome {
  std::mutex mutex;
  Counts counts;
  uint64_t failed = ~uint64_t{0}; ///< the first CTA that failed, and why
  std::string message;
  bool isOutOfMemory = false;
};

static void work(Grid &grid, Outcome &outcome) {
  uint64_t number = 0;
  bool isTaken = false;
  try {
    Cta cta(grid);
    bool succeeds = true;
    while (succeeds && (isTaken = grid.turn.take(number))) {
      succeeds = cta.run(number);
      {
        // Of several failures, that of the first CTA is told.
        std::lock_guard lock(outcome.mutex);
        if (!succeeds && number < outcome.failed) {
          outcome.failed = number;
          outcome.message = cta.message;
        }
      }
      grid.turn.finish(number, !succeeds);
    }
    std::lock_guard lock(outcome.mutex);
    outcome.counts += cta.counts;
  } catch (const std::bad_alloc &) {
    if (isTaken)
      grid.turn.finish(number, true);
    std::lock_guard lock(outcome.mutex);
    outcome.isOutOfMemory = true;
  }
}

Error run(const Module &module, const Launch &launch, Memory &memory, const Options &options,
          Counts &counts) {
  const Program &program = module.program();
  auto code = std::find_if(program.codes.begin(), program.codes.end(),
                           [&](const Code &code) { return code.syntax->name == launch.kernel; });
  if (code == program.codes.end())
    return makeError(TERN_INVALID_ARGUMENT, "the module has no kernel '%s'", launch.kernel.c_str());
  if (Error error = check(launch, options, *code))
    return error;
  const std::vector<uint64_t> &variables = memory.variablesOf(module);
  uint64_t ctas = launch.grid.count();
  unsigned threads = static_cast<unsigned>(
      std::min<uint64_t>({options.threads, ctas / options.sampleEvery + 1, 256}));
  Grid grid{&*code,
            &launch,
            &memory,
            &options,
            makeFrame(*code, variables),
            nullptr,
            Turn(0, options.sampleEvery, ctas)};
  grid.sharedBytes = launch.dynamicSharedBytes ? code->dynamicOffset + launch.dynamicSharedBytes
                                               : code->sharedBytes;
  if (options.checks)
    grid.races = std::make_unique<GlobalRaces>(memory, code->globalGranule, threads > 1);
  Outcome outcome;
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i)
    others.emplace_back([&] { work(grid, outcome); });
  work(grid, outcome);
  for (std::thread &other : others)
    other.join();
  counts += outcome.counts;
  ++counts.launches;
  if (outcome.isOutOfMemory)
    return makeError(TERN_OUT_OF_MEMORY, "kernel '%s': there is no memory to emulate it in",
                     launch.kernel.c_str());
  if (!outcome.message.empty())
    return Error(TERN_INVALID_ARGUMENT, std::move(outcome.message));
  return {};
}

} // namespace tern::runtime::emulator
