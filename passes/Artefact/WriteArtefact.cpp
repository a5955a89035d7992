// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/Artefact/WriteArtefact.h"

#include "dialects/KV/IR/KV.h"
#include "dialects/Plan/IR/Plan.h"
#include "passes/CPU/CodeImage.h"
#include "passes/NVPTX/Ptx.h"

using namespace mlir;
using tern::format::ElementType;
using tern::format::Expression;

namespace tern {

static std::optional<ElementType> elementTypeOf(Type type) {
  if (auto block = dyn_cast<BlockType>(type))
    return format::findElementType(std::string_view(block.getGgufName()));
  if (type.isF32())
    return ElementType::F32;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  if (type.isF64())
    return ElementType::F64;
  if (type.isInteger(8))
    return ElementType::I8;
  if (type.isInteger(16))
    return ElementType::I16;
  if (type.isInteger(32))
    return ElementType::I32;
  if (type.isInteger(64))
    return ElementType::I64;
  return std::nullopt;
}

namespace {

/// Builds the index of one module.
class IndexBuilder {
public:
  IndexBuilder(ModuleOp module, const ArtefactSources &sources)
      : module(module), sources(sources) {}

  LogicalResult build(const cpu::CodeImage &image) {
    index.producer = sources.producer;
    index.files = sources.files;
    addDims();
    if (failed(addModel()))
      return failure();
    for (auto packed : module.getOps<plan::PackedOp>()) {
      packedIds[packed.getSymName()] = index.packed.size();
      index.packed.push_back({packed.getSymName().str(), static_cast<uint64_t>(packed.getBytes())});
    }
    for (auto kernel : module.getOps<plan::KernelOp>()) {
      kernelIds[kernel.getSymName()] = index.kernels.size();
      format::Kernel &own = index.kernels.emplace_back();
      own.name = kernel.getSymName().str();
      own.remark = kernel.getRemark().value_or("").str();
      own.scratchBytes = static_cast<uint64_t>(kernel.getScratch().value_or(0));
      if (auto block = kernel.getBlock()) {
        own.threads = static_cast<uint32_t>((*block)[0]);
        own.blockTiles = static_cast<uint32_t>((*block)[1]);
        own.sharedBytes = static_cast<uint32_t>((*block)[2]);
      } else {
        own.offset = image.offsets.at(own.name);
      }
    }
    for (auto program : module.getOps<plan::ProgramOp>())
      if (failed(addProgram(program)))
        return failure();
    return success();
  }

  format::Index index;

private:
  void addDims() {
    for (auto dim : module.getOps<DimOp>())
      index.dims.push_back({dim.getSymName().str(), static_cast<int64_t>(dim.getMin()),
                            static_cast<int64_t>(dim.getMax())});
  }

  LogicalResult addModel() {
    format::Model &model = index.model;
    model.numerics = sources.numerics;
    model.cacheType = sources.cacheType;
    if (auto loss = module->getAttrOfType<DictionaryAttr>("tern.quantize"))
      addLoss(loss);
    if (auto remarks = module->getAttrOfType<ArrayAttr>("tern.remarks"))
      for (Attribute remark : remarks)
        if (auto text = dyn_cast<StringAttr>(remark))
          model.remarks.push_back(text.str());
    auto facts = module->getAttrOfType<DictionaryAttr>("tern.model");
    if (!facts)
      return success();
    auto number = [&](StringRef name, int64_t otherwise) {
      auto value = facts.getAs<IntegerAttr>(name);
      return value ? value.getInt() : otherwise;
    };
    if (auto family = facts.getAs<StringAttr>("family"))
      model.architecture = family.str();
    model.maxContext = number("context", 0);
    model.vocabulary = number("vocabulary", 0);
    model.bos = number("bos", -1);
    if (auto eos = facts.getAs<DenseI64ArrayAttr>("eos"))
      model.eos.assign(eos.asArrayRef().begin(), eos.asArrayRef().end());
    if (auto addBos = facts.getAs<BoolAttr>("add_bos"))
      model.addBos = addBos.getValue();
    if (auto rows = module.lookupSymbol<DimOp>("T"))
      model.maxRows = rows.getMax();
    if (auto caches = module->getAttrOfType<DictionaryAttr>("plan.caches"))
      for (NamedAttribute cache : caches)
        addCache(cache.getName(), cast<TypeAttr>(cache.getValue()).getValue());
    return success();
  }

  /// What rounding the weights cost.
  void addLoss(DictionaryAttr loss) {
    format::Model &model = index.model;
    if (auto types = loss.getAs<StringAttr>("types"))
      model.quantize = types.str();
    if (auto bits = loss.getAs<FloatAttr>("bits"))
      model.weightBits = bits.getValueAsDouble();
    if (auto error = loss.getAs<FloatAttr>("error"))
      model.weightError = error.getValueAsDouble();
  }

  void addCache(StringRef name, Type type) {
    if (auto cache = dyn_cast<kv::CacheType>(type))
      return addBlocks(name, cache);
    auto state = cast<kv::StateType>(type);
    cacheIds[name] = index.states.size();
    index.states.push_back({static_cast<int32_t>(state.getLayers()),
                            static_cast<int32_t>(state.getRows()),
                            static_cast<int32_t>(state.getWidth())});
  }

  void addBlocks(StringRef name, kv::CacheType type) {
    format::CacheClass cache;
    cache.layers = type.getLayers();
    cache.heads = type.getHeads();
    cache.keyWidth = type.getKeyWidth();
    cache.valueWidth = type.getValueWidth();
    cache.type = *elementTypeOf(type.getElementType());
    cache.blockBytes = llvm::alignTo(cache.leastBlockBytes(), 64);
    cache.maxBlocks = llvm::divideCeil(index.model.maxContext, kv::CacheType::blockSlots);
    cacheIds[name] = index.caches.size();
    index.caches.push_back(cache);
  }

  /// The sum, multiplied by each of `times`.
  FailureOr<format::ExpressionId> expressionOf(Operation *op, format::Program &program,
                                               ExtentAttr sum, ArrayAttr times = {}) {
    FailureOr<Expression> expression = expressionOf(op, sum);
    if (times)
      for (auto extent : times.getAsRange<ExtentAttr>()) {
        FailureOr<Expression> factor = expressionOf(op, extent);
        if (failed(expression) || failed(factor))
          return failure();
        expression = *expression * *factor;
      }
    if (failed(expression))
      return failure();
    return program.intern(*expression);
  }

  FailureOr<Expression> expressionOf(Operation *op, ExtentAttr sum) {
    Expression expression = Expression::constant(sum.getConstant());
    bool isFirst = sum.getConstant() == 0;
    for (auto [name, factor] : llvm::zip_equal(sum.getNames(), sum.getFactors())) {
      auto at = llvm::find_if(index.dims, [&](auto &dim) { return dim.name == name.getValue(); });
      if (at == index.dims.end())
        return op->emitError("uses the dimension ")
               << name << ", which the module does not declare";
      Expression term = Expression::dim(at - index.dims.begin());
      if (factor != 1)
        term = term * Expression::constant(factor);
      expression = isFirst ? term : sum.getConstant() != 0 ? term + expression : expression + term;
      isFirst = false;
    }
    return expression;
  }

  LogicalResult addArguments(plan::ProgramOp op, format::Program &program) {
    ArrayAttr names = op.getNames(), types = op.getTypes();
    for (auto [i, name, type] : llvm::enumerate(names, types)) {
      auto tensor = cast<RankedTensorType>(cast<TypeAttr>(type).getValue());
      std::optional<ElementType> element = elementTypeOf(tensor.getElementType());
      if (!element)
        return op.emitOpError("has an argument of type ") << tensor << ", which no program takes";
      format::Argument argument{cast<StringAttr>(name).str(),
                                *element,
                                static_cast<int64_t>(i) >= static_cast<int64_t>(op.getInputCount()),
                                {}};
      for (ExtentAttr extent : getExtents(tensor)) {
        FailureOr<format::ExpressionId> id = expressionOf(op, program, extent);
        if (failed(id))
          return failure();
        argument.shape.push_back(*id);
      }
      program.arguments.push_back(std::move(argument));
    }
    return success();
  }

  FailureOr<uint32_t> tensorId(plan::BufferOp op) {
    auto refuse = [&] {
      return emitError(op.getLoc())
             << "weight '" << op.getName() << "': expected " << *op.getTensor() << ", found ";
    };
    if (!sources.findTensor)
      return refuse() << "no weights to read";
    std::optional<format::SourceTensor> tensor = sources.findTensor(op.getName());
    if (!tensor)
      return refuse() << "no such tensor in the checkpoint";
    auto type = cast<RankedTensorType>(*op.getTensor());
    if (type.getShape() != ArrayRef<int64_t>(tensor->shape) ||
        elementTypeOf(type.getElementType()) != tensor->type) {
      InFlightDiagnostic error = refuse() << "a tensor of " << elementTypeInfo(tensor->type)->name
                                          << " with the shape [";
      llvm::interleaveComma(tensor->shape, error);
      return error << "]";
    }
    auto [at, inserted] = tensorIds.try_emplace(op.getName(), index.tensors.size());
    if (inserted)
      index.tensors.push_back(*tensor);
    return at->second;
  }

  FailureOr<uint32_t> addBuffer(plan::BufferOp op, format::Program &program) {
    format::Buffer buffer;
    FailureOr<uint32_t> part = 0;
    switch (op.getSpace()) {
    case plan::Space::arena:
      buffer.space = format::Space::Arena;
      break;
    case plan::Space::packed:
      buffer.space = format::Space::Packed;
      part = packedIds.lookup(op.getName());
      break;
    case plan::Space::source:
      buffer.space = format::Space::Source;
      part = tensorId(op);
      break;
    case plan::Space::input:
    case plan::Space::output:
      buffer.space =
          op.getSpace() == plan::Space::input ? format::Space::Input : format::Space::Output;
      part = llvm::find_if(program.arguments,
                           [&](auto &argument) { return argument.name == op.getName(); }) -
             program.arguments.begin();
      break;
    case plan::Space::cache_pool:
    case plan::Space::cache_table:
    case plan::Space::cache_lengths:
      buffer.space = op.getSpace() == plan::Space::cache_pool    ? format::Space::CachePool
                     : op.getSpace() == plan::Space::cache_table ? format::Space::CacheTable
                                                                 : format::Space::CacheLengths;
      part = cacheIds.lookup(op.getName());
      break;
    case plan::Space::state_pool:
    case plan::Space::state_table:
      buffer.space = op.getSpace() == plan::Space::state_pool ? format::Space::StatePool
                                                              : format::Space::StateTable;
      part = cacheIds.lookup(op.getName());
      break;
    }
    FailureOr<format::ExpressionId> bytes =
        expressionOf(op, program, op.getBytes(), op.getTimesAttr());
    if (failed(part) || failed(bytes))
      return failure();
    Expression offset = Expression::constant(static_cast<int64_t>(op.getOffset()));
    if (op.getBytes().getConstant() < 0) {
      // A part of each row: of no rows there is none.
      Expression all = *expressionOf(op, op.getBytes());
      bytes = program.intern(format::max(all, Expression::constant(0)));
      if (op.getSpace() != plan::Space::arena)
        offset = format::max(format::min(offset, all + offset), Expression::constant(0));
    }
    buffer.index = *part;
    buffer.offset = program.intern(offset);
    buffer.bytes = *bytes;
    // Equal ranges are one buffer.
    for (auto [i, known] : llvm::enumerate(program.buffers))
      if (known.space == buffer.space && known.index == buffer.index &&
          known.offset == buffer.offset && known.bytes == buffer.bytes)
        return i;
    program.buffers.push_back(buffer);
    return program.buffers.size() - 1;
  }

  LogicalResult addLaunch(plan::LaunchOp op, format::Program &program,
                          const llvm::DenseMap<Value, uint32_t> &buffers) {
    format::Launch launch;
    launch.kernel = kernelIds.lookup(op.getKernel());
    for (Value buffer : op.getBuffers())
      launch.buffers.push_back(buffers.lookup(buffer));
    if (!op.getSizes() || !op.getTiles())
      return op.emitOpError("launches a kernel that was not generated");
    ArrayAttr sizes = *op.getSizes();
    for (Attribute size : sizes) {
      FailureOr<format::ExpressionId> id = expressionOf(op, program, cast<ExtentAttr>(size));
      if (failed(id))
        return failure();
      launch.sizes.push_back(*id);
    }
    FailureOr<Expression> tiles = expressionOf(op, *op.getTiles());
    FailureOr<Expression> condition = Expression::constant(1);
    if (op.getCondition())
      condition = expressionOf(op, *op.getCondition());
    if (failed(tiles) || failed(condition))
      return failure();
    if (op.getCondition()) { // 1 or 0 times the tiles
      auto number = Expression::constant;
      tiles = *tiles * format::max(format::min(*condition, number(1)), number(0));
    }
    launch.tiles = program.intern(*tiles);
    program.commands.push_back(std::move(launch));
    return success();
  }

  LogicalResult addProgram(plan::ProgramOp op) {
    format::Program program;
    program.name = op.getSymName().str();
    if (failed(addArguments(op, program)))
      return failure();
    llvm::DenseMap<Value, uint32_t> buffers;
    Block &commands = op.getBody().front();
    for (Operation &command : commands) {
      if (auto buffer = dyn_cast<plan::BufferOp>(command)) {
        FailureOr<uint32_t> id = addBuffer(buffer, program);
        if (failed(id))
          return failure();
        buffers[buffer] = *id;
      } else if (auto launch = dyn_cast<plan::LaunchOp>(command)) {
        if (failed(addLaunch(launch, program, buffers)))
          return failure();
      } else if (auto copy = dyn_cast<plan::CopyOp>(command)) {
        FailureOr<format::ExpressionId> bytes =
            expressionOf(copy, program, copy.getBytes(), copy.getTimesAttr());
        if (failed(bytes))
          return failure();
        program.commands.push_back(format::Copy{buffers.lookup(copy.getDestination()),
                                                buffers.lookup(copy.getSource()), *bytes});
      }
    }
    program.arenaBytes = program.intern(static_cast<int64_t>(op.getArenaBytes()));
    index.programs.push_back(std::move(program));
    return success();
  }

  ModuleOp module;
  const ArtefactSources &sources;
  llvm::StringMap<uint32_t> packedIds, kernelIds, cacheIds, tensorIds;
};

} // namespace

FailureOr<format::Artefact> makeArtefact(ModuleOp module, const ArtefactSources &sources) {
  auto code = module.lookupSymbol<ModuleOp>("code");
  if (!code)
    return module.emitError("holds no module @code: an artefact is written from stage codegen");
  llvm::Expected<cpu::Target> target = cpu::Target::named(sources.targetCpu);
  if (!target)
    return module.emitError(llvm::toString(target.takeError()));
  llvm::Expected<cpu::CodeImage> image = cpu::compile(code, *target);
  if (!image)
    return module.emitError(llvm::toString(image.takeError()));
  IndexBuilder builder(module, sources);
  if (failed(builder.build(*image)))
    return failure();
  format::Artefact artefact;
  if (auto device = module.lookupSymbol<ModuleOp>("device")) {
    llvm::Expected<nvptx::Target> gpu = nvptx::Target::named(sources.target);
    if (!gpu)
      return module.emitError(llvm::toString(gpu.takeError()));
    llvm::Expected<std::string> ptx = nvptx::compile(device, *gpu);
    if (!ptx)
      return module.emitError(llvm::toString(ptx.takeError()));
    artefact.ptx = std::move(*ptx);
    builder.index.device = {"nvptx64-cuda", gpu->chip, {}};
  }
  artefact.index = std::move(builder.index);
  artefact.index.target = {"x86_64-linux", target->cpu, image->requiredFeatures};
  auto bytes = std::as_bytes(std::span(image->bytes));
  artefact.code.assign(bytes.begin(), bytes.end());
  artefact.tokenizer = sources.tokenizer;
  artefact.chatTemplate = sources.chatTemplate;
  artefact.decisions = sources.decisions;
  return artefact;
}

} // namespace tern
