// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Verify.h"

#include <algorithm>
#include <unordered_set>

namespace tern::format {

static constexpr int64_t maxDim = (int64_t(1) << 31) - 1;
static constexpr uint64_t maxPackedBytes = uint64_t(1) << 46;
static constexpr uint64_t maxScratchBytes = uint64_t(1) << 30;
static constexpr size_t maxRank = 8;
static constexpr size_t maxDimsOfProgram = 8;

template <typename Named>
static Error checkNames(const char *kind, const std::vector<Named> &all) { // V1
  std::unordered_set<std::string_view> seen;
  for (const Named &one : all) {
    if (one.name.empty())
      return makeError(TERN_BAD_FILE, "%s %zu: expected a name, found none", kind,
                       size_t(&one - all.data()));
    if (!seen.insert(one.name).second)
      return makeError(TERN_BAD_FILE, "two of the kind %s are named '%s'", kind, one.name.c_str());
  }
  return {};
}

static Error checkDims(const std::vector<Dim> &dims) { // V2
  for (const Dim &dim : dims)
    if (dim.min < 0 || dim.min > dim.max || dim.max > maxDim)
      return makeError(TERN_BAD_FILE,
                       "dimension '%s': expected a range within 0 .. 2^31 - 1, found %lld .. %lld",
                       dim.name.c_str(), static_cast<long long>(dim.min),
                       static_cast<long long>(dim.max));
  return {};
}

static Error checkTarget(const Target &target) { // V4
  auto isEmpty = [](const std::string &name) { return name.empty(); };
  if (target.name.empty() || std::any_of(target.features.begin(), target.features.end(), isEmpty))
    return makeError(TERN_BAD_FILE,
                     "target: expected a name and names of features, found an empty one");
  return {};
}

static Error checkModel(const Model &model) { // V5
  if (model.maxContext < 0 || model.maxContext > maxDim || model.maxRows < 0 ||
      model.maxRows > maxDim || model.vocabulary < 0 || model.vocabulary > maxDim)
    return makeError(TERN_BAD_FILE,
                     "model: context %lld, rows %lld, vocabulary %lld: expected 0 .. 2^31 - 1 each",
                     static_cast<long long>(model.maxContext),
                     static_cast<long long>(model.maxRows),
                     static_cast<long long>(model.vocabulary));
  for (int32_t token : model.eos)
    if (token < 0 || token >= model.vocabulary)
      return makeError(TERN_BAD_FILE, "model: end token %d lies outside the vocabulary of %lld",
                       token, static_cast<long long>(model.vocabulary));
  if (model.bos < -1 || model.bos >= model.vocabulary || (model.addBos && model.bos < 0))
    return makeError(TERN_BAD_FILE, "model: start token %d lies outside the vocabulary of %lld",
                     model.bos, static_cast<long long>(model.vocabulary));
  return {};
}

static Error checkFiles(const std::vector<SourceFile> &files) { // V6
  for (const SourceFile &file : files)
    if (file.name.empty() || file.name == "." || file.name == ".." ||
        file.name.find('/') != std::string::npos || file.name.find('\0') != std::string::npos ||
        file.bytes == 0)
      return makeError(TERN_BAD_FILE,
                       "weight file '%s' of %llu bytes: expected a plain name and some bytes",
                       file.name.c_str(), static_cast<unsigned long long>(file.bytes));
  return {};
}

/// The bytes of a dense tensor, or false if its shape does not fit its type.
static bool tensorBytes(ElementType type, const std::vector<int64_t> &shape, uint64_t &bytes) {
  const ElementTypeInfo *info = elementTypeInfo(type);
  if (!info || (info->blockElements > 1 && shape.empty()))
    return false;
  int64_t total = info->blockBytes;
  for (size_t i = 0; i < shape.size(); ++i) {
    int64_t size = shape[i];
    if (i + 1 == shape.size()) {
      if (size % info->blockElements != 0)
        return false;
      size /= info->blockElements;
    }
    if (size < 0 || __builtin_mul_overflow(total, size, &total))
      return false;
  }
  bytes = static_cast<uint64_t>(total);
  return true;
}

static Error checkTensors(const Index &index) { // V7
  for (const SourceTensor &tensor : index.tensors) {
    bool embedded = tensor.file == SourceTensor::embedded;
    if (!embedded && tensor.file >= index.files.size())
      return makeError(TERN_BAD_FILE, "tensor '%s': expected one of %zu files, found number %u",
                       tensor.name.c_str(), index.files.size(), tensor.file);
    uint64_t bytes = 0;
    if (!tensorBytes(tensor.type, tensor.shape, bytes) || bytes != tensor.length)
      return makeError(TERN_BAD_FILE,
                       "tensor '%s': its shape and type do not make the %llu bytes that it says",
                       tensor.name.c_str(), static_cast<unsigned long long>(tensor.length));
    uint64_t limit = embedded ? index.embeddedBytes : index.files[tensor.file].bytes;
    if (tensor.length > limit || tensor.offset > limit - tensor.length)
      return makeError(
          TERN_BAD_FILE, "tensor '%s': %llu bytes at %llu lie outside the %llu bytes of its file",
          tensor.name.c_str(), static_cast<unsigned long long>(tensor.length),
          static_cast<unsigned long long>(tensor.offset), static_cast<unsigned long long>(limit));
  }
  return {};
}

static Error checkPacked(const std::vector<PackedWeight> &packed) { // V8
  uint64_t total = 0;
  for (const PackedWeight &weight : packed)
    if (weight.bytes == 0 || weight.bytes > maxPackedBytes ||
        (total += weight.bytes) > maxPackedBytes)
      return makeError(TERN_BAD_FILE,
                       "packed weight '%s': %llu bytes are none, or more than 2^46 in all",
                       weight.name.c_str(), static_cast<unsigned long long>(weight.bytes));
  return {};
}

static Error checkCaches(const Index &index) { // V9
  for (const CacheClass &cache : index.caches) {
    auto number = size_t(&cache - index.caches.data());
    constexpr int32_t maxSize = 1 << 20;
    for (int32_t size : {cache.layers, cache.heads, cache.keyWidth, cache.valueWidth})
      if (size <= 0 || size > maxSize)
        return makeError(TERN_BAD_FILE, "cache %zu: expected sizes of 1 .. 2^20, found %d", number,
                         size);
    if (cache.type != ElementType::F32 && cache.type != ElementType::F16 &&
        cache.type != ElementType::BF16)
      return makeError(TERN_BAD_FILE, "cache %zu: expected type f32, f16 or bf16, found number %d",
                       number, int(cache.type));
    if (cache.blockSlots != 64 || cache.blockBytes % 64 != 0 ||
        cache.blockBytes < cache.leastBlockBytes() || cache.blockBytes > maxScratchBytes)
      return makeError(TERN_BAD_FILE,
                       "cache %zu: expected blocks of 64 slots and %llu bytes or a few more, found "
                       "%d slots and %llu bytes",
                       number, static_cast<unsigned long long>(cache.leastBlockBytes()),
                       cache.blockSlots, static_cast<unsigned long long>(cache.blockBytes));
    if (cache.maxBlocks < 1 || cache.maxBlocks != (index.model.maxContext + 63) / 64)
      return makeError(TERN_BAD_FILE,
                       "cache %zu: %d blocks of 64 slots do not make the context of %lld", number,
                       cache.maxBlocks, static_cast<long long>(index.model.maxContext));
  }
  return {};
}

static Error checkStates(const Index &index) { // V9
  for (const StateClass &state : index.states) {
    auto number = size_t(&state - index.states.data());
    constexpr int32_t maxSize = 1 << 20;
    for (int32_t size : {state.layers, state.rows, state.width})
      if (size <= 0 || size > maxSize)
        return makeError(TERN_BAD_FILE, "state %zu: expected sizes of 1 .. 2^20, found %d", number,
                         size);
    if (state.blockBytes() > maxPackedBytes)
      return makeError(TERN_BAD_FILE, "state %zu: %llu bytes of a sequence are more than 2^46",
                       number, static_cast<unsigned long long>(state.blockBytes()));
  }
  return {};
}

static Error checkKernels(const Index &index, const CodeImage &image) { // V10
  for (const Kernel &kernel : index.kernels) {
    if (kernel.scratchBytes > maxScratchBytes)
      return makeError(TERN_BAD_FILE, "kernel '%s': %llu bytes of scratch are more than 2^30",
                       kernel.name.c_str(), static_cast<unsigned long long>(kernel.scratchBytes));
    if (kernel.isForDevice()) {
      constexpr uint32_t warp = 32, maxThreads = 1024, maxTiles = 1 << 16, maxShared = 227 << 10;
      bool isShape = kernel.threads % warp == 0 && kernel.threads <= maxThreads &&
                     kernel.blockTiles >= 1 && kernel.blockTiles <= maxTiles &&
                     kernel.sharedBytes <= maxShared;
      if (!isShape || index.device.name.empty())
        return makeError(TERN_BAD_FILE,
                         "kernel '%s': expected a device's blocks, found %u threads, %u tiles and "
                         "%u bytes for device '%s'",
                         kernel.name.c_str(), kernel.threads, kernel.blockTiles, kernel.sharedBytes,
                         index.device.name.c_str());
      continue;
    }
    if (!image.isExecutable(kernel.offset))
      return makeError(TERN_BAD_FILE, "kernel '%s': address %llu is not code", kernel.name.c_str(),
                       static_cast<unsigned long long>(kernel.offset));
  }
  return {};
}

//===- Programs -----------------------------------------------------------===//

static Error checkId(const char *what, uint64_t id, size_t count) {
  if (id < count)
    return {};
  return makeError(TERN_BAD_FILE, "%s %llu does not exist: there are %zu", what,
                   static_cast<unsigned long long>(id), count);
}

static Error checkArguments(const Program &program) { // V11
  if (Error error = checkNames("argument", program.arguments))
    return error;
  for (const Argument &argument : program.arguments) {
    const ElementTypeInfo *info = elementTypeInfo(argument.type);
    if (!info || info->blockElements != 1)
      return makeError(TERN_BAD_FILE, "argument '%s': expected a plain type, found number %d",
                       argument.name.c_str(), int(argument.type));
    if (argument.shape.size() > maxRank)
      return makeError(TERN_BAD_FILE, "argument '%s': expected at most %zu dimensions, found %zu",
                       argument.name.c_str(), maxRank, argument.shape.size());
    for (ExpressionId size : argument.shape)
      if (Error error = checkId("expression", size, program.expressions.size()))
        return std::move(error).in("argument '" + argument.name + "'");
  }
  return {};
}

/// How many parts the space has that Buffer::index chooses from.
static size_t countParts(const Index &index, const Program &program, Space space) {
  switch (space) {
  case Space::Arena:
  case Space::Constant:
    return 1;
  case Space::Packed:
    return index.packed.size();
  case Space::Source:
    return index.tensors.size();
  case Space::Input:
  case Space::Output:
    return program.arguments.size();
  case Space::CachePool:
  case Space::CacheTable:
  case Space::CacheLengths:
    return index.caches.size();
  case Space::StatePool:
  case Space::StateTable:
    return index.states.size();
  }
  return 0;
}

/// True for what a session keeps of sequences: caches and states.
static bool isCache(Space space) { return space >= Space::CachePool; }

static Error checkBuffers(const Index &index, const Program &program) { // V13, V14
  bool load = program.name == "load";
  for (const Buffer &buffer : program.buffers) {
    std::string name = "buffer " + std::to_string(&buffer - program.buffers.data());
    size_t parts = countParts(index, program, buffer.space);
    if (Error error = checkId("part of its space, number", buffer.index, parts))
      return std::move(error).in(name);
    for (ExpressionId id : {buffer.offset, buffer.bytes})
      if (Error error = checkId("expression", id, program.expressions.size()))
        return std::move(error).in(name);
    if ((buffer.space == Space::Input || buffer.space == Space::Output) &&
        program.arguments[buffer.index].output != (buffer.space == Space::Output))
      return makeError(TERN_BAD_FILE, "%s: argument '%s' is used against its direction",
                       name.c_str(), program.arguments[buffer.index].name.c_str());
    if ((buffer.space == Space::Source && !load) || (isCache(buffer.space) && load)) // V14
      return makeError(TERN_BAD_FILE, "%s: %s", name.c_str(),
                       load ? "'load' has no cache" : "sources are there in 'load' only");
  }
  return {};
}

static Error checkLaunch(const Index &index, const Program &program, const Launch &launch) { // V15
  if (Error error = checkId("kernel", launch.kernel, index.kernels.size()))
    return error;
  const Kernel &kernel = index.kernels[launch.kernel];
  bool isForDevice = !index.device.name.empty() && program.name != "load";
  if (kernel.isForDevice() != isForDevice)
    return makeError(TERN_BAD_FILE, "kernel '%s': expected one for the %s, found one for the %s",
                     kernel.name.c_str(), isForDevice ? "device" : "host",
                     isForDevice ? "host" : "device");
  for (uint32_t buffer : launch.buffers)
    if (Error error = checkId("buffer", buffer, program.buffers.size()))
      return error;
  for (ExpressionId size : launch.sizes)
    if (Error error = checkId("expression", size, program.expressions.size()))
      return error;
  return checkId("expression", launch.tiles, program.expressions.size());
}

static Error checkCopy(const Program &program, const Copy &copy) { // V16
  for (uint32_t buffer : {copy.destination, copy.source})
    if (Error error = checkId("buffer", buffer, program.buffers.size()))
      return error;
  Space to = program.buffers[copy.destination].space;
  bool writable = to == Space::Arena || to == Space::Output ||
                  (to == Space::Packed && program.name == "load"); // V14
  if (!writable || isCache(program.buffers[copy.source].space))
    return makeError(TERN_BAD_FILE,
                     "expected to write the arena or an output and to read no cache");
  return checkId("expression", copy.bytes, program.expressions.size());
}

static Error checkCommands(const Index &index, const Program &program) {
  for (const Command &command : program.commands) {
    auto *launch = std::get_if<Launch>(&command);
    if (Error error = launch ? checkLaunch(index, program, *launch)
                             : checkCopy(program, std::get<Copy>(command)))
      return std::move(error).in("command " + std::to_string(&command - program.commands.data()));
  }
  return {};
}

//===- Values -------------------------------------------------------------===//

static Error checkArgumentValues(const Program &program, const std::vector<int64_t> &values,
                                 std::vector<int64_t> &extents) { // V11
  for (const Argument &argument : program.arguments) {
    int64_t bytes = elementTypeInfo(argument.type)->blockBytes;
    for (ExpressionId size : argument.shape)
      if (values[size] < 0 || __builtin_mul_overflow(bytes, values[size], &bytes))
        return makeError(TERN_BAD_FILE, "argument '%s': a size of %lld is not possible",
                         argument.name.c_str(), static_cast<long long>(values[size]));
    extents.push_back(bytes);
  }
  return {};
}

static Error checkBufferValues(const Index &index, const Program &program,
                               const std::vector<int64_t> &values,
                               const std::vector<int64_t> &arguments) { // V13
  for (const Buffer &buffer : program.buffers) {
    int64_t offset = values[buffer.offset], bytes = values[buffer.bytes], extent = 0;
    switch (buffer.space) {
    case Space::Arena:
      extent = values[program.arenaBytes];
      break;
    case Space::Constant:
      extent = static_cast<int64_t>(index.constantBytes);
      break;
    case Space::Packed:
      extent = static_cast<int64_t>(index.packed[buffer.index].bytes);
      break;
    case Space::Source:
      extent = static_cast<int64_t>(index.tensors[buffer.index].length);
      break;
    case Space::Input:
    case Space::Output:
      extent = arguments[buffer.index];
      break;
    case Space::CachePool:
    case Space::CacheTable:
    case Space::CacheLengths:
    case Space::StatePool:
    case Space::StateTable:
      break;
    }
    if (offset < 0 || bytes < 0 || bytes > extent || offset > extent - bytes)
      return makeError(TERN_BAD_FILE,
                       "buffer %zu: %lld bytes at %lld lie outside the %lld bytes of its space",
                       size_t(&buffer - program.buffers.data()), static_cast<long long>(bytes),
                       static_cast<long long>(offset), static_cast<long long>(extent));
  }
  return {};
}

/// True if both are parts of one piece of memory and share a byte.
static bool overlap(const Buffer &left, const Buffer &right, const std::vector<int64_t> &values) {
  return left.space == right.space && left.index == right.index &&
         values[left.offset] < values[right.offset] + values[right.bytes] &&
         values[right.offset] < values[left.offset] + values[left.bytes];
}

static Error checkCommandValues(const Program &program, const std::vector<int64_t> &values) {
  for (const Command &command : program.commands) {
    auto number = size_t(&command - program.commands.data());
    if (auto *launch = std::get_if<Launch>(&command)) { // V15
      if (values[launch->tiles] < 0 || values[launch->tiles] > maxDim)
        return makeError(TERN_BAD_FILE, "command %zu: expected 0 .. 2^31 - 1 tiles, found %lld",
                         number, static_cast<long long>(values[launch->tiles]));
      continue;
    }
    auto &copy = std::get<Copy>(command); // V16
    const Buffer &to = program.buffers[copy.destination], &from = program.buffers[copy.source];
    int64_t bytes = values[copy.bytes];
    if (bytes < 0 || bytes > values[to.bytes] || bytes > values[from.bytes] ||
        overlap(to, from, values))
      return makeError(TERN_BAD_FILE,
                       "command %zu: a copy of %lld bytes exceeds its buffers, or they overlap",
                       number, static_cast<long long>(bytes));
  }
  return {};
}

Error verifyValues(const Index &index, const Program &program, const std::vector<int64_t> &values) {
  if (values[program.arenaBytes] < 0 ||
      static_cast<uint64_t>(values[program.arenaBytes]) > maxPackedBytes) // V13
    return makeError(TERN_BAD_FILE, "expected an arena of at most 2^46 bytes, found %lld",
                     static_cast<long long>(values[program.arenaBytes]));
  std::vector<int64_t> arguments;
  if (Error error = checkArgumentValues(program, values, arguments))
    return error;
  if (Error error = checkBufferValues(index, program, values, arguments))
    return error;
  return checkCommandValues(program, values);
}

//===- Corners ------------------------------------------------------------===//

/// The dimensions that the program's expressions mention, ascending.
static std::vector<uint32_t> usedDims(const Program &program) {
  std::vector<uint32_t> used;
  for (const Expression &expression : program.expressions)
    for (auto [op, value] : expression.code)
      if (op == Expression::Op::Dim)
        used.push_back(static_cast<uint32_t>(value));
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  return used;
}

static bool isSizeOfInput(const Program &program, uint32_t dim) {
  for (const Argument &argument : program.arguments)
    for (ExpressionId size : argument.shape)
      if (!argument.output && program.expressions[size].asDim() == dim)
        return true;
  return false;
}

static Error checkCorners(const Index &index, const Program &program) {
  std::vector<uint32_t> used = usedDims(program);
  if (used.size() > maxDimsOfProgram) // V3
    return makeError(TERN_BAD_FILE, "expected at most %zu dimensions, found %zu", maxDimsOfProgram,
                     used.size());
  for (uint32_t dim : used)
    if (!isSizeOfInput(program, dim)) // V12
      return makeError(TERN_BAD_FILE, "dimension '%s' is not the size of an input",
                       index.dims[dim].name.c_str());
  std::vector<int64_t> dims(index.dims.size()), values(program.expressions.size());
  for (size_t corner = 0; corner < size_t(1) << used.size(); ++corner) {
    for (size_t i = 0; i < used.size(); ++i)
      dims[used[i]] = corner >> i & 1 ? index.dims[used[i]].max : index.dims[used[i]].min;
    for (size_t i = 0; i < values.size(); ++i) {
      auto value = program.expressions[i].evaluate(dims);
      if (!value) // V3
        return makeError(TERN_BAD_FILE, "expression %zu has no value at an end of its range", i);
      values[i] = *value;
    }
    if (Error error = verifyValues(index, program, values))
      return error;
  }
  return {};
}

static Error checkProgram(const Index &index, const Program &program) {
  for (const Expression &expression : program.expressions)
    if (!expression.isWellFormed(index.dims.size())) // V3
      return makeError(TERN_BAD_FILE, "expression %zu is not well formed",
                       size_t(&expression - program.expressions.data()));
  if (Error error = checkId("expression (of the arena's bytes)", program.arenaBytes,
                            program.expressions.size()))
    return error;
  if (Error error = checkArguments(program))
    return error;
  if (Error error = checkBuffers(index, program))
    return error;
  if (Error error = checkCommands(index, program))
    return error;
  if (Error error = checkCorners(index, program))
    return error;
  return verifySignature(index, program);
}

Error verifyIndex(const Index &index, const CodeImage &image) {
  using Check = Error (*)(const Index &);
  constexpr Check checks[] = {
      [](const Index &all) { return checkNames("dimension", all.dims); },
      [](const Index &all) { return checkNames("program", all.programs); },
      [](const Index &all) { return checkNames("kernel", all.kernels); },
      [](const Index &all) { return checkNames("packed weight", all.packed); },
      [](const Index &all) { return checkDims(all.dims); },
      [](const Index &all) { return checkTarget(all.target); },
      [](const Index &all) { return checkModel(all.model); },
      [](const Index &all) { return checkFiles(all.files); },
      [](const Index &all) { return checkTensors(all); },
      [](const Index &all) { return checkPacked(all.packed); },
      [](const Index &all) { return checkCaches(all); },
      [](const Index &all) { return checkStates(all); },
  };
  for (Check check : checks)
    if (Error error = check(index))
      return error;
  if (Error error = checkKernels(index, image))
    return error;
  for (const Program &program : index.programs)
    if (Error error = checkProgram(index, program))
      return std::move(error).in("program '" + program.name + "'");
  return {};
}

} // namespace tern::format
