// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Encode.h"

#include "artefact_generated.h"

#include <cstring>

namespace tern::format {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

// Children are made one statement at a time: the order in which a call's
// arguments are made, and so of the bytes, is each compiler's own choice.

static Offset<fb::Target> encode(FlatBufferBuilder &builder, const Target &target) {
  auto name = builder.CreateString(target.name);
  auto cpu = builder.CreateString(target.cpu);
  auto features = builder.CreateVectorOfStrings(target.features);
  return fb::CreateTarget(builder, name, cpu, features);
}

static Offset<fb::Dim> encode(FlatBufferBuilder &builder, const Dim &dim) {
  auto name = builder.CreateString(dim.name);
  return fb::CreateDim(builder, name, dim.min, dim.max);
}

static Offset<fb::Argument> encode(FlatBufferBuilder &builder, const Argument &argument) {
  auto name = builder.CreateString(argument.name);
  auto shape = builder.CreateVector(argument.shape);
  return fb::CreateArgument(builder, name, static_cast<uint8_t>(argument.type), argument.output,
                            shape);
}

static Offset<void> encode(FlatBufferBuilder &builder, const Command &command) {
  if (auto *launch = std::get_if<Launch>(&command)) {
    auto buffers = builder.CreateVector(launch->buffers);
    auto sizes = builder.CreateVector(launch->sizes);
    return fb::CreateLaunch(builder, launch->kernel, buffers, sizes, launch->tiles).Union();
  }
  auto &copy = std::get<Copy>(command);
  return fb::CreateCopy(builder, copy.destination, copy.source, copy.bytes).Union();
}

/// A vector of encoded elements, in order.
template <typename From>
static auto encodeAll(FlatBufferBuilder &builder, const std::vector<From> &from) {
  std::vector<decltype(encode(builder, from.front()))> all;
  for (const From &one : from)
    all.push_back(encode(builder, one));
  return builder.CreateVector(all);
}

static Offset<fb::Program> encode(FlatBufferBuilder &builder, const Program &program) {
  std::vector<fb::Instruction> instructions;
  std::vector<uint32_t> ends;
  for (const Expression &expression : program.expressions) {
    for (auto [op, value] : expression.code)
      instructions.emplace_back(value, static_cast<uint8_t>(op));
    ends.push_back(static_cast<uint32_t>(instructions.size()));
  }
  std::vector<fb::Buffer> buffers;
  for (const Buffer &buffer : program.buffers)
    buffers.emplace_back(static_cast<uint8_t>(buffer.space), buffer.index, buffer.offset,
                         buffer.bytes);
  std::vector<fb::Command> commandTypes;
  for (const Command &command : program.commands)
    commandTypes.push_back(std::holds_alternative<Launch>(command) ? fb::Command::Launch
                                                                   : fb::Command::Copy);
  auto name = builder.CreateString(program.name);
  auto instructionVector = builder.CreateVectorOfStructs(instructions);
  auto endVector = builder.CreateVector(ends);
  auto argumentVector = encodeAll(builder, program.arguments);
  auto bufferVector = builder.CreateVectorOfStructs(buffers);
  auto typeVector = builder.CreateVector(commandTypes);
  auto commandVector = encodeAll(builder, program.commands);
  return fb::CreateProgram(builder, name, instructionVector, endVector, argumentVector,
                           bufferVector, program.arenaBytes, typeVector, commandVector);
}

static fb::Hash encode(const Hash &hash) {
  return fb::Hash(flatbuffers::span<const uint8_t, 16>(hash.data(), hash.size()));
}

static Offset<fb::SourceFile> encode(FlatBufferBuilder &builder, const SourceFile &file) {
  fb::Hash hash = encode(file.hash);
  auto name = builder.CreateString(file.name);
  return fb::CreateSourceFile(builder, name, file.bytes, &hash);
}

static Offset<fb::SourceTensor> encode(FlatBufferBuilder &builder, const SourceTensor &tensor) {
  auto name = builder.CreateString(tensor.name);
  auto shape = builder.CreateVector(tensor.shape);
  return fb::CreateSourceTensor(builder, name, tensor.file, tensor.offset, tensor.length,
                                static_cast<uint8_t>(tensor.type), shape);
}

static Offset<fb::Kernel> encode(FlatBufferBuilder &builder, const Kernel &kernel) {
  auto name = builder.CreateString(kernel.name), remark = builder.CreateString(kernel.remark);
  return fb::CreateKernel(builder, name, kernel.offset, kernel.scratchBytes, remark, kernel.threads,
                          kernel.blockTiles, kernel.sharedBytes);
}

static Offset<fb::PackedWeight> encode(FlatBufferBuilder &builder, const PackedWeight &weight) {
  auto name = builder.CreateString(weight.name);
  return fb::CreatePackedWeight(builder, name, weight.bytes);
}

static Offset<fb::CacheClass> encode(FlatBufferBuilder &builder, const CacheClass &cache) {
  return fb::CreateCacheClass(builder, cache.layers, cache.heads, cache.keyWidth, cache.valueWidth,
                              static_cast<uint8_t>(cache.type), cache.blockSlots, cache.blockBytes,
                              cache.maxBlocks);
}

static Offset<fb::StateClass> encode(FlatBufferBuilder &builder, const StateClass &state) {
  return fb::CreateStateClass(builder, state.layers, state.rows, state.width);
}

static Offset<fb::Model> encode(FlatBufferBuilder &builder, const Model &model) {
  auto architecture = builder.CreateString(model.architecture);
  auto eos = builder.CreateVector(model.eos);
  auto numerics = builder.CreateString(model.numerics);
  auto cacheType = builder.CreateString(model.cacheType);
  Offset<flatbuffers::String> quantize;
  if (!model.quantize.empty())
    quantize = builder.CreateString(model.quantize);
  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> remarks;
  if (!model.remarks.empty())
    remarks = builder.CreateVectorOfStrings(model.remarks);
  return fb::CreateModel(builder, architecture, model.maxContext, model.maxRows, model.vocabulary,
                         eos, model.bos, model.addBos, numerics, cacheType, quantize,
                         model.weightBits, model.weightError, remarks);
}

std::vector<std::byte> encodeIndex(const Index &index) {
  FlatBufferBuilder builder;
  auto producer = builder.CreateString(index.producer);
  auto target = encode(builder, index.target);
  auto dims = encodeAll(builder, index.dims);
  auto programs = encodeAll(builder, index.programs);
  auto kernels = encodeAll(builder, index.kernels);
  auto files = encodeAll(builder, index.files);
  auto tensors = encodeAll(builder, index.tensors);
  auto packed = encodeAll(builder, index.packed);
  auto caches = encodeAll(builder, index.caches);
  auto states = encodeAll(builder, index.states);
  auto model = encode(builder, index.model);
  Offset<fb::Target> device;
  if (!index.device.name.empty())
    device = encode(builder, index.device);
  Offset<fb::Assembler> assembler;
  if (!index.assembler.name.empty()) {
    auto name = builder.CreateString(index.assembler.name);
    fb::Hash hash = encode(index.assembler.hash);
    assembler = fb::CreateAssembler(builder, name, &hash);
  }
  fb::FinishIndexBuffer(builder,
                        fb::CreateIndex(builder, producer, target, dims, programs, kernels,
                                        index.constantBytes, index.embeddedBytes, files, tensors,
                                        packed, caches, model, states, device, assembler));
  auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  return {bytes.begin(), bytes.end()};
}

//===- Decoding: any field may be missing ---------------------------------===//

static void decode(const flatbuffers::String *from, std::string &to) {
  if (from)
    to = from->str();
}

static void decode(const flatbuffers::Vector<Offset<flatbuffers::String>> *from,
                   std::vector<std::string> &to) {
  if (from)
    for (const flatbuffers::String *text : *from)
      to.push_back(text->str());
}

template <typename T> static void decode(const flatbuffers::Vector<T> *from, std::vector<T> &to) {
  if (from)
    to.assign(from->begin(), from->end());
}

template <typename From, typename To, typename DecodeOne>
static void decodeAll(const From *from, std::vector<To> &to, DecodeOne decodeOne) {
  if (!from)
    return;
  to.resize(from->size());
  for (flatbuffers::uoffset_t i = 0; i < from->size(); ++i)
    decodeOne(*from->Get(i), to[i]);
}

static void decode(const fb::Hash *from, Hash &to) {
  if (from)
    std::memcpy(to.data(), from->bytes()->data(), to.size());
}

static void decode(const fb::Target &from, Target &to) {
  decode(from.name(), to.name);
  decode(from.cpu(), to.cpu);
  decode(from.features(), to.features);
}

static void decode(const fb::Argument &from, Argument &to) {
  decode(from.name(), to.name);
  to.type = static_cast<ElementType>(from.type());
  to.output = from.output();
  decode(from.shape(), to.shape);
}

/// False if the ends do not ascend within the instructions.
static bool decodeExpressions(const fb::Program &from, std::vector<Expression> &to) {
  size_t first = 0;
  size_t count = from.instructions() ? from.instructions()->size() : 0;
  if (from.expression_ends())
    for (uint32_t end : *from.expression_ends()) {
      if (end < first || end > count)
        return false;
      Expression &expression = to.emplace_back();
      for (; first < end; ++first) {
        const fb::Instruction *instruction =
            from.instructions()->Get(static_cast<flatbuffers::uoffset_t>(first));
        expression.code.push_back(
            {static_cast<Expression::Op>(instruction->op()), instruction->value()});
      }
    }
  return first == count;
}

static bool decodeCommand(const fb::Program &from, flatbuffers::uoffset_t i, Command &to) {
  switch (from.commands_type()->Get(i)) {
  case fb::Command::Launch: {
    auto *launch = from.commands()->GetAs<fb::Launch>(i);
    Launch decoded{launch->kernel(), {}, {}, launch->tiles()};
    decode(launch->buffers(), decoded.buffers);
    decode(launch->sizes(), decoded.sizes);
    to = std::move(decoded);
    return true;
  }
  case fb::Command::Copy: {
    auto *copy = from.commands()->GetAs<fb::Copy>(i);
    to = Copy{copy->destination(), copy->source(), copy->bytes()};
    return true;
  }
  default:
    return false;
  }
}

static bool decode(const fb::Program &from, Program &to) {
  decode(from.name(), to.name);
  decodeAll(from.arguments(), to.arguments,
            [](const fb::Argument &one, Argument &out) { decode(one, out); });
  decodeAll(from.buffers(), to.buffers, [](const fb::Buffer &one, Buffer &out) {
    out = {static_cast<Space>(one.space()), one.index(), one.offset(), one.bytes()};
  });
  to.arenaBytes = from.arena_bytes();
  if (!decodeExpressions(from, to.expressions))
    return false;
  to.commands.resize(from.commands() ? from.commands()->size() : 0);
  for (flatbuffers::uoffset_t i = 0; i < to.commands.size(); ++i)
    if (!decodeCommand(from, i, to.commands[i]))
      return false;
  return true;
}

static void decode(const fb::SourceFile &from, SourceFile &to) {
  decode(from.name(), to.name);
  to.bytes = from.bytes();
  decode(from.hash(), to.hash);
}

static void decode(const fb::SourceTensor &from, SourceTensor &to) {
  decode(from.name(), to.name);
  to.file = from.file();
  to.offset = from.offset();
  to.length = from.length();
  to.type = static_cast<ElementType>(from.type());
  decode(from.shape(), to.shape);
}

static void decode(const fb::CacheClass &from, CacheClass &to) {
  to = {from.layers(),
        from.heads(),
        from.key_width(),
        from.value_width(),
        static_cast<ElementType>(from.type()),
        from.block_slots(),
        from.block_bytes(),
        from.max_blocks()};
}

static void decode(const fb::Model &from, Model &to) {
  decode(from.architecture(), to.architecture);
  to.maxContext = from.max_context();
  to.maxRows = from.max_rows();
  to.vocabulary = from.vocabulary();
  decode(from.eos(), to.eos);
  to.bos = from.bos();
  to.addBos = from.add_bos();
  decode(from.numerics(), to.numerics);
  decode(from.cache_type(), to.cacheType);
  decode(from.quantize(), to.quantize);
  to.weightBits = from.weight_bits();
  to.weightError = from.weight_error();
  decode(from.remarks(), to.remarks);
}

static bool decode(const fb::Index &from, Index &to) {
  auto direct = [](const auto &one, auto &out) { decode(one, out); };
  decode(from.producer(), to.producer);
  if (from.target())
    decode(*from.target(), to.target);
  if (from.device())
    decode(*from.device(), to.device);
  if (const fb::Assembler *assembler = from.assembler()) {
    decode(assembler->name(), to.assembler.name);
    decode(assembler->hash(), to.assembler.hash);
  }
  decodeAll(from.dims(), to.dims, [](const fb::Dim &one, Dim &out) {
    decode(one.name(), out.name);
    out.min = one.min();
    out.max = one.max();
  });
  bool complete = true;
  decodeAll(from.programs(), to.programs,
            [&](const fb::Program &one, Program &out) { complete = complete && decode(one, out); });
  decodeAll(from.kernels(), to.kernels, [](const fb::Kernel &one, Kernel &out) {
    decode(one.name(), out.name);
    out.offset = one.offset();
    out.scratchBytes = one.scratch_bytes();
    decode(one.remark(), out.remark);
    out.threads = one.threads();
    out.blockTiles = one.block_tiles();
    out.sharedBytes = one.shared_bytes();
  });
  to.constantBytes = from.constant_bytes();
  to.embeddedBytes = from.embedded_bytes();
  decodeAll(from.files(), to.files, direct);
  decodeAll(from.tensors(), to.tensors, direct);
  decodeAll(from.packed(), to.packed, [](const fb::PackedWeight &one, PackedWeight &out) {
    decode(one.name(), out.name);
    out.bytes = one.bytes();
  });
  decodeAll(from.caches(), to.caches, direct);
  decodeAll(from.states(), to.states, [](const fb::StateClass &one, StateClass &out) {
    out = {one.layers(), one.rows(), one.width()};
  });
  if (from.model())
    decode(*from.model(), to.model);
  return complete;
}

/// True if vectors of 8-byte elements lie at such addresses: the verifier of
/// FlatBuffers 2.0 looks at 4 bytes only.
static bool isAligned(const fb::Index &index) {
  auto isPlaced = [](const auto *vector) {
    return !vector || vector->size() == 0 ||
           reinterpret_cast<uintptr_t>(vector->Data()) % alignof(int64_t) == 0;
  };
  if (index.programs())
    for (const fb::Program *program : *index.programs())
      if (!isPlaced(program->instructions()))
        return false;
  if (index.tensors())
    for (const fb::SourceTensor *tensor : *index.tensors())
      if (!isPlaced(tensor->shape()))
        return false;
  return true;
}

Error decodeIndex(std::span<const std::byte> bytes, Index &out) {
  // A table takes 8 bytes at least: one that says more repeats itself.
  constexpr flatbuffers::uoffset_t maxDepth = 16;
  auto maxTables = static_cast<flatbuffers::uoffset_t>(bytes.size() / 8);
  out = {};
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(),
                                 maxDepth, maxTables);
  if (!fb::VerifyIndexBuffer(verifier) || !isAligned(*fb::GetIndex(bytes.data())))
    return makeError(TERN_BAD_FILE, "index: the %zu bytes are not a well-formed FlatBuffer",
                     bytes.size());
  if (!decode(*fb::GetIndex(bytes.data()), out))
    return makeError(TERN_BAD_FILE,
                     "index: a program has expressions or commands that do not fit together");
  return {};
}

} // namespace tern::format
