#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs GpuReport on what pack.py packed, and writes its report with the device's name and driver and
PyTorch's speeds of the same products, where it is installed.

  report.py PROGRAM FOLDER cuda:N -o FOLDER
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

import pack


def machine(number):
    """The GPU and its driver, by nvidia-smi."""
    try:
        said = subprocess.run(["nvidia-smi", f"--id={number}", "--query-gpu=name,driver_version",
                               "--format=csv,noheader"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {"name": "unknown GPU", "driver": "unknown"}
    name, driver = said.stdout.strip().split(", ")
    return {"name": name, "driver": driver}


def torch_products(entries, device):
    """Medians of PyTorch's products in bf16 of the same shapes, or None without PyTorch."""
    try:
        import torch
    except ImportError:
        return None
    results = []
    for width in sorted({entry["width"] for entry in entries}):
        seconds = {}
        weight = torch.randn(width, width, device=device, dtype=torch.bfloat16)
        for rows in pack.ROWS:
            x = torch.randn(rows, width, device=device, dtype=torch.bfloat16)
            times = []
            for _ in range(30):
                begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                begin.record()
                for _ in range(10):
                    x @ weight.T
                end.record()
                torch.cuda.synchronize(device)
                times.append(begin.elapsed_time(end) / 1e4)
            seconds[rows] = sorted(times)[len(times) // 2]
        results.append({"name": "bf16", "width": width, "seconds by rows": seconds})
    return {"version": torch.__version__, "products": results}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("device")
    parser.add_argument("-o", dest="results", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    products = json.loads((arguments.folder / "manifest.json").read_text())["products"]
    for entry in products:
        pack.write_weights(arguments.folder / entry["weights"], entry["name"], entry["width"])
    said = subprocess.run([arguments.program, arguments.folder, arguments.device],
                          stdout=subprocess.PIPE, check=False)
    if said.returncode != 0:
        sys.exit(said.returncode)
    report = {"device": machine(arguments.device.removeprefix("cuda:"))}
    report.update(json.loads(said.stdout))
    report["torch"] = torch_products(products, arguments.device)
    arguments.results.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", report["device"]["name"]).lower()
    file = arguments.results / f"{name}.json"
    file.write_text(json.dumps(report, indent=1) + "\n")
    print(file)
    failed = [entry["name"] for part in ("kernels", "models", "products")
              for entry in report[part] if not entry.get("passed", True)]
    if failed:
        sys.exit(f"report.py: {len(failed)} failed: {' '.join(failed[:20])}")


if __name__ == "__main__":
    main()
