// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/QuantisedWeight.h"
#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/Json.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tern::checkpoint {
namespace {

constexpr std::string_view kWeight = ".weight";
/// Types of tensors, as messages show them.
using Types = std::vector<std::string_view>;
const Types kFloats{"F32", "F16", "BF16"};
constexpr int64_t kWord = 32; ///< bits
constexpr Range kBlockRange{2, 1 << 20};
constexpr std::string_view kStatePrefix = ".weight.quant_state.bitsandbytes__";
/// vLLM's and transformers' names of one tensor.
constexpr const char *kInputScale = ".input_scale", *kActivationScale = ".activation_scale";
// What says in quantization_config of which codes weights are.
constexpr std::string_view kFloats8 = "quant_method fp8", kRows = "load_in_8bit",
                           kTables = "load_in_4bit", kGroups = "quant_method gptq or awq";

bool isFloat8(const Tensor &tensor) { return tensor.typeName.starts_with("F8_E"); }

int64_t elementsOf(const Tensor &tensor) {
  return tensor.bytes == 0 ? 0 : tensor.rows() * tensor.columns();
}

/// The numbers of a float tensor.
std::vector<float> numbersOf(const Tensor &tensor) {
  std::vector<float> numbers(size_t(elementsOf(tensor)));
  if (!numbers.empty())
    dequantise(tensor, 0, tensor.rows(), numbers.data());
  return numbers;
}

/// True if a module's name is, or is below, one of the scheme's.
bool isOmitted(const QuantisationScheme &scheme, const std::string &module) {
  return std::ranges::any_of(scheme.omitted, [&](const std::string &part) {
    return ("." + module + ".").find("." + part + ".") != std::string::npos;
  });
}

/// Reads one weight. The first mistake is kept; what comes after it may be anything.
class WeightReader {
public:
  WeightReader(const Checkpoint &checkpoint, const QuantisationScheme &scheme,
               const ExpectedTensor &wanted)
      : checkpoint(checkpoint), scheme(scheme), stored(checkpoint.find(wanted.name)),
        name(wanted.name), module(name.substr(0, name.size() - kWeight.size())),
        out(wanted.shape[wanted.isTransposed ? 1 : 0]),
        in(wanted.shape[wanted.isTransposed ? 0 : 1]) {}

  Expected<std::optional<QuantisedWeight>> read() {
    checkMethod();
    std::optional<QuantisedWeight> weight =
        std::visit([&](const auto &kind) { return readAs(kind); }, scheme.kind);
    if (auto *groups = std::get_if<GroupScheme>(&scheme.kind); groups && !failure)
      checkChoice(*groups, weight.has_value());
    if (!failure && weight && isOmitted(scheme, module))
      fail(name, ": expected a weight that is not quantised, as quantization_config names its "
                 "module, found codes");
    if (failure)
      return *failure;
    return weight;
  }

private:
  using Result = std::optional<QuantisedWeight>;

  /// What the scheme is in the words of quantization_config.
  static std::string_view methodOf(std::monostate) { return ""; }
  static std::string_view methodOf(const FloatScheme &) { return kFloats8; }
  static std::string_view methodOf(const BitsAndBytesScheme &bits) {
    return bits.isInteger ? kRows : kTables;
  }
  static std::string_view methodOf(const GroupScheme &) { return kGroups; }

  /// What the tensors are in the same words; empty for plain numbers.
  std::string_view methodFound() const {
    if (checkpoint.find(module + ".qweight"))
      return kGroups;
    if (stored && stored->typeName == "I8")
      return kRows;
    for (const char *table : {"nf4", "fp4"})
      if (checkpoint.find(module + std::string(kStatePrefix) + table))
        return kTables;
    return stored && isFloat8(*stored) ? kFloats8 : "";
  }

  void checkMethod() {
    std::string_view found = methodFound();
    std::string_view said =
        std::visit([](const auto &kind) { return methodOf(kind); }, scheme.kind);
    if (said.empty() && !found.empty())
      fail(name, ": expected plain numbers, as there is no quantization_config, found codes of ",
           found);
    else if (!found.empty() && found != said)
      fail(name, ": expected codes of ", said, ", as quantization_config says, found those of ",
           found);
  }

  /// Whether the module is one that the scheme names must be what its tensors say.
  void checkChoice(const GroupScheme &groups, bool hasCodes) {
    bool isHead = module == "lm_head";
    bool isNamed = std::ranges::any_of(
        groups.modules, [&](const std::string &part) { return module.ends_with("." + part); });
    bool isWrong = isHead ? groups.isHeadInCodes.value_or(hasCodes) != hasCodes
                          : !groups.modules.empty() && isNamed != hasCodes;
    if (!isWrong)
      return;
    const char *key = isHead ? "lm_head" : "modules_in_block_to_quantize";
    fail(name, ": expected ", hasCodes ? "no codes" : "codes", ", as quantization_config says in ",
         key, ", found ", hasCodes ? "some" : "none");
  }

  Result readAs(std::monostate) { return {}; }

  Result readAs(const FloatScheme &floats) {
    const std::string newName = module + ".weight_scale_inv", oldName = module + ".weight_scale";
    const std::string scales = checkpoint.find(oldName) ? oldName : newName;
    if (!stored || (!isFloat8(*stored) && !checkpoint.find(scales)))
      return {};
    ScaledCodes weight{
        name, scales, {}, std::min(floats.blockRows, out), std::min(floats.blockColumns, in)};
    if (!part(name, {out, in}, {"F8_E4M3", "F8_E5M2"}))
      return {};
    weight.numbers = stored->typeName == "F8_E4M3" ? "e4m3" : "e5m2";
    if (!floats.numbers.empty() && floats.numbers != weight.numbers)
      failAt(*stored, "expected codes of ", floats.numbers,
             ", as quantization_config says in fmt, found those of ", weight.numbers);
    const Tensor *found = checkpoint.find(scales);
    if (floats.hasStaticInputs && !checkpoint.find(module + kInputScale) &&
        !checkpoint.find(module + kActivationScale))
      fail(module + kInputScale, ": expected the scale of its inputs, as quantization_config says "
                                 "in activation_scheme, found no such tensor");
    how = floats.blockRows == 0 ? " without weight_block_size"
                                : " with weight_block_size " +
                                      toText(std::vector{floats.blockRows, floats.blockColumns});
    if (floats.blockRows != 0) {
      part(scales, {divideUp(out, floats.blockRows), divideUp(in, floats.blockColumns)}, kFloats);
    } else if (found && elementsOf(*found) == 1) {
      weight.blockRows = out;
      weight.blockColumns = in;
      part(scales, found->shape, kFloats);
    } else {
      weight.blockRows = 1;
      weight.blockColumns = in;
      part(scales, {out, 1}, kFloats);
    }
    return weight;
  }

  Result readAs(const BitsAndBytesScheme &bits) {
    return bits.isInteger ? readRows() : readTable(bits);
  }

  Result readRows() {
    const std::string scales = module + ".SCB", format = module + ".weight_format";
    if (!stored || (stored->typeName != "I8" && !checkpoint.find(scales)))
      return {};
    if (!part(name, {out, in}, {"I8"}) || !part(scales, {out}, {"F32"}))
      return {};
    const Tensor *order = checkpoint.find(format);
    if (order && order->bytes != 0 && order->data[0] != std::byte(0))
      failAt(*order, "expected 0, the format of rows, found ", int(order->data[0]));
    return ScaledCodes{name, scales, "i8", 1, in};
  }

  Result readTable(const BitsAndBytesScheme &bits) {
    const std::string other = bits.table == "nf4" ? "fp4" : "nf4";
    const Tensor *state = checkpoint.find(module + std::string(kStatePrefix) + bits.table);
    if (const Tensor *wrong = checkpoint.find(module + std::string(kStatePrefix) + other))
      failAt(*wrong, "expected ", bits.table,
             ", as quantization_config says in bnb_4bit_quant_type, found ", other);
    if (!stored || (!state && stored->type != StorageType::Other))
      return {};
    if (!state) {
      fail(module + std::string(kStatePrefix) + bits.table,
           ": expected how the weight is quantised, found no such tensor");
      return {};
    }
    return readTable(bits, *state);
  }

  Result readTable(const BitsAndBytesScheme &bits, const Tensor &state) {
    // A text of its own inside of the file.
    MappedFile text = MappedFile::borrow(checkpoint.fileOf(state) + ": tensor " + quote(state.name),
                                         {state.data, state.bytes});
    Expected<nlohmann::json> json = readJsonObject(text);
    if (!json) {
      failure = json.error();
      return {};
    }
    ConfigReader reader(text.path(), *json);
    if (reader.text("quant_type") != bits.table)
      reader.reject("quant_type", quote(bits.table));
    std::vector<int64_t> shape = reader.integers("shape", {1, INT32_MAX});
    if (shape != std::vector<int64_t>{out, in})
      reader.reject("shape", toText(std::vector{out, in}), toText(shape));
    TableCodes weight{name, name + ".absmax", {}, reader.integer("blocksize", kBlockRange), {}};
    if (weight.block % 2 != 0 || out * in % weight.block != 0)
      reader.reject("blocksize",
                    "an even divisor of the weight's " + toText(out * in) + " elements");
    if (reader.has("nested_offset") != bits.isNested)
      reader.reject("nested_offset",
                    std::string(bits.isNested ? "a number" : "none") +
                        ", as quantization_config says in bnb_4bit_use_double_quant");
    if (bits.isNested)
      weight.nested = {name + ".nested_absmax",
                       {},
                       reader.integer("nested_blocksize", kBlockRange),
                       reader.number("nested_offset")};
    static constexpr std::string_view floats[] = {"float32", "float16", "bfloat16"};
    for (const char *key : {"dtype", "nested_dtype"}) // of the weight that was; of its scales
      if (std::ranges::find(floats, reader.text(key, floats[0])) == std::end(floats))
        reader.reject(key, "float32, float16 or bfloat16");
    for (const std::string &key : reader.unread())
      reader.reject(key, "none, as nothing is known of it");
    if (reader.failure()) {
      failure = reader.failure();
      return {};
    }
    readParts(weight);
    return weight;
  }

  void readParts(TableCodes &weight) {
    int64_t blocks = out * in / weight.block;
    if (stored->typeName != "U8")
      failAt(*stored, "expected U8, found ", quote(stored->typeName));
    if (stored->bytes != uint64_t(out * in / 2))
      failAt(*stored, "expected ", out * in / 2, " bytes for shape ", toText(std::vector{out, in}),
             ", found ", stored->bytes);
    part(weight.scales, {blocks}, {weight.nested ? "U8" : "F32"});
    if (const Tensor *map = part(name + ".quant_map", {16}, {"F32"}))
      weight.numbers = numbersOf(*map);
    if (!weight.nested)
      return;
    part(weight.nested->scales, {divideUp(blocks, weight.nested->block)}, {"F32"});
    if (const Tensor *map = part(name + ".nested_quant_map", {256}, {"F32"}))
      weight.nested->numbers = numbersOf(*map);
  }

  Result readAs(const GroupScheme &groups) {
    GroupedCodes weight{module + ".qweight",
                        module + ".qzeros",
                        module + ".scales",
                        groups.isAwq ? "" : module + ".g_idx",
                        groups.isAwq,
                        groups.bits,
                        groups.group == 0 ? in : groups.group,
                        groups.zeroOffset,
                        groups.isSymmetric};
    const Tensor *codes = checkpoint.find(weight.codes);
    bool hasParts = codes;
    for (const std::string &other : {weight.zeros, weight.scales, weight.index})
      hasParts |= checkpoint.find(other) != nullptr;
    if (!hasParts)
      return {};
    if (stored)
      failAt(*stored, "expected none beside the parts of a quantised weight, found shape ",
             toText(stored->shape));
    int64_t perWord = kWord / weight.bits;
    if (out % perWord != 0 || (!weight.isAwq && in % perWord != 0))
      fail(weight.codes, ": expected widths that are multiples of ", perWord, ", found ",
           toText(std::vector{out, in}));
    if (in % weight.group != 0)
      fail(weight.codes, ": expected groups that divide the ", in, " inputs, found group_size ",
           weight.group);
    if (failure)
      return {};
    how = (weight.isAwq ? " of awq with bits " : " of gptq with bits ") + toText(weight.bits) +
          " and group_size " + toText(groups.group == 0 ? -1 : groups.group);
    int64_t count = in / weight.group;
    part(weight.codes,
         weight.isAwq ? std::vector{in, out / perWord} : std::vector{in / perWord, out}, {"I32"});
    part(weight.scales, {count, out}, kFloats);
    const Tensor *zeros = part(weight.zeros, {count, out / perWord}, {"I32"});
    if (zeros && groups.isSymmetric)
      checkSymmetric(weight, *zeros);
    if (weight.isAwq)
      return weight;
    if (const Tensor *index = part(weight.index, {in}, {"I32"});
        index && isNeighbours(weight, *index))
      weight.index.clear();
    else if (index && !failure && groups.hasOrder == false)
      failAt(*index,
             "expected groups of neighbours, as quantization_config says in desc_act, found "
             "others");
    return weight;
  }

  /// Every zero point must be the middle one.
  void checkSymmetric(const GroupedCodes &weight, const Tensor &zeros) {
    int middle = 1 << (weight.bits - 1);
    int expected = 0;
    for (int64_t shift = 0; shift < 8; shift += weight.bits)
      expected |= int(middle - weight.zeroOffset) << shift;
    for (uint64_t i = 0; i < zeros.bytes; ++i)
      if (int found = int(zeros.data[i]); found != expected) {
        int code = found & ((1 << weight.bits) - 1);
        for (int64_t shift = weight.bits; code == middle - weight.zeroOffset; shift += weight.bits)
          code = found >> shift & ((1 << weight.bits) - 1);
        return failAt(zeros, "expected zero points of ", middle - weight.zeroOffset,
                      ", as quantization_config says in sym and checkpoint_format, found ", code);
      }
  }

  /// True if input k is of group k / group. Each must be of one that is there, and all groups of
  /// one size.
  bool isNeighbours(const GroupedCodes &weight, const Tensor &index) {
    bool isPlain = true;
    std::vector<int64_t> sizes(size_t(in / weight.group));
    for (int64_t k = 0; k < in; ++k) {
      int32_t group;
      std::memcpy(&group, index.data + k * int64_t(sizeof group), sizeof group);
      if (group < 0 || group >= in / weight.group) {
        failAt(index, "expected groups from 0 to ", in / weight.group - 1, ", found ", group);
        return isPlain;
      }
      isPlain &= group == k / weight.group;
      ++sizes[size_t(group)];
    }
    for (auto size = sizes.begin(); size != sizes.end(); ++size)
      if (*size != weight.group) {
        failAt(index, "expected ", weight.group, " inputs in group ", size - sizes.begin(),
               ", found ", *size);
        break;
      }
    return isPlain;
  }

  /// A tensor that must be there, in one of `types`.
  const Tensor *part(const std::string &partName, const std::vector<int64_t> &shape,
                     const Types &types) {
    const Tensor *tensor = checkpoint.find(partName);
    if (!tensor) {
      fail(partName, ": expected shape ", toText(shape), how, ", found no such tensor");
    } else if (std::ranges::find(types, tensor->typeName) == types.end()) {
      std::string words;
      for (std::string_view type : types)
        words += (words.empty() ? "" : type == types.back() ? " or " : ", ") + std::string(type);
      failAt(*tensor, "expected ", words, ", found ", quote(tensor->typeName));
    } else if (tensor->shape != shape) {
      failAt(*tensor, "expected shape ", toText(shape), how, ", found ", toText(tensor->shape));
    } else {
      return tensor;
    }
    return nullptr;
  }

  template <typename... Parts> void failAt(const Tensor &tensor, const Parts &...parts) {
    keep(makeError(checkpoint.fileOf(tensor), ": tensor ", quote(tensor.name), ": ", parts...));
  }
  template <typename... Parts> void fail(const std::string &tensor, const Parts &...parts) {
    keep(makeError(checkpoint.path(), ": tensor ", quote(tensor), parts...));
  }
  void keep(Error error) {
    if (!failure)
      failure = std::move(error);
  }

  static int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

  const Checkpoint &checkpoint;
  const QuantisationScheme &scheme;
  const Tensor *stored;
  const std::string &name;
  std::string module;
  int64_t out, in;
  std::string how; ///< shapes follow from what the scheme says, for messages
  Failure failure;
};

} // namespace

bool mayBePlain(const QuantisationScheme &scheme, const std::string &module) {
  if (scheme.omitted.empty())
    return std::holds_alternative<GroupScheme>(scheme.kind);
  return std::ranges::any_of(scheme.omitted, [&](const std::string &part) {
    return module.find(part) != std::string::npos || part.find_first_of("*+?[(|\\") != part.npos;
  });
}

Expected<std::optional<QuantisedWeight>> findQuantised(const Checkpoint &checkpoint,
                                                       const QuantisationScheme &scheme,
                                                       const ExpectedTensor &wanted) {
  // Of GGUF files only weights that were rounded in memory are in parts.
  bool mayHaveParts = scheme.kind.index() != 0 || checkpoint.format() == Format::HuggingFace;
  if (!mayHaveParts || wanted.shape.size() != 2 || !wanted.name.ends_with(kWeight))
    return std::optional<QuantisedWeight>();
  return WeightReader(checkpoint, scheme, wanted).read();
}

static Failure checkFinite(const Checkpoint &checkpoint, const std::string &name) {
  const Tensor &tensor = *checkpoint.find(name);
  for (float number : numbersOf(tensor))
    if (!std::isfinite(number))
      return makeError(checkpoint.fileOf(tensor), ": tensor ", quote(name),
                       ": expected finite numbers, found ", double(number));
  return std::nullopt;
}

/// e4m3 has no infinity: all ones are NaN. In e5m2 the highest exponent is of neither.
static Failure checkFloats8(const Checkpoint &checkpoint, const ScaledCodes &weight) {
  const Tensor &tensor = *checkpoint.find(weight.codes);
  const unsigned least = weight.numbers == "e4m3" ? 0x7f : 0x7c;
  auto isFinite = [&](std::byte code) { return (unsigned(code) & 0x7f) < least; };
  const std::byte *end = tensor.data + tensor.bytes,
                  *at = std::find_if_not(tensor.data, end, isFinite);
  if (at == end)
    return std::nullopt;
  return makeError(checkpoint.fileOf(tensor), ": tensor ", quote(tensor.name),
                   ": expected finite numbers, found the code ", int(*at), " of ", weight.numbers);
}

Failure checkNumbers(const Checkpoint &checkpoint, const QuantisedWeight &weight) {
  if (auto *codes = std::get_if<ScaledCodes>(&weight)) {
    if (Failure failure = checkFinite(checkpoint, codes->scales))
      return failure;
    return codes->numbers == "i8" ? std::nullopt : checkFloats8(checkpoint, *codes);
  }
  if (auto *codes = std::get_if<GroupedCodes>(&weight))
    return checkFinite(checkpoint, codes->scales);
  const auto &codes = std::get<TableCodes>(weight);
  if (Failure failure = checkFinite(checkpoint, codes.codes + ".quant_map"))
    return failure;
  if (!codes.nested)
    return checkFinite(checkpoint, codes.scales);
  if (Failure failure = checkFinite(checkpoint, codes.codes + ".nested_quant_map"))
    return failure;
  return checkFinite(checkpoint, codes.nested->scales);
}

std::vector<std::string> namesOfParts(const QuantisedWeight &weight, const std::string &name) {
  const std::string module = name.substr(0, name.size() - kWeight.size());
  if (auto *codes = std::get_if<ScaledCodes>(&weight))
    return {codes->codes, codes->scales, module + ".weight_format", module + kInputScale,
            module + kActivationScale};
  if (auto *codes = std::get_if<TableCodes>(&weight))
    return {codes->codes,
            codes->scales,
            name + ".quant_map",
            name + ".nested_absmax",
            name + ".nested_quant_map",
            module + std::string(kStatePrefix) + "nf4",
            module + std::string(kStatePrefix) + "fp4"};
  auto &codes = std::get<GroupedCodes>(weight);
  return {codes.codes, codes.zeros, codes.scales, module + ".g_idx"};
}
} // namespace tern::checkpoint
