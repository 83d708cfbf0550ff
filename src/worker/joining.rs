//! After a run: photos become one scene, or their cameras are adjusted, by what they share.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::reporter::Outbox;
use super::{Blame, Event, Problem, RunId, Stage};
use crate::inference::{Matching, Prediction, ViewPrediction};
use crate::input::{Limits, ViewId, display_name, listed};
use crate::memory::{PeakWatch, Sampler};
use crate::model::panic_text;
use crate::sfm::{Doing, Follow, OneScene, SfmError, WhyLeftOut, matching_bytes, one_scene, refined};

/// Where the work on a scene tells how far it is, and hears that nobody wants it any more.
pub(super) struct Joining {
    pub outbox: Outbox,
    pub run: RunId,
    pub views: usize,
    pub matching: Matching,
    /// Number of the command, and the number up to which commands are cancelled.
    pub number: u64,
    pub cancelled: Arc<AtomicU64>,
}

impl Joining {
    /// Tells the result, or why there is none: then all stays what it was.
    pub fn over(&self, prediction: &Prediction) {
        let started = Instant::now();
        let (run, mut sampler) = (self.run, Sampler::default());
        let need_bytes = matching_bytes(prediction.views.iter().map(|view| view.photo_size));
        let free_bytes = sampler.sample().free_bytes;
        if need_bytes > free_bytes {
            let error = SfmError::NoMemory { need_bytes, free_bytes };
            return self.outbox.send(Event::Apart { run, problem: why_apart(&error, self.matching) });
        }
        let estimated = sampler.resident_bytes() + need_bytes;
        let peak = PeakWatch::start();
        // Other people's code is in there; a defect costs the scene and not the run.
        let joined = catch_unwind(AssertUnwindSafe(|| match self.matching {
            Matching::OneScene => one_scene(prediction, &Limits::default(), self),
            Matching::Refine => refined(prediction, &BTreeSet::new(), &Limits::default(), self),
        }));
        let joined = joined.unwrap_or_else(|payload| Err(SfmError::Solver(panic_text(payload.as_ref()))));
        match joined {
            Ok(OneScene { mut prediction, left_out }) => {
                prediction.seconds.join = started.elapsed().as_secs_f64();
                prediction.seconds.total += prediction.seconds.join;
                prediction.peak_bytes = prediction.peak_bytes.max(peak.stop());
                let memory = &mut prediction.memory;
                memory.estimated_peak_bytes = memory.estimated_peak_bytes.max(estimated);
                for problem in of_left_out(&prediction.views, &left_out, self.matching) {
                    self.outbox.send(Event::Warning { run: Some(run), problem });
                }
                self.outbox.send(Event::Joined { run, prediction: Arc::new(prediction) });
            }
            Err(SfmError::Cancelled) => self.outbox.send(Event::Cancelled { run }),
            Err(error) => self.outbox.send(Event::Apart { run, problem: why_apart(&error, self.matching) }),
        }
    }
}

impl Follow for Joining {
    fn is_cancelled(&self) -> bool {
        self.number <= self.cancelled.load(Ordering::SeqCst)
    }

    fn progress(&self, doing: Doing, done: f32) {
        let stage = match doing {
            Doing::Matching(_) => Stage::Match,
            Doing::Placing => Stage::Place,
        };
        let (run, views) = (self.run, self.views);
        self.outbox.send_if_room(Event::Progress { run, stage, view: 0, views, done, remaining_secs: None });
    }
}

/// Why photos do not become one scene, or keep their cameras.
pub fn why_apart(error: &SfmError, matching: Matching) -> Problem {
    let blame = match error {
        SfmError::Solver(_) => Blame::Program,
        SfmError::NoMemory { .. } => Blame::Machine,
        _ => Blame::File,
    };
    let stays = match matching {
        Matching::OneScene => "The photos stay scenes of their own",
        Matching::Refine => "Cameras stay as they were",
    };
    Problem::new(blame, format!("{stays}: {}", lowered(&error.to_string())), error.advice())
}

fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

/// What is said of photos without a place, once for each reason.
pub fn of_left_out(
    views: &[Arc<ViewPrediction>],
    left_out: &[(ViewId, WhyLeftOut)],
    matching: Matching,
) -> Vec<Problem> {
    let of = |reason: WhyLeftOut| {
        let is_left = |view: &&Arc<ViewPrediction>| left_out.iter().any(|(id, why)| *id == view.view && *why == reason);
        let names: Vec<String> = views.iter().filter(is_left).map(|view| display_name(&view.path)).collect();
        let (count, all, is_one) = (names.len(), views.len(), names.len() == 1);
        let either = |one: &'static str, several: &'static str| if is_one { one } else { several };
        let (stays, which) = match (matching, reason) {
            (Matching::OneScene, _) => (
                either("has no place in the scene", "have no place in the scene"),
                either("It stays a scene of its own", "Each stays a scene of its own"),
            ),
            (Matching::Refine, WhyLeftOut::NoCamera) => (
                either("keeps its predicted camera", "keep their predicted cameras"),
                either("It may stand a little beside the others", "They may stand a little beside the others"),
            ),
            (Matching::Refine, WhyLeftOut::NoFit) => (
                either("keeps its predicted depth", "keep their predicted depth"),
                "It may lie a little before or behind the others'",
            ),
        };
        let helps = match (matching, reason) {
            (_, WhyLeftOut::NoCamera) => "add photos that show parts of both",
            (Matching::OneScene, WhyLeftOut::NoFit) => "another model may see it better",
            (Matching::Refine, WhyLeftOut::NoFit) => "more photos of the same would tell",
        };
        let advice = format!("{which}; {helps}");
        let what = format!("{count} of {all} photos {stays}: {} ({reason})", listed(&names));
        (count > 0).then(|| Problem::new(Blame::File, what, advice))
    };
    [WhyLeftOut::NoCamera, WhyLeftOut::NoFit].into_iter().filter_map(of).collect()
}
