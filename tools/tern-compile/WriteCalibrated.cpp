// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-compile/WriteCalibrated.h"

#include "frontend/checkpoint/Dequantise.h"
#include "frontend/checkpoint/SafetensorsWriter.h"
#include "frontend/quantise/Awq.h"
#include "frontend/quantise/Binary.h"
#include "frontend/quantise/HighImpact.h"
#include "tools/command/CommandLine.h"
#include "tools/generate/Interrupt.h"
#include "tools/tern-compile/Calibration.h"
#include "tools/tern-compile/NewFolder.h"
#include "tools/tern-compile/WriteCheckpoint.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

#include <cstring>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace tern {

using checkpoint::Checkpoint;
using checkpoint::StoredTensor;
using command::UserError;
using quantise::GroupedWeight;
using quantise::GroupForm;
using quantise::Matrix;
using quantise::Row;

namespace {

struct Method {
  enum Kind { Nearest, Gptq, Awq, HighImpact, Binary } kind;
  GroupForm form;
  int64_t percent = 10;   ///< of the weights, of high impact
  bool groupsAll = false; ///< a group is all inputs
  bool hasActOrder = false;

  static Method parse(const std::string &spec) {
    llvm::SmallVector<llvm::StringRef> parts;
    llvm::Regex grammar("^(gptq|awq|rtn)(-([248]))?(-g(-1|[1-9][0-9]{0,5}))?(-(asym))?(-(act))?$");
    llvm::Regex binaryGrammar("^binary([234])$");
    llvm::Regex splitGrammar("^high_impact(-g([1-9][0-9]{0,5}))?(-r([1-9]|[1-9][0-9]))?$");
    bool isKnown = true;
    Method method;
    if (splitGrammar.match(spec, &parts)) {
      method.kind = HighImpact;
      if (!parts[2].empty())
        parts[2].getAsInteger(10, method.form.group);
      if (!parts[4].empty())
        parts[4].getAsInteger(10, method.percent);
    } else if (binaryGrammar.match(spec, &parts)) {
      method.kind = Binary;
      method.form.bits = parts[1][0] - '0';
    } else if ((isKnown = grammar.match(spec, &parts))) {
      method.kind = parts[1] == "gptq" ? Gptq : parts[1] == "awq" ? Awq : Nearest;
      if (!parts[3].empty())
        method.form.bits = parts[3][0] - '0';
      method.groupsAll = parts[5] == "-1";
      if (!method.groupsAll && !parts[5].empty())
        parts[5].getAsInteger(10, method.form.group);
      method.hasActOrder = !parts[9].empty();
      method.form.isSymmetric = method.kind != Awq && parts[7].empty();
      isKnown = method.kind == Gptq || !method.hasActOrder;
      isKnown &= method.kind != Awq || (method.form.bits == 4 && parts[7].empty());
    }
    if (!isKnown)
      throw UserError("--quantize: expected gptq[-BITS][-gGROUP][-asym][-act], "
                      "rtn[-BITS][-gGROUP][-asym], awq[-4][-gGROUP], "
                      "high_impact[-gGROUP][-rPERCENT] or, with a text, binary2, 3 or 4, found '" +
                      spec + "'");
    return method;
  }

  /// The form of groups of that many inputs.
  GroupForm formOf(int64_t inputs) const {
    GroupForm fitted = form;
    if (groupsAll)
      fitted.group = inputs;
    return fitted;
  }
  GroupForm formOf(LinearMap map) const { return formOf(shapeOf(map)[1]); }

  /// Throws UserError if groups do not fit a weight [out, in].
  void check(const Checkpoint &model, llvm::StringRef name, llvm::ArrayRef<int64_t> shape) const {
    const std::string place =
        model.fileOf(*model.find(name.str())) + ": tensor '" + name.str() + "': expected ";
    int64_t per = kind == Binary ? checkpoint::BinaryForm::kByte : 32 / form.bits;
    if (kind != HighImpact && (shape[0] % per != 0 || (kind != Awq && shape[1] % per != 0)))
      throw UserError(place + "widths that are multiples of " + std::to_string(per) + ", found " +
                      checkpoint::toText(shape.vec()));
    if (int64_t group = formOf(shape[1]).group; kind != Binary && shape[1] % group != 0)
      throw UserError(place + "groups that divide its " + std::to_string(shape[1]) +
                      " inputs, found groups of " + std::to_string(group) +
                      " (-gGROUP in --quantize)");
  }
};

/// What becomes of the tensors of a checkpoint.
struct Changes {
  std::map<std::string, std::vector<StoredTensor>> parts; ///< in place of a tensor, by its name
  int64_t count = 0;                                      ///< weights in parts
  std::vector<std::string> unseen; ///< their names without `.weight` where no row chose the expert
  double error = 0; ///< sum over the others of the outputs' squared error over their squares;
                    ///< without a text of the weights'

  void addError(double squaredError, double squares) {
    error += squares > 0 ? squaredError / squares : 0;
  }
  void put(const std::string &name, std::vector<StoredTensor> tensors) {
    parts[name] = std::move(tensors);
  }
  double meanError() const {
    return error / double(std::max<int64_t>(count - int64_t(unseen.size()), 1));
  }
};

std::string moduleOf(WeightOp weight) {
  return weight.getName().drop_back(llvm::StringRef(".weight").size()).str();
}

void checkWeights(const Method &method, const std::vector<LinearGroup> &groups,
                  const Checkpoint &model) {
  if (groups.empty())
    throw UserError(model.path() + ": expected layers with weights that are matrices, found none");
  for (const LinearGroup &group : groups)
    for (LinearMap map : group.maps) {
      if (!map.weight.getName().ends_with(".weight"))
        throw UserError(model.path() + ": tensor '" + map.weight.getName().str() +
                        "': expected a name that ends in .weight");
      method.check(model, map.weight.getName(), shapeOf(map));
    }
}

//===- Nearest numbers, GPTQ, ShiftAddLLM ---------------------------------===//

/// All maps of layers, of any family whose quantised weights are read.
void roundAll(const Method &method, const generate::ModelFile &file, Changes &changes) {
  const checkpoint::ModelConfig &config = file.config;
  if (config.linear.index() != 0)
    throw UserError(file.checkpoint.path() +
                    ": --quantize=rtn: expected a family with plain maps, found " + config.family);
  for (auto &[name, kind] : architecture::matricesOf(config)) {
    if (kind != architecture::MatrixKind::Linear)
      continue;
    Matrix numbers = numbersOfTensor(*file.checkpoint.find(name));
    if (config.isTransposed)
      numbers.transposeInPlace();
    method.check(file.checkpoint, name, {numbers.rows(), numbers.cols()});
    GroupedWeight rounded = roundToNearest(numbers, method.formOf(numbers.cols()));
    std::string module = llvm::StringRef(name).drop_back(llvm::StringRef(".weight").size()).str();
    changes.put(name, packGptq(rounded, module));
    changes.addError((rounded.numbers() - numbers).squaredNorm(), numbers.squaredNorm());
    ++changes.count;
  }
}

quantise::InputFactor factorOf(LinearMap map, const Matrix &moment, bool hasActOrder) {
  auto factor = quantise::InputFactor::of(moment, hasActOrder);
  if (!factor)
    throw UserError("tensor '" + map.weight.getName().str() +
                    "': expected inputs that are finite, found others");
  return std::move(*factor);
}

/// Column by column, with error feedback.
class InOrder {
public:
  InOrder(const Method &method, Calibration &calibration, Changes &changes)
      : method(method), calibration(calibration), changes(changes) {}

  void run() {
    calibration.run([this](LinearMap map, const Matrix &inputs) -> std::optional<Matrix> {
      command::showProgress("rounding " + map.weight.getName().str());
      ++changes.count;
      return inputs.rows() != 0 ? fedBack(map, inputs) : nearest(map);
    });
  }

private:
  /// What is known of the inputs is that there are none.
  Matrix nearest(LinearMap map) {
    changes.unseen.push_back(moduleOf(map.weight));
    GroupedWeight found = roundToNearest(calibration.numbersOf(map), method.formOf(map));
    changes.put(map.weight.getName().str(), packGptq(found, moduleOf(map.weight)));
    return found.numbers();
  }

  Matrix fedBack(LinearMap map, const Matrix &inputs) {
    if (std::pair<mlir::Value, int64_t> own(map.product.getLhs(), map.expert); own != known) {
      moment = quantise::secondMoment(inputs);
      factor = factorOf(map, moment, method.hasActOrder);
      known = own;
    }
    Matrix numbers = calibration.numbersOf(map);
    double squares = quantise::outputError(numbers, moment), error;
    const std::string name = map.weight.getName().str(), moduleName = moduleOf(map.weight);
    if (method.kind == Method::Binary) {
      quantise::BinaryResult found = feedBackBinary(numbers, factor, method.form.bits);
      changes.put(name, packBinary(found.weight, moduleName));
      error = found.error;
      for (int64_t n = 0; n < numbers.rows(); ++n)
        for (int64_t k = 0; k < numbers.cols(); ++k)
          numbers(n, k) = double(found.weight.number(n, k));
    } else {
      quantise::GptqResult found = quantise::gptq(numbers, factor, method.formOf(map));
      changes.put(name, packGptq(found.weight, moduleName));
      error = found.error;
      numbers = found.weight.numbers();
    }
    changes.addError(error, squares);
    return numbers;
  }

  const Method &method;
  Calibration &calibration;
  Changes &changes;
  std::pair<mlir::Value, int64_t> known; ///< input and expert of which moment and factor are
  Matrix moment;
  quantise::InputFactor factor;
};

//===- AWQ ----------------------------------------------------------------===//

/// A tensor of the checkpoint as F32, with its elements, or its rows, divided by the scales.
StoredTensor divided(const checkpoint::Tensor &tensor, const Row &scales) {
  StoredTensor result{tensor.name, "F32", tensor.shape, {}};
  std::vector<float> numbers(size_t(tensor.rows() * tensor.columns()));
  checkpoint::dequantise(tensor, 0, tensor.rows(), numbers.data());
  size_t perScale = numbers.size() / size_t(scales.size());
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = float(numbers[i] / scales[Eigen::Index(i / perScale)]);
  result.bytes.resize(numbers.size() * sizeof(float));
  std::memcpy(result.bytes.data(), numbers.data(), result.bytes.size());
  return result;
}

class AwqWriter {
public:
  AwqWriter(const Method &method, Calibration &calibration, const generate::ModelFile &file,
            Changes &changes)
      : method(method), calibration(calibration), model(file.checkpoint), config(file.config),
        changes(changes) {
    for (const LinearGroup &group : calibration.groups())
      for (LinearMap map : group.maps)
        groupOf[map.weight] = &group;
  }

  void run() {
    calibration.run([&](LinearMap map, const Matrix &inputs) -> std::optional<Matrix> {
      const LinearGroup *group = groupOf.at(map.weight);
      if (map.weight == group->maps.front().weight)
        search(*group, inputs);
      return std::nullopt;
    });
    if (generate::interrupted())
      return;
    for (const LinearGroup &group : calibration.groups())
      for (LinearMap map : group.maps)
        write(group, map);
    for (auto &[name, scales] : rowScales)
      if (!changes.parts.contains(name))
        changes.put(name, {divided(*model.find(name), scales)});
  }

private:
  void search(const LinearGroup &group, const Matrix &inputs) {
    LinearMap first = group.maps.front();
    command::showProgress("scaling " + first.weight.getName().str());
    Row scales = Row::Ones(inputs.cols());
    if (inputs.rows() != 0)
      searchSeen(group, inputs, scales);
    else
      for (LinearMap map : group.maps)
        changes.unseen.push_back(moduleOf(map.weight));
    columnScales[&group] = std::move(scales);
  }

  void searchSeen(const LinearGroup &group, const Matrix &inputs, Row &scales) {
    std::vector<Matrix> weights;
    Matrix moment = quantise::secondMoment(inputs);
    if (!moment.allFinite())
      throw UserError("tensor '" + LinearMap(group.maps.front()).weight.getName().str() +
                      "': expected inputs that are finite, found others");
    double squares = 0;
    for (LinearMap map : group.maps) {
      weights.push_back(calibration.numbersOf(map));
      squares += quantise::outputError(weights.back(), moment);
    }
    GroupForm form = method.formOf(group.maps.front());
    double error = 0;
    if (group.makers) {
      auto found = quantise::findScales(weights, moment, quantise::meanMagnitude(inputs), form);
      scales = Eigen::Map<Row>(found.scales.data(), inputs.cols());
      error = found.error;
      for (const std::string &maker : *group.makers)
        rowScales[maker] = scales;
    } else {
      for (const Matrix &weight : weights)
        error += quantise::outputError(roundToNearest(weight, form).numbers() - weight, moment);
    }
    changes.addError(double(weights.size()) * error, squares);
    Row inverse = scales.cwiseInverse();
    Matrix scaledMoment = inverse.asDiagonal() * moment * inverse.asDiagonal();
    for (auto [map, weight] : llvm::zip_equal(group.maps, weights))
      if (isClipped(map))
        clips[map.weight] = quantise::findClips(weight * scales.asDiagonal(), scaledMoment, form);
  }

  /// Scores are products of queries and keys, whose errors no row of a weight knows.
  bool isClipped(LinearMap map) const {
    const checkpoint::TensorNames &names = config.names;
    std::string module = moduleOf(map.weight);
    for (int64_t layer = 0; layer < config.layers; ++layer)
      for (const std::string &pattern : {names.query, names.key, names.fused})
        if (!pattern.empty() && architecture::nameOf(pattern, layer) == module)
          return false;
    return true;
  }

  /// W diag(s), clipped, and rows over the scales of the inputs that they make.
  void write(const LinearGroup &group, LinearMap map) {
    const std::string name = map.weight.getName().str();
    Matrix numbers = calibration.numbersOf(map) * columnScales.at(&group).asDiagonal();
    if (auto rows = rowScales.find(name); rows != rowScales.end())
      numbers = rows->second.cwiseInverse().asDiagonal() * numbers;
    GroupForm form = method.formOf(map);
    if (auto own = clips.find(map.weight); own != clips.end())
      numbers = quantise::clipped(numbers, own->second, form.group);
    changes.put(name, packAwq(roundToNearest(numbers, form), moduleOf(map.weight)));
    ++changes.count;
  }

  const Method &method;
  Calibration &calibration;
  const Checkpoint &model;
  const checkpoint::ModelConfig &config;
  Changes &changes;
  std::map<mlir::Operation *, const LinearGroup *> groupOf;
  std::map<const LinearGroup *, Row> columnScales;
  std::map<std::string, Row> rowScales; ///< of tensors that make scaled inputs
  std::map<mlir::Operation *, quantise::Clips> clips;
};

//===- High impact --------------------------------------------------------===//

constexpr int kLowBits = 2, kHighBits = 4;

class HighImpactWriter {
public:
  HighImpactWriter(const Method &method, Calibration &calibration, Changes &changes)
      : method(method), calibration(calibration), changes(changes) {}

  /// The weights of the largest salience in all layers are of high impact, `percent` of them.
  void run() {
    calibration.run([&](LinearMap map, const Matrix &inputs) -> std::optional<Matrix> {
      command::showProgress("weighing " + map.weight.getName().str());
      if (auto [at, isNew] = diagonals.try_emplace(inputOf(map)); isNew)
        at->second = factorOf(map, quantise::secondMoment(inputs), false).inverseDiagonal();
      return std::nullopt;
    });
    if (generate::interrupted())
      return;
    float threshold = quantise::thresholdOf(countFrom(0) * method.percent / 100,
                                            [&](float least) { return countFrom(least); });
    Matrix moment;
    const void *known = nullptr; // the input of which moment is
    calibration.run([&](LinearMap map, const Matrix &inputs) -> std::optional<Matrix> {
      command::showProgress("rounding " + map.weight.getName().str());
      if (std::exchange(known, inputOf(map)) != inputOf(map))
        moment = quantise::secondMoment(inputs);
      write(map, threshold, moment);
      return std::nullopt;
    });
  }

  /// The share of each layer's weights.
  std::vector<double> ratios() const {
    std::vector<double> ratios;
    for (auto [layer, count] : counts)
      ratios.push_back(double(count.second) / double(count.first));
    return ratios;
  }

private:
  template <typename Visit> void forEach(Visit visit) const {
    for (const LinearGroup &group : calibration.groups())
      llvm::for_each(group.maps, visit);
  }

  /// What tells it apart.
  static const void *inputOf(LinearMap map) { return map.product.getLhs().getAsOpaquePointer(); }

  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>
  salienceOf(LinearMap map) const {
    return quantise::salience(calibration.numbersOf(map), diagonals.at(inputOf(map))).cast<float>();
  }

  int64_t countFrom(float least) const {
    int64_t count = 0;
    forEach([&](LinearMap map) { count += (salienceOf(map).array() >= least).count(); });
    return count;
  }

  void write(LinearMap map, float threshold, const Matrix &moment) {
    WeightOp weight = map.weight;
    auto saliences = salienceOf(map);
    std::vector<uint8_t> isHigh(size_t(saliences.size()));
    std::transform(saliences.data(), saliences.data() + saliences.size(), isHigh.begin(),
                   [&](float salience) { return salience >= threshold; });
    auto &count = counts[layerOf(weight)];
    count.first += saliences.size();
    count.second += std::ranges::count(isHigh, 1);
    Matrix numbers = calibration.numbersOf(map);
    quantise::SplitWeight split = quantise::roundSplit(
        numbers, std::move(isHigh), method.formOf(map).group, kLowBits, kHighBits);
    changes.addError(quantise::outputError(split.numbers() - numbers, moment),
                     quantise::outputError(numbers, moment));
    changes.put(weight.getName().str(), packSplit(split, moduleOf(weight)));
    ++changes.count;
  }

  static int64_t layerOf(WeightOp weight) {
    int64_t layer = 0;
    llvm::StringRef name = weight.getName();
    name.consume_front("model.layers.");
    name.consumeInteger(10, layer);
    return layer;
  }

  const Method &method;
  Calibration &calibration;
  Changes &changes;
  std::map<const void *, Row> diagonals;                 ///< of H^-1, by input
  std::map<int64_t, std::pair<int64_t, int64_t>> counts; ///< of a layer: all, of high impact
};

//===- Files --------------------------------------------------------------===//

/// Of all matrices of the model those that stay as they are.
std::vector<std::string> unchanged(const checkpoint::ModelConfig &config, const Changes &changes) {
  std::vector<std::string> modules;
  for (const auto &[name, kind] : architecture::matricesOf(config))
    if (!changes.parts.contains(name))
      modules.push_back(name.substr(0, name.rfind(".weight")));
  return modules;
}

/// `calibration` is null without a text.
nlohmann::ordered_json describe(const Method &method, const Calibration *calibration,
                                const Changes &changes, const checkpoint::ModelConfig &config) {
  int64_t group = method.groupsAll ? -1 : method.form.group;
  nlohmann::ordered_json meta{{"quantizer", {"tern"}}};
  if (calibration) {
    meta["calibration_tokens"] = calibration->tokenCount();
    meta["output_error"] = changes.meanError();
    if (!changes.unseen.empty())
      meta["rounded_to_nearest"] = changes.unseen;
  }
  if (method.kind == Method::Awq)
    return {{"quant_method", "awq"},  {"bits", method.form.bits},
            {"group_size", group},    {"zero_point", true},
            {"version", "gemm"},      {"modules_to_not_convert", unchanged(config, changes)},
            {"meta", std::move(meta)}};
  return {{"quant_method", "gptq"},
          {"bits", method.form.bits},
          {"group_size", group},
          {"desc_act", method.hasActOrder},
          {"sym", method.form.isSymmetric},
          {"damp_percent", 0.01},
          {"static_groups", method.hasActOrder},
          {"true_sequential", true},
          {"lm_head", false},
          {"checkpoint_format", "gptq"},
          {"meta", std::move(meta)}};
}

/// Fills `changes`, and says in `config` what they are.
void runMethod(const Method &method, Calibration &calibration, const generate::ModelFile &file,
               Changes &changes, nlohmann::json &config) {
  if (method.kind == Method::HighImpact) {
    HighImpactWriter writer(method, calibration, changes);
    writer.run();
    config["model_type"] = "high_impact";
    config["high_impact_ratios"] = writer.ratios();
    config["low_bits"] = kLowBits;
    config["high_bits"] = kHighBits;
    config["group_size"] = method.form.group;
    return;
  }
  if (method.kind == Method::Awq)
    AwqWriter(method, calibration, file, changes).run();
  else
    InOrder(method, calibration, changes).run();
  if (method.kind == Method::Binary)
    sayBinary(config, method.form.bits, {file.config.names.head, file.config.names.embedding});
  else if (!generate::interrupted())
    config["quantization_config"] = describe(method, &calibration, changes, file.config);
}

/// One file of weights, with what comes in place of those that were changed.
void writeWeights(const Checkpoint &model, const Changes &changes, llvm::raw_ostream &out) {
  std::vector<checkpoint::SafetensorsEntry> entries;
  std::vector<llvm::ArrayRef<std::byte>> data;
  for (const checkpoint::Tensor &tensor : model.tensors())
    if (auto changed = changes.parts.find(tensor.name); changed != changes.parts.end()) {
      for (const StoredTensor &part : changed->second) {
        entries.push_back({part.name, part.type, part.shape, part.bytes.size()});
        data.push_back(part.bytes);
      }
    } else {
      entries.push_back({tensor.name, tensor.typeName, tensor.shape, tensor.bytes});
      data.push_back({tensor.data, size_t(tensor.bytes)});
    }
  out << checkpoint::safetensorsHead(entries);
  for (llvm::ArrayRef<std::byte> bytes : data)
    out.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
}

} // namespace

bool isCalibrated(const std::string &spec, bool hasText) {
  return llvm::any_of(llvm::split(spec, ','), [hasText](llvm::StringRef part) {
    llvm::StringRef type = part.contains('=') ? part.rsplit('=').second : part;
    auto isType = [&](llvm::StringRef name) { return type.starts_with_insensitive(name); };
    return (hasText && isType("binary")) || isType("gptq") || isType("awq") || isType("rtn") ||
           isType("high_impact");
  });
}

void writeCalibrated(const std::string &model, const std::string &spec, const std::string &text,
                     const std::string &output) {
  Method method = Method::parse(llvm::StringRef(spec).lower());
  if (method.kind == Method::Nearest && !text.empty())
    throw UserError("--quantize-calibrate: has no effect beside --quantize=" + spec);
  if (method.kind != Method::Nearest && text.empty())
    throw UserError("--quantize=" + spec +
                    ": expected --quantize-calibrate with a text beside it, found none");
  generate::ModelFile file = generate::ModelFile::open(model);
  if (file.checkpoint.format() != checkpoint::Format::HuggingFace)
    throw UserError(model + ": --quantize=" + spec + ": expected a Hugging Face directory, found " +
                    "a GGUF file");
  if (file.checkpoint.config()->contains("quantization_config"))
    throw UserError(file.checkpoint.configPath() + ": key quantization_config: expected none, as " +
                    "weights are rounded once, found one");
  bool isLlamas = method.kind == Method::HighImpact || method.kind == Method::Binary;
  if (isLlamas && file.checkpoint.config()->at("model_type") != "llama")
    throw UserError(file.checkpoint.configPath() +
                    ": key model_type: expected llama, whose graph " + spec + " has, found " +
                    file.config.family);
  NewFolder folder(output, file.checkpoint.path());
  generate::catchInterrupts(nullptr);
  // Sums in parts of the same size on each machine.
  Eigen::setCpuCacheSizes(1 << 15, 1 << 19, 1 << 23);
  Changes changes;
  nlohmann::json config = *file.checkpoint.config();
  std::optional<Calibration> calibration;
  if (method.kind == Method::Nearest) {
    roundAll(method, file, changes);
    config["quantization_config"] = describe(method, nullptr, changes, file.config);
  } else {
    calibration.emplace(file, text);
    checkWeights(method, calibration->groups(), file.checkpoint);
    runMethod(method, *calibration, file, changes, config);
  }
  command::showProgress("");
  if (generate::interrupted())
    return;
  folder.write("config.json", [&](llvm::raw_ostream &out) { out << config.dump(2) << "\n"; });
  folder.write("model.safetensors",
               [&](llvm::raw_ostream &out) { writeWeights(file.checkpoint, changes, out); });
  folder.copySettings();
  folder.keep();
  std::cerr << folder.name() << ": " << changes.count << " weights in " << spec;
  if (calibration)
    std::cerr << " by " << calibration->tokenCount() << " tokens";
  if (!changes.unseen.empty())
    std::cerr << ", " << changes.unseen.size() << " of them to the nearest numbers, as no token "
              << "chose their expert";
  if (changes.error != 0)
    std::cerr << ", mean relative error of " << (calibration ? "outputs " : "weights ")
              << changes.meanError();
  std::cerr << "\n";
}

} // namespace tern
