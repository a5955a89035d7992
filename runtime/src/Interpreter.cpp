// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/src/Interpreter.h"

#include "runtime/format/Verify.h"

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

/// Makes room for all arguments and copies the inputs.
Error Interpreter::stageInputs(std::span<void *const> arguments) {
  staged.resize(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Argument &argument = program.arguments[i];
    uint64_t bytes = bytesOf(argument);
    if (staged[i].size() < bytes)
      if (Error error = device.allocate(bytes, argument.name.c_str(), staged[i]))
        return error;
    if (!argument.output && bytes)
      if (Error error = device.write(staged[i].data(), arguments[i], bytes))
        return error;
  }
  return {};
}

Error Interpreter::returnOutputs(std::span<void *const> arguments) {
  for (size_t i = 0; i < staged.size(); ++i)
    if (uint64_t bytes = bytesOf(program.arguments[i]); program.arguments[i].output && bytes)
      if (Error error = device.read(arguments[i], staged[i].data(), bytes))
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

const std::byte *Interpreter::base(const Buffer &buffer, std::span<void *const> arguments) const {
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
    return staged.empty() ? static_cast<const std::byte *>(arguments[buffer.index])
                          : staged[buffer.index].data();
  default:
    return whole(buffer).data();
  }
}

void Interpreter::setAddresses(std::span<void *const> arguments) {
  for (size_t i = 0; i < addresses.size(); ++i) {
    const Buffer &buffer = program.buffers[i];
    // Kernels take all buffers as one type; which they write is theirs to know.
    addresses[i] = const_cast<std::byte *>(base(buffer, arguments)) + values[buffer.offset];
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

Error Interpreter::run(std::span<const int64_t> newDims, std::span<void *const> arguments,
                       const Continue &goOn) {
  std::lock_guard lock(device.mutex);
  if (Error error = setDims(newDims))
    return error;
  if (!device.sharesMemory())
    if (Error error = stageInputs(arguments))
      return error;
  setAddresses(arguments);
  for (size_t i = 0; i < program.commands.size(); ++i) {
    if (goOn && !goOn(i))
      return makeError(TERN_INTERRUPTED, "program '%s' was stopped", program.name.c_str());
    if (Error error = runCommand(i))
      return error;
  }
  return returnOutputs(arguments);
}

} // namespace tern::runtime
