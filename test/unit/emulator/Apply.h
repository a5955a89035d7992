// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "test/unit/emulator/Machine.h"

#include <random>

namespace tern::test {

/// Instructions on many numbers at once: `$0` is the result, `$1`, `$2`, `$3` the sources, in
/// registers as wide as the numbers. One thread a number; rows are as long as the first source.
template <class D, class... S>
std::vector<D> apply(const std::string &instruction, const std::vector<S> &...sources) {
  std::vector<D> results(std::get<0>(std::tie(sources...)).size());
  auto letter = [](size_t bytes) { return bytes == 2 ? "h" : bytes == 4 ? "r" : "d"; };
  std::string names[] = {std::string("%") + letter(sizeof(D)) + "90",
                         std::string("%") + letter(sizeof(S)) + std::to_string(90 + 0)...};
  unsigned next = 91;
  for (unsigned i = 1; i <= sizeof...(S); ++i)
    names[i] = names[i].substr(0, 2) + std::to_string(next++);
  std::string text = instruction;
  for (unsigned i = 0; i <= sizeof...(S); ++i) // labels begin with $ too, but not with a number
    for (size_t at; (at = text.find("$" + std::to_string(i))) != text.npos;)
      text.replace(at, 2, names[i]);
  std::string parameters = ".param .u64 p0", body = "mov.u32 %r0, %ctaid.x;\nmov.u32 %r1, %tid.x;\n"
                                                    "mad.lo.u32 %r0, %r0, 256, %r1;\n";
  size_t sizes[] = {sizeof(D), sizeof(S)...};
  for (unsigned i = 0; i <= sizeof...(S); ++i) {
    std::string number = std::to_string(i);
    if (i > 0)
      parameters += ", .param .u64 p" + number;
    body += "ld.param.u64 %d" + number + ", [p" + number + "];\nmul.wide.u32 %d20, %r0, " +
            std::to_string(sizes[i]) + ";\nadd.u64 %d" + number + ", %d" + number + ", %d20;\n";
  }
  body += "setp.ge.u32 %p8, %r0, " + std::to_string(results.size()) + ";\n@%p8 ret;\n";
  for (unsigned i = 1; i <= sizeof...(S); ++i)
    body += "ld.global.b" + std::to_string(8 * sizes[i]) + " " + names[i] + ", [%d" +
            std::to_string(i) + "];\n";
  body += text + "\nst.global.b" + std::to_string(8 * sizeof(D)) + " [%d0], " + names[0] + ";";
  Machine machine(kernel(parameters, body, "", 90));
  Parameters values(machine.add(results, "results"));
  (values.add(machine.memory.add(const_cast<S *>(sources.data()), sources.size() * sizeof(S),
                                 "source", Contents::Constant)),
   ...);
  uint32_t blocks = static_cast<uint32_t>((results.size() + 255) / 256);
  EXPECT_EQ(machine.run({blocks}, {256}, values), "") << instruction;
  return results;
}

/// Random bits, among them some of those where things go wrong.
template <class T> std::vector<T> someBits(unsigned count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<T> values(count);
  for (unsigned i = 0; i < count; ++i)
    values[i] = static_cast<T>(random());
  constexpr uint64_t top = uint64_t{1} << (8 * sizeof(T) - 1);
  constexpr T special[] = {
      0, 1, static_cast<T>(~T{0}), static_cast<T>(top), static_cast<T>(top - 1), 2};
  for (unsigned i = 0; i < count; i += 5)
    values[i] = special[random() % 6];
  return values;
}

} // namespace tern::test
