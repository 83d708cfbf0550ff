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
            *self = Self { subject: Some(subject), ..Self::default() };
        }
        self.take_in();
        if let Some((_, size)) = self.latest.as_ref().filter(|(of, _)| of == options) {
            return size.clone();
        }
        // One at a time: what was asked for before is of use as well.
        if self.asked.is_none() {
            self.ask(ctx, prediction, options);
        }
        Size::Unknown
    }

    /// Bytes of the export that was asked for last, where they are known.
    pub fn known(&self) -> Option<u64> {
        match &self.latest {
            Some((_, Size::Known(expected))) => Some(expected.total()),
            _ => None,
        }
    }

    fn take_in(&mut self) {
        let Some(asked) = &self.asked else { return };
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

    fn ask(&mut self, ctx: &egui::Context, prediction: &Arc<Prediction>, options: &Options) {
        let (sender, answer) = bounded(1);
        let watch = Arc::new(ExportWatch::default());
        let asked = Asked { options: options.clone(), watch: Arc::clone(&watch), answer };
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
