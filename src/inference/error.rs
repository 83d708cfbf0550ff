//! Why a model did not load or a run gave nothing.

use std::path::PathBuf;

use super::{DeviceChoice, Misfit, Remedy};
use crate::catalog::{CatalogError, ModelId};
use crate::geometry::{NoFit, Reading};
use crate::input::preprocess::{Common, Way};
use crate::input::{CamerasError, InputError, NoCamera, Remark, display_name};
use crate::memory::shown_bytes;
use crate::model::{ModelError, Trouble};

#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    #[error("there is no model called {0}")]
    UnknownModel(ModelId),
    #[error("the weights of {model} are not on this machine{}", gone.as_ref().map(|gone| format!(": {gone}")).unwrap_or_default())]
    NoWeights {
        model: &'static str,
        published_at: &'static str,
        places: Vec<PathBuf>,
        /// Says so where there is a name for them whose content is gone.
        gone: Option<String>,
    },
    #[error("{choice} cannot be used: {reason}")]
    Device { choice: DeviceChoice, reason: String },
    #[error("a resolution of {resolution} px is outside {least} to {most} px")]
    Resolution { resolution: u32, least: u32, most: u32 },
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("{path}: a photo of {width}×{height} px is too elongated for a network", path = path.display())]
    TooElongated { path: PathBuf, width: u32, height: u32 },
    /// The network would see it at `across`×`down` pixels.
    #[error(
        "{path}: the network would see this photo of {width}×{height} px at {across}×{down}, for which there is no memory; the \
         others run without it",
        path = path.display()
    )]
    TooLargeForOthers { path: PathBuf, width: u32, height: u32, across: u32, down: u32 },
    #[error(
        "{path}: a photo of {width}×{height} px has another shape than most, and those are left out",
        path = path.display()
    )]
    OddShape { path: PathBuf, width: u32, height: u32 },
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Cameras(#[from] CamerasError),
    #[error("{path}: {cameras} has no camera for it ({reason})", path = path.display(), cameras = cameras.display())]
    NoCamera { path: PathBuf, cameras: PathBuf, reason: NoCamera },
    #[error("{path}: its camera {fault}", path = path.display())]
    CameraMisfit { path: PathBuf, fault: String },
    #[error("no photo could be used")]
    NothingToDo,
    #[error("{path} cannot be made: {reason}", path = path.display())]
    Conversion { path: PathBuf, reason: String },
    #[error("{file} holds the weights of {found}, not of {model}")]
    OtherConversion { file: String, found: String, model: &'static str },
    #[error("{0} does not predict cameras, so that it cannot say which lens a photo was taken with")]
    NoLensModel(ModelId),
    #[error("{model} has no block {block}: its blocks are 0 to {}", blocks - 1)]
    NoSuchBlock { block: usize, blocks: usize, model: &'static str },
    #[error("the network gave no usable depth for {path}: {flaw}", path = path.display())]
    Unusable { path: PathBuf, flaw: &'static str },
    #[error(
        "not enough memory: this run needs about {}, {} are free", shown_bytes(*need_bytes), shown_bytes(*free_bytes)
    )]
    DoesNotFit { need_bytes: u64, free_bytes: u64, remedies: Vec<Remedy> },
    #[error("memory ran out, and the run could not be made any smaller")]
    OutOfMemory { remedies: Vec<Remedy> },
    #[error("the model is not in memory any more: moving it to another device has failed")]
    NotLoaded,
    #[error("the run was cancelled")]
    Cancelled,
}

impl InferenceError {
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Model(ModelError::Cancelled))
    }

    /// What stands behind it, where it is the device's trouble or the machine's.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Model(error) => error.trouble(),
            Self::Device { .. } => Some(Trouble::Device),
            _ => None,
        }
    }

    /// Whether the same run with less of it at once could succeed.
    pub fn is_out_of_memory(&self) -> bool {
        self.trouble() == Some(Trouble::Memory)
    }

    /// What was free when memory ran out, where that was seen.
    pub(super) fn free_bytes(&self) -> u64 {
        match self {
            Self::Model(ModelError::OutOfMemory { free_bytes }) => *free_bytes,
            _ => 0,
        }
    }
}

impl Notice {
    /// Whether a run goes on with less at once from here on.
    pub fn is_of_less_memory(&self) -> bool {
        matches!(
            self,
            Self::FewerViews { .. }
                | Self::SmallerTiles { .. }
                | Self::TriedAgain { .. }
                | Self::LowerResolution { .. }
        )
    }
}

/// Why a run goes on with less at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Short {
    #[error("memory ran short")]
    Memory,
    /// A card was stopped, by its system or its driver.
    #[error("the graphics card was stopped because it was busy for too long at once ({reason})")]
    Time { reason: String },
}

impl Notice {
    /// What photos of different shapes lose, or are spared.
    pub fn of_shapes(common: &Common) -> Option<Self> {
        let &Common { size: [width, height], way, others: photos, lost } = common;
        let percent = (100.0 * lost).round() as u32;
        match way {
            Way::AsTheyAre | Way::LeftOut => None,
            Way::Cropped => Some(Self::Cropped { photos, percent, width, height }),
            Way::Framed => Some(Self::Framed { photos, percent, width, height }),
        }
    }
}

/// Something that the person should know although the run goes on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Notice {
    #[error("the {wanted} could not be used ({reason}); the run uses the CPU")]
    FellBackToCpu { wanted: &'static str, reason: String },
    #[error("the {} failed during the run ({reason}); the CPU goes on with the views that are left", wanted.noun())]
    WentOnWithCpu { wanted: DeviceChoice, reason: String, is_of_memory: bool, was_named: bool },
    #[error("the {device} does not multiply bf16; the run uses f16, which takes as much memory")]
    NoBf16 { device: &'static str },
    #[error(
        "photos of different shapes were cropped around their centre to {width}×{height} px; {photos} of them lose up to \
         {percent} % of their picture"
    )]
    Cropped { photos: usize, percent: u32, width: u32, height: u32 },
    #[error(
        "the photos have different shapes: {photos} of them are seen whole in a frame of {width}×{height} px, whose rim gives \
         no depth; a crop would lose up to {percent} % of a picture"
    )]
    Framed { photos: usize, percent: u32, width: u32, height: u32 },
    #[error(
        "the known cameras fit what the network sees {:.0} times better when they are read as {} ({degrees:.1}° off in the middle, \
         {before:.1}° as they were read)",
        before / degrees.max(0.1), reading.label()
    )]
    CamerasReadBetter { reading: Reading, degrees: f64, before: f64 },
    #[error(
        "the known cameras are turned against each other by {degrees:.0}° more or less, in the middle, than the network sees it"
    )]
    CamerasDisagree { degrees: f64 },
    /// `names` as a person reads them.
    #[error("known cameras lie far from where all the others say: {names}")]
    CamerasFarOff { names: String },
    #[error("nothing tells whether {} is for {model} or for {others}, whose weights look alike", file.display())]
    Unvouched { file: PathBuf, model: &'static str, others: String },
    #[error("{photos} of the photos have no mask in the folder of masks; they are seen whole")]
    WithoutMask { photos: usize },
    /// Something about known depths that are not used, or not as they could be.
    #[error("{remark}")]
    OfDepths { remark: String },
    #[error("{why}: depth got a scale alone, so that near and far may be stretched: {names}")]
    ScaleAlone { why: NoFit, names: String },
    #[error("no known depth can be used for {without} of {scenes} {}: depth is as the model gave it there", if *scenes == 1 { "scene" } else { "scenes" })]
    WithoutDepth { without: usize, scenes: usize },
    /// `scenes` as a person reads them, each with how bad it is.
    #[error("the known depths fit badly: {scenes}")]
    DepthsMisfit { scenes: String },
    #[error("the photos were taken in the order of their names, because passes share neighbours")]
    Ordered,
    #[error("{}: {remark}", display_name(path))]
    Remark { path: PathBuf, remark: Remark },
    #[error("the passes share no views: they are {scenes} scenes, each with its own scale and world frame")]
    SeparateScenes { scenes: usize },
    #[error(
        "from photo {photo} on, the views are a scene of their own, which could not be joined to the one before: {why}"
    )]
    NotAligned { photo: usize, why: Misfit },
    #[error(
        "this run needs about {} of the {} that are free, {} more than the {percent} % that it may plan with",
        shown_bytes(*need_bytes), shown_bytes(*free_bytes), shown_bytes(*excess_bytes)
    )]
    OverShare { need_bytes: u64, free_bytes: u64, percent: u8, excess_bytes: u64 },
    #[error("{short}; the run goes on with {views} views per pass")]
    FewerViews { views: usize, short: Short },
    #[error("{short}; the run goes on with tiles of {}", shown_bytes(*bytes as u64))]
    SmallerTiles { bytes: usize, short: Short },
    #[error("{short}; what could be freed was freed, and the pass is tried again")]
    TriedAgain { short: Short },
    #[error("memory ran short; the remaining views are seen at {pixels} px")]
    LowerResolution { pixels: u32 },
    #[error(
        "no lens was given for {views} of the photos; metres were derived from an assumed horizontal field of view of \
         {degrees}°, so their scale is a guess"
    )]
    AssumedScale { views: usize, degrees: u32 },
    #[error(
        "{} cut out of larger pictures, by what EXIF says: {names}. The lens is that of the picture as it was taken",
        photos_were(*photos)
    )]
    CroppedSince { photos: usize, names: String },
    #[error("{} resized, by what EXIF says: {names}. The lens is that of the picture as it was taken", photos_were(*photos))]
    ResizedSince { photos: usize, names: String },
    #[error(
        "the known cameras of {views} views that were seen together say nothing of the scale: depth keeps the one that the \
         network gave it"
    )]
    ScaleOfCamerasUnknown { views: usize },
    #[error(
        "the known cameras of {views} views that were seen together stand on a line or at one place, so that nothing tells \
         how they lie in the predicted scene: it keeps the cameras that the network gave it"
    )]
    PlaceOfCamerasUnknown { views: usize },
    /// Something about the file of known cameras.
    #[error("{remark}")]
    OfCameras { remark: String },
    #[error(
        "{without} of {photos} photos {} no camera in {} and {} left out: {names}",
        if *without == 1 { "has" } else { "have" }, cameras.display(), if *without == 1 { "is" } else { "are" }
    )]
    WithoutCamera { without: usize, photos: usize, cameras: PathBuf, names: String },
    #[error("the known cameras of pictures of another shape were stretched to these photos: {names}")]
    StretchedCameras { names: String },
}

fn photos_were(photos: usize) -> String {
    if photos == 1 { "1 photo was".into() } else { format!("{photos} photos were") }
}
