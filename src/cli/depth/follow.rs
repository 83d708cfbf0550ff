//! A run seen from the command line: a fold over the worker's events.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Receiver;

use crate::cli::progress::Progress;
use crate::cli::{report, told, ui};
use crate::export::RunNotes;
use crate::inference::{Prediction, ViewPrediction};
use crate::input::ViewId;
use crate::session::Journal;
use crate::worker::{Event, Problem, RunId};

/// How a run ended.
#[derive(Debug)]
pub(super) enum End {
    Finished(Arc<Prediction>),
    Failed(Problem),
    Cancelled,
    /// The worker's end of the channel is gone.
    WorkerGone,
}

/// The run that is followed; photo number i has `ViewId(i)`.
pub(super) struct Follow<'a> {
    pub run: RunId,
    pub photos: &'a [PathBuf],
    /// How many of them have a result.
    pub ready: usize,
    /// Where results are kept until all are there.
    pub journal: Option<&'a Journal>,
    pub progress: &'a Progress,
    /// Device, precision, warnings and failures are added here.
    pub notes: &'a mut RunNotes,
}

impl Follow<'_> {
    /// Reads events until the run has ended, telling the person on the way.
    pub fn until_end(mut self, events: &Receiver<Event>) -> End {
        for event in events {
            if self.is_of_another_run(&event) {
                continue;
            }
            match event {
                Event::ModelLoading { model, done, total } => self.progress.loading(&model, done, total),
                Event::ModelReady { model, device, precision, secs } => {
                    self.progress.say(&format!("{model} is ready on {device}, {precision} ({secs:.1} s)"));
                    self.notes.device = Some(device.label().into());
                    self.notes.precision = Some(precision);
                }
                Event::Planned { plan, .. } => self.progress.say(&report::planned(&plan)),
                Event::Progress { stage, view, views, done, remaining_secs, .. } => {
                    self.progress.step(stage, view, views, done, remaining_secs);
                }
                Event::ViewReady { view, .. } => {
                    self.ready += 1;
                    self.keep(&view);
                    self.progress.say(&format!("[{}/{}] {}", self.ready, self.photos.len(), ui::shown(&view.path)));
                }
                Event::ViewFailed { view, problem, .. } => self.photo_failed(view, &problem),
                Event::Warning { problem, .. } => {
                    self.progress.complain(&format!("warning: {}", told::problem(&problem)));
                    self.notes.warnings.push(problem.to_string());
                }
                Event::Finished { prediction, .. } => {
                    self.notes.device = prediction.ran_on_words().or(self.notes.device.take());
                    return End::Finished(prediction);
                }
                Event::Joined { prediction, .. } => return End::Finished(prediction),
                Event::Apart { problem, .. } => return End::Failed(problem),
                Event::Failed { problem, .. } => return End::Failed(problem),
                Event::Cancelled { .. } => return End::Cancelled,
                Event::EndedEarly(problem) => {
                    self.progress.complain(&format!("note: {}", told::problem(&problem)));
                }
                Event::ModelUnloaded
                | Event::ModelKept
                | Event::Automatic(_)
                | Event::GraphicsCard(_)
                | Event::RunStarted { .. }
                | Event::Memory(_)
                | Event::Learnt(_)
                | Event::Paced(_) => {}
            }
        }
        End::WorkerGone
    }

    fn is_of_another_run(&self, event: &Event) -> bool {
        let run = match event {
            Event::RunStarted { run, .. }
            | Event::Planned { run, .. }
            | Event::Progress { run, .. }
            | Event::ViewReady { run, .. }
            | Event::ViewFailed { run, .. }
            | Event::Finished { run, .. }
            | Event::Joined { run, .. }
            | Event::Apart { run, .. }
            | Event::Cancelled { run } => Some(*run),
            Event::Warning { run, .. } | Event::Failed { run, .. } => *run,
            Event::ModelLoading { .. }
            | Event::ModelReady { .. }
            | Event::ModelUnloaded
            | Event::ModelKept
            | Event::Automatic(_)
            | Event::GraphicsCard(_)
            | Event::Memory(_)
            | Event::Learnt(_)
            | Event::Paced(_)
            | Event::EndedEarly(_) => None,
        };
        run.is_some_and(|run| run != self.run)
    }

    /// A run that is cut short loses nothing of what is kept; that something cannot be kept is no reason to stop.
    fn keep(&mut self, view: &Arc<ViewPrediction>) {
        if let Some(Err(error)) = self.journal.map(|journal| journal.keep(view, self.notes)) {
            self.progress.complain(&format!("note: this run cannot be taken up again where it is cut short. {error}"));
            self.journal = None;
        }
    }

    fn photo_failed(&mut self, view: ViewId, problem: &Problem) {
        let sentence = told::problem(problem);
        let name = usize::try_from(view.0).ok().and_then(|index| self.photos.get(index)).map(|path| ui::shown(path));
        let line = match name {
            Some(name) if !sentence.contains(&name) => format!("{name}: {sentence}"),
            _ => sentence,
        };
        self.progress.complain(&format!("error: {line}"));
        self.notes.failed.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::{DepthUnit, DeviceChoice};
    use crate::worker::{Blame, Stage};

    const RUN: RunId = RunId(7);

    fn problem(what: &str) -> Problem {
        Problem::new(Blame::File, what, "Try another.")
    }

    fn prediction(model: &str) -> Arc<Prediction> {
        Arc::new(Prediction { model: model.into(), ..Prediction::default() })
    }

    fn follow(events: Vec<Event>) -> (End, RunNotes) {
        let (sender, receiver) = crossbeam_channel::bounded(events.len().max(1));
        for event in events {
            sender.send(event).expect("room for all");
        }
        drop(sender);
        let mut notes = RunNotes::default();
        let photos = [PathBuf::from("a.jpg"), PathBuf::from("b.jpg")];
        let end = Follow {
            run: RUN,
            photos: &photos,
            ready: 0,
            journal: None,
            progress: &Progress::Quiet,
            notes: &mut notes,
        }
        .until_end(&receiver);
        (end, notes)
    }

    #[test]
    fn a_whole_run_is_folded() {
        let (end, notes) = follow(vec![
            Event::ModelLoading { model: "m".into(), done: 1, total: 2 },
            Event::ModelReady { model: "m".into(), device: DeviceChoice::Cpu, precision: "f32".into(), secs: 0.1 },
            Event::RunStarted { run: RUN, views: 2, unit: DepthUnit::Relative },
            Event::Finished { run: RunId(6), prediction: prediction("late event of an earlier run") },
            Event::Cancelled { run: RunId(6) },
            Event::Progress { run: RUN, stage: Stage::Head, view: 0, views: 2, done: 0.5, remaining_secs: Some(1.0) },
            Event::ViewFailed { run: RUN, view: ViewId(1), problem: problem("the file is cut off") },
            Event::ViewFailed { run: RUN, view: ViewId(0), problem: problem("a.jpg: is empty") },
            Event::Warning { run: Some(RUN), problem: problem("Memory is short") },
            Event::Warning { run: Some(RunId(6)), problem: problem("of an earlier run") },
            Event::Finished { run: RUN, prediction: prediction("DA2-Small") },
        ]);
        assert!(matches!(end, End::Finished(p) if p.model == "DA2-Small"));
        assert_eq!((notes.device.as_deref(), notes.precision.as_deref()), (Some("CPU"), Some("f32")));
        assert_eq!(notes.warnings, ["Memory is short. Try another."]);
        assert_eq!(
            notes.failed,
            ["b.jpg: The file is cut off. Try another.", "a.jpg: is empty. Try another."],
            "each names its photo once"
        );
    }

    #[test]
    fn every_way_to_end_ends() {
        let failed = |run| follow(vec![Event::Failed { run, problem: problem("no weights") }]).0;
        assert!(matches!(failed(Some(RUN)), End::Failed(p) if p.what == "No weights"));
        assert!(matches!(failed(None), End::Failed(_)), "the load before the run");
        assert!(matches!(follow(vec![Event::Cancelled { run: RUN }]).0, End::Cancelled));
        assert!(matches!(follow(Vec::new()).0, End::WorkerGone));
    }
}
