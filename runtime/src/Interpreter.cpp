// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Interpreter.h"

#include "runtime/format/Verify.h"

#include <algorithm>

using namespace tern::format;

namespace tern::runtime {

Interpreter::Interpreter(Device &device, const LoadedCode &code, const Index &index,
                         const Program &program, Spaces spaces)
    : program(program), device(device), index(index), spaces(std::move(spaces)),
      values(program.expressions.size()), addresses(program.buffers.size()) {
  size_t buffers = 0, sizes = 0;
  for (const Command &command : program.commands) {
    Launch &launch = launches.emplace_back();
    if (auto *given = std::get_if<format::Launch>(&command)) {
      const Kernel &kernel = index.kernels[given->kernel];
      launch = {code.kernel(kernel), kernel.scratchBytes, buffers, sizes};
      buffers += given->buffers.size();
      sizes += given->sizes.size();
    }
  }
  launchBuffers.resize(buffers);
  launchBytes.resize(buffers);
  launchSizes.resize(sizes);
}

Error Interpreter::setDims(std::span<const int64_t> newDims) {
  if (std::equal(newDims.begin(), newDims.end(), dims.begin(), dims.end()) && !dims.empty())
    return {};
  dims.clear();
  for (size_t i = 0; i < values.size(); ++i) {
    auto value = program.expressions[i].evaluate(newDims);
    if (!value)
      return makeError(TERN_INTERNAL, "program '%s': expression %zu has no value",
                       program.name.c_str(), i);
    values[i] = *value;
  }
  if (Error error = verifyValues(index, program, values))
    return std::move(error).in("program '" + program.name + "'");
  auto arenaBytes = static_cast<uint64_t>(values[program.arenaBytes]);
  if (arena.size() < arenaBytes)
    if (Error error = device.allocate(arenaBytes, "activations", arena))
      return error;
  auto size = launchSizes.begin();
  auto bytes = launchBytes.begin();
  for (const Command &command : program.commands)
    if (auto *launch = std::get_if<format::Launch>(&command)) {
      for (ExpressionId id : launch->sizes)
        *size++ = values[id];
      for (uint32_t number : launch->buffers) {
        const Buffer &buffer = program.buffers[number];
        std::span<std::byte> all = whole(buffer);
        *bytes++ = all.data() ? all.size() : static_cast<uint64_t>(values[buffer.bytes]);
      }
    }
  dims.assign(newDims.begin(), newDims.end());
  return {};
}

uint64_t Interpreter::bytesOf(const Argument &argument) const {
  const ElementTypeInfo &type = *elementTypeInfo(argument.type);
  int64_t elements = 1;
  for (ExpressionId extent : argument.shape)
    elements *= values[extent];
  return static_cast<uint64_t>(elements / type.blockElements * type.blockBytes);
}

/// Finds out where kernels reach the arguments, and sends those of the host's in one copy.
Error Interpreter::stage(std::span<const Given> given) {
  constexpr uint64_t alignment = 256;
  arguments.clear();
  inputs.clear();
  std::vector<std::pair<size_t, uint64_t>> places; // of arguments in `staged`
  uint64_t length = 0;
  auto place = [&](size_t argument) {
    places.emplace_back(argument, length);
    length += (bytesOf(program.arguments[argument]) + alignment - 1) / alignment * alignment;
  };
  auto isStaged = [&](const Given &one) {
    return !one.address || (!one.isDevices && !device.sharesMemory());
  };
  for (size_t i = 0; i < given.size(); ++i) {
    arguments.push_back(static_cast<std::byte *>(given[i].address));
    if (!isStaged(given[i]) || program.arguments[i].output)
      continue;
    place(i);
    inputs.resize(length);
    std::copy_n(arguments[i], bytesOf(program.arguments[i]), inputs.begin() + places.back().second);
  }
  for (size_t i = 0; i < given.size(); ++i)
    if (isStaged(given[i]) && program.arguments[i].output)
      place(i);
  if (staged.size() < length)
    if (Error error = device.allocate(length, "arguments", staged))
      return error;
  for (auto [argument, offset] : places)
    arguments[argument] = staged.data() + offset;
  return device.write(staged.data(), inputs.data(), inputs.size());
}

Error Interpreter::returnOutputs(std::span<const Given> given) {
  for (size_t i = 0; i < given.size(); ++i)
    if (program.arguments[i].output && given[i].address && given[i].address != arguments[i])
      if (Error error = device.read(given[i].address, arguments[i], bytesOf(program.arguments[i])))
        return error;
  return {};
}

/// A space that programs are given whole; empty for others.
std::span<std::byte> Interpreter::whole(const Buffer &buffer) const {
  switch (buffer.space) {
  case Space::CachePool:
    return spaces.cachePools[buffer.index];
  case Space::CacheTable:
    return spaces.cacheTables[buffer.index];
  case Space::CacheLengths:
    return spaces.cacheLengths[buffer.index];
  case Space::StatePool:
    return spaces.statePools[buffer.index];
  case Space::StateTable:
    return spaces.stateTables[buffer.index];
  default:
    return {};
  }
}

const std::byte *Interpreter::base(const Buffer &buffer) const {
  switch (buffer.space) {
  case Space::Arena:
    return arena.data();
  case Space::Packed:
    return spaces.packed[buffer.index];
  case Space::Constant:
    return spaces.constants;
  case Space::Source:
    return spaces.sources[buffer.index];
  case Space::Input:
  case Space::Output:
    return arguments[buffer.index];
  default:
    return whole(buffer).data();
  }
}

void Interpreter::setAddresses() {
  for (size_t i = 0; i < addresses.size(); ++i) {
    const Buffer &buffer = program.buffers[i];
    // Kernels take all buffers as one type; which they write is theirs to know.
    addresses[i] = const_cast<std::byte *>(base(buffer)) + values[buffer.offset];
  }
  auto address = launchBuffers.begin();
  for (const Command &command : program.commands)
    if (auto *launch = std::get_if<format::Launch>(&command))
      for (uint32_t buffer : launch->buffers)
        *address++ = addresses[buffer];
}

Error Interpreter::runCommand(size_t number) {
  const Command &command = program.commands[number];
  if (auto *copy = std::get_if<Copy>(&command)) {
    return device.copy(addresses[copy->destination], addresses[copy->source],
                       static_cast<uint64_t>(values[copy->bytes]));
  }
  const Launch &launch = launches[number];
  auto &given = std::get<format::Launch>(command);
  return device.launch({launch.kernel, launchBuffers.data() + launch.firstBuffer,
                        launchBytes.data() + launch.firstBuffer,
                        launchSizes.data() + launch.firstSize, values[given.tiles],
                        launch.scratchBytes, program, given});
}

/// Whether dimensions and addresses are those of the run before.
bool Interpreter::isAsBefore() {
  if (dims == dimsBefore && addresses == addressesBefore)
    return true;
  dimsBefore = dims;
  addressesBefore = addresses;
  return false;
}

const Recording *Interpreter::recorded() const {
  auto found = std::ranges::find_if(recordings, [&](const Recorded &one) {
    return one.dims == dims && one.addresses == addresses;
  });
  return found == recordings.end() ? nullptr : found->commands.get();
}

Error Interpreter::record() {
  Recorded made{dims, addresses, nullptr};
  auto commands = [&]() -> Error {
    for (size_t i = 0; i < program.commands.size(); ++i)
      if (Error error = runCommand(i))
        return error;
    return {};
  };
  if (Error error = device.record(commands, made.commands))
    return error;
  constexpr size_t most = 32;
  if (recordings.size() == most)
    recordings.erase(recordings.begin());
  recordings.push_back(std::move(made));
  return {};
}

/// What comes a second time in turn, as decoding does, is recorded.
Error Interpreter::runCommands(const Continue &goOn) {
  auto stopped = [&] {
    return makeError(TERN_INTERRUPTED, "program '%s' was stopped", program.name.c_str());
  };
  if (device.canRecord()) {
    if (isAsBefore() && !recorded())
      if (Error error = record())
        return error;
    if (const Recording *found = recorded())
      return goOn && !goOn(0) ? stopped() : device.replay(*found);
  }
  for (size_t i = 0; i < program.commands.size(); ++i) {
    if (goOn && !goOn(i))
      return stopped();
    if (Error error = runCommand(i))
      return error;
  }
  return {};
}

Error Interpreter::run(std::span<const int64_t> newDims, std::span<const Given> given,
                       const Continue &goOn) {
  std::lock_guard lock(device.mutex);
  if (Error error = setDims(newDims))
    return error;
  if (Error error = stage(given))
    return error;
  setAddresses();
  if (Error error = runCommands(goOn))
    return error;
  return returnOutputs(given);
}

} // namespace tern::runtime
