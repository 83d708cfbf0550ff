//! Everything that crosses the thread border. The window is a fold over [`Event`]s; nothing else is shared.

use std::sync::Arc;

use crate::geometry::Reading;
use crate::inference::{
    Automatic, DepthUnit, DeviceChoice, GraphicsCard, Matching, Photo, Plan, Prediction, Remedy, Settings,
    ViewPrediction,
};
use crate::input::ViewId;
use crate::memory::{Calibration, Paces, Sample};

/// Numbers runs, so that a late event of an earlier run can be told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub u64);

/// What the worker can be asked to do. Cancelling goes past the queue: see `WorkerHandle::cancel`.
#[derive(Clone, Debug)]
pub enum Command {
    /// Load the model of these settings, replacing the one that is loaded.
    Load(Settings),
    /// Run over these photos, loading the model first where it is not the loaded one.
    Run {
        run: RunId,
        photos: Vec<Photo>,
        settings: Settings,
    },
    /// Make one scene of the photos of a run that is complete, or adjust its cameras.
    Join {
        run: RunId,
        prediction: Arc<Prediction>,
        matching: Matching,
    },
    /// Forget how devices did, so that an automatic choice tries them out again.
    TryDevicesAgain,
    /// Drop the model and give its memory back.
    Unload,
    Shutdown,
}

/// What the worker tells.
#[derive(Clone, Debug)]
pub enum Event {
    /// Weights are being read: bytes so far, of all.
    ModelLoading {
        model: String,
        done: u64,
        total: u64,
    },
    /// What an automatic choice of a device means from now on.
    Automatic(Automatic),
    /// There is a graphics card that can be chosen. Told once, to whom menus are shown.
    GraphicsCard(GraphicsCard),
    /// The model is ready; `device` and `precision` are what "auto" became. A run that goes on elsewhere tells it again.
    ModelReady {
        model: String,
        device: DeviceChoice,
        precision: String,
        secs: f64,
    },
    ModelUnloaded,
    /// A load has ended without a model; where one was there before, it still is.
    ModelKept,
    RunStarted {
        run: RunId,
        views: usize,
        /// Unit of the depth that this run will give.
        unit: DepthUnit,
    },
    /// How the run is cut into passes, and what it is expected to need.
    Planned {
        run: RunId,
        plan: Plan,
    },
    /// `done` of 0..1 over the whole run; `remaining_secs` once it can be guessed.
    Progress {
        run: RunId,
        stage: Stage,
        /// Index into the run's photos (the first of the pass for stages that see several views together).
        view: usize,
        views: usize,
        done: f32,
        remaining_secs: Option<f32>,
    },
    /// One view is finished and will not change in this run.
    ViewReady {
        run: RunId,
        view: Arc<ViewPrediction>,
    },
    /// One photo could not be used; the run goes on with the others.
    ViewFailed {
        run: RunId,
        view: ViewId,
        problem: Problem,
    },
    /// Something the person should know; the run goes on.
    Warning {
        run: Option<RunId>,
        problem: Problem,
    },
    Finished {
        run: RunId,
        prediction: Arc<Prediction>,
    },
    /// What photos share has told more of a complete run, but of those of which was said why not.
    Joined {
        run: RunId,
        prediction: Arc<Prediction>,
    },
    /// What photos share tells nothing more of a complete run: all stays as it was given.
    Apart {
        run: RunId,
        problem: Problem,
    },
    /// The run (or the load, where `run` is absent) ended without a result; the worker lives on.
    Failed {
        run: Option<RunId>,
        problem: Problem,
    },
    Cancelled {
        run: RunId,
    },
    Memory(Sample),
    /// What estimates are corrected by from now on.
    Learnt(Calibration),
    /// What times are told by from now on.
    Paced(Paces),
    /// An earlier run ended with its program.
    EndedEarly(Problem),
}

/// The stages of a run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    LoadModel,
    Decode,
    Backbone,
    Head,
    Finish,
    /// After a run: which points photos share.
    Match,
    /// After that: where photos were taken, and how their depth fits.
    Place,
}

impl Stage {
    pub const ALL: [Self; 7] =
        [Self::LoadModel, Self::Decode, Self::Backbone, Self::Head, Self::Finish, Self::Match, Self::Place];

    /// As shown in the status line.
    pub fn label(self) -> &'static str {
        match self {
            Self::LoadModel => "Loading model",
            Self::Decode => "Reading photos",
            Self::Backbone => "Looking at views",
            Self::Head => "Drawing depth",
            Self::Finish => "Finishing",
            Self::Match => "Matching photos",
            Self::Place => "Placing cameras",
        }
    }
}

/// Who can do something about a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// A file that was handed in.
    File,
    /// A setting that was chosen.
    Setting,
    /// The machine: memory, device, driver, disk.
    Machine,
    /// Fathom itself: a defect worth reporting.
    Program,
}

/// An error as a person needs it: one sentence of what happened, one of what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub blame: Blame,
    pub what: String,
    pub advice: String,
    /// Changes of settings that would help, each with what the run needs then.
    pub remedies: Vec<Remedy>,
    /// How known cameras are to be read, where that fits better.
    pub reading: Option<Reading>,
    /// Options of the command line that do what the advice says, where its words do not name them.
    pub options: &'static [&'static str],
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}. {}", self.what.trim_end_matches('.'), self.advice)
    }
}
