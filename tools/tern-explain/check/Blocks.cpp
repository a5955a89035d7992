// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/tern-explain/check/Blocks.h"

#include <algorithm>

namespace tern::check {

namespace {

class Search {
public:
  Search(const std::vector<Group> &groups, const std::vector<bool> &mayBeBlock,
         const std::function<bool(const Blocks &)> &accept)
      : groups(groups), mayBeBlock(mayBeBlock), accept(accept), blocks(mayBeBlock.size()) {}

  bool run() { return group(0); }

private:
  /// The term's own letters of each letter of the law.
  using Own = std::map<int, std::string>;

  bool group(size_t number) {
    if (number == groups.size())
      return accept(blocks);
    Own own;
    return place(number, 0, 0, 0, own);
  }

  /// Goes on at a letter of a part whose first `at` axes are named.
  bool place(size_t number, size_t part, size_t letter, size_t at, Own &own) {
    if (++tried > most)
      throw Refusal("its letters have more meanings than can be tried");
    if (part == groups[number].size())
      return group(number + 1);
    const Part &here = groups[number][part];
    if (letter == here.letters.size())
      return at == here.axes.size() && place(number, part + 1, 0, 0, own);
    int dim = here.letters[letter];
    size_t rest = here.axes.size() - at;
    size_t least = blocks[dim] ? blocks[dim]->size() : mayBeBlock[dim] ? 0 : 1;
    size_t longest = blocks[dim] || !mayBeBlock[dim] ? least : rest;
    for (size_t length = least; length <= longest && length <= rest; ++length) {
      std::string letters;
      std::vector<std::string> extents;
      for (size_t i = at; i < at + length; ++i) {
        if (here.axes[i].letter != 0)
          letters += here.axes[i].letter;
        extents.push_back(here.axes[i].extent);
      }
      if (!fits(dim, letters, extents, own))
        continue;
      bool isNew = !blocks[dim], isFirst = !own.contains(dim);
      if (isNew)
        blocks[dim] = extents;
      if (isFirst)
        own[dim] = letters;
      if (place(number, part, letter + 1, at + length, own))
        return true;
      if (isNew)
        blocks[dim].reset();
      if (isFirst)
        own.erase(dim);
    }
    return false;
  }

  bool fits(int dim, const std::string &letters, const std::vector<std::string> &extents,
            const Own &own) const {
    for (const auto &[other, taken] : own)
      if (other != dim && taken.find_first_of(letters) != std::string::npos)
        return false; // two letters of the law are never one axis
    auto known = own.find(dim);
    bool isSamePlace = known != own.end() && letters.size() == extents.size();
    if (isSamePlace)
      return known->second == letters;
    // Axes of other terms are the same if their extents are, and those are known.
    return !blocks[dim] ||
           (*blocks[dim] == extents && std::ranges::count(extents, std::string("?")) == 0);
  }

  static constexpr size_t most = 1000000;

  const std::vector<Group> &groups;
  const std::vector<bool> &mayBeBlock;
  const std::function<bool(const Blocks &)> &accept;
  Blocks blocks;
  size_t tried = 0;
};

} // namespace

bool findBlocks(const std::vector<Group> &groups, const std::vector<bool> &mayBeBlock,
                const std::function<bool(const Blocks &)> &accept) {
  return Search(groups, mayBeBlock, accept).run();
}

} // namespace tern::check
