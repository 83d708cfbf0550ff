//! A run that does not come to its end gives back what it has taken the place of.

use std::collections::BTreeMap;

use super::notices::Severity;
use super::results::Results;
use super::run_state::{Moved, Replaced};
use super::state::AppState;
use crate::scene::carried;
use crate::worker::RunId;

/// What is said where it did.
pub(super) const BACK: &str = "what was there before is back";

impl AppState {
    /// The first results of a run take the place of those before it, which are put aside where they are complete.
    /// `into`: the run whose results come in.
    pub(super) fn make_room(&mut self, into: RunId) {
        let Some(run) = self.run.as_mut().filter(|_| self.results.run() != into) else { return };
        // What adds to others goes on from what the network gave of them.
        let by_network = if run.before.is_none() { self.by_network.take() } else { None };
        let is_there = self.results.can_be_exported();
        run.replaced = is_there.then(|| Replaced { results: self.results.kept(), by_network });
    }

    /// A run has come to its end: the scales that somebody has set come along, and it is known where scenes lie now.
    pub(super) fn carry_over(&mut self, replaced: &Results) {
        let both = replaced.finished().zip(self.results.finished());
        let are_same = both.is_some_and(|(a, b)| a.notes.settings.agrees_with(&b.notes.settings));
        // What other settings give may be wrong in other ways: a length measured in it would not be what it says.
        let [before, after] = [replaced, &self.results].map(|results| results.given().prediction);
        let scenes = if are_same { carried(&before.views, &after.views) } else { BTreeMap::new() };
        let mut is_lost = false;
        for (from, scale) in replaced.set_scales() {
            let to = scenes.get(from);
            let view = to.and_then(|to| after.views.iter().find(|view| view.scene == to.scene));
            match to.zip(view) {
                // Two scenes that have become one have one scale, and one that was set since counts more.
                Some((to, _)) if self.results.set_scales().contains_key(&to.scene) => {}
                Some((to, view)) => {
                    _ = self.results.set_scale(Some(view.view), Some(scale / to.similarity.scale as f32));
                }
                None => is_lost = true,
            }
        }
        if is_lost {
            let what = "The scale that was set by hand was that of the scene before";
            self.notices.tell(Severity::News, what, "Measure a known length in the new one (P in 3D)");
        }
        self.moved = Some(Moved { from: replaced.run(), to: self.results.run(), scenes });
    }

    /// Puts what the run has taken the place of where it was; false where there is nothing, or the run has brought more.
    pub(super) fn go_back(&mut self) -> bool {
        let Some(run) = &mut self.run else { return false };
        let Some(replaced) = run.replaced.take() else { return false };
        let rows = self.views.rows();
        // Of a run whose network is done: the same depth, and a scene beside it.
        let has_scene = replaced.results.finished().is_some_and(|finished| {
            finished.prediction.matched.is_some() && finished.notes.settings.agrees_with(&run.notes.settings)
        });
        let photos = replaced.results.given_of(rows);
        let has_as_many = photos > 0 && photos >= self.results.views().len();
        if !has_as_many || run.is_given && !has_scene {
            self.carry_over(&replaced.results);
            return false;
        }
        self.results.go_back(replaced.results, rows);
        self.by_network = replaced.by_network;
        true
    }
}
