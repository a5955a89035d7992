#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# compile.sh NVCC [KERNEL.cu...]: makes the .ptx files here from the .cu files, for sm_80.
# NVCC is of the PyPI packages nvidia-cuda-nvcc, nvidia-nvvm, nvidia-cuda-crt, nvidia-cuda-runtime
# and nvidia-cuda-cccl (13.5).
set -eu
nvcc=$1
shift
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- *.cu
for source in "$@"; do
  name=${source%.cu}
  "$nvcc" -arch=sm_80 -O3 -std=c++17 -ptx "$source" -o "$name.ptx"
  "$(dirname "$nvcc")/ptxas" -arch=sm_80 "$name.ptx" -o /dev/null
done
