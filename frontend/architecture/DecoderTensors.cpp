// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tensors of a model: what the writers beside this file ask a checkpoint for.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::ExpectedTensor;
using checkpoint::FusedRows;
using checkpoint::NormKind;
using checkpoint::QueryKeyNorm;

std::string nameOf(const std::string &pattern, int64_t layer) {
  size_t hole = pattern.find("{}");
  return hole == std::string::npos
             ? pattern
             : pattern.substr(0, hole) + std::to_string(layer) + pattern.substr(hole + 2);
}

bool isOfEach(const std::string &pattern) { return pattern.find("{}") != std::string::npos; }

namespace {

class TensorList {
public:
  explicit TensorList(const ModelConfig &config) : config(config), names(config.names) {}

  std::vector<ExpectedTensor> list() {
    const int64_t embedded = config.widthOfEmbedding();
    tensors.push_back({names.embedding + ".weight", {config.vocabulary, embedded}});
    if (config.embeddingWidth != 0) {
      addLinear(names.embeddingIn, config.width, embedded, /*isBiased=*/false);
      addLinear(names.embeddingOut, embedded, config.width, /*isBiased=*/false);
    }
    if (config.positionRows != 0)
      tensors.push_back({names.positions + ".weight", {config.positionRows, config.width}});
    if (config.encoder)
      listEncoder();
    if (config.encoderDecoder)
      listDecoder(*config.encoderDecoder);
    listLayers();
    if (int64_t streams = config.streams.count; streams > 1) {
      addLinear(names.aggregateIn, config.width, streams * config.width, /*isBiased=*/true);
      addLinear(names.aggregateOut, streams, config.width, /*isBiased=*/true);
    }
    if (!config.tiedEmbeddings && !config.isTransposed) {
      addLinear(names.head, config.vocabulary, embedded, config.headBias);
      return std::move(tensors);
    }
    if (!config.tiedEmbeddings)
      tensors.push_back({names.head + ".weight", {config.vocabulary, embedded}});
    if (config.headBias)
      tensors.push_back({names.head + ".bias", {config.vocabulary}});
    return std::move(tensors);
  }

private:
  void listLayers() {
    for (layer = 0; layer < config.layers; ++layer) {
      if (config.stateSpace) {
        listStateSpace(*config.stateSpace);
        continue;
      }
      listAttention();
      if (!names.crossQuery.empty() && !config.encoderDecoder)
        listCross();
      listFeedForward();
    }
    addNorm(names.finalNorm, config.width);
  }

  /// The decoder beside an encoder, and the distances of both.
  void listDecoder(const checkpoint::EncoderDecoderConfig &pair) {
    for (const std::string &name : {names.relative, pair.names.relative})
      tensors.push_back({name + ".weight", {pair.buckets, config.heads}});
    ModelConfig decoder = config;
    decoder.names = pair.names;
    decoder.layers = pair.decoderLayers;
    decoder.encoderDecoder.reset();
    TensorList list(decoder);
    list.listLayers();
    tensors.insert(tensors.end(), list.tensors.begin(), list.tensors.end());
  }

  void listCross() {
    int64_t inner = config.heads * config.headWidth;
    addNorm(names.crossNorm, config.width);
    for (const std::string &pattern : {names.crossQuery, names.crossKey, names.crossValue})
      addLinear(pattern, inner, config.width, /*isBiased=*/false);
    addLinear(names.crossOut, config.width, inner, /*isBiased=*/false);
  }

  /// What an encoder has outside of its layers.
  void listEncoder() {
    tensors.push_back({names.types + ".weight", {config.encoder->typeRows, config.width}});
    addNorm(names.embeddingNorm, config.width);
    if (!config.encoder->hasHead)
      return;
    addLinear(names.headDense, config.width, config.width, /*isBiased=*/true);
    addNorm(names.headNorm, config.width);
  }

  /// Queries, keys and values by way of latent vectors.
  void listLatent() {
    const checkpoint::LatentConfig &latent = *config.latent;
    int64_t queries = config.heads * config.headWidth;
    if (latent.queryRank == 0) {
      addLinear(names.query, queries, config.width, /*isBiased=*/false);
    } else {
      addLinear(names.queryDown, latent.queryRank, config.width, /*isBiased=*/false);
      addNorm(names.queryDownNorm, latent.queryRank);
      addLinear(names.queryUp, queries, latent.queryRank, /*isBiased=*/false);
    }
    addLinear(names.keyValueDown, latent.keyValueRank + latent.rotatedWidth, config.width,
              /*isBiased=*/false);
    addNorm(names.keyValueDownNorm, latent.keyValueRank);
    if (!names.keyValueUp.empty()) {
      addLinear(names.keyValueUp, config.heads * (latent.plainWidth + config.valueWidth),
                latent.keyValueRank, /*isBiased=*/false);
    } else {
      add(names.keyUp, {config.heads, latent.keyValueRank, latent.plainWidth});
      add(names.valueUp, {config.heads, config.valueWidth, latent.keyValueRank});
    }
  }

  void listStateSpace(const checkpoint::StateSpaceConfig &space) {
    auto addWhole = [&](const std::string &pattern, std::vector<int64_t> shape) {
      tensors.push_back({nameOf(pattern, layer), std::move(shape)});
    };
    addLayerNorm(names.attentionNorm);
    addLinear(names.stateIn, 2 * space.width, config.width, space.hasBias);
    add(names.convolution, space.convolutionShape);
    if (space.hasConvolutionBias)
      addWhole(names.convolution + ".bias", {space.width});
    addLinear(names.stateSelect, space.stepRank + 2 * space.states, space.width,
              /*isBiased=*/false);
    addLinear(names.stateStep, space.width, space.stepRank, /*isBiased=*/true);
    addWhole(names.stateRate, {space.width, space.states});
    addWhole(names.stateSkip, {space.width});
    addLinear(names.stateOut, config.width, space.width, space.hasBias);
  }

  void listAttention() {
    int64_t queries = config.heads * config.headWidth, keys = config.kvHeads * config.headWidth;
    addLayerNorm(names.attentionNorm);
    if (config.latent) {
      listLatent();
    } else if (config.fusedRows == FusedRows::None) {
      addLinear(names.query, queries, config.width, config.qkvBias);
      addLinear(names.key, keys, config.width, config.qkvBias);
      addLinear(names.value, keys, config.width, config.qkvBias);
    } else {
      addLinear(names.fused, queries + 2 * keys, config.width, config.qkvBias);
    }
    if (config.queryKeyNorm != QueryKeyNorm::None) {
      bool isHead = config.queryKeyNorm == QueryKeyNorm::Head;
      addNorm(names.queryNorm, isHead ? config.headWidth : queries);
      addNorm(names.keyNorm, isHead ? config.headWidth : keys);
    }
    addLinear(names.attentionOut, config.width, config.heads * config.widthOfValues(),
              config.attentionOutBias);
    if (const checkpoint::StreamConfig &streams = config.streams; streams.prefixTokens != 0) {
      std::vector<int64_t> shape{streams.count, config.kvHeads, streams.prefixTokens};
      for (auto [pattern, width] : {std::pair(&names.prefixKey, config.headWidth),
                                    std::pair(&names.prefixValue, config.widthOfValues())}) {
        tensors.push_back({nameOf(*pattern, layer), shape});
        tensors.back().shape.push_back(width);
      }
    }
    addLayerNorm(names.attentionPostNorm);
  }

  void listExperts() {
    const checkpoint::ExpertConfig &experts = *config.experts;
    addLinear(names.router, experts.count, config.width, /*isBiased=*/false);
    if (!names.routerCorrection.empty())
      tensors.push_back({nameOf(names.routerCorrection, layer), {experts.count}});
    if (experts.isStacked) {
      auto add = [&](const std::string &pattern, std::vector<int64_t> shape) {
        tensors.push_back({nameOf(pattern, layer), std::move(shape)});
      };
      add(names.expertUp, {experts.count, config.width, experts.width});
      add(names.expertUpBias, {experts.count, 1, experts.width});
      add(names.expertDown, {experts.count, experts.width, config.width});
      add(names.expertDownBias, {experts.count, 1, config.width});
      return;
    }
    listStack(names.expertGate, experts.width, config.width);
    listStack(names.expertUp, experts.width, config.width);
    listStack(names.expertDown, config.width, experts.width);
    if (experts.sharedWidth != 0)
      addGated(names.sharedGate, names.sharedUp, names.sharedDown, experts.sharedWidth);
    if (experts.isGateVector)
      add(names.sharedRouter, {config.width});
    else if (!names.sharedRouter.empty())
      addLinear(names.sharedRouter, 1, config.width, /*isBiased=*/false);
  }

  void listStack(const std::string &pattern, int64_t out, int64_t in) {
    int64_t count = config.experts->count;
    if (!isOfEach(nameOf(pattern, layer))) {
      add(pattern, {count, out, in});
      return;
    }
    size_t first = tensors.size();
    for (int64_t number = 0; number < count; ++number)
      addExpertLinear(nameOf(nameOf(pattern, layer), number), out, in);
    for (; first < tensors.size(); ++first)
      tensors[first].isStacked = true;
  }

  void addGated(const std::string &gate, const std::string &up, const std::string &down,
                int64_t width) {
    addExpertLinear(gate, width, config.width);
    addExpertLinear(up, width, config.width);
    addExpertLinear(down, config.width, width);
  }

  void addExpertLinear(const std::string &pattern, int64_t out, int64_t in) {
    addLinear(pattern, out, in, /*isBiased=*/false);
    if (!config.modality)
      return;
    addLinear(pattern + ".lora_A", config.modality->rank, in, /*isBiased=*/false);
    addLinear(pattern + ".lora_B", out, config.modality->rank, /*isBiased=*/false);
  }

  void listFeedForward() {
    addLayerNorm(names.ffnNorm);
    if (names.up.empty() && names.fusedGateUp.empty() && !config.experts) {
      addLinear(names.down, config.width, config.width, config.ffnBias);
      return;
    }
    if (config.experts && config.experts->isSparse(layer)) {
      listExperts();
      addLayerNorm(names.ffnPostNorm);
      return;
    }
    if (config.versatile) {
      addLinear(names.depthRouter, config.versatile->depth, config.width, /*isBiased=*/false);
      addLinear(names.widthRouter, config.versatile->parts, config.width, /*isBiased=*/false);
    }
    if (!names.fusedGateUp.empty()) {
      addLinear(names.fusedGateUp, 2 * config.ffnWidth, config.width, config.ffnBias);
    } else {
      if (config.isGated)
        addLinear(names.gate, config.ffnWidth, config.width, config.ffnBias);
      addLinear(names.up, config.ffnWidth, config.width, config.ffnBias);
    }
    addLinear(names.down, config.width, config.ffnWidth, config.ffnBias);
    addLayerNorm(names.ffnPostNorm);
  }

  /// Of what a branch reads or gives.
  void addLayerNorm(const std::string &pattern) {
    if (!config.hasPlainNorms)
      addNorm(pattern, config.width);
  }

  void add(const std::string &pattern, std::vector<int64_t> shape) {
    tensors.push_back({nameOf(pattern, layer) + ".weight", std::move(shape)});
  }

  void addNorm(const std::string &pattern, int64_t width) {
    if (pattern.empty())
      return;
    tensors.push_back({nameOf(pattern, layer) + names.normWeight, {width}});
    if (config.normBias)
      tensors.push_back({nameOf(pattern, layer) + names.normBias, {width}});
  }

  void addLinear(const std::string &pattern, int64_t out, int64_t in, bool isBiased) {
    const std::string name = nameOf(pattern, layer);
    auto made = checkpoint::tensorsOf(config.linear, name, out, in, isBiased);
    if (!made.empty()) {
      tensors.insert(tensors.end(), made.begin(), made.end());
      return;
    }
    if (config.isTransposed)
      tensors.push_back({name + ".weight", {in, out}, /*isTransposed=*/true});
    else
      tensors.push_back({name + ".weight", {out, in}});
    if (isBiased)
      tensors.push_back({name + ".bias", {out}});
  }

  const ModelConfig &config;
  const checkpoint::TensorNames &names;
  int64_t layer = 0;
  std::vector<ExpectedTensor> tensors;
};

} // namespace

std::vector<ExpectedTensor> tensorsOf(const ModelConfig &config) {
  return TensorList(config).list();
}

std::map<std::string, MatrixKind> matricesOf(const ModelConfig &config) {
  const checkpoint::TensorNames &names = config.names;
  std::map<std::string, MatrixKind> matrices;
  for (const ExpectedTensor &tensor : tensorsOf(config))
    if (tensor.shape.size() == 2 && tensor.name.ends_with(".weight"))
      matrices[tensor.name] = MatrixKind::Linear;
  auto set = [&](const std::string &name, MatrixKind kind) {
    if (auto at = matrices.find(name + ".weight"); at != matrices.end())
      at->second = kind;
  };
  for (const std::string &name : {names.embedding, names.head})
    set(name, MatrixKind::Outer);
  for (int64_t layer = 0; layer < config.layers; ++layer)
    for (const std::string &pattern :
         {names.positions, names.types, names.relative, names.router, names.sharedRouter,
          names.depthRouter, names.widthRouter, names.aggregateIn, names.aggregateOut,
          names.convolution, names.stateStep})
      set(nameOf(pattern, layer), MatrixKind::Choice);
  if (config.encoderDecoder)
    set(config.encoderDecoder->names.relative, MatrixKind::Choice);
  return matrices;
}

} // namespace tern::architecture
