//! How large an export will be, reckoned aside while its page is open.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use crate::export::{Expected, ExportError, ExportWatch, Format, Options, expected};
use crate::inference::Prediction;
use crate::input::ViewId;

/// What is known of an export's size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// It is being reckoned.
    Unknown,
    Known(Expected),
    /// It cannot be said; the export will say why.
    Unsaid,
}

/// What the sizes are of.
#[derive(Clone, Debug, PartialEq)]
struct Subject {
    revision: u64,
    views: Vec<ViewId>,
    /// Without formats.
    options: Options,
}

/// Sizes that were reckoned, and what is being reckoned.
#[derive(Default)]
pub struct Sizes {
    subject: Option<Subject>,
    by_format: BTreeMap<Format, u64>,
    latest: Option<(Options, Size)>,
    asked: Option<Asked>,
}

struct Asked {
    subject: Subject,
    options: Options,
    watch: Arc<ExportWatch>,
    answer: Receiver<Result<Expected, ExportError>>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.watch.stop();
    }
}

impl Sizes {
    /// The size of an export of these results, which change with `revision`; `ctx` is woken when it is known.
    pub fn of(&mut self, ctx: &egui::Context, revision: u64, prediction: &Arc<Prediction>, options: &Options) -> Size {
        let subject = Subject {
            revision,
            views: prediction.views.iter().map(|view| view.view).collect(),
            options: Options { formats: Default::default(), ..options.clone() },
        };
        if self.subject.as_ref() != Some(&subject) {
            // One thread at a time, also while a slider changes the subject in each frame: the next begins when this one has heard.
            let asked = self.asked.take().inspect(|asked| asked.watch.stop());
            *self = Self { subject: Some(subject.clone()), asked, ..Self::default() };
        }
        self.take_in(&subject);
        if let Some((_, size)) = self.latest.as_ref().filter(|(of, _)| of == options) {
            return size.clone();
        }
        // One at a time: what was asked for before is of use as well.
        if self.asked.is_none() {
            self.ask(ctx, subject, prediction, options);
        }
        Size::Unknown
    }

    /// Bytes of an export with these options, where they are known.
    pub fn known(&self, options: &Options) -> Option<u64> {
        match &self.latest {
            Some((of, Size::Known(expected))) if of == options => Some(expected.total()),
            _ => None,
        }
    }

    fn take_in(&mut self, subject: &Subject) {
        let Some(asked) = &self.asked else { return };
        if asked.subject != *subject {
            // It was told to stop; what it says is about something else.
            if !matches!(asked.answer.try_recv(), Err(TryRecvError::Empty)) {
                self.asked = None;
            }
            return;
        }
        let size = match asked.answer.try_recv() {
            Ok(Ok(expected)) => {
                self.by_format.extend(expected.by_format.iter().map(|(format, bytes)| (*format, *bytes)));
                Size::Known(expected)
            }
            Ok(Err(_)) | Err(TryRecvError::Disconnected) => Size::Unsaid,
            Err(TryRecvError::Empty) => return,
        };
        self.latest = Some((asked.options.clone(), size));
        self.asked = None;
    }

    fn ask(&mut self, ctx: &egui::Context, subject: Subject, prediction: &Arc<Prediction>, options: &Options) {
        let (sender, answer) = bounded(1);
        let watch = Arc::new(ExportWatch::default());
        let asked = Asked { subject, options: options.clone(), watch: Arc::clone(&watch), answer };
        let (ctx, prediction, options, known) =
            (ctx.clone(), Arc::clone(prediction), options.clone(), self.by_format.clone());
        let reckon = move || {
            // Fails where nobody wants to know any more.
            let _ = sender.send(expected(&prediction, &options, &known, &watch));
            ctx.request_repaint();
        };
        match std::thread::Builder::new().name("export size".into()).spawn(reckon) {
            Ok(_) => self.asked = Some(asked),
            Err(error) => {
                tracing::warn!("the size of an export is not reckoned: {error}");
                self.latest = Some((asked.options.clone(), Size::Unsaid));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_something_else_is_stopped_awaited_and_forgotten() {
        let (ctx, prediction, options) = (egui::Context::default(), Arc::default(), Options::default());
        let mut sizes = Sizes::default();
        let (sender, answer) = bounded(1);
        let watch = Arc::new(ExportWatch::default());
        let subject = Subject { revision: 1, views: Vec::new(), options: options.clone() };
        sizes.asked = Some(Asked { subject, options: options.clone(), watch: Arc::clone(&watch), answer });
        let waits_for = |sizes: &Sizes| sizes.asked.as_ref().map(|asked| Arc::as_ptr(&asked.watch));
        for revision in 2..5 {
            assert_eq!(sizes.of(&ctx, revision, &prediction, &options), Size::Unknown);
            assert_eq!((waits_for(&sizes), watch.is_stopped()), (Some(Arc::as_ptr(&watch)), true));
        }
        let expected = Expected { by_format: BTreeMap::new(), photos: 7, summary: 0 };
        sender.send(Ok(expected)).expect("somebody waits");
        assert_eq!(sizes.of(&ctx, 4, &prediction, &options), Size::Unknown);
        assert_ne!(waits_for(&sizes), Some(Arc::as_ptr(&watch)), "the next one is asked");
    }

    #[test]
    fn a_size_is_known_of_the_options_that_it_was_reckoned_for() {
        let options = Options { formats: [Format::Ply].into(), ..Options::default() };
        let expected = Expected { by_format: BTreeMap::new(), photos: 7, summary: 0 };
        let latest = Some((options.clone(), Size::Known(expected)));
        let sizes = Sizes { latest, ..Sizes::default() };
        assert_eq!(sizes.known(&options), Some(7));
        assert_eq!(sizes.known(&Options { formats: [Format::Xyz].into(), ..options }), None);
    }
}
