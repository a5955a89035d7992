// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/StepCost.h"

#include "frontend/checkpoint/MappedFile.h"
#include "runtime/format/Container.h"
#include "runtime/format/Encode.h"
#include "tools/command/CommandLine.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace tern::bench {

using namespace format;

/// Values of the dimensions for one sequence with `tokens` new ones, the last one's logits wanted.
static std::vector<int64_t> dimensions(const Index &index, int64_t tokens) {
  std::vector<int64_t> values;
  for (const Dim &dim : index.dims)
    values.push_back(dim.name == "T" ? tokens : dim.name == "B" || dim.name == "R" ? 1 : dim.min);
  return values;
}

static int64_t evaluate(const Index &index, const Expression &expression, int64_t tokens) {
  return expression.evaluate(dimensions(index, tokens)).value_or(0);
}

static double elementsOf(const SourceTensor &tensor) {
  double product = 1;
  for (int64_t size : tensor.shape)
    product *= double(size);
  return product;
}

/// Follows tensors through the load program: what a launch writes, its last buffer, is made of all
/// that it reads.
static std::vector<std::vector<uint32_t>> traceLoad(const Index &index) {
  std::vector<std::vector<uint32_t>> origins(index.packed.size());
  const Program *load = index.findProgram("load");
  if (!load)
    return origins;
  std::map<std::tuple<Space, uint32_t, int64_t>, std::set<uint32_t>> made;
  auto placeOf = [&](uint32_t number) {
    const Buffer &buffer = load->buffers[number];
    bool isArena = buffer.space == Space::Arena;
    return std::tuple(buffer.space, buffer.index,
                      isArena ? evaluate(index, load->expressions[buffer.offset], 1) : 0);
  };
  auto flow = [&](std::span<const uint32_t> from, uint32_t to) {
    std::set<uint32_t> tensors;
    for (uint32_t number : from) {
      const Buffer &buffer = load->buffers[number];
      if (buffer.space == Space::Source)
        tensors.insert(buffer.index);
      else
        tensors.merge(std::set(made[placeOf(number)]));
    }
    // Several launches fill one packed weight; arena is written anew.
    auto &target = made[placeOf(to)];
    if (load->buffers[to].space == Space::Arena)
      target.clear();
    target.merge(tensors);
  };
  for (const Command &command : load->commands) {
    if (auto *copy = std::get_if<Copy>(&command))
      flow({&copy->source, 1}, copy->destination);
    else if (auto *launch = std::get_if<Launch>(&command); !launch->buffers.empty())
      flow(std::span(launch->buffers).first(launch->buffers.size() - 1), launch->buffers.back());
  }
  for (const auto &[place, tensors] : made)
    if (std::get<Space>(place) == Space::Packed)
      origins[std::get<uint32_t>(place)].assign(tensors.begin(), tensors.end());
  return origins;
}

StepCost::StepCost(const Index &given) : index(given), origins(traceLoad(given)) {
  const Program &step = *index.findStep();
  for (const Command &command : step.commands)
    if (auto *launch = std::get_if<Launch>(&command))
      addLaunch(step, *launch);
  for (const CacheClass &cache : index.caches)
    slotBytes += double(cache.layers) * cache.heads * (cache.keyWidth + cache.valueWidth) *
                 double(elementTypeInfo(cache.type)->blockBytes);
  for (const StateClass &state : index.states)
    stateBytes += double(state.blockBytes());
}

void StepCost::addLaunch(const Program &step, const Launch &launch) {
  // A kernel's name begins with its schema.
  const std::string &kernel = index.kernels[launch.kernel].name;
  for (uint32_t number : launch.buffers) {
    const Buffer &buffer = step.buffers[number];
    if (buffer.space != Space::Packed)
      continue;
    const std::vector<uint32_t> &tensors = origins[buffer.index];
    double bytes = double(evaluate(index, step.expressions[buffer.bytes], 1));
    if (kernel.starts_with("gather") && !tensors.empty())
      bytes /= double(std::max<int64_t>(1, index.tensors[tensors[0]].shape[0]));
    weightBytes += bytes;
    if (!kernel.starts_with("contraction") || launch.sizes.empty())
      continue;
    Matrix matrix{0, Peak::F32, step.expressions[launch.sizes[0]]};
    for (uint32_t tensor : tensors) {
      const SourceTensor &source = index.tensors[tensor];
      if (source.shape.size() < 2)
        continue;
      matrix.elements += elementsOf(source);
      if (index.model.numerics != "fast")
        continue;
      if (source.type == ElementType::BF16)
        matrix.peak = Peak::Bf16;
      else if (elementTypeInfo(source.type)->blockElements > 1)
        matrix.peak = Peak::Int8;
    }
    matrices.push_back(matrix);
  }
}

double StepCost::bytesOfToken(double slots) const {
  return weightBytes + stateBytes + slots * slotBytes;
}

double StepCost::secondsAtPeak(int64_t tokens, const Limits &limits) const {
  double seconds = 0;
  for (const Matrix &matrix : matrices) {
    double peak = matrix.peak == Peak::F32    ? limits.f32Gflops
                  : matrix.peak == Peak::Bf16 ? limits.bf16Gflops
                                              : limits.int8Gops;
    seconds += 2 * matrix.elements * double(evaluate(index, matrix.rows, tokens)) / (peak * 1e9);
  }
  return seconds;
}

Index readStepIndex(const std::string &path) {
  auto file = checkpoint::MappedFile::open(path);
  if (!file)
    throw command::UserError(file.error().message);
  Container container;
  Index index;
  std::span<const std::byte> bytes;
  Error error = Container::read(file->bytes(), container);
  if (!error)
    error = container.section(section::index, bytes);
  if (!error)
    error = decodeIndex(bytes, index);
  if (error)
    throw command::UserError(path + ": " + error.message());
  if (!index.findStep())
    throw command::UserError(path + ": expected a model that generates text, found one without a " +
                             "step to measure");
  return index;
}

StepCost StepCost::ofArtefact(const std::string &path) { return StepCost(readStepIndex(path)); }

} // namespace tern::bench
