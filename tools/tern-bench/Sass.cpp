// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-bench/Sass.h"

#include "tools/command/CommandLine.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace tern::bench {

using command::UserError;

static std::string_view baseOf(const SassInstruction &instruction) {
  std::string_view opcode = instruction.opcode;
  return opcode.substr(0, opcode.find('.'));
}

/// Whether `.word` is one of the opcode's modifiers.
static bool hasModifier(std::string_view opcode, std::string_view word) {
  for (size_t dot = opcode.find('.'); dot != std::string_view::npos;) {
    size_t next = opcode.find('.', dot + 1);
    if (opcode.substr(dot + 1, next == std::string_view::npos ? next : next - dot - 1) == word)
      return true;
    dot = next;
  }
  return false;
}

//===- What an instruction is for -----------------------------------------===//

static const char *classOf(const SassInstruction &instruction) {
  // With prefixes of opcodes, of which the first that fits counts.
  static const std::vector<std::pair<const char *, std::vector<std::string_view>>> classes = {
      {"tensor", {"HMMA", "IMMA", "DMMA", "BMMA", "QMMA", "HGMMA", "IGMMA", "QGMMA"}},
      {"load matrix", {"LDSM"}},
      {"copy to shared", {"LDGSTS"}},
      {"barrier",
       {"BAR", "DEPBAR", "LDGDEPBAR", "MEMBAR", "WARPSYNC", "BSSY", "BSYNC", "BREAK", "ERRBAR",
        "CCTL", "NOP"}},
      {"load shared", {"LDS"}},
      {"store shared", {"STS", "ATOMS"}},
      {"load global", {"LDG", "LD."}},
      {"store global", {"STG", "ST.", "RED", "ATOM"}},
      {"local", {"LDL", "STL"}},
      {"constant", {"LDC", "ULDC"}},
      {"branch", {"BRA", "BRX", "JMP", "JMX", "EXIT", "CALL", "RET", "YIELD", "NANOSLEEP"}},
      {"f32", {"FFMA", "FADD", "FMUL", "FSETP", "FSEL", "FMNMX", "FSET", "FCHK", "FSWZADD"}},
      {"f64", {"DFMA", "DADD", "DMUL", "DSETP"}},
      {"f16", {"HFMA", "HADD", "HMUL", "HSETP", "HMNMX", "HSET"}},
      {"convert", {"F2F", "F2I", "I2F", "F2FP", "FRND", "I2I", "I2FP"}},
      {"special", {"MUFU"}},
      {"exchange", {"SHFL", "VOTE", "REDUX", "MATCH"}},
      {"uniform", {"U", "R2UR", "S2UR"}},
      {"move", {"MOV", "S2R", "CS2R", "P2R", "R2P", "IMAD.MOV", "PRMT", "SEL"}},
      {"integer", {""}},
  };
  for (const auto &[name, prefixes] : classes)
    for (std::string_view prefix : prefixes)
      if (instruction.opcode.starts_with(prefix))
        return name;
  return "integer";
}

/// Bytes that a thread moves by one memory instruction.
static uint32_t widthOf(std::string_view opcode) {
  if (hasModifier(opcode, "128"))
    return 16;
  if (hasModifier(opcode, "64"))
    return 8;
  if (hasModifier(opcode, "U16") || hasModifier(opcode, "S16") || hasModifier(opcode, "16"))
    return 2;
  if (hasModifier(opcode, "U8") || hasModifier(opcode, "S8") || hasModifier(opcode, "8"))
    return 1;
  return 4;
}

/// Of a warp whose lanes all take part.
static uint32_t globalBytesOf(const SassInstruction &instruction) {
  std::string_view base = baseOf(instruction);
  bool isGlobal = base == "LDG" || base == "STG" || base == "LDGSTS";
  return isGlobal && instruction.isExecuted() ? 32 * widthOf(instruction.opcode) : 0;
}

/// Cycles of the port of shared memory, which moves 128 bytes each, without bank conflicts.
static uint32_t sharedCyclesOf(const SassInstruction &instruction) {
  std::string_view base = baseOf(instruction);
  if (!instruction.isExecuted())
    return 0;
  if (base == "LDSM" || base == "STSM")
    return hasModifier(instruction.opcode, "4") ? 4 : hasModifier(instruction.opcode, "2") ? 2 : 1;
  if (base != "LDS" && base != "STS" && base != "LDGSTS" && base != "ATOMS")
    return 0;
  return std::max(1u, 32 * widthOf(instruction.opcode) / 128);
}

//===- Blocks and loops ---------------------------------------------------===//

namespace {

/// A function as blocks of instructions that follow each other, with the edges between them.
class Flow {
public:
  explicit Flow(const SassFunction &function) : function(function) {
    cut();
    connect();
    order();
    dominate();
  }

  /// The instructions of each natural loop, by its first block.
  std::map<size_t, std::set<size_t>> loops() const;
  /// Those of a loop's blocks.
  std::vector<const SassInstruction *> instructionsOf(const std::set<size_t> &blocks) const;

private:
  static constexpr size_t none = std::numeric_limits<size_t>::max();

  struct Block {
    size_t begin = 0, end = 0; ///< instructions
    std::vector<size_t> from, to;
    size_t rank = none;      ///< in an order in which blocks come before those they lead to
    size_t dominator = none; ///< the next one that all ways lead through
  };

  void cut();
  void connect();
  void order();
  void dominate();
  bool dominates(size_t block, size_t other) const;
  size_t blockAt(std::string_view label) const;
  std::vector<std::string_view> targetsOf(size_t instruction) const;

  const SassFunction &function;
  std::vector<Block> blocks;
  std::vector<size_t> ordered;
  std::map<uint64_t, size_t> blockOfAddress;
};

} // namespace

/// Labels in an instruction's operands: `(.L_x_3), or after BRANCH_TARGETS.
static std::vector<std::string_view> labelsIn(std::string_view operands) {
  std::vector<std::string_view> labels;
  constexpr std::string_view list = "BRANCH_TARGETS ";
  if (size_t begin = operands.find(list); begin != std::string_view::npos) {
    std::string_view rest = operands.substr(begin + list.size());
    rest = rest.substr(0, rest.find('"'));
    while (!rest.empty()) {
      size_t end = std::min(rest.find(','), rest.size());
      labels.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  } else if (size_t quote = operands.find("`("); quote != std::string_view::npos) {
    std::string_view rest = operands.substr(quote + 2);
    labels.push_back(rest.substr(0, rest.find(')')));
  }
  return labels;
}

/// Whether the next instruction may be another than the one that follows.
static bool endsBlock(const SassInstruction &instruction) {
  std::string_view base = baseOf(instruction);
  for (std::string_view name :
       {"BRA", "BRX", "BRXU", "JMP", "JMX", "EXIT", "RET", "CALL", "BSYNC", "WARPSYNC", "KILL"})
    if (base == name)
      return true;
  return false;
}

/// Whether the one that follows may be the next.
static bool mayPass(const SassInstruction &instruction) {
  std::string_view base = baseOf(instruction);
  if (!instruction.predicate.empty() || base == "CALL" || base == "WARPSYNC")
    return true;
  // A branch may have its condition among the operands.
  return base == "BRA" && instruction.operands.find('`') != 0;
}

void Flow::cut() {
  std::set<uint64_t> starts;
  for (const auto &[label, address] : function.labels)
    starts.insert(address);
  const auto &instructions = function.instructions;
  for (size_t i = 0; i < instructions.size(); ++i) {
    if (i == 0 || starts.contains(instructions[i].address) || endsBlock(instructions[i - 1])) {
      blockOfAddress[instructions[i].address] = blocks.size();
      blocks.push_back({i, i, {}, {}, none, none});
    }
    blocks.back().end = i + 1;
  }
}

size_t Flow::blockAt(std::string_view label) const {
  auto found = function.labels.find(label);
  if (found == function.labels.end())
    throw UserError("nvdisasm: expected a label '" + std::string(label) + "' in function '" +
                    function.name + "', found none");
  return blockOfAddress.at(found->second);
}

/// A BSYNC goes on where the last BSSY of its barrier says; a RET after its call.
std::vector<std::string_view> Flow::targetsOf(size_t number) const {
  const SassInstruction &instruction = function.instructions[number];
  std::string_view base = baseOf(instruction);
  if (base != "BSYNC")
    return endsBlock(instruction) && base != "RET" ? labelsIn(instruction.operands)
                                                   : std::vector<std::string_view>();
  for (size_t i = number; i-- > 0;) {
    const SassInstruction &other = function.instructions[i];
    if (baseOf(other) == "BSSY" && other.operands.starts_with(instruction.operands + ","))
      return labelsIn(other.operands);
  }
  return {};
}

void Flow::connect() {
  auto add = [&](size_t from, size_t to) {
    blocks[from].to.push_back(to);
    blocks[to].from.push_back(from);
  };
  for (size_t i = 0; i < blocks.size(); ++i) {
    const SassInstruction &last = function.instructions[blocks[i].end - 1];
    std::vector<std::string_view> targets = targetsOf(blocks[i].end - 1);
    for (std::string_view target : targets)
      add(i, blockAt(target));
    bool passes = !endsBlock(last) || mayPass(last) || (baseOf(last) == "BSYNC" && targets.empty());
    if (passes && i + 1 < blocks.size())
      add(i, i + 1);
  }
}

/// Ranks what can be reached, in reverse postorder.
void Flow::order() {
  if (blocks.empty())
    return;
  std::vector<bool> seen(blocks.size());
  std::vector<std::pair<size_t, size_t>> path{{0, 0}}; // a block, and which way is next
  seen[0] = true;
  while (!path.empty()) {
    auto &[block, next] = path.back();
    if (next < blocks[block].to.size()) {
      size_t to = blocks[block].to[next++];
      if (!seen[to]) {
        seen[to] = true;
        path.emplace_back(to, 0);
      }
    } else {
      ordered.push_back(block);
      path.pop_back();
    }
  }
  std::reverse(ordered.begin(), ordered.end());
  for (size_t rank = 0; rank < ordered.size(); ++rank)
    blocks[ordered[rank]].rank = rank;
}

/// Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm", 2001.
void Flow::dominate() {
  if (blocks.empty())
    return;
  blocks[0].dominator = 0;
  auto meet = [&](size_t left, size_t right) {
    while (left != right) {
      size_t &later = blocks[left].rank > blocks[right].rank ? left : right;
      later = blocks[later].dominator;
    }
    return left;
  };
  for (bool isChanged = true; isChanged;) {
    isChanged = false;
    for (size_t block : ordered) {
      if (block == 0)
        continue;
      size_t dominator = none;
      for (size_t from : blocks[block].from)
        if (blocks[from].dominator != none)
          dominator = dominator == none ? from : meet(from, dominator);
      isChanged |= blocks[block].dominator != dominator;
      blocks[block].dominator = dominator;
    }
  }
}

bool Flow::dominates(size_t block, size_t other) const {
  while (blocks[other].rank > blocks[block].rank)
    other = blocks[other].dominator;
  return other == block;
}

std::map<size_t, std::set<size_t>> Flow::loops() const {
  std::map<size_t, std::set<size_t>> loops;
  for (size_t end : ordered)
    for (size_t head : blocks[end].to) {
      if (!dominates(head, end))
        continue;
      std::set<size_t> &body = loops[head];
      body.insert(head);
      std::vector<size_t> open{end};
      while (!open.empty()) {
        size_t block = open.back();
        open.pop_back();
        if (blocks[block].rank != none && body.insert(block).second)
          open.insert(open.end(), blocks[block].from.begin(), blocks[block].from.end());
      }
    }
  return loops;
}

std::vector<const SassInstruction *> Flow::instructionsOf(const std::set<size_t> &body) const {
  std::vector<const SassInstruction *> all;
  for (size_t block : body)
    for (size_t i = blocks[block].begin; i < blocks[block].end; ++i)
      all.push_back(&function.instructions[i]);
  return all;
}

static SteadyLoop measure(const std::vector<const SassInstruction *> &instructions,
                          const Gpu &gpu) {
  SteadyLoop loop;
  loop.first = instructions.front()->address;
  loop.last = instructions.back()->address;
  loop.instructions = static_cast<uint32_t>(instructions.size());
  for (const SassInstruction *instruction : instructions) {
    ++loop.classes[classOf(*instruction)];
    loop.issueCycles += std::max(1u, instruction->stall());
    loop.waits += instruction->waits();
    loop.tensorCycles += gpu.tensorCycles(instruction->opcode);
    loop.sharedCycles += sharedCyclesOf(*instruction);
    loop.globalBytes += globalBytesOf(*instruction);
  }
  return loop;
}

std::vector<SteadyLoop> steadyLoops(const SassFunction &function, const Gpu &gpu) {
  Flow flow(function);
  std::map<size_t, std::set<size_t>> bodies = flow.loops();
  std::map<size_t, SteadyLoop> loops;
  bool hasTensor = false, hasGlobal = false;
  for (const auto &[head, body] : bodies) {
    SteadyLoop &loop = loops[head] = measure(flow.instructionsOf(body), gpu);
    hasTensor |= loop.tensorCycles != 0;
    hasGlobal |= loop.globalBytes != 0;
  }
  auto isSteady = [&](const SteadyLoop &loop) {
    return hasTensor ? loop.tensorCycles != 0 : hasGlobal ? loop.globalBytes != 0 : true;
  };
  std::vector<SteadyLoop> steady;
  for (const auto &[head, body] : bodies) {
    bool isInner = std::none_of(loops.begin(), loops.end(), [&](const auto &other) {
      return other.first != head && body.contains(other.first) && isSteady(other.second);
    });
    if (isInner && isSteady(loops.at(head)))
      steady.push_back(loops.at(head));
  }
  std::sort(steady.begin(), steady.end(), [](const SteadyLoop &left, const SteadyLoop &right) {
    return left.first < right.first;
  });
  return steady;
}

} // namespace tern::bench
