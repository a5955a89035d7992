#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Adds a family as the tutorial says, one file and one line, and reads a model of it.

    new_family.py COMPILER LIBRARY...

The file is Gpt2.cpp under another name. What is compiled is that file, what has the list, and a
program that reads the model; all else comes from the libraries.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "frontend/architecture"
PROGRAM = """
#include "frontend/architecture/Families.h"
#include <iostream>
int main(int, char **words) {
  auto model = tern::checkpoint::Checkpoint::open(words[1]);
  auto config = tern::architecture::readModelConfig(*model);
  auto failure = config ? tern::architecture::checkModel(*model, *config) : config.error();
  std::cout << (failure ? failure->message : config->family) << "\\n";
}
"""


def main():
    compiler, libraries = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        architecture = folder / "frontend/architecture"
        architecture.mkdir(parents=True)
        (architecture / "Families.def").write_text(
            (SOURCES / "Families.def").read_text().replace(
                "TERN_FAMILY(kGpt2)", "TERN_FAMILY(kGpt2)\nTERN_FAMILY(kTutorial)"))
        family = (SOURCES / "Gpt2.cpp").read_text()
        (folder / "Tutorial.cpp").write_text(
            family.replace('kGpt2{"gpt2", "gpt2"', 'kTutorial{"tutorial", ""'))
        (folder / "main.cpp").write_text(PROGRAM)
        shutil.copytree(ROOT / "test/data/models/gpt2", folder / "model")
        settings = folder / "model/config.json"
        text = settings.read_text().replace('"model_type": "gpt2"', '"model_type": "tutorial"')
        settings.chmod(0o644)
        settings.write_text(text)
        subprocess.run([compiler, "-std=c++20", "-O0", f"-I{folder}", f"-I{ROOT}",
                        folder / "Tutorial.cpp", SOURCES / "Families.cpp", folder / "main.cpp",
                        *libraries, "-o", folder / "program"], check=True)
        ran = subprocess.run([folder / "program", folder / "model"], capture_output=True, text=True,
                             check=True)
        if ran.stdout != "tutorial\n":
            sys.exit(f"expected a model of the family 'tutorial', found '{ran.stdout.strip()}'")


if __name__ == "__main__":
    main()
