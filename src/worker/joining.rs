//! Photos that were looked at one by one become one scene.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::reporter::Outbox;
use super::{Blame, Event, Problem, RunId, Stage};
use crate::inference::{Prediction, ViewPrediction};
use crate::input::{Limits, display_name, listed};
use crate::memory::PeakWatch;
use crate::model::panic_text;
use crate::sfm::{Doing, Follow, OneScene, SfmError, WhyLeftOut, one_scene};

/// Where the work on a scene tells how far it is, and hears that nobody wants it any more.
pub(super) struct Joining {
    pub outbox: Outbox,
    pub run: RunId,
    pub views: usize,
    /// Number of the command, and the number up to which commands are cancelled.
    pub number: u64,
    pub cancelled: Arc<AtomicU64>,
}

impl Joining {
    /// Tells the scene, or why there is none: then the photos stay what they were.
    pub fn over(&self, prediction: &Prediction) {
        let started = Instant::now();
        let peak = PeakWatch::start();
        // Other people's code is in there; a defect costs the scene and not the run.
        let joined = catch_unwind(AssertUnwindSafe(|| one_scene(prediction, &Limits::default(), self)));
        let joined = joined.unwrap_or_else(|payload| Err(SfmError::Solver(panic_text(payload.as_ref()))));
        let run = self.run;
        match joined {
            Ok(OneScene { mut prediction, left_out }) => {
                prediction.seconds.join = started.elapsed().as_secs_f64();
                prediction.seconds.total += prediction.seconds.join;
                prediction.peak_bytes = prediction.peak_bytes.max(peak.stop());
                for problem in of_left_out(&prediction.views, &left_out) {
                    self.outbox.send(Event::Warning { run: Some(run), problem });
                }
                self.outbox.send(Event::Joined { run, prediction: Arc::new(prediction) });
            }
            Err(SfmError::Cancelled) => self.outbox.send(Event::Cancelled { run }),
            Err(error) => self.outbox.send(Event::Apart { run, problem: Problem::from(&error) }),
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

impl From<&SfmError> for Problem {
    fn from(error: &SfmError) -> Self {
        let blame = match error {
            SfmError::Solver(_) => Blame::Program,
            _ => Blame::File,
        };
        Self::new(
            blame,
            format!("The photos stay scenes of their own: {}", lowered(&error.to_string())),
            error.advice(),
        )
    }
}

fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

/// What is said of photos without a place, once for each reason.
fn of_left_out(views: &[Arc<ViewPrediction>], left_out: &[(crate::input::ViewId, WhyLeftOut)]) -> Vec<Problem> {
    let of = |reason: WhyLeftOut| {
        let is_left = |view: &&Arc<ViewPrediction>| left_out.iter().any(|(id, why)| *id == view.view && *why == reason);
        let names: Vec<String> = views.iter().filter(is_left).map(|view| display_name(&view.path)).collect();
        let advice = match reason {
            WhyLeftOut::NoCamera => "Each stays a scene of its own; add photos that show parts of both",
            WhyLeftOut::NoFit => "Each stays a scene of its own; another model may see it better",
        };
        let (count, all) = (names.len(), views.len());
        let what = format!("{count} of {all} photos have no place in the scene: {} ({reason})", listed(&names));
        (count > 0).then(|| Problem::new(Blame::File, what, advice))
    };
    [WhyLeftOut::NoCamera, WhyLeftOut::NoFit].into_iter().filter_map(of).collect()
}
