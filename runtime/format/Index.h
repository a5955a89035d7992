// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "runtime/format/Expression.h"
#include "runtime/format/Hash.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What an artefact says, as plain data. Ids are positions in the vectors of
/// the index or of the program. Verify.h says what must hold.
namespace tern::format {

/// Types of arguments and of tensors in a checkpoint. Values are stored.
enum class ElementType : uint8_t {
  F32,
  F16,
  BF16,
  F64,
  I8,
  U8,
  I16,
  I32,
  I64,
  Q8_0,
  Q4_0,
  Q4_1,
  Q5_0,
  Q5_1,
  Q2_K,
  Q3_K,
  Q4_K,
  Q5_K,
  Q6_K,
  IQ4_NL,
  IQ4_XS,
  MXFP4
};

struct ElementTypeInfo {
  const char *name;
  int64_t blockElements; ///< 1, or the block of a quantised type
  int64_t blockBytes;
};

/// NULL for a number that is no type.
const ElementTypeInfo *elementTypeInfo(ElementType type);

/// The type of that name ("q4_k").
std::optional<ElementType> findElementType(std::string_view name);

/// What the code needs of the machine that runs it.
struct Target {
  std::string name;                  ///< architecture and system, `x86_64-linux`, `nvptx64-cuda`
  std::string cpu;                   ///< LLVM's name for the processor, `znver4`, `sm_80`
  std::vector<std::string> features; ///< LLVM's names of features that the code may use
};

/// A symbolic dimension. Its value is given at each run of a program.
struct Dim {
  std::string name;
  int64_t min = 0;
  int64_t max = 0; ///< itself allowed
};

/// An entry of Program::expressions.
using ExpressionId = uint32_t;

struct Argument {
  std::string name;
  ElementType type = ElementType::F32;
  bool output = false;
  std::vector<ExpressionId> shape; ///< dense, row-major
};

enum class Space : uint8_t {
  Arena,        ///< scratch of one run of the program; contents undefined at its start
  Packed,       ///< Index::packed[index]; zero when `load` starts
  Constant,     ///< the constants section
  Source,       ///< Index::tensors[index]; in `load` only
  Input,        ///< Program::arguments[index]
  Output,       ///< Program::arguments[index]
  CachePool,    ///< blocks of Index::caches[index], block i at i * blockBytes
  CacheTable,   ///< i32 [slot][layer][head][maxBlocks]: block numbers
  CacheLengths, ///< i32 [slot][layer][head]: slots in use
  StatePool,    ///< blocks of Index::states[index], block i at i * blockBytes()
  StateTable,   ///< i32 [slot][2]: the block that a step reads, the block that it writes
};

/// A range of a space. Spaces of caches and states are given whole: offset and bytes are 0.
struct Buffer {
  Space space = Space::Arena;
  uint32_t index = 0; ///< 0 where the space has no parts
  ExpressionId offset = 0;
  ExpressionId bytes = 0;
};

/// Runs tiles 0 .. tiles - 1 of a kernel, in any order and division. Of two kernels for different
/// sizes one has no tiles, and is not started.
struct Launch {
  uint32_t kernel = 0;
  std::vector<uint32_t> buffers;
  std::vector<ExpressionId> sizes;
  ExpressionId tiles = 0;
};

struct Copy {
  uint32_t destination = 0; ///< a buffer, as is `source`
  uint32_t source = 0;
  ExpressionId bytes = 0;
};

using Command = std::variant<Launch, Copy>;

/// A flat list of commands, run in order.
struct Program {
  std::string name;
  std::vector<Expression> expressions;
  std::vector<Argument> arguments;
  std::vector<Buffer> buffers;
  ExpressionId arenaBytes = 0;
  std::vector<Command> commands;

  /// The id of an equal expression, or of this one, added.
  ExpressionId intern(const Expression &expression);
  ExpressionId intern(int64_t value) { return intern(Expression::constant(value)); }
};

struct Kernel {
  std::string name;
  uint64_t offset = 0;       ///< address within the code image; 0 for a GPU's
  uint64_t scratchBytes = 0; ///< for each thread; of a GPU's, for each tile
  std::string remark = {};   ///< why it is not from its best schema; empty if it is
  uint32_t threads = 0;      ///< of a GPU's block; 0: code for the host
  uint32_t blockTiles = 0;   ///< tiles that a block runs
  uint32_t sharedBytes = 0;  ///< that a block is started with; a GPU gives over 48 KiB on request

  bool isForDevice() const { return threads != 0; }
};

/// A checkpoint file. No path: it is looked for beside the artefact first.
struct SourceFile {
  std::string name;
  uint64_t bytes = 0;
  Hash hash{};
};

/// A tensor as the checkpoint stores it.
struct SourceTensor {
  static constexpr uint32_t embedded = std::numeric_limits<uint32_t>::max();

  std::string name;
  uint32_t file = 0;   ///< or `embedded`: in the artefact's own weights section
  uint64_t offset = 0; ///< from the start of the file or of the section
  uint64_t length = 0;
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
};

/// What `load` makes from weights and `step` reads. 64-byte aligned.
struct PackedWeight {
  std::string name;
  uint64_t bytes = 0;
};

/// A KV cache. A block is K as [keyWidth][64], V as [64][valueWidth rounded up
/// to 16], then positions i32 [64].
struct CacheClass {
  int32_t layers = 0;
  int32_t heads = 0;
  int32_t keyWidth = 0;
  int32_t valueWidth = 0;
  ElementType type = ElementType::F32; ///< F32, F16 or BF16
  int32_t blockSlots = 64;
  uint64_t blockBytes = 0;
  int32_t maxBlocks = 0; ///< of one sequence, layer and head

  /// The least blockBytes that holds a block.
  uint64_t leastBlockBytes() const;
};

/// What a recurrence keeps of each sequence. A block is f32 [layers][rows][width
/// rounded up to 16]; a step writes all of it.
struct StateClass {
  int32_t layers = 0;
  int32_t rows = 0;
  int32_t width = 0;

  uint64_t blockBytes() const;
};

struct Model {
  std::string architecture;
  int64_t maxContext = 0; ///< tokens of a sequence
  int64_t maxRows = 0;    ///< rows of one step: the largest T
  int64_t vocabulary = 0; ///< width of the logits; 0 if there is no `step`
  std::vector<int32_t> eos;
  int32_t bos = -1; ///< -1: the model has none
  bool addBos = false;
  std::string numerics;   ///< as given to --numerics
  std::string cacheType;  ///< as given to --cache-type
  std::string quantize;   ///< as given to --quantize; empty: weights are as the model had them
  double weightBits = 0;  ///< a weight of those that were rounded, scales included
  double weightError = 0; ///< the largest of their ||rounded - W|| / ||W||
  /// A sentence for each weight that is of another type than was asked for or is held in f32, and
  /// for maps that are slower than their products.
  std::vector<std::string> remarks;
};

/// The program that made the cubin section from the PTX section.
struct Assembler {
  std::string name; ///< and its version; empty: there is no cubin section
  Hash hash{};      ///< of the program
};

struct Index {
  std::string producer; ///< name and version of the compiler
  Target target;        ///< of the code image
  Target device;        ///< of the PTX section; no name: there is none
  Assembler assembler;
  std::vector<Dim> dims;
  std::vector<Program> programs;
  std::vector<Kernel> kernels;
  uint64_t constantBytes = 0; ///< length of the constants section
  uint64_t embeddedBytes = 0; ///< length of the weights section
  std::vector<SourceFile> files;
  std::vector<SourceTensor> tensors;
  std::vector<PackedWeight> packed;
  std::vector<CacheClass> caches;
  std::vector<StateClass> states;
  Model model;

  /// NULL if there is none of that name.
  const Program *findProgram(std::string_view name) const;
  /// The program that a session runs; NULL if this is no model that generates text. Elsewhere a
  /// function `step` is one as any other.
  const Program *findStep() const { return model.vocabulary ? findProgram("step") : nullptr; }
};

} // namespace tern::format
