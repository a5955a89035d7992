#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Says which crates are linked into Tern's programs, and under which licences.

    third_party.py                  writes docs/third-party.md
    third_party.py --check          fails if that file is not what would be written
    third_party.py --notices        prints the licence texts of the crates, for a binary distribution
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

RUST = pathlib.Path(__file__).resolve().parent
PAGE = RUST.parent.parent / "docs" / "third-party.md"

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception -->
# What is linked in

## C and C++

| library | licence | linked into |
|---|---|---|
| LLVM and MLIR | Apache-2.0 WITH LLVM-exception | the compiler |
| FlatBuffers (headers) | Apache-2.0 | runtime and compiler |
| xxHash | BSD-2-Clause | runtime and compiler |
| Eigen (headers) | MPL-2.0 | compiler |
| JSON for Modern C++ (headers) | MIT | compiler and tools |

## Rust

The crates of `tools/rust/Cargo.lock` that are linked into the compiler and the tools; what only runs during a build is
left out. `tools/rust/third_party.py` writes this page, and `tools/rust/third_party.py --notices` prints the texts of the
licences, which a binary distribution has to carry.

| crate | version | licence |
|---|---|---|
"""


def linked_crates():
    """What `tern-rust` needs at run time, on Linux, without the crates of this workspace."""
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--locked", "--format-version=1"]
    command += ["--filter-platform=x86_64-unknown-linux-gnu", f"--manifest-path={RUST / 'Cargo.toml'}"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    (root,) = (id for id, package in packages.items() if package["name"] == "tern-rust")
    seen, open_ids = set(), [root]
    while open_ids:
        id = open_ids.pop()
        runs_in_compiler = any("proc-macro" in target["kind"] for target in packages[id]["targets"])
        if id in seen or runs_in_compiler:
            continue
        seen.add(id)
        for dependency in nodes[id]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                open_ids.append(dependency["pkg"])
    ours = set(metadata["workspace_members"])
    return sorted((packages[id] for id in seen - ours), key=lambda p: (p["name"], p["version"]))


def page():
    rows = [f"| {p['name']} | {p['version']} | {p['license'].replace('/', ' OR ')} |" for p in linked_crates()]
    return HEAD + "\n".join(rows) + "\n"


def notices():
    for package in linked_crates():
        folder = pathlib.Path(package["manifest_path"]).parent
        print(f"{package['name']} {package['version']}: {package['license']}\n")
        for file in sorted(folder.iterdir()):
            if file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE")) and file.is_file():
                print(file.read_text(errors="replace"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--notices", action="store_true")
    args = parser.parse_args()
    if args.notices:
        notices()
    elif not args.check:
        PAGE.write_text(page())
    elif not PAGE.exists() or PAGE.read_text() != page():
        sys.exit(f"{PAGE.name} does not list the crates of Cargo.lock: run tools/rust/third_party.py")


if __name__ == "__main__":
    main()
