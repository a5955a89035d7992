// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/format/Verify.h"

#include "TestModel.h"

#include <cstring>
#include <elf.h>
#include <functional>
#include <gtest/gtest.h>

using namespace tern::format;
using namespace tern::test;

namespace {

/// One change to the good index, and words of the refusal.
struct Case {
  const char *words;
  std::function<void(Index &)> change;
};

Program &program(Index &index, std::string_view name) {
  return const_cast<Program &>(*index.findProgram(name));
}

void expectRefused(std::initializer_list<Case> cases) {
  Artefact model = makeModel();
  CodeImage image;
  ASSERT_FALSE(readCodeImage(model.code, image));
  for (const Case &one : cases) {
    Index index = model.index;
    one.change(index);
    Error error = verifyIndex(index, image);
    ASSERT_TRUE(error) << one.words;
    EXPECT_EQ(error.code(), TERN_BAD_FILE);
    EXPECT_NE(error.message().find(one.words), std::string::npos)
        << error.message() << "\nwithout: " << one.words;
  }
}

/// Launch and copy of `step` that the cases change.
Launch &firstLaunch(Index &index) { return std::get<Launch>(program(index, "step").commands[0]); }
Copy &firstCopy(Index &index) { return std::get<Copy>(program(index, "step").commands[3]); }

/// Makes all kernels those of a GPU, but that of `load`.
void moveToDevice(Index &index) {
  index.device = {"nvptx64-cuda", "sm_80", {}};
  for (Kernel &kernel : index.kernels)
    if (kernel.name != "pack")
      kernel = {kernel.name, kernel.offset, 0, "", 128, 4, 1024};
}

/// A change to the kernel of the first launch of `step`, on a GPU.
std::function<void(Index &)> onDevice(void (*change)(Kernel &)) {
  return [change](Index &index) {
    moveToDevice(index);
    change(index.kernels[firstLaunch(index).kernel]);
  };
}

} // namespace

TEST(Verify, TheModelIsGood) {
  Artefact model = makeModel();
  CodeImage image;
  ASSERT_FALSE(readCodeImage(model.code, image));
  Error error = verifyIndex(model.index, image);
  EXPECT_FALSE(error) << error.message();
}

TEST(Verify, AModelForADeviceIsGood) {
  Artefact model = makeModel();
  CodeImage image;
  ASSERT_FALSE(readCodeImage(model.code, image));
  for (auto change : {+[](Kernel &) {}, +[](Kernel &kernel) { kernel.threads = 1024; },
                      +[](Kernel &kernel) { kernel.blockTiles = 1 << 16; },
                      +[](Kernel &kernel) { kernel.sharedBytes = 227 << 10; }}) {
    Index index = model.index;
    onDevice(change)(index);
    Error error = verifyIndex(index, image);
    EXPECT_FALSE(error) << error.message();
  }
}

TEST(Verify, V1NamesDiffer) {
  expectRefused({
      {"two of the kind dimension are named 'T'", [](Index &i) { i.dims[1].name = "T"; }},
      {"dimension 4: expected a name", [](Index &i) { i.dims[4].name = ""; }},
      {"two of the kind program", [](Index &i) { i.programs[3].name = "load"; }},
      {"two of the kind kernel", [](Index &i) { i.kernels[1].name = i.kernels[0].name; }},
      {"two of the kind packed weight", [](Index &i) { i.packed.push_back(i.packed[0]); }},
      {"two of the kind argument are named 'x'",
       [](Index &i) { program(i, "add_table").arguments[1].name = "x"; }},
  });
}

TEST(Verify, V2DimensionsHaveRanges) {
  expectRefused({
      {"found -1 .. 8", [](Index &i) { i.dims[0].min = -1; }},
      {"found 9 .. 8", [](Index &i) { i.dims[0].min = 9; }},
      {"found 1 .. 2147483648", [](Index &i) { i.dims[0].max = int64_t(1) << 31; }},
  });
}

TEST(Verify, V3ExpressionsHaveValues) {
  expectRefused({
      {"expression 0 is not well formed",
       [](Index &i) { program(i, "load").expressions[0].code.clear(); }},
      {"has no value at an end of its range",
       [](Index &i) {
         Program &step = program(i, "step");
         step.expressions.push_back(floorDiv(Expression::constant(1), Expression::dim(2)));
       }},
      {"expected at most 8 dimensions, found 9",
       [](Index &i) {
         Program &function = program(i, "add_table");
         for (uint32_t d = 0; d < 8; ++d) {
           i.dims.push_back({"D" + std::to_string(d), 1, 2});
           function.intern(Expression::dim(static_cast<uint32_t>(i.dims.size() - 1)));
         }
       }},
  });
}

TEST(Verify, V4TargetsAreNamed) {
  expectRefused({
      {"target: expected a name", [](Index &i) { i.target.name = ""; }},
      {"target: expected a name", [](Index &i) { i.target.features = {"avx2", ""}; }},
  });
}

TEST(Verify, V5TokensLieInTheVocabulary) {
  expectRefused({
      {"end token 16 lies outside", [](Index &i) { i.model.eos = {16}; }},
      {"end token -1 lies outside", [](Index &i) { i.model.eos = {-1}; }},
      {"start token 16 lies outside", [](Index &i) { i.model.bos = 16; }},
      {"start token -1 lies outside", [](Index &i) { i.model.bos = -1; }},
      {"context -1", [](Index &i) { i.model.maxContext = -1; }},
      {"rows -1", [](Index &i) { i.model.maxRows = -1; }},
      {"vocabulary -1", [](Index &i) { i.model.vocabulary = -1; }},
  });
}

TEST(Verify, V6FilesHavePlainNames) {
  expectRefused({
      {"weight file ''", [](Index &i) { i.files[0].name = ""; }},
      {"weight file '../w'", [](Index &i) { i.files[0].name = "../w"; }},
      {"weight file '..'", [](Index &i) { i.files[0].name = ".."; }},
      {"of 0 bytes", [](Index &i) { i.files[0].bytes = 0; }},
  });
}

TEST(Verify, V7TensorsLieInTheirFiles) {
  expectRefused({
      {"expected one of 1 files, found number 1", [](Index &i) { i.tensors[0].file = 1; }},
      {"shape and type do not make the 60", [](Index &i) { i.tensors[0].length = 60; }},
      {"shape and type", [](Index &i) { i.tensors[0].shape = {-16}; }},
      {"shape and type", [](Index &i) { i.tensors[0].shape = {INT64_MAX, 16}; }},
      {"shape and type", [](Index &i) { i.tensors[0].type = ElementType::Q8_0; }},
      {"shape and type", [](Index &i) { i.tensors[0].type = static_cast<ElementType>(99); }},
      {"64 bytes at 1 lie outside the 64", [](Index &i) { i.tensors[0].offset = 1; }},
      {"lie outside", [](Index &i) { i.tensors[0].offset = UINT64_MAX; }},
      {"lie outside the 0 bytes", [](Index &i) { i.tensors[0].file = SourceTensor::embedded; }},
  });
}

TEST(Verify, V8PackedWeightsHaveBytes) {
  expectRefused({
      {"packed weight 'w.packed': 0 bytes", [](Index &i) { i.packed[0].bytes = 0; }},
      {"more than 2^46", [](Index &i) { i.packed[0].bytes = UINT64_MAX; }},
  });
}

TEST(Verify, V9CachesHoldTheirParts) {
  expectRefused({
      {"cache 0: expected sizes of 1 .. 2^20, found 0", [](Index &i) { i.caches[0].heads = 0; }},
      {"expected type f32, f16 or bf16", [](Index &i) { i.caches[0].type = ElementType::I32; }},
      {"found 32 slots", [](Index &i) { i.caches[0].blockSlots = 32; }},
      {"5312 bytes", [](Index &i) { i.caches[0].blockBytes -= 64; }},
      {"5377 bytes", [](Index &i) { i.caches[0].blockBytes += 1; }},
      {"3 blocks of 64 slots do not make the context of 200",
       [](Index &i) { i.caches[0].maxBlocks = 3; }},
      {"state 0: expected sizes of 1 .. 2^20, found 0", [](Index &i) { i.states[0].rows = 0; }},
      {"state 0: 18014398509481984 bytes of a sequence are more than 2^46",
       [](Index &i) { i.states[0] = {1 << 16, 1 << 16, 1 << 20}; }},
  });
}

TEST(Verify, V10KernelsAreCode) {
  expectRefused({
      {"kernel 'pack': address 232 is not code", [](Index &i) { i.kernels[0].offset = 232; }},
      {"is not code", [](Index &i) { i.kernels[0].offset = UINT64_MAX; }},
      {"more than 2^30", [](Index &i) { i.kernels[0].scratchBytes = (1u << 30) + 1; }},
  });
}

TEST(Verify, V10KernelsOfADeviceHaveBlocks) {
  expectRefused({
      {"kernel 'append': expected a device's blocks, found 33 threads, 4 tiles and 1024 bytes for "
       "device 'nvptx64-cuda'",
       onDevice([](Kernel &kernel) { kernel.threads = 33; })},
      {"found 1056 threads", onDevice([](Kernel &kernel) { kernel.threads = 1056; })},
      {"128 threads, 0 tiles", onDevice([](Kernel &kernel) { kernel.blockTiles = 0; })},
      {"65537 tiles", onDevice([](Kernel &kernel) { kernel.blockTiles = (1 << 16) + 1; })},
      {"232449 bytes", onDevice([](Kernel &kernel) { kernel.sharedBytes = (227 << 10) + 1; })},
      {"1024 bytes for device ''",
       [](Index &i) {
         moveToDevice(i);
         i.device = {};
       }},
  });
}

/// A file as ptxas writes it, of one kernel: its header, the names of its sections, their table.
static std::vector<std::byte> makeCubin(const std::string &kernel) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = EM_CUDA;
  std::string names = std::string(1, '\0') + ".text." + kernel + '\0';
  header.e_shoff = sizeof header + names.size();
  header.e_shnum = 2;
  Elf64_Shdr sections[2]{};
  sections[0].sh_offset = sizeof header;
  sections[0].sh_size = names.size();
  sections[1].sh_name = 1;
  std::vector<std::byte> file;
  auto add = [&](auto span) {
    auto part = std::as_bytes(span);
    file.insert(file.end(), part.begin(), part.end());
  };
  add(std::span(&header, 1));
  add(std::span(names));
  add(std::span(sections));
  return file;
}

TEST(Verify, V18CubinsHoldTheKernels) {
  Index index = makeModel().index;
  EXPECT_FALSE(verifyCubin(index, {}));
  std::vector<std::byte> good = makeCubin("k");
  auto expect = [&](const std::vector<std::byte> &cubin, const char *words) {
    Error error = verifyCubin(index, cubin);
    ASSERT_TRUE(error) << words;
    EXPECT_EQ(error.code(), TERN_BAD_FILE);
    EXPECT_NE(error.message().find(words), std::string::npos) << error.message();
  };
  expect(good, "found 201 bytes for device '' by ''");
  index.assembler.name = "ptxas 1.2.3";
  expect(good, "found 201 bytes for device '' by 'ptxas 1.2.3'");
  index.device.name = "nvptx64-cuda";
  expect({}, "found 0 bytes for device 'nvptx64-cuda' by 'ptxas 1.2.3'");
  EXPECT_FALSE(verifyCubin(index, good));
  Kernel kernel;
  kernel.name = "k";
  kernel.threads = 32;
  index.kernels.push_back(kernel);
  EXPECT_FALSE(verifyCubin(index, good));
  index.kernels.back().name = "other";
  expect(good, "cubin: expected the code of kernel 'other', found none");
  index.kernels.back().name = "k";
  for (size_t bytes = 1; bytes < good.size(); ++bytes)
    expect({good.begin(), good.begin() + static_cast<ptrdiff_t>(bytes)}, "cubin: ");
  std::vector<std::byte> ofHost = good;
  ofHost[offsetof(Elf64_Ehdr, e_machine)] = std::byte(EM_X86_64);
  expect(ofHost, "cubin: expected an ELF64 file for NVIDIA's GPUs");
  // No damage of one byte is read beyond the file.
  for (size_t i = 0; i < good.size(); ++i) {
    std::vector<std::byte> damaged = good;
    damaged[i] ^= std::byte(0xff);
    Error error = verifyCubin(index, damaged);
    EXPECT_TRUE(!error || error.code() == TERN_BAD_FILE);
  }
}

TEST(Verify, V11ArgumentsArePlainTensors) {
  expectRefused({
      {"argument 'x': expected a plain type",
       [](Index &i) { program(i, "add_table").arguments[0].type = ElementType::Q4_0; }},
      {"argument 'x': expected a plain type",
       [](Index &i) { program(i, "add_table").arguments[0].type = static_cast<ElementType>(77); }},
      {"expected at most 8 dimensions, found 9",
       [](Index &i) { program(i, "add_table").arguments[0].shape.assign(9, 0); }},
      {"argument 'x': expression 99 does not exist",
       [](Index &i) { program(i, "add_table").arguments[0].shape[0] = 99; }},
      {"a size of -5 is not possible",
       [](Index &i) {
         Program &function = program(i, "add_table");
         function.arguments[1].shape[0] = function.intern(-5);
       }},
  });
}

TEST(Verify, V12DimensionsAreSizesOfInputs) {
  expectRefused({
      {"program 'add_table': dimension 'N' is not the size of an input",
       [](Index &i) {
         Program &function = program(i, "add_table");
         function.arguments[0].shape[0] = function.intern(3);
       }},
  });
}

TEST(Verify, V13BuffersLieInTheirSpaces) {
  auto stepBuffer = [](auto change) {
    return [change](Index &i) {
      Program &step = program(i, "step");
      change(step, step.buffers[9]);
    };
  };
  expectRefused({
      {"program 'step': buffer 9: 4 bytes at 33 lie outside the 8 bytes",
       stepBuffer([](Program &p, Buffer &b) { b.offset = p.intern(33); })},
      {"at -1", stepBuffer([](Program &p, Buffer &b) { b.offset = p.intern(-1); })},
      {"-1 bytes", stepBuffer([](Program &p, Buffer &b) { b.bytes = p.intern(-1); })},
      {"expression 99 does not exist", stepBuffer([](Program &, Buffer &b) { b.bytes = 99; })},
      {"part of its space, number 1 does not exist",
       stepBuffer([](Program &, Buffer &b) { b.index = 1; })},
      {"part of its space, number 0 does not exist: there are 0",
       stepBuffer([](Program &, Buffer &b) { b.space = static_cast<Space>(99); })},
      {"buffer 8: 4 bytes at 0 lie outside the 0 bytes",
       [](Index &i) { program(i, "step").buffers[8].space = Space::Constant; }},
      {"lie outside the 64 bytes",
       [](Index &i) {
         Program &step = program(i, "step");
         step.buffers[13].bytes = step.intern(65);
       }},
      {"buffer 10: 1 bytes at 0 lie outside the 0",
       [](Index &i) {
         Program &step = program(i, "step");
         step.buffers[10].bytes = step.intern(1);
       }},
      {"argument 'tokens' is used against its direction",
       [](Index &i) { program(i, "step").buffers[0].space = Space::Output; }},
      {"expected an arena of at most 2^46 bytes, found -1",
       [](Index &i) {
         Program &step = program(i, "step");
         step.arenaBytes = step.intern(-1);
       }},
      {"expression (of the arena's bytes) 99",
       [](Index &i) { program(i, "step").arenaBytes = 99; }},
  });
}

TEST(Verify, V14LoadAloneSeesSources) {
  expectRefused({
      {"sources are there in 'load' only",
       [](Index &i) { program(i, "step").buffers[13].space = Space::Source; }},
      {"'load' has no cache",
       [](Index &i) { program(i, "load").buffers[0].space = Space::CachePool; }},
      {"expected to write the arena or an output", [](Index &i) { firstCopy(i).destination = 12; }},
      {"program 'load': expected no arguments, found 2",
       [](Index &i) {
         Program &load = program(i, "load");
         load.arguments = program(i, "add_table").arguments;
         load.arguments[0].shape = load.arguments[1].shape = {load.intern(1)};
       }},
  });
}

TEST(Verify, V15LaunchesNameWhatExists) {
  expectRefused({
      {"program 'step': command 0: kernel 99 does not exist",
       [](Index &i) { firstLaunch(i).kernel = 99; }},
      {"command 0: buffer 99 does not exist", [](Index &i) { firstLaunch(i).buffers[0] = 99; }},
      {"command 0: expression 99 does not exist", [](Index &i) { firstLaunch(i).sizes[0] = 99; }},
      {"command 0: expression 98 does not exist", [](Index &i) { firstLaunch(i).tiles = 98; }},
      {"command 0: expected 0 .. 2^31 - 1 tiles, found -4",
       [](Index &i) { firstLaunch(i).tiles = program(i, "step").intern(-4); }},
      {"found 2147483648",
       [](Index &i) { firstLaunch(i).tiles = program(i, "step").intern(int64_t(1) << 31); }},
  });
}

TEST(Verify, V15LaunchesAreWhereTheirKernelsAre) {
  expectRefused({
      {"program 'step': command 0: kernel 'append': expected one for the device, found one for the "
       "host",
       onDevice([](Kernel &kernel) { kernel.threads = 0; })},
      {"program 'load': command 0: kernel 'pack': expected one for the host, found one for the "
       "device",
       [](Index &i) {
         moveToDevice(i);
         i.kernels[0] = {"pack", 0, 0, "", 128, 4, 1024};
       }},
  });
}

TEST(Verify, V16CopiesStayInTheirBuffers) {
  expectRefused({
      {"command 3: buffer 99", [](Index &i) { firstCopy(i).source = 99; }},
      {"command 3: expression 99", [](Index &i) { firstCopy(i).bytes = 99; }},
      {"to read no cache", [](Index &i) { firstCopy(i).source = 10; }},
      {"expected to write the arena or an output", [](Index &i) { firstCopy(i).destination = 0; }},
      {"a copy of 33 bytes exceeds its buffers",
       [](Index &i) { firstCopy(i).bytes = program(i, "step").intern(33); }},
      {"a copy of -1 bytes", [](Index &i) { firstCopy(i).bytes = program(i, "step").intern(-1); }},
      {"or they overlap", [](Index &i) { firstCopy(i).source = firstCopy(i).destination; }},
  });
}

TEST(Verify, V17StepAndSampleHaveTheirArguments) {
  expectRefused({
      {"program 'step': argument 4: expected 'rowStart' of type i32 and shape b, found 'rowstart'",
       [](Index &i) { program(i, "step").arguments[4].name = "rowstart"; }},
      {"argument 0: expected 'tokens' of type i32 and shape T",
       [](Index &i) { program(i, "step").arguments[0].type = ElementType::F32; }},
      {"argument 7: expected 'logits'", [](Index &i) { i.model.vocabulary = 17; }},
      {"expected 8 arguments, found 7",
       [](Index &i) {
         Program &step = program(i, "step");
         step.arguments.pop_back();
         std::get<Launch>(step.commands[4]).buffers[0] = 8;
         step.buffers[7].space = Space::Arena;
         step.buffers[7].index = 0;
         step.buffers[7].bytes = step.intern(0);
       }},
      {"program 'sample': argument 2: expected 'historyStart' of type i32 and shape r, found 'h'",
       [](Index &i) { program(i, "sample").arguments[2].name = "h"; }},
      {"dimension 'T': a range of 1 .. 8 cannot", [](Index &i) { i.model.maxRows = 9; }},
      {"dimension 'R': a range of 2 .. 4 cannot", [](Index &i) { i.dims[2].min = 2; }},
      {"dimension 'B': a range of 0 .. 0 cannot",
       [](Index &i) { i.dims[1].min = i.dims[1].max = 0; }},
  });
}
