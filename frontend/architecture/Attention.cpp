// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/architecture/LatentAttention.h"

#include <cmath>

using namespace mlir;

namespace tern::architecture {

using checkpoint::FusedRows;
using checkpoint::QueryKeyNorm;

namespace {

class AttentionWriter {
public:
  AttentionWriter(ModelBuilder &model, const LayerContext &context, Value x)
      : model(model), config(model.config), context(context), x(x) {}

  AttentionResult write() {
    Heads heads = config.latent ? writeLatentHeads(model, context, x) : project();
    OpBuilder &builder = model.builder;
    Value cache =
        kv::AppendOp::create(builder, model.location, context.cache, heads.key, heads.value,
                             context.positions, context.batch, context.layer);
    auto attend =
        kv::AttendOp::create(builder, model.location, heads.query, cache, context.positions,
                             context.batch, context.layer, APFloat(scale()),
                             config.windowOf(context.number), APFloat(config.attentionCap),
                             /*scores=*/false);
    Value joined = model.reshape(attend.getResult(), {config.heads * config.widthOfValues()});
    return {model.linear(joined, name(config.names.attentionOut), config.width,
                         config.attentionOutBias),
            cache};
  }

private:
  std::string name(const std::string &pattern) const { return nameOf(pattern, context.number); }

  double scale() const {
    return config.attentionScale != 0 ? config.attentionScale
                                      : 1 / std::sqrt(static_cast<double>(config.headWidth));
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
  Value x;
};

} // namespace

Value rotate(ModelBuilder &model, Value heads, const RotaryTables &tables) {
  RotaryStyle style = model.config.rotary->layout == checkpoint::RotaryLayout::Interleaved
                          ? RotaryStyle::interleaved
                          : RotaryStyle::half;
  return RotaryOp::create(model.builder, model.location, style, heads, tables.cos, tables.sin);
}

AttentionResult writeAttention(ModelBuilder &model, const LayerContext &context, Value x) {
  return AttentionWriter(model, context, x).write();
}

} // namespace tern::architecture
