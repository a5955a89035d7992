// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TestModel.h"

#include "runtime/format/CodeImage.h"

#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace tern::format;

namespace tern::test {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tern-test-XXXXXX").string();
  folder = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(folder); }

std::vector<std::byte> readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void writeFile(const std::string &path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()), std::streamsize(bytes.size()));
}

std::vector<std::byte> readImage(const std::string &name) {
  return readFile(std::string(TERN_TEST_IMAGES) + "/" + name + ".image");
}

std::vector<float> sourceWeights() {
  std::vector<float> weights;
  for (int64_t v = 0; v < vocabulary; ++v)
    weights.push_back(float(v) / 4);
  return weights;
}

float expectedLogit(std::span<const int32_t> tokens, int64_t v) {
  // 2 layers of 2 heads, key and value of each; the recurrence.
  float hidden = 0;
  for (size_t i = 0; i < tokens.size(); ++i)
    hidden += 8.0f * float(tokens[i]) * float(i + 1) + float(tokens[i]);
  return hidden + 2 * sourceWeights()[v];
}

namespace {

/// Builds one program with buffers made where a command names them.
class Builder {
public:
  Builder(Artefact &artefact, const std::string &name) : index(artefact.index) {
    program.name = name;
    program.arenaBytes = program.intern(0);
  }

  static Expression constant(int64_t value) { return Expression::constant(value); }
  Expression dim(std::string_view name) const {
    for (uint32_t i = 0; i < index.dims.size(); ++i)
      if (index.dims[i].name == name)
        return Expression::dim(i);
    return constant(-1);
  }

  uint32_t argument(const std::string &name, ElementType type, bool output,
                    const std::vector<Expression> &shape) {
    Argument argument{name, type, output, {}};
    Expression bytes = constant(elementTypeInfo(type)->blockBytes);
    for (const Expression &size : shape) {
      argument.shape.push_back(program.intern(size));
      bytes = bytes * size;
    }
    program.arguments.push_back(argument);
    return buffer(output ? Space::Output : Space::Input,
                  static_cast<uint32_t>(program.arguments.size() - 1), bytes);
  }

  uint32_t buffer(Space space, uint32_t part, const Expression &bytes,
                  const Expression &offset = constant(0)) {
    program.buffers.push_back({space, part, program.intern(offset), program.intern(bytes)});
    return static_cast<uint32_t>(program.buffers.size() - 1);
  }

  void launch(const std::string &kernel, std::vector<uint32_t> buffers,
              const std::vector<Expression> &sizes, const Expression &tiles) {
    Launch launch{0, std::move(buffers), {}, program.intern(tiles)};
    while (index.kernels[launch.kernel].name != kernel)
      ++launch.kernel;
    for (const Expression &size : sizes)
      launch.sizes.push_back(program.intern(size));
    program.commands.push_back(std::move(launch));
  }

  void finish(const Expression &arenaBytes) {
    program.arenaBytes = program.intern(arenaBytes);
    index.programs.push_back(std::move(program));
  }

  Program program;

private:
  Index &index;
};

constexpr auto F32 = ElementType::F32, I32 = ElementType::I32;

void addKernels(Artefact &artefact) {
  CodeImage image;
  ASSERT_FALSE(readCodeImage(artefact.code, image));
  for (const char *name :
       {"pack", "add_table", "use_scratch", "append", "attend", "recur", "project", "sample"}) {
    ASSERT_TRUE(image.find(name)) << name;
    artefact.index.kernels.push_back({name, image.find(name)->address, 8192});
  }
}

void addLoad(Artefact &artefact) {
  Builder load(artefact, "load");
  auto bytes = Builder::constant(vocabulary * 4);
  uint32_t packed = load.buffer(Space::Packed, 0, bytes);
  uint32_t source = load.buffer(Space::Source, 0, bytes);
  load.launch("pack", {packed, source}, {Builder::constant(vocabulary)},
              Builder::constant(vocabulary / 4));
  load.finish(Builder::constant(0));
}

void addStep(Artefact &artefact) {
  Builder step(artefact, "step");
  Expression T = step.dim("T"), B = step.dim("B"), R = step.dim("R"), one = Builder::constant(1);
  uint32_t tokens = step.argument("tokens", I32, false, {T});
  uint32_t positions = step.argument("positions", I32, false, {T});
  step.argument("lengths", I32, false, {T});
  uint32_t rowEntry = step.argument("rowEntry", I32, false, {T});
  uint32_t rowStart = step.argument("rowStart", I32, false, {B + one});
  uint32_t slot = step.argument("slot", I32, false, {B});
  uint32_t logitRows = step.argument("logitRows", I32, false, {R});
  uint32_t logits = step.argument("logits", F32, true, {R, Builder::constant(vocabulary)});
  Expression zero = Builder::constant(0), rowBytes = Builder::constant(4) * T;
  uint32_t hidden = step.buffer(Space::Arena, 0, rowBytes);
  uint32_t result = step.buffer(Space::Arena, 0, rowBytes, rowBytes);
  uint32_t pool = step.buffer(Space::CachePool, 0, zero);
  uint32_t table = step.buffer(Space::CacheTable, 0, zero);
  uint32_t lengths = step.buffer(Space::CacheLengths, 0, zero);
  uint32_t weights = step.buffer(Space::Packed, 0, Builder::constant(vocabulary * 4));
  uint32_t states = step.buffer(Space::StatePool, 0, zero);
  uint32_t stateTable = step.buffer(Space::StateTable, 0, zero);
  const CacheClass &cache = artefact.index.caches[0];
  std::vector<Expression> sizes{Builder::constant(cache.maxBlocks),
                                Builder::constant(int64_t(cache.blockBytes / 4))};
  step.launch("append", {pool, table, lengths, tokens, positions, rowStart, slot}, sizes,
              B * Builder::constant(4));
  step.launch("attend", {hidden, pool, table, lengths, rowEntry, rowStart, slot}, sizes, T);
  step.launch("recur", {hidden, states, stateTable, tokens, rowStart, slot},
              {Builder::constant(int64_t(artefact.index.states[0].blockBytes() / 4))}, B);
  step.program.commands.push_back(Copy{result, hidden, step.program.intern(rowBytes)});
  step.launch("project", {logits, result, logitRows, weights}, {}, R);
  step.finish(Builder::constant(2) * rowBytes);
}

void addSample(Artefact &artefact) {
  Builder sample(artefact, "sample");
  Expression R = sample.dim("R"), H = sample.dim("H"), V = Builder::constant(vocabulary);
  uint32_t logits = sample.argument("logits", F32, false, {R, V});
  uint32_t history = sample.argument("history", I32, false, {H});
  uint32_t historyStart = sample.argument("historyStart", I32, false, {R + Builder::constant(1)});
  uint32_t parameters = sample.argument("parameters", F32, false, {R, Builder::constant(8)});
  uint32_t token = sample.argument("token", I32, true, {R});
  uint32_t probabilities = sample.argument("probabilities", F32, true, {R, V});
  sample.launch("sample", {token, probabilities, logits, history, historyStart, parameters}, {}, R);
  sample.finish(Builder::constant(0));
}

void addFunctions(Artefact &artefact) {
  for (const char *name : {"add_table", "use_scratch"}) {
    Builder function(artefact, name);
    Expression N = function.dim("N");
    uint32_t x = function.argument("x", F32, false, {N});
    uint32_t y = function.argument("y", F32, true, {N});
    function.launch(name, {y, x}, {}, N);
    function.finish(Builder::constant(0));
  }
}

} // namespace

Artefact makeModel() {
  Artefact artefact;
  artefact.code = readImage();
  Index &index = artefact.index;
  index.producer = "test";
  index.target = {TERN_TEST_TARGET, "generic", {}};
  index.dims = {{"T", 1, maxRows},
                {"B", 1, maxEntries},
                {"R", 0, 4},
                {"H", 1, maxContext},
                {"N", 0, 1 << 20}};
  auto weights = sourceWeights();
  auto bytes = std::as_bytes(std::span(weights));
  index.files = {{"model.weights", bytes.size(), hashBytes(bytes)}};
  index.tensors = {{"w", 0, 0, bytes.size(), F32, {vocabulary}}};
  index.packed = {{"w.packed", bytes.size()}};
  CacheClass cache{2, 2, 4, 16, F32, 64, 0, (maxContext + 63) / 64};
  cache.blockBytes = cache.leastBlockBytes();
  index.caches = {cache};
  index.states = {{1, 1, 1}};
  index.model = {"toy",   maxContext, maxRows, vocabulary, {15}, 1, true,
                 "exact", "f32",      "",      0,          0,    {}};
  artefact.tokenizer = "{\"tokenizer\": 1}";
  artefact.chatTemplate = "{{ messages }}";
  artefact.decisions = "{}";
  addKernels(artefact);
  addLoad(artefact);
  addStep(artefact);
  addSample(artefact);
  addFunctions(artefact);
  return artefact;
}

std::string writeModel(const TemporaryFolder &folder) {
  auto weights = sourceWeights();
  writeFile(folder.path("model.weights"), std::as_bytes(std::span(weights)));
  Error error = writeArtefact(makeModel(), folder.path("model.tern"));
  EXPECT_FALSE(error) << error.message();
  return folder.path("model.tern");
}

} // namespace tern::test
