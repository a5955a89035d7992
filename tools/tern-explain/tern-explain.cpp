// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/command/CommandLine.h"
#include "tools/tern-explain/CheckProof.h"

using namespace tern;

int main(int argc, char **argv) {
  command::Application app("Explains what the compiler did.", argc, argv);
  std::string proof;
  std::vector<std::string> rulesFiles;
  app.add_option("--check", proof, "check a proof file, or the proof in an artefact")
      ->type_name("FILE")
      ->required();
  app.add_option("--rules-file", rulesFiles, "file of more laws, as for tern-compile; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  return app.run([&] {
    checkProof(proof, rulesFiles);
    return command::exitcode::done;
  });
}
