// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Parameter sharing by hashing (ROAST and STABLE-RPS, arXiv 2310.11611,
// github.com/apd10/FakeRoast): Llama's graph, all of whose layers' weights are places of one
// vector.
#include "frontend/architecture/Families.h"

namespace tern::architecture {

using checkpoint::SharedForm;

/// The maps of the layers in their order, each with how many weights it has; the embedding and the
/// logits are not shared.
static int64_t placeMaps(ConfigReader &reader, const ModelConfig &config, SharedForm &form) {
  int64_t queries = config.heads * config.headWidth, keys = config.kvHeads * config.headWidth;
  const checkpoint::TensorNames &names = config.names;
  const std::pair<const std::string *, int64_t> maps[] = {
      {&names.query, queries},        {&names.key, keys},
      {&names.value, keys},           {&names.attentionOut, queries},
      {&names.gate, config.ffnWidth}, {&names.up, config.ffnWidth},
      {&names.down, config.ffnWidth}};
  constexpr int64_t kMostWeights = int64_t(1) << 53;
  int64_t end = 0;
  for (int64_t layer = 0; layer < config.layers; ++layer)
    for (auto [pattern, other] : maps) {
      form.offsets.emplace(nameOf(*pattern, layer), end);
      end += config.width * other; // below 2^51 each
      if (end > kMostWeights) {
        reader.reject("hidden_size", "layers of 2^53 weights at most");
        return kMostWeights;
      }
    }
  return end;
}

static void readHash(ConfigReader &reader, SharedForm &form) {
  if (reader.text("mapper_args.hasher", "uhash") != "uhash")
    reader.reject("mapper_args.hasher", "uhash");
  // What the repository draws by `seed`.
  std::vector<int64_t> drawn = reader.integers("mapper_args.random_numbers", {0, INT64_MAX});
  if (drawn.size() != form.numbers.size())
    reader.reject("mapper_args.random_numbers", "4 integers",
                  checkpoint::toText(drawn.size()) + " of them");
  else
    std::ranges::copy(drawn, form.numbers.begin());
  reader.ignore({"mapper_args.seed", "mapper_args.block"});
}

static ModelConfig readHuggingFace(ConfigReader &reader, const Checkpoint &checkpoint) {
  ModelConfig config = kLlama.readHuggingFace(reader, checkpoint);
  SharedForm form;
  double sparsity = reader.positive("sparsity");
  if (sparsity > 1)
    reader.reject("sparsity", "a share of the weights, at most 1");
  form.deviation = reader.positive("init_std", 0.04);
  form.hasSigns = reader.boolean("use_sign", false);
  std::string mapper = reader.text("mapper_args.mapper", "pareto");
  if (mapper == "roast") {
    form.mapper = SharedForm::Mapper::Roast;
    form.blockRows = reader.integer("mapper_args.block_k", {1, 1 << 12});
    form.blockColumns = reader.integer("mapper_args.block_n", {1, 1 << 12});
  } else if (mapper == "pareto") {
    reader.ignore({"mapper_args.block_k", "mapper_args.block_n"});
  } else {
    reader.reject("mapper_args.mapper", "pareto or roast");
  }
  readHash(reader, form);
  form.size = int64_t(sparsity * double(placeMaps(reader, config, form)));
  // Places are 32 bits wide, and a tile must lie in the vector.
  int64_t least = form.blockRows * form.blockColumns + 1;
  if (form.size < least || form.size > INT32_MAX)
    reader.reject("sparsity",
                  "a share that leaves " + checkpoint::toText(least) + " to 2147483647 numbers",
                  checkpoint::toText(form.size));
  config.linear = form;
  return config;
}

const Family kRoast{"roast", "", readHuggingFace, nullptr};

} // namespace tern::architecture
