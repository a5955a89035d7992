// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Chains of products: another order is of use only where it costs less.

use crate::facts::Facts;
use crate::instantiate::{Builder, Kid};
use crate::matcher::Step;
use crate::oracle::Kind;

impl Builder<'_> {
    /// The new terms cost less than those that were matched.
    pub(crate) fn is_cheaper(&self) -> bool {
        let new = self.terms.iter().map(|(head, kids, facts)| self.cost(*head, kids, facts));
        let old = self.found.steps.iter().map(|step| match step {
            Step::Term { class, term, .. } => {
                let kids: Vec<Kid> = term.kids.iter().map(|kid| Kid::Class(*kid)).collect();
                self.cost(term.head, &kids, self.facts(Kid::Class(*class)))
            }
            Step::Splat => 0.0,
        });
        new.sum::<f64>() < old.sum::<f64>()
    }

    /// Seconds of a step for a term, and for what it leaves in memory.
    fn cost(&self, head: u32, kids: &[Kid], facts: &Facts) -> f64 {
        let whats: Vec<u32> = kids.iter().map(|kid| self.facts(*kid).what).collect();
        let loads: Vec<bool> = kids.iter().map(|kid| self.facts(*kid).load).collect();
        let oracle = &self.graph.analysis.oracle;
        if kids.is_empty() {
            return 0.0;
        }
        if loads.iter().all(|load| *load) {
            return oracle.load_price(head, &whats) + oracle.resident(facts.what);
        }
        let price = oracle.price(head, &whats, &loads);
        match price.kind {
            Kind::Contraction | Kind::Kernel => price.seconds + oracle.moved(facts.what),
            _ => price.seconds,
        }
    }
}
