// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/generate/Npy.h"

#include "tools/generate/Options.h"

#include <fstream>

namespace tern::generate {

void saveNpy(const std::string &path, std::span<const float> values, int64_t columns) {
  int64_t rows = columns ? static_cast<int64_t>(values.size()) / columns : 0;
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(rows) + ", " + std::to_string(columns) + "), }";
  // Magic, version and length are 10 bytes; the whole head is a multiple of 64.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  auto length = static_cast<uint16_t>(header.size());
  std::ofstream file(path, std::ios::binary);
  file.write("\x93NUMPY\x01\x00", 8);
  file.put(static_cast<char>(length & 0xff)).put(static_cast<char>(length >> 8));
  file << header;
  file.write(reinterpret_cast<const char *>(values.data()),
             static_cast<std::streamsize>(values.size_bytes()));
  if (!file.flush())
    throw UserError(path + ": the logits could not be written");
}

} // namespace tern::generate
