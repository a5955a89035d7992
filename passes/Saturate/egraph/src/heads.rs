// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! The axes of rotations and of attention, which have no strings of their own.

use crate::axes::Place;
use crate::wires::{Slot, Wiring};

/// x `[t, .., d]`, cosines and sines `[t, i]`, which are spread over the axes between.
pub(crate) fn join_rotary(wiring: &mut Wiring, kids: &mut [Place], result: &Place) -> Option<()> {
    let x = kids[0].slots.clone();
    wiring.join_all(&x, &result.slots);
    let between = x.get(1..x.len() - 1)?.to_vec();
    for angles in &mut kids[1..] {
        if angles.own != 2 {
            return None;
        }
        wiring.join(angles.slots[0], x[0]);
        angles.slots.extend(&between);
    }
    let (cosines, sines) = (kids[1].slots[1], kids[2].slots[1]);
    wiring.join(cosines, sines);
    wiring.mark(&[*x.last()?]);
    Some(())
}

/// q `[t, h, d]`, k `[s, h, d]`, v `[s, h, e]`, the mask `[t, s]` or `[h, t, s]`. Keys
/// that several heads share have an axis of their own only if it is one head.
pub(crate) fn join_attention(
    wiring: &mut Wiring,
    integer: impl Fn(Slot) -> Option<i64>,
    kids: &mut [Place],
    result: &Place,
) -> Option<()> {
    let [t, h, d] = kids[0].slots[..] else { return None };
    let [s, g, _] = kids[1].slots[..] else { return None };
    let (heads, groups) = (integer(h)?, integer(g)?);
    if heads != groups && groups != 1 {
        return None;
    }
    let (k, v) = (kids[1].slots.clone(), kids[2].slots.clone());
    wiring.join_all(&[s, g], &v[..2]);
    wiring.join(d, k[2]);
    wiring.join_all(&result.slots, &[t, h, v[2]]);
    if heads == groups {
        wiring.join(h, g);
    }
    if let Some(mask) = kids.get_mut(3) {
        match mask.slots[..] {
            [rows, keys] => {
                wiring.join_all(&[rows, keys], &[t, s]);
                mask.slots.push(h);
            }
            _ => wiring.join_all(&mask.slots, &[h, t, s]),
        }
        if heads != groups {
            mask.slots.push(g);
        }
    }
    Some(())
}
