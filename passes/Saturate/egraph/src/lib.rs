// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Equality saturation over terms, and extraction of the cheapest of them.
//!
//! A term is a head over kids. Heads are ids that the [`oracle::Oracle`] gives out
//! and explains; the properties of an operation are kids without kids of their
//! own, after its operands. The laws are read from text and matched by the
//! matcher of this crate and not by egg's patterns, which can bind terms but not
//! the letters of index strings.

mod attention;
mod axes;
mod bound;
#[cfg(not(test))]
mod bridge;
mod chains;
mod choices;
mod composites;
mod conditions;
mod definitions;
#[cfg(not(test))]
mod door;
mod dump;
mod engine;
mod explain;
mod extract;
mod facts;
mod grow;
mod heads;
mod instantiate;
mod labels;
mod law;
mod layouts;
mod matcher;
mod notebook;
mod numbers;
mod offer;
mod oracle;
mod order;
mod pattern;
mod pins;
mod regroup;
mod rounds;
mod schedule;
mod search;
mod seek;
mod sexp;
mod siblings;
mod size;
mod term;
#[cfg(test)]
mod testing;
mod trees;
mod vocabulary;
mod why_not;
mod wires;

/// Why a call failed, in one sentence.
pub type Failure = String;
