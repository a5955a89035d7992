// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Print.h"

namespace tern::format {

std::string printSpace(const Index &index, const Program &program, const Buffer &buffer) {
  std::string number = std::to_string(buffer.index);
  switch (buffer.space) {
  case Space::Arena:
    return "arena";
  case Space::Constant:
    return "constant";
  case Space::Packed:
    return "packed " + index.packed[buffer.index].name;
  case Space::Source:
    return "source " + index.tensors[buffer.index].name;
  case Space::Input:
  case Space::Output:
    return program.arguments[buffer.index].name;
  case Space::CachePool:
    return "cache" + number + ".pool";
  case Space::CacheTable:
    return "cache" + number + ".table";
  case Space::CacheLengths:
    return "cache" + number + ".lengths";
  case Space::StatePool:
    return "state" + number + ".pool";
  case Space::StateTable:
    return "state" + number + ".table";
  }
  return {};
}

namespace {

std::string join(const std::vector<std::string> &parts, const char *separator) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : separator) + part;
  return text;
}

class ProgramPrinter {
public:
  ProgramPrinter(const Index &index, const Program &program) : index(index), program(program) {
    for (const Dim &dim : index.dims)
      dimNames.push_back(dim.name);
  }

  std::string print() const {
    std::string text = "program " + program.name + "\n";
    for (const Argument &argument : program.arguments)
      text += std::string("  ") + (argument.output ? "output " : "input ") + argument.name + " " +
              elementTypeInfo(argument.type)->name + " [" + expressions(argument.shape) + "]\n";
    text += "  arena " + expression(program.arenaBytes) + "\n  " + counts() + "\n";
    for (const Command &command : program.commands)
      text += "  " + print(command) + "\n";
    return text;
  }

private:
  /// How many commands there are, and the bytes of the arena that they read and write where each
  /// dimension is 1: a step of one token.
  std::string counts() const {
    std::vector<int64_t> ones(index.dims.size(), 1);
    size_t launches = 0;
    int64_t bytes = 0;
    auto add = [&](uint32_t id, ExpressionId count) {
      if (program.buffers[id].space == Space::Arena)
        bytes += program.expressions[count].evaluate(ones).value_or(0);
    };
    for (const Command &command : program.commands) {
      if (auto *launch = std::get_if<Launch>(&command)) {
        ++launches;
        for (uint32_t buffer : launch->buffers)
          add(buffer, program.buffers[buffer].bytes);
      } else {
        auto &copy = std::get<Copy>(command);
        add(copy.destination, copy.bytes);
        add(copy.source, copy.bytes);
      }
    }
    return "launches " + std::to_string(launches) + " copies " +
           std::to_string(program.commands.size() - launches) + " arena bytes of one token " +
           std::to_string(bytes);
  }

  std::string expression(ExpressionId id) const { return program.expressions[id].print(dimNames); }

  std::string expressions(const std::vector<ExpressionId> &ids) const {
    std::vector<std::string> parts;
    for (ExpressionId id : ids)
      parts.push_back(expression(id));
    return join(parts, ", ");
  }

  std::string print(uint32_t id) const {
    const Buffer &buffer = program.buffers[id];
    if (buffer.space >= Space::CachePool)
      return printSpace(index, program, buffer);
    return printSpace(index, program, buffer) + "[" + expression(buffer.offset) + ", +" +
           expression(buffer.bytes) + "]";
  }

  std::string print(const Command &command) const {
    if (auto *copy = std::get_if<Copy>(&command))
      return "copy " + print(copy->destination) + " <- " + print(copy->source) + " bytes " +
             expression(copy->bytes);
    auto &launch = std::get<Launch>(command);
    std::vector<std::string> buffers;
    for (uint32_t buffer : launch.buffers)
      buffers.push_back(print(buffer));
    std::string text = "launch " + index.kernels[launch.kernel].name + "(" + join(buffers, ", ");
    if (!launch.sizes.empty())
      text += "; " + expressions(launch.sizes);
    return text + ") tiles " + expression(launch.tiles);
  }

  const Index &index;
  const Program &program;
  std::vector<std::string> dimNames;
};

/// What rounding the weights cost; empty if they are as the model had them.
std::string printLoss(const Model &model) {
  if (model.quantize.empty())
    return "";
  char text[64];
  std::snprintf(text, sizeof text, " bits %.4g error %.3g", model.weightBits, model.weightError);
  return " quantize " + model.quantize + text;
}

std::string printModel(const Model &model) {
  std::vector<std::string> eos;
  for (int32_t token : model.eos)
    eos.push_back(std::to_string(token));
  return "model " + model.architecture + " context " + std::to_string(model.maxContext) + " rows " +
         std::to_string(model.maxRows) + " vocabulary " + std::to_string(model.vocabulary) +
         " eos [" + join(eos, ", ") + "] bos " + std::to_string(model.bos) +
         (model.addBos ? " added" : "") + " numerics " + model.numerics + " cache-type " +
         model.cacheType + printLoss(model) + "\n";
}

std::string printTensor(const Index &index, const SourceTensor &tensor) {
  std::vector<std::string> shape;
  for (int64_t size : tensor.shape)
    shape.push_back(std::to_string(size));
  std::string file =
      tensor.file == SourceTensor::embedded ? "embedded" : index.files[tensor.file].name;
  return "source " + tensor.name + " " + elementTypeInfo(tensor.type)->name + " [" +
         join(shape, ", ") + "] in " + file + " at " + std::to_string(tensor.offset) + "\n";
}

std::string printCache(const CacheClass &cache) {
  return "cache layers " + std::to_string(cache.layers) + " heads " + std::to_string(cache.heads) +
         " key " + std::to_string(cache.keyWidth) + " value " + std::to_string(cache.valueWidth) +
         " " + elementTypeInfo(cache.type)->name + " block-bytes " +
         std::to_string(cache.blockBytes) + " blocks " + std::to_string(cache.maxBlocks) + "\n";
}

} // namespace

std::string printProgram(const Index &index, const Program &program) {
  return ProgramPrinter(index, program).print();
}

std::string printIndex(const Index &index) {
  std::string text = "producer " + index.producer + "\n";
  text += "target " + index.target.name + " cpu " + index.target.cpu + " features [" +
          join(index.target.features, ", ") + "]\n";
  if (!index.device.name.empty())
    text += "device " + index.device.name + " cpu " + index.device.cpu + "\n";
  if (!index.assembler.name.empty())
    text += "assembler " + index.assembler.name + " hash " + toHex(index.assembler.hash) + "\n";
  text += printModel(index.model);
  for (const std::string &remark : index.model.remarks)
    text += "remark " + remark + "\n";
  for (const Dim &dim : index.dims)
    text +=
        "dim " + dim.name + " " + std::to_string(dim.min) + ".." + std::to_string(dim.max) + "\n";
  for (const Kernel &kernel : index.kernels)
    text += "kernel " + kernel.name +
            (kernel.isForDevice() ? " threads " + std::to_string(kernel.threads) + " tiles " +
                                        std::to_string(kernel.blockTiles) + " shared " +
                                        std::to_string(kernel.sharedBytes)
                                  : " at " + std::to_string(kernel.offset)) +
            " scratch " + std::to_string(kernel.scratchBytes) +
            (kernel.remark.empty() ? "" : " remark " + kernel.remark) + "\n";
  for (const SourceFile &file : index.files)
    text += "file " + file.name + " bytes " + std::to_string(file.bytes) + " hash " +
            toHex(file.hash) + "\n";
  for (const SourceTensor &tensor : index.tensors)
    text += printTensor(index, tensor);
  for (const PackedWeight &weight : index.packed)
    text += "packed " + weight.name + " bytes " + std::to_string(weight.bytes) + "\n";
  for (const CacheClass &cache : index.caches)
    text += printCache(cache);
  for (const StateClass &state : index.states)
    text += "state layers " + std::to_string(state.layers) + " rows " + std::to_string(state.rows) +
            " width " + std::to_string(state.width) + " block-bytes " +
            std::to_string(state.blockBytes()) + "\n";
  for (const Program &program : index.programs)
    text += printProgram(index, program);
  return text;
}

} // namespace tern::format
