# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""effect.py GGUF DIRECTORY FOLDER: what is said of options that have no effect. DIRECTORY is a model
without a tokenizer."""
import pathlib
import subprocess
import sys

from refuse import refuse

GGUF, DIRECTORY, FOLDER = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
FOLDER.mkdir(parents=True, exist_ok=True)
for name, model in (("m.gguf", GGUF), ("m", DIRECTORY)):
    (FOLDER / name).symlink_to(model)
subprocess.run(["tern-compile", "m.gguf", "-om.tern"], check=True, cwd=FOLDER)
# Where the weights are packed already, nobody needs the others.
subprocess.run(["tern-run", "m.tern", "--tokens=1", "--max-tokens=1", f"--weights={GGUF}",
                "--cache-dir=packed"], check=True, cwd=FOLDER, stdout=subprocess.DEVNULL)


def case(tool, *words, prompt="--tokens=1"):
    refuse(" ".join(words[1:]), FOLDER, *words, tools=(tool,), prompt=prompt)


for option in ("--save-code=x", "--plan", "--sections", "--assembly=x"):
    case("tern-dump", "m.gguf", option)
for option in ("--metadata", "--tensors", "--chat-template", "--not-understood", "--sigma-max=a"):
    case("tern-dump", "m.tern", option)
case("tern-run", "m.gguf", "--expected-output=2xf32=0")
case("tern-run", "m.gguf", "--expected-tolerance=1")
case("tern-run", "m.gguf", "--function=f")
case("tern-run", "m", "--stop=a")
case("tern-run", "m", "--output=text")
case("tern-run", "m.gguf", "--save-logits=none/l.npy")
case("tern-run", "m", "--embed", "--stop=a")
case("tern-run", "m", "--embed", "--prefill-chunk=1")
case("tern-run", "m.tern", "--weights=none")
case("tern-run", "m.gguf", "--weights=none")
case("tern-run", "m.gguf", "--weights=m", "--reference")
for option in ("--device=cpu", "--threads=1", "--prefill-chunk=1", "--no-cache", "--verify"):
    case("tern-run", "m.gguf", option, "--reference")
case("tern-run", "m.gguf", "--no-special")
case("tern-run", "m.gguf", "--bos=no", prompt="--chat=a")
case("tern-run", "m.tern", "--print-effective-config")
case("tern-run", "m.tern", "--dump-compilation-phases-to=x")
case("tern-compile", "m.gguf", "--prompt=a")
case("tern-compile", "m.gguf", "--input=2xf32=0")
case("tern-compile", "m.gguf", "--weights=m")
case("tern-compile", "m.gguf", "--reference", "--tokens=1")
