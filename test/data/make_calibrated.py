#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes calibrated/*.safetensors: what GPTQ and AWQ make of random weights and inputs.

    make_calibrated.py [CASE...]

Written from the papers (arXiv 2210.17323, 2306.00978; and 2511.17801 as frontend/quantise/HighImpact.h says) as AutoGPTQ and AutoAWQ compute them, with
the inverse of H that the paper has: no factor is taken in another way. Scales are rounded to f16
before they are used. Needs numpy. A case holds

    weight f32 [out, in], inputs f32 [N, in]
    gptq-*: codes u8 [out, in], zeros u8 and scales f32 [groups, out]; with act order the groups
      are AutoGPTQ's static_groups
    awq-*: weight.0, weight.1 in place of weight; scales f32 [in] of the inputs; clips u8 [out,
      groups] of weight.0 with these scales: cut by how many twentieths, as AutoAWQ searches
    high_impact: codes and mask u8 [out, in], scales and minima f32 [2, out, groups], for a tenth of
      the weights
"""
import itertools
import pathlib
import sys
import zlib

import numpy as np

import make_quantised

HERE = pathlib.Path(__file__).resolve().parent / "calibrated"
BLOCK = 128
# A choice is clear if the next one is further off than this.
LEAST_MARGIN = 1e-7

GPTQ = {"gptq-4-g32": (4, 32, False, False), "gptq-4-g32-sym": (4, 32, True, False),
        "gptq-2-act": (2, 40, False, True), "gptq-8-sym": (8, 160, True, False)}
AWQ = {"awq-g32": 32}
HIGH_IMPACT = {"high_impact": (2, 4, 32)}


def grid(w, bits, symmetric):
    most = 2 ** bits - 1
    low, high = np.minimum(w.min(1), 0), np.maximum(w.max(1), 0)
    if symmetric:
        high = np.maximum(high, -low)
        low = -high
    scale = ((high - low) / most).astype("f4").astype("f2").astype("f8")
    zero = np.full(len(w), (most + 1) // 2.0) if symmetric else np.clip(np.rint(-low / scale), 0, most)
    return scale, zero, most


def nearest(w, scale, zero, most, margins):
    x = w / scale
    margins.append(np.abs(x - np.floor(x) - 0.5).min())
    return np.clip(np.rint(x) + zero, 0, most)


def gptq(w, x, bits, group, symmetric, ordered, margins):
    w = w.astype("f8").copy()
    out, into = w.shape
    h = 2 / len(x) * (x.astype("f8").T @ x.astype("f8"))
    dead = np.diag(h) == 0
    h[dead, dead] = 1
    w[:, dead] = 0
    order = np.argsort(-np.diag(h), kind="stable") if ordered else np.arange(into)
    groups = [grid(w[:, i:i + group], bits, symmetric) for i in range(0, into, group)]
    w, h = w[:, order], h[order][:, order]
    h += 0.01 * np.mean(np.diag(h)) * np.eye(into)
    inverse = np.linalg.inv(h)
    upper = np.linalg.cholesky(inverse).T
    codes = np.zeros((out, into))
    for first in range(0, into, BLOCK):
        last = min(first + BLOCK, into)
        errors = np.zeros((out, last - first))
        for i in range(first, last):
            if i % group == 0 and not ordered:
                groups[i // group] = grid(w[:, i:i + group], bits, symmetric)
            scale, zero, most = groups[order[i] // group]
            codes[:, i] = nearest(w[:, i], scale, zero, most, margins)
            e = (w[:, i] - scale * (codes[:, i] - zero)) / upper[i, i]
            w[:, i:last] -= np.outer(e, upper[i, i:last])
            errors[:, i - first] = e
        w[:, last:] -= errors @ upper[first:last, last:]
    return {"codes": codes[:, np.argsort(order)].astype("u1"),
            "zeros": np.array([zero for _, zero, _ in groups]).astype("u1"),
            "scales": np.array([scale for scale, _, _ in groups]).astype("f4")}


def rounded(w, group):
    parts = w.reshape(-1, group)
    scale, zero, most = grid(parts, 4, False)
    codes = np.clip(np.rint(parts / scale[:, None]) + zero[:, None], 0, most)
    return ((codes - zero[:, None]) * scale[:, None]).reshape(w.shape)


def awq(weights, x, group, margins):
    weights, x = [w.astype("f8") for w in weights], x.astype("f8")
    both = np.concatenate(weights)
    parts = np.abs(both).reshape(len(both), -1, group)
    share = (parts / parts.max(2, keepdims=True)).reshape(both.shape).mean(0)
    magnitude = np.abs(x).mean(0)
    found = []
    for i in range(20):
        s = np.maximum(magnitude ** (i / 20) / (share ** (1 - i / 20) + 1e-4), 1e-4)
        s /= np.sqrt(s.max() * s.min())
        error = sum((((rounded(w * s, group) / s - w) @ x.T) ** 2).sum() for w in weights)
        found.append((error, s))
    found.sort(key=lambda pair: pair[0])
    plain = sum((((rounded(w, group) - w) @ x.T) ** 2).sum() for w in weights)
    margins.append(min(found[1][0] / found[0][0] - 1, plain / found[0][0] - 1, 1) * 1e-3)
    scales = found[0][1].astype("f4")
    return {"scales": scales, "clips": clips(weights[0] * scales, x / scales, group, margins)}


def clips(w, x, group, margins):
    found = np.zeros((len(w), w.shape[1] // group), "u1")
    for n, g in np.ndindex(found.shape):
        part = slice(g * group, (g + 1) * group)
        own, errors = w[n:n + 1, part], []
        for cut in range(10):
            limit = np.abs(own).max() * (1 - cut / 20)
            kept = rounded(own.clip(-limit, limit), group)
            errors.append((((kept - own) @ x[:, part].T) ** 2).mean())
        found[n, g] = np.argmin(errors)
        first, second = np.partition(errors, 1)[:2]
        margins.append((second / first - 1) * 1e-3)
    return found


def high_impact(w, x, low_bits, high_bits, group, margins):
    w = w.astype("f8")
    h = 2 / len(x) * (x.astype("f8").T @ x.astype("f8"))
    dead = np.diag(h) == 0
    h[dead, dead] = 1
    h += 0.01 * np.mean(np.diag(h)) * np.eye(len(h))
    salience = w ** 2 / np.diag(np.linalg.inv(h))
    ranked = np.sort(salience.ravel())[::-1]
    budget = w.size // 10
    margins.append(1 - ranked[budget] / ranked[budget - 1])
    mask = salience >= ranked[budget - 1]
    codes = np.zeros(w.shape)
    scales, minima = np.ones((2, len(w), w.shape[1] // group)), np.zeros((2, len(w), w.shape[1] // group))
    for level, bits in enumerate((low_bits, high_bits)):
        for n, g in np.ndindex(scales.shape[1:]):
            part = np.arange(g * group, (g + 1) * group)
            part = part[mask[n, part] == level]
            if part.size:
                low = np.float32(w[n, part].min())
                scale = np.float32((w[n, part].max() - w[n, part].min()) / (2 ** bits - 1)) or 1
                scales[level, n, g], minima[level, n, g] = scale, low
                steps = (w[n, part] - low) / scale
                margins.append(np.abs(steps - np.floor(steps) - 0.5).min())
                codes[n, part] = np.rint(steps).clip(0, 2 ** bits - 1)
    return {"codes": codes.astype("u1"), "mask": mask.astype("u1"), "scales": scales.astype("f4"),
            "minima": minima.astype("f4")}


def inputs(random, rows, into):
    """Rows whose numbers go together, some of them large, one never other than 0."""
    x = random.standard_normal((rows, 24)) @ random.standard_normal((24, into))
    x = x + 0.5 * random.standard_normal((rows, into))
    x *= np.exp(random.standard_normal(into))
    x[:, 7] = 0
    return x.astype("f4")


def make(name):
    for seed in itertools.count(zlib.crc32(name.encode())):
        random, margins = np.random.default_rng(seed), []
        x = inputs(random, 96, 160)
        if name in GPTQ or name in HIGH_IMPACT:
            w = random.standard_normal((16, 160)).astype("f4")
            found = gptq(w, x, *GPTQ[name], margins) if name in GPTQ else \
                high_impact(w, x, *HIGH_IMPACT[name], margins)
            case = {"weight": w, "inputs": x} | found
        else:
            pair = [random.standard_normal((n, 160)).astype("f4") for n in (24, 8)]
            case = {"weight.0": pair[0], "weight.1": pair[1], "inputs": x}
            case |= awq(pair, x, AWQ[name], margins)
        if min(margins) >= LEAST_MARGIN:
            break
    HERE.mkdir(exist_ok=True)
    make_quantised.write_safetensors(HERE / f"{name}.safetensors", case)


if __name__ == "__main__":
    for case_name in sys.argv[1:] or [*GPTQ, *AWQ, *HIGH_IMPACT]:
        make(case_name)
