//! What the 3D view is given, and what it tells.

use std::collections::HashSet;
use std::sync::Arc;

use glam::Vec3;
use image::RgbaImage;

use crate::export::AnimationFormat;
use crate::inference::{DepthFit, DepthUnit, MatchedPoint, ViewPrediction};
use crate::input::ViewId;
use crate::worker::RunId;

/// What the 3D view shows.
pub struct CloudInput<'a> {
    /// The views of one scene: they share a world frame and a depth scale.
    pub views: &'a [Arc<ViewPrediction>],
    /// Views that are switched off.
    pub hidden: &'a HashSet<ViewId>,
    pub unit: DepthUnit,
    /// By what a person has multiplied the scene that the run gave.
    pub set_scale: Option<f32>,
    /// How known depths brought it to metres in the run.
    pub fit: Option<&'a DepthFit>,
    /// The points by which the scene's cameras were found, as the run gave them.
    pub shared: &'a [MatchedPoint],
    /// The run that the views are of.
    pub run: RunId,
    pub selected: Option<ViewId>,
    /// A point of the world that the 2D view points at.
    pub marked: Option<Vec3>,
    /// Changes whenever `views` does.
    pub revision: u64,
}

/// What a person did in the 3D view that others need to know.
#[derive(Clone, Debug, PartialEq)]
pub enum CloudAction {
    SelectView(ViewId),
    /// The cursor rests on a point.
    Hovered(HoveredPoint),
    /// The scene is larger by this factor, and then in metres.
    SetScale(f32),
    /// The scene has the scale that the run gave it.
    ResetScale,
    TakeAway(TakenAway),
    /// Where one looks from is to be kept.
    SaveView,
}

/// A point of the cloud under the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoveredPoint {
    pub view: ViewId,
    /// Pixel of the view's processed image.
    pub pixel: [u32; 2],
    /// z-depth in the view's camera, in the prediction's unit.
    pub depth: f32,
    /// In the world.
    pub position: Vec3,
    /// Of models that give one: ≥ 1, larger is surer.
    pub confidence: Option<f32>,
}

/// What leaves the 3D view.
#[derive(Clone, Debug, PartialEq)]
pub enum TakenAway {
    /// A picture that is to be saved.
    Picture(Arc<RgbaImage>),
    /// A picture of this size (pixels) is on the clipboard.
    Copied([u32; 2]),
    /// A place is wanted for a film, for `CloudView::begin_film`.
    Film(AnimationFormat),
    /// There is no picture, for this reason.
    Failed(String),
}
