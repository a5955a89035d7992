// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The keys of config.json's quantization_config, as transformers 5 reads them. One that is neither
// read nor listed as harmless here is refused: it may say how the codes are meant.
#include "frontend/checkpoint/QuantisedWeight.h"

#include <algorithm>

namespace tern::checkpoint {
namespace {

constexpr std::string_view kGroup = "quantization_config.";

std::string keyOf(std::string_view name) { return std::string(kGroup) + std::string(name); }

constexpr Range kGroupRange{1, 1 << 20};

/// Of any method: how the codes were found, or which kernels and what kind of activations a program
/// has. Activations are not rounded here but by --numerics.
constexpr std::string_view kHarmlessKeys[] = {
    "_load_in_4bit",
    "_load_in_8bit",
    "activation_scale_ub",
    "backend",
    "batch_size",
    "block_name_to_quantize",
    "bnb_4bit_compute_dtype",
    "cache_block_outputs",
    "damp_percent",
    "dataset",
    "dequantize",
    "disable_exllama",
    "do_fuse",
    "exllama_config",
    "fuse_max_seq_len",
    "llm_int8_enable_fp32_cpu_offload",
    "llm_int8_threshold",
    "max_input_length",
    "meta",
    "model_file_base_name",
    "model_name_or_path",
    "model_seqlen",
    "module_name_preceding_first_block",
    "modules_to_fuse",
    "pad_token_id",
    "quantizer",
    "scale_fmt",
    "static_groups",
    "tokenizer",
    "true_sequential",
    "use_cuda_fp16",
    "use_exllama",
};

/// A key that the files of a method have and those of the others have not.
constexpr std::pair<std::string_view, std::string_view> kOwnKeys[] = {
    {"awq", "zero_point"},
    {"bitsandbytes", "bnb_4bit_quant_type"},
    {"fp8", "activation_scheme"},
    {"gptq", "desc_act"},
};

class SchemeReader {
public:
  explicit SchemeReader(ConfigReader &reader) : reader(reader) {}

  QuantisationScheme read() {
    std::string method = methodOf();
    checkMethod(method);
    if (method == "fp8" || method == "fbgemm_fp8")
      readFloats();
    else if (method == "bitsandbytes")
      readBitsAndBytes();
    else if (method == "gptq")
      readGptq();
    else if (method == "awq")
      readAwq();
    else
      reader.reject(keyOf("quant_method"), "fp8, fbgemm_fp8, bitsandbytes, gptq or awq",
                    quote(method));
    checkKeys();
    return std::move(scheme);
  }

private:
  /// bitsandbytes' first files do not name it.
  std::string methodOf() {
    bool isUnnamed = reader.has(keyOf("load_in_8bit")) || reader.has(keyOf("load_in_4bit"));
    return isUnnamed ? reader.text(keyOf("quant_method"), "bitsandbytes")
                     : reader.text(keyOf("quant_method"));
  }

  /// A method without its own key, beside that of another one, is what is wrong.
  void checkMethod(const std::string &method) {
    auto own = std::ranges::find(kOwnKeys, method, [](const auto &key) { return key.first; });
    if (own == std::end(kOwnKeys) || reader.isGiven(keyOf(own->second)))
      return;
    for (auto [other, key] : kOwnKeys)
      if (reader.has(keyOf(key)))
        reader.reject(keyOf("quant_method"),
                      toText(other) + ", which alone has the key " + toText(key));
  }

  void readOmitted(std::string_view key) { scheme.omitted = reader.texts(keyOf(key)); }

  void readFloats() {
    FloatScheme floats;
    std::vector<int64_t> block = reader.integers(keyOf("weight_block_size"), kGroupRange);
    if (block.size() == 2) {
      floats.blockRows = block[0];
      floats.blockColumns = block[1];
    } else if (!block.empty()) {
      reader.reject(keyOf("weight_block_size"), "two integers",
                    reader.isArray(keyOf("weight_block_size")) ? toText(block) : toText(block[0]));
    }
    std::string inputs = reader.text(keyOf("activation_scheme"), "dynamic");
    require("activation_scheme", inputs, {"dynamic", "static"});
    floats.hasStaticInputs = inputs == "static";
    if (reader.has(keyOf("fmt"))) {
      floats.numbers = reader.text(keyOf("fmt"));
      require("fmt", floats.numbers, {"e4m3", "e5m2"});
    }
    readOmitted(reader.has(keyOf("ignored_layers")) ? "ignored_layers" : "modules_to_not_convert");
    scheme.kind = floats;
  }

  void readBitsAndBytes() {
    BitsAndBytesScheme bits;
    bits.isInteger = reader.boolean(keyOf("load_in_8bit"), false);
    bits.table = reader.text(keyOf("bnb_4bit_quant_type"), "fp4");
    bits.isNested = reader.boolean(keyOf("bnb_4bit_use_double_quant"), false);
    require("bnb_4bit_quant_type", bits.table, {"fp4", "nf4"});
    require("bnb_4bit_quant_storage", reader.text(keyOf("bnb_4bit_quant_storage"), "uint8"),
            {"uint8"});
    if (reader.boolean(keyOf("load_in_4bit"), false) == bits.isInteger)
      reader.reject(keyOf("load_in_4bit"), bits.isInteger ? "false beside load_in_8bit" : "true");
    if (reader.boolean(keyOf("llm_int8_has_fp16_weight"), false))
      reader.reject(keyOf("llm_int8_has_fp16_weight"), "false");
    readOmitted("llm_int8_skip_modules");
    scheme.kind = bits;
  }

  /// Keys have two names; the second is an older one.
  std::string either(const char *first, const char *second) {
    return keyOf(!reader.isGiven(keyOf(first)) && reader.isGiven(keyOf(second)) ? second : first);
  }

  int64_t readGroup(const std::string &key) {
    int64_t group = reader.integer(key, {-1, kGroupRange.most});
    if (group == 0)
      reader.reject(key, "-1 or an integer above 0");
    return std::max<int64_t>(group, 0);
  }

  void readGptq() {
    GroupScheme groups;
    groups.bits = reader.integer(keyOf("bits"), {2, 8});
    if (8 % groups.bits != 0)
      reader.reject(keyOf("bits"), "2, 4 or 8");
    groups.group = readGroup(keyOf("group_size"));
    groups.isSymmetric = reader.boolean(keyOf("sym"), true);
    groups.hasOrder = reader.optionalBoolean(keyOf("desc_act"));
    groups.modules = reader.textsOfLists(keyOf("modules_in_block_to_quantize"));
    groups.isHeadInCodes = reader.optionalBoolean(keyOf("lm_head"));
    std::string format = reader.text(keyOf("checkpoint_format"), "gptq");
    require("checkpoint_format", format, {"gptq", "gptq_v2"});
    require("pack_dtype", reader.text(keyOf("pack_dtype"), "int32"), {"int32"});
    groups.zeroOffset = format == "gptq" ? 1 : 0;
    if (reader.boolean(keyOf("is_marlin_format"), false))
      reader.reject(keyOf("is_marlin_format"), "false");
    scheme.kind = groups;
  }

  void readAwq() {
    GroupScheme groups;
    groups.isAwq = true;
    if (std::string key = either("bits", "w_bit"); reader.integer(key, {1, 8}) != 4)
      reader.reject(key, "4");
    groups.group = readGroup(either("group_size", "q_group_size"));
    if (!reader.boolean(keyOf("zero_point"), true))
      reader.reject(keyOf("zero_point"), "true");
    require("version", reader.text(keyOf("version"), "gemm"), {"gemm", "GEMM"});
    readOmitted("modules_to_not_convert");
    scheme.kind = groups;
  }

  void require(std::string_view key, const std::string &found,
               std::initializer_list<std::string_view> known) {
    std::string words;
    for (std::string_view word : known)
      words += (words.empty() ? "" : " or ") + std::string(word);
    if (std::ranges::find(known, found) == known.end())
      reader.reject(keyOf(key), words);
  }

  void checkKeys() {
    for (const std::string &key : reader.unread()) {
      auto isOneOf = [&](const auto &names) {
        return key.starts_with(kGroup) &&
               std::ranges::find(names, std::string_view(key).substr(kGroup.size())) !=
                   std::end(names);
      };
      if (isOneOf(kHarmlessKeys))
        known.push_back(key);
      else if (key.starts_with(kGroup) && reader.isSet(key))
        reader.reject(key, "none, as nothing is known of it");
    }
    for (const std::string &key : known)
      reader.ignore({key});
  }

  ConfigReader &reader;
  QuantisationScheme scheme;
  std::vector<std::string> known;
};

} // namespace

QuantisationScheme readQuantisation(ConfigReader &reader) {
  if (!reader.has("quantization_config"))
    return {};
  if (!reader.isObject("quantization_config")) {
    reader.reject("quantization_config", "an object");
    return {};
  }
  return SchemeReader(reader).read();
}

} // namespace tern::checkpoint
