// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Chains of products: another order is of use only where it costs less.

use crate::facts::Facts;
use crate::instantiate::{Builder, Kid};
use crate::matcher::Step;

impl Builder<'_> {
    /// The new terms cost less than those that were matched.
    pub(crate) fn is_cheaper(&self) -> bool {
        let cost = |head: u32, kids: Vec<u32>, facts: &Facts| match kids.is_empty() {
            true => 0.0,
            false => self.graph.analysis.oracle.cost(head, &kids, facts.what, facts.load),
        };
        let new = self.terms.iter().map(|(head, kids, facts)| {
            cost(*head, kids.iter().map(|kid| self.facts(*kid).what).collect(), facts)
        });
        let old = self.found.steps.iter().map(|step| match step {
            Step::Term { class, term, .. } => {
                let kids = term.kids.iter().map(|kid| self.facts(Kid::Class(*kid)).what).collect();
                cost(term.head, kids, self.facts(Kid::Class(*class)))
            }
            Step::Splat => 0.0,
        });
        new.sum::<f64>() < old.sum::<f64>()
    }
}
