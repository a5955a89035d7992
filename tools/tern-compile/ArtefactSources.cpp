// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/ArtefactSources.h"

#include "tools/command/CommandLine.h"
#include "tools/command/Ptxas.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

namespace tern {

using checkpoint::StorageType;
using format::ElementType;

static ElementType elementTypeOf(StorageType type) {
  std::optional<ElementType> element = format::findElementType(checkpoint::nameOf(type));
  assert(element && "a type that is read and that no artefact names");
  return *element;
}

void addWeights(ArtefactSources &sources, const checkpoint::Checkpoint &model) {
  for (const checkpoint::MappedFile &file : model.files())
    sources.files.push_back({llvm::sys::path::filename(file.path()).str(), file.size(),
                             format::hashBytes(file.bytes())});
  sources.findTensor = [&model](llvm::StringRef name) -> std::optional<format::SourceTensor> {
    const checkpoint::Tensor *tensor = model.find(std::string_view(name.data(), name.size()));
    if (!tensor)
      return std::nullopt;
    if (tensor->type == StorageType::Other) // is read byte by byte
      return format::SourceTensor{tensor->name,  tensor->file,    tensor->offset,
                                  tensor->bytes, ElementType::I8, {int64_t(tensor->bytes)}};
    return format::SourceTensor{
        tensor->name, tensor->file, tensor->offset, tensor->bytes, elementTypeOf(tensor->type),
        tensor->shape};
  };
}

void embedWeights(format::Artefact &artefact, const checkpoint::Checkpoint &model) {
  for (const format::SourceTensor &tensor : artefact.index.tensors) {
    const checkpoint::Tensor *stored = model.find(tensor.name);
    artefact.embedded.emplace_back(stored->data, stored->bytes);
  }
  artefact.index.files.clear();
}

std::string decisionsOf(mlir::ModuleOp module) {
  auto costs = module->getAttrOfType<mlir::DictionaryAttr>("tern.costs");
  if (!costs)
    return "";
  nlohmann::ordered_json decisions;
  for (mlir::NamedAttribute figure : costs.getAs<mlir::DictionaryAttr>("machine"))
    decisions["machine"][figure.getName().str()] =
        llvm::cast<mlir::FloatAttr>(figure.getValue()).getValueAsDouble();
  for (mlir::NamedAttribute number : costs.getAs<mlir::DictionaryAttr>("use"))
    decisions["use"][number.getName().str()] =
        llvm::cast<mlir::IntegerAttr>(number.getValue()).getInt();
  for (mlir::NamedAttribute function : costs.getAs<mlir::DictionaryAttr>("functions")) {
    llvm::ArrayRef<double> seconds = llvm::cast<mlir::DenseF64ArrayAttr>(function.getValue());
    decisions["functions"][function.getName().str()] = {
        {"written", seconds[0]}, {"chosen", seconds[1]}, {"bound", seconds[2]}};
  }
  if (auto choices = module->getAttrOfType<mlir::ArrayAttr>("tern.choices"))
    for (auto choice : choices.getAsRange<mlir::DictionaryAttr>()) {
      nlohmann::ordered_json decided;
      for (const char *part : {"function", "name", "chosen"})
        decided[part] = choice.getAs<mlir::StringAttr>(part).str();
      decisions["choices"].push_back(decided);
    }
  return decisions.dump(2) + "\n";
}

void assemble(format::Artefact &artefact, const std::string &ptxas, const std::string &model) {
  if (artefact.ptx.empty())
    return;
  command::Ptxas assembler(ptxas);
  auto program = checkpoint::MappedFile::open(assembler.path);
  if (!program)
    throw command::UserError(program.error().message);
  artefact.index.assembler = {assembler.version(), format::hashBytes(program->bytes())};
  artefact.cubin = assembler.assemble(artefact.ptx, artefact.index.device.cpu, model).cubin;
}

} // namespace tern
