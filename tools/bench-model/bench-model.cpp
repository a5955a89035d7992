// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Writes a Llama model of a usual size with random weights as GGUF, to measure speed on. The same
// arguments give the same bytes.
#include "frontend/checkpoint/GgufWriter.h"
#include "frontend/checkpoint/Quantise.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <vector>

using tern::checkpoint::BlockEncoder;
using tern::checkpoint::findEncoder;
using tern::checkpoint::GgufWriter;

namespace {

struct Shape {
  const char *name;
  uint32_t width, layers, heads, kvHeads, ffn, vocabulary, context;
  bool isTied; ///< the output matrix is the embedding
};

constexpr Shape shapes[] = {
    {"110m", 768, 12, 12, 12, 2048, 32000, 2048, true},
    {"1.1b", 2048, 22, 32, 4, 5632, 32000, 2048, false},
};

struct Tensor {
  std::string name;
  std::vector<int64_t> shape; ///< rows first
  const BlockEncoder *format;

  int64_t elements() const { return shape.size() == 1 ? shape[0] : shape[0] * shape[1]; }
  int64_t bytes() const { return elements() / format->elements * format->bytes; }
};

/// Numbers close to a normal distribution with the standard deviation 1: the sum of four uniform
/// ones, taken from the 16-bit parts of one number of the SplitMix64 generator.
class Noise {
public:
  float next() {
    uint64_t bits = state += 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    bits ^= bits >> 31;
    int32_t sum = 0;
    for (int part = 0; part < 4; ++part, bits >>= 16)
      sum += int32_t(bits & 0xffff);
    // Four uniform numbers in [0, 65536) have the variance 65536^2 / 3.
    return static_cast<float>(sum - 2 * 65535) * (1.7320508f / 65536);
  }

private:
  uint64_t state = 1;
};

} // namespace

static std::vector<Tensor> tensorsOf(const Shape &shape, const BlockEncoder *type) {
  const BlockEncoder *f32 = findEncoder("f32");
  int64_t width = shape.width, kv = width / shape.heads * shape.kvHeads;
  std::vector<Tensor> tensors{{"token_embd.weight", {shape.vocabulary, width}, type}};
  for (uint32_t i = 0; i < shape.layers; ++i) {
    std::string block = "blk." + std::to_string(i) + ".";
    tensors.push_back({block + "attn_norm.weight", {width}, f32});
    tensors.push_back({block + "attn_q.weight", {width, width}, type});
    tensors.push_back({block + "attn_k.weight", {kv, width}, type});
    tensors.push_back({block + "attn_v.weight", {kv, width}, type});
    tensors.push_back({block + "attn_output.weight", {width, width}, type});
    tensors.push_back({block + "ffn_norm.weight", {width}, f32});
    tensors.push_back({block + "ffn_gate.weight", {shape.ffn, width}, type});
    tensors.push_back({block + "ffn_up.weight", {shape.ffn, width}, type});
    tensors.push_back({block + "ffn_down.weight", {width, shape.ffn}, type});
  }
  tensors.push_back({"output_norm.weight", {width}, f32});
  if (!shape.isTied)
    tensors.push_back({"output.weight", {shape.vocabulary, width}, type});
  return tensors;
}

static void addSettings(const Shape &shape, const BlockEncoder &type, GgufWriter &head) {
  head.text("general.architecture", "llama");
  head.text("general.name", std::string("random-") + shape.name);
  head.number("general.alignment", GgufWriter::kAlignment);
  head.number("general.file_type", type.fileType);
  head.number("llama.context_length", shape.context);
  head.number("llama.embedding_length", shape.width);
  head.number("llama.block_count", shape.layers);
  head.number("llama.feed_forward_length", shape.ffn);
  head.number("llama.attention.head_count", shape.heads);
  head.number("llama.attention.head_count_kv", shape.kvHeads);
  head.number("llama.rope.dimension_count", shape.width / shape.heads);
  head.number("llama.vocab_size", shape.vocabulary);
  head.real("llama.rope.freq_base", 10000);
  head.real("llama.attention.layer_norm_rms_epsilon", 1e-5f);
}

/// A SentencePiece-like vocabulary: three special tokens, 256 bytes, words.
static void addTokenizer(uint32_t vocabulary, GgufWriter &head) {
  std::vector<std::string> tokens{"<unk>", "<s>", "</s>"};
  std::vector<int32_t> kinds{2, 3, 3};
  for (int byte = 0; byte < 256; ++byte) {
    char text[8];
    std::snprintf(text, sizeof text, "<0x%02X>", byte);
    tokens.push_back(text);
    kinds.push_back(6);
  }
  std::vector<float> scores(tokens.size(), 0);
  for (uint32_t word = 0; tokens.size() < vocabulary; ++word) {
    tokens.push_back("\u2581w" + std::to_string(word));
    kinds.push_back(1);
    scores.push_back(-static_cast<float>(word));
  }
  head.text("tokenizer.ggml.model", "llama");
  head.texts("tokenizer.ggml.tokens", tokens);
  head.reals("tokenizer.ggml.scores", scores);
  head.integers("tokenizer.ggml.token_type", kinds);
  head.number("tokenizer.ggml.bos_token_id", 1);
  head.number("tokenizer.ggml.eos_token_id", 2);
  head.number("tokenizer.ggml.unknown_token_id", 0);
  head.boolean("tokenizer.ggml.add_bos_token", true);
}

/// Matrices keep the size of what they multiply; norms are 1.
static void writeTensor(const Tensor &tensor, Noise &noise, std::ostream &out) {
  bool isNorm = tensor.shape.size() == 1;
  float deviation = tensor.name.starts_with("token_embd")
                        ? 0.5f
                        : 1 / std::sqrt(static_cast<float>(tensor.shape.back()));
  std::vector<float> block(tensor.format->elements);
  std::string bytes;
  for (int64_t i = 0; i < tensor.elements(); i += tensor.format->elements) {
    for (float &value : block)
      value = isNorm ? 1 : deviation * noise.next();
    bytes.resize(bytes.size() + tensor.format->bytes);
    tensor.format->encode(block.data(), reinterpret_cast<std::byte *>(bytes.data() + bytes.size()) -
                                            tensor.format->bytes);
    if (bytes.size() > (1 << 20)) {
      out << bytes;
      bytes.clear();
    }
  }
  bytes.resize(bytes.size() + GgufWriter::aligned(tensor.bytes()) - tensor.bytes());
  out << bytes;
}

int main(int argc, char **argv) {
  CLI::App app("Writes a Llama model with random weights, to measure speed on.", "bench-model");
  std::string shapeName = "110m", typeName = "bf16", path;
  app.add_option("--shape", shapeName, "110m or 1.1b parameters")
      ->check(CLI::IsMember({"110m", "1.1b"}))
      ->capture_default_str();
  app.add_option("--type", typeName, "storage type of the matrices")
      ->check([](const std::string &name) {
        return findEncoder(name) ? "" : "expected " + tern::checkpoint::namesOfEncoders();
      })
      ->capture_default_str();
  app.add_option("-o,--output", path, "GGUF file to write")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const Shape &shape = *std::ranges::find(shapes, shapeName, &Shape::name);
  const BlockEncoder *type = findEncoder(typeName);
  GgufWriter head;
  addSettings(shape, *type, head);
  addTokenizer(shape.vocabulary, head);
  std::vector<Tensor> tensors = tensorsOf(shape, type);
  for (const Tensor &tensor : tensors)
    head.tensor(tensor.name, tensor.shape, tensor.format->number, tensor.bytes());
  std::ofstream file(path, std::ios::binary);
  file << head.head();
  Noise noise;
  for (const Tensor &tensor : tensors)
    writeTensor(tensor, noise, file);
  if (!file.flush()) {
    std::cerr << "bench-model: " << path << ": the file can't be written\n";
    return 1;
  }
}
