// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/LatentAttention.h"
#include "frontend/architecture/Streams.h"

#include <cmath>

using namespace mlir;

namespace tern::architecture {

using checkpoint::FusedRows;
using checkpoint::QueryKeyNorm;

namespace {

class AttentionWriter {
public:
  AttentionWriter(ModelBuilder &model, const LayerContext &context)
      : model(model), config(model.config), context(context) {}

  BranchResult write(ArrayRef<Value> streams) {
    SmallVector<Heads> each;
    for (Value stream : streams) {
      x = stream;
      each.push_back(config.latent ? writeLatentHeads(model, context, x) : project());
    }
    Heads heads = joined(each);
    bool hasPrefix = config.streams.prefixTokens != 0;
    OpBuilder &builder = model.builder;
    Value cache =
        kv::AppendOp::create(builder, model.location, context.caches[0], heads.key, heads.value,
                             context.positions, context.batch, context.layer);
    auto attend = kv::AttendOp::create(
        builder, model.location, heads.query, cache, context.positions, context.batch,
        context.layer, slopes(), APFloat(scale()), config.windowOf(context.number),
        APFloat(config.attentionCap), biasType(), /*scores=*/hasPrefix);
    Value attended = attend.getResult();
    if (hasPrefix)
      attended =
          writePrefix(model, context.number, heads.query, scale(), {attended, attend.getLogSum()});
    return {project(attended, streams.size()), {cache}};
  }

private:
  std::string name(const std::string &pattern) const { return nameOf(pattern, context.number); }

  double scale() const {
    return config.attentionScale != 0 ? config.attentionScale
                                      : 1 / std::sqrt(static_cast<double>(config.headWidth));
  }

  /// The heads of all streams side by side, each stream with keys of its own.
  Heads joined(ArrayRef<Heads> each) {
    if (each.size() == 1)
      return each[0];
    auto join = [&](Value Heads::*part) -> Value {
      auto parts = llvm::map_to_vector(each, [&](const Heads &heads) { return heads.*part; });
      return ConcatOp::create(model.builder, model.location, parts, 1);
    };
    return {join(&Heads::query), join(&Heads::key), join(&Heads::value)};
  }

  /// The projection after attention, of each stream.
  SmallVector<Value> project(Value attended, size_t streams) {
    int64_t width = config.heads * config.widthOfValues();
    Value all = model.reshape(attended, {static_cast<int64_t>(streams) * width});
    SmallVector<Value> out;
    for (size_t stream = 0; stream < streams; ++stream) {
      Value own =
          streams == 1 ? all : model.slice(all, 1, static_cast<int64_t>(stream) * width, width);
      out.push_back(model.linear(own, name(config.names.attentionOut), config.width,
                                 config.attentionOutBias));
    }
    return out;
  }

  Value slopes() {
    if (!config.linearBias)
      return {};
    auto type = RankedTensorType::get({config.heads}, model.builder.getF32Type());
    auto slopes = DenseElementsAttr::get(type, ArrayRef<float>(config.linearBias->slopes));
    return ConstantOp::create(model.builder, model.location, type, slopes);
  }

  TypeAttr biasType() {
    bool isRounded = config.linearBias && config.linearBias->isRounded;
    return isRounded ? TypeAttr::get(model.builder.getBF16Type()) : TypeAttr();
  }

  Heads project() {
    Heads heads = config.fusedRows == FusedRows::None           ? projectEach()
                  : config.fusedRows == FusedRows::Concatenated ? projectConcatenated()
                                                                : projectGrouped();
    if (context.rotary.cos) {
      heads.query = rotate(model, heads.query, context.rotary);
      heads.key = rotate(model, heads.key, context.rotary);
    }
    return heads;
  }

  Heads projectEach() {
    auto project = [&](const std::string &pattern, int64_t heads) {
      return model.linear(x, name(pattern), heads * config.headWidth, config.qkvBias);
    };
    return split(project(config.names.query, config.heads),
                 project(config.names.key, config.kvHeads),
                 project(config.names.value, config.kvHeads));
  }

  Heads projectConcatenated() {
    int64_t queries = config.heads * config.headWidth, keys = config.kvHeads * config.headWidth;
    Value all = model.linear(x, name(config.names.fused), queries + 2 * keys, config.qkvBias);
    return split(model.slice(all, 1, 0, queries), model.slice(all, 1, queries, keys),
                 model.slice(all, 1, queries + keys, keys));
  }

  Heads split(Value queries, Value keys, Value values) {
    if (config.queryKeyNorm == QueryKeyNorm::Projection) {
      queries = model.norm(queries, name(config.names.queryNorm));
      keys = model.norm(keys, name(config.names.keyNorm));
    }
    Heads heads{model.reshape(queries, {config.heads, config.headWidth}),
                model.reshape(keys, {config.kvHeads, config.headWidth}),
                model.reshape(values, {config.kvHeads, config.headWidth})};
    if (config.queryKeyNorm == QueryKeyNorm::Head) {
      heads.query = model.norm(heads.query, name(config.names.queryNorm));
      heads.key = model.norm(heads.key, name(config.names.keyNorm));
    }
    return heads;
  }

  /// Of each key-value head its queries, then its key, then its value.
  Heads projectGrouped() {
    int64_t group = config.heads / config.kvHeads, width = config.headWidth;
    Value all = model.linear(x, name(config.names.fused), config.kvHeads * (group + 2) * width,
                             config.qkvBias);
    all = model.reshape(all, {config.kvHeads, group + 2, width});
    return {model.reshape(model.slice(all, 2, 0, group), {config.heads, width}),
            model.reshape(model.slice(all, 2, group, 1), {config.kvHeads, width}),
            model.reshape(model.slice(all, 2, group + 1, 1), {config.kvHeads, width})};
  }

  ModelBuilder &model;
  const checkpoint::ModelConfig &config;
  const LayerContext &context;
  Value x; ///< the stream at hand
};

} // namespace

Value rotate(ModelBuilder &model, Value heads, const RotaryTables &tables) {
  RotaryStyle style = model.config.rotary->layout == checkpoint::RotaryLayout::Interleaved
                          ? RotaryStyle::interleaved
                          : RotaryStyle::half;
  return RotaryOp::create(model.builder, model.location, style, heads, tables.cos, tables.sin);
}

BranchResult writeAttention(ModelBuilder &model, const LayerContext &context,
                            ArrayRef<Value> streams) {
  return AttentionWriter(model, context).write(streams);
}

} // namespace tern::architecture
