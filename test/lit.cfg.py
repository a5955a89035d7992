# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests that are text: a RUN line and what its output must hold."""

import os
import shutil

import lit.formats

config.name = "Tern"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["data", "operations", "unit", "fuzz", "Inputs", "planted"]
config.substitutions.append(("%{gguf}", os.path.join(config.tern_build_dir, "test/data/gguf")))
config.substitutions.append(
    ("%{fake-cuda}", os.path.join(config.tern_build_dir, "test/unit/runtime/cuda")))
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.tern_build_dir, "test")
with open("/proc/cpuinfo", encoding="utf-8") as processor:
    if "avx512_bf16" in processor.read():
        config.available_features.add("avx512-bf16")
config.environment["TERN_CHECK_PROOFS"] = "1"
browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
if browser:
    config.available_features.add("browser")
    config.substitutions.append(
        ("%{browser}", f"{browser} --headless --no-sandbox --disable-gpu --virtual-time-budget=5000"))
config.environment["PATH"] = os.pathsep.join(
    [config.tern_tools_dir, config.llvm_tools_dir, os.environ["PATH"]]
)
