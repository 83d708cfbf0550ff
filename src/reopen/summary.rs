//! `summary.json`, as far as a prediction needs it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path};

use serde::Deserialize;

use super::ReopenError;
use crate::export::{PhotoFile, RunNotes};
use crate::geometry::{BentLens, Intrinsics, Rigid};
use crate::inference::{
    Camera, DepthFit, DepthUnit, LensSource, Matched, PassAlignment, PhotoPart, PoseSource, RunMemory, StageSeconds,
};
use crate::input::Turn;

pub(super) const FILE: &str = "summary.json";

/// A summary of thousands of views has some megabytes.
const MOST_BYTES: u64 = 256 << 20;
/// Longest side of a map that is believed, in pixels.
const LONGEST_SIDE: u32 = 1 << 16;
/// How a summary of ours begins, and how much of a file is looked at to find that.
const SIGN: &str = "\"program\": \"fathom\"";
const START_BYTES: u64 = 256;
/// How far a stored rotation's determinant may be from 1.
const ROTATION_TOLERANCE: f32 = 0.05;

/// The fields of `export::Summary` that make a prediction. What an older export lacks has a default.
#[derive(Debug, Deserialize)]
pub(super) struct Stored {
    pub program: String,
    pub model: String,
    /// Null where scenes differ in it.
    unit: Option<DepthUnit>,
    pub views: Vec<StoredView>,
    #[serde(default)]
    scenes: Vec<StoredScene>,
    #[serde(default)]
    pub seconds: StageSeconds,
    #[serde(default)]
    pub peak_memory_bytes: u64,
    #[serde(default)]
    pub memory: RunMemory,
    #[serde(default)]
    pub alignments: Vec<PassAlignment>,
    /// Default where they cannot be read: results do not need them.
    #[serde(skip)]
    pub notes: RunNotes,
}

/// One world frame; older exports have neither unit nor scale here.
#[derive(Debug, Deserialize)]
struct StoredScene {
    scene: usize,
    unit: Option<DepthUnit>,
    scale_set_by_user: Option<f32>,
    known_depths: Option<DepthFit>,
    #[serde(default)]
    matched: Option<Matched>,
}

impl Stored {
    /// By scene: the factor that a person has set.
    pub fn set_scales(&self) -> BTreeMap<usize, f32> {
        self.scenes.iter().filter_map(|scene| Some((scene.scene, scene.scale_set_by_user?))).collect()
    }

    /// By scene: how known depths brought it to metres.
    pub fn fits(&self) -> BTreeMap<usize, DepthFit> {
        self.scenes.iter().filter_map(|scene| Some((scene.scene, scene.known_depths?))).collect()
    }

    /// How photos became one scene by matching.
    pub fn matched(&self) -> Option<Matched> {
        self.scenes.iter().find_map(|scene| scene.matched.clone())
    }

    /// The unit of the scenes that nobody has brought to metres.
    pub fn unit(&self) -> DepthUnit {
        let is_of_model = |scene: &&StoredScene| scene.scale_set_by_user.is_none() && scene.known_depths.is_none();
        let of_model = self.scenes.iter().find(is_of_model);
        match of_model {
            Some(scene) => scene.unit.or(self.unit),
            None if self.scenes.is_empty() => self.unit,
            // Nothing says what the model gave; that it was metres would be a claim.
            None => None,
        }
        .unwrap_or_default()
    }
}

/// One view; sizes are width × height in pixels.
#[derive(Debug, Deserialize)]
pub(super) struct StoredView {
    pub photo: String,
    /// Absent in older summaries, and where the photo was gone.
    pub photo_file: Option<PhotoFile>,
    pub scene: usize,
    pub photo_size: [u32; 2],
    #[serde(default)]
    pub photo_turn: Turn,
    #[serde(default)]
    pub bent: Option<BentLens>,
    /// Absent where it is all of the photo.
    pub photo_part: Option<PhotoPart>,
    pub processed_size: [u32; 2],
    pub intrinsics: [[f32; 3]; 3],
    pub extrinsics: [[f32; 4]; 3],
    /// Older summaries have one source for both.
    #[serde(alias = "camera_source")]
    pub lens_source: LensSource,
    pub pose_source: Option<PoseSource>,
    /// Null where the arrays were not asked for.
    pub npz: Option<String>,
}

impl StoredView {
    pub fn camera(&self) -> Camera {
        Camera {
            intrinsics: Intrinsics::from_rows(self.intrinsics),
            camera_from_world: Rigid::from_rows(self.extrinsics),
            lens: self.lens_source,
            pose: self.pose_source.unwrap_or(PoseSource::of_old(self.lens_source)),
        }
    }

    /// What is wrong with it, as the end of a sentence.
    fn fault(&self) -> Option<String> {
        let fault = view_fault([self.photo_size, self.processed_size], self.photo_part.as_ref(), &self.camera());
        if fault.is_some() {
            return fault;
        }
        // A name from a file must not lead out of its folder.
        let npz = self.npz.as_deref()?;
        let mut parts = Path::new(npz).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(_)), None) => None,
            _ => Some(format!("arrays in '{}', which is no plain file name", npz.escape_debug())),
        }
    }
}

/// What cannot be about a view with these sizes of photo and maps (width × height, in pixels), this part of the photo that the
/// maps show, and this camera, as the end of a sentence.
pub fn view_fault(sizes: [[u32; 2]; 2], part: Option<&PhotoPart>, camera: &Camera) -> Option<String> {
    if let Some(side) = sizes.as_flattened().iter().find(|side| !(1..=LONGEST_SIDE).contains(*side)) {
        return Some(format!("a side of {side} pixels"));
    }
    if part.is_some_and(|part| !part.is_within(sizes[0])) {
        return Some("a part of its photo that is not there".into());
    }
    let (k, pose) = (camera.intrinsics, camera.camera_from_world);
    if ![k.fx, k.fy, k.cx, k.cy].iter().all(|v| v.is_finite()) || k.fx <= 0.0 || k.fy <= 0.0 {
        return Some("a lens that cannot be".into());
    }
    let off = (pose.rotation.determinant() - 1.0).abs();
    if !pose.translation.is_finite() || !off.is_finite() || off > ROTATION_TOLERANCE {
        return Some("a camera pose that cannot be".into());
    }
    None
}

/// Whether `folder` holds a summary of ours, whole or not.
pub fn holds_results(folder: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(folder.join(FILE)).map(|file| file.take(START_BYTES).read_to_end(&mut start));
    read.is_ok() && String::from_utf8_lossy(&start).contains(SIGN)
}

/// Reads and checks the summary in `folder`.
pub(super) fn read(folder: &Path) -> Result<Stored, ReopenError> {
    let path = folder.join(FILE);
    let unreadable = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ReopenError::NoSummary(folder.to_owned()),
        _ => ReopenError::Read { path: path.clone(), source },
    };
    let not_ours = |reason: String| ReopenError::NotOurs { path: path.clone(), reason };
    let file = File::open(&path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(not_ours("it is far too large".into()));
    }
    let mut summary: Stored = serde_json::from_slice(&bytes).map_err(|error| not_ours(error.to_string()))?;
    summary.notes = serde_json::from_slice(&bytes).unwrap_or_default();
    if summary.program != "fathom" {
        return Err(not_ours(format!("it was written by '{}'", summary.program.escape_debug())));
    }
    if summary.views.is_empty() {
        return Err(ReopenError::Damaged { path, reason: "it names no view".into() });
    }
    if let Some(scale) = summary.set_scales().values().find(|scale| !scale.is_finite() || **scale <= 0.0) {
        return Err(ReopenError::Damaged { path, reason: format!("a scene has the scale {scale}") });
    }
    if summary.fits().values().any(|fit| !fit.is_sound()) {
        return Err(ReopenError::Damaged { path, reason: "a scene has a fit of known depths that cannot be".into() });
    }
    if summary.matched().is_some_and(|matched| !matched.is_sound()) {
        return Err(ReopenError::Damaged { path, reason: "what it says of matched photos cannot be".into() });
    }
    for (index, view) in summary.views.iter().enumerate() {
        if let Some(fault) = view.fault() {
            return Err(ReopenError::Damaged { path, reason: format!("view {} has {fault}", index + 1) });
        }
    }
    if summary.views.iter().any(|view| view.npz.is_none()) {
        return Err(ReopenError::NoArrays(folder.to_owned()));
    }
    Ok(summary)
}
