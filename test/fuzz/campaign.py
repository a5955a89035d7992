#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gives damaged models of every format to the tools: mutate.py with tern-dump and with tern-run.

  campaign.py BUILD [--mutations=600] [--seed=1] [FORMAT...]

BUILD is a folder that holds bin/ and the tiny models. Both tools get the same files; tern-run runs
a token of those that it does not refuse. Ends with 1 if any crashed, hung or gave an exit code other
than 0 and 1; those files are kept in BUILD/fuzz/faults.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent / "data/models"


def seeds(build, folder):
    """{format: (model, the file in it that is damaged, more arguments of tern-run)}"""
    tiny, artefact = build / "test/data", folder / "llama.tern"
    return {
        "gguf": (tiny / "gguf/llama.q8_0.gguf", None, []),
        "safetensors": (MODELS / "llama", "model.safetensors", []),
        "config": (MODELS / "llama-llama3", "config.json", []),
        "tokenizer": (tiny / "llama-text", "tokenizer.json", ["--prompt=then"]),
        "artefact": (artefact, None, [f"--weights={MODELS / 'llama'}"]),
    }


def run(options, folder, name, tool):
    model, part, words = seeds(options.build, folder)[name]
    if name == "artefact" and not model.exists():
        subprocess.run([options.build / "bin/tern-compile", MODELS / "llama", "-o", model], check=True)
    command = [options.build / "bin" / tool, "{}"]
    if tool == "tern-run":
        prompt = [] if any(word.startswith("--prompt") for word in words) else ["--tokens=1,2"]
        command += ["--max-tokens=1", "--threads=1", f"--cache-dir={folder / 'cache'}", *prompt, *words]
    print(f"{tool} ", end="", flush=True)
    mutate = [sys.executable, HERE / "mutate.py", model, f"--count={options.mutations}",
              f"--seed={options.seed}", f"--keep={options.build / 'fuzz/faults' / f'{tool}-{name}'}"]
    return subprocess.run([*mutate, *([f"--part={part}"] if part else []), "--", *command]).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", metavar="BUILD", type=pathlib.Path)
    parser.add_argument("--mutations", type=int, default=600, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    known = list(seeds(pathlib.Path(), pathlib.Path()))
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help=f"of {', '.join(known)}")
    options = parser.parse_args()
    options.build = options.build.resolve()
    if wrong := set(options.formats) - set(known):
        parser.error(f"expected formats of {', '.join(known)}, found {', '.join(wrong)}")
    with tempfile.TemporaryDirectory() as folder:
        codes = [run(options, pathlib.Path(folder), name, tool)
                 for name in options.formats or known for tool in ("tern-dump", "tern-run")]
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
