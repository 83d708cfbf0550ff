//! Everything a run can be told: the same plain struct for the window, the command line and what is remembered.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Lens;
use crate::catalog::{self, Entry, ModelId, Weights};
use crate::geometry::Reading;
use crate::input::{Method, Shapes};

/// What a run uses. `None` means "what suits the model".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub model: ModelId,
    /// A weight file to use instead of the catalogue's place.
    pub weights: Option<PathBuf>,
    pub device: DeviceChoice,
    pub precision: Precision,
    /// Let CUDA round the inputs of f32 products to ten bits (TF32): several times faster, and about as exact as f16.
    /// Other devices ignore it.
    pub tf32: bool,
    /// Process resolution in pixels (`None`: 504 for Depth Anything 3, 518 for Depth Anything V2).
    pub resolution: Option<u32>,
    /// Resize method. Depth Anything V2 has a rule of its own and ignores it.
    pub method: Method,
    /// What becomes of photos of different shapes that are looked at together.
    pub shapes: Shapes,
    /// A folder with masks of the photos' names: what is dark there gives no depth and no points.
    pub masks: Option<PathBuf>,
    /// A table of depths that are known at pixels of the photos: what [`crate::input::KnownDepths::read`] takes. They bring
    /// depth to metres.
    pub known_depths: Option<PathBuf>,
    /// A folder with the depth that a sensor measured of the photos, by their names. It brings depth to metres as well.
    pub sensor_depth: Option<PathBuf>,
    /// Photos stay in the order in which they were given, also where passes share neighbours.
    pub keep_order: bool,
    /// Views that go through the network together (`None`: as many as fit where the network looks at views jointly, else
    /// one).
    pub views_per_pass: Option<usize>,
    /// Views that a pass shares with those before it, by which it is brought into their scene (`None`: a quarter of the
    /// pass).
    pub overlap: Option<usize>,
    /// Every photo is a scene of its own, also where the network could look at them jointly.
    pub independent: bool,
    /// Where the cameras of photos that are to be one scene come from.
    pub cameras_from: CamerasFrom,
    /// Whether predicted cameras are adjusted by what photos share.
    pub refine_cameras: RefineCameras,
    /// Part of the free memory that a run may plan with, in percent.
    pub memory_percent: u8,
    /// When memory runs out and nothing else helps, go on at a lower resolution.
    pub may_lower_resolution: bool,
    pub reference_view: ReferenceView,
    /// Cameras from the network's rays instead of its camera head: slower, and often more exact. Networks without rays
    /// ignore it.
    pub ray_pose: bool,
    /// The lens of all photos, in place of what EXIF says of each. Networks that predict cameras ignore it.
    pub lens: Option<Lens>,
    /// A network that predicts cameras: it says which lens photos were taken with that do not say so themselves. Networks that
    /// predict cameras ignore it.
    pub lens_model: Option<ModelId>,
    /// Cameras of all photos that are known before: what [`crate::input::KnownCameras::read`] takes. The network is told of them,
    /// and results lie in their world. For networks that look at views jointly.
    pub known_cameras: Option<PathBuf>,
    /// In which convention the poses of known cameras were written.
    pub cameras_as: Reading,
    /// With known cameras: depth in the scale of these and their poses as they are given. Else depth keeps the scale that the
    /// network gave it, and the given poses are carried into its world.
    pub given_scale: bool,
    /// 3D Gaussians as well, of networks that have a head for them.
    pub gaussians: bool,
    /// Blocks of the backbone (0-based) whose outputs are wanted as well.
    pub features: Vec<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: ModelId::default(),
            weights: None,
            device: DeviceChoice::default(),
            precision: Precision::default(),
            tf32: true,
            resolution: None,
            method: Method::default(),
            shapes: Shapes::default(),
            masks: None,
            known_depths: None,
            sensor_depth: None,
            keep_order: false,
            views_per_pass: None,
            overlap: None,
            independent: false,
            cameras_from: CamerasFrom::default(),
            refine_cameras: RefineCameras::default(),
            memory_percent: 75,
            may_lower_resolution: false,
            reference_view: ReferenceView::default(),
            ray_pose: false,
            lens: None,
            lens_model: None,
            known_cameras: None,
            cameras_as: Reading::default(),
            given_scale: true,
            gaussians: false,
            features: Vec::new(),
        }
    }
}

impl Settings {
    /// Whether a run with other settings gives the same, where photos are looked at one by one.
    pub fn agrees_with(&self, other: &Self) -> bool {
        // How a run is cut, and what it may take, is no part of what it gives.
        let essence = |settings: &Self| {
            let (memory_percent, may_lower_resolution, keep_order) = (0, false, false);
            let (views_per_pass, overlap) = (None, None);
            Self { memory_percent, may_lower_resolution, keep_order, views_per_pass, overlap, ..settings.clone() }
        };
        essence(self) == essence(other)
    }

    /// The weights that these name, or the installed ones; `None` where this model has none here.
    pub(super) fn weights_of(&self, entry: &Entry) -> Option<Weights> {
        self.weights.clone().map(Weights::File).or_else(|| catalog::locate(entry))
    }

    /// The known cameras whose world and scale results come to.
    pub fn given_cameras(&self) -> Option<&PathBuf> {
        self.known_cameras.as_ref().filter(|_| self.given_scale)
    }

    /// What is to be made of what photos share, when the network has looked at all of them.
    ///
    /// Where depths are known, each photo is fitted to those, which is more exact than a scene, unless one is asked for; cameras that go
    /// with such depth stay. Gaussians lie where the network put them with its own cameras, and so these stay as well.
    pub fn matching(&self) -> Option<Matching> {
        let predicts = catalog::find(&self.model).is_some_and(|entry| entry.preset.is_any_view());
        let is_fitted = self.known_depths.is_some() || self.sensor_depth.is_some();
        let joins = match self.cameras_from {
            CamerasFrom::Auto => !predicts && !is_fitted,
            CamerasFrom::Matches => true,
            CamerasFrom::Model => false,
        };
        let refines = match self.refine_cameras {
            RefineCameras::Auto => self.known_cameras.is_none() && self.cameras_from != CamerasFrom::Model,
            RefineCameras::Always => true,
            RefineCameras::Never => false,
        };
        let matching = if joins && self.known_cameras.is_none() {
            Some(Matching::OneScene)
        } else {
            (predicts && refines && !self.gaussians && !is_fitted).then_some(Matching::Refine)
        };
        matching.filter(|_| !self.independent)
    }

    /// Whether somebody expects something of [`Self::matching`]. That predicted cameras are good as they are, by themselves, is no fault.
    pub fn asked_for_matching(&self) -> bool {
        self.matching() != Some(Matching::Refine) || self.refine_cameras == RefineCameras::Always
    }

    /// Whether both need the same network in the same form, so that one load serves both.
    pub fn loads_same_as(&self, other: &Self) -> bool {
        let parts = |s: &Self| (s.ray_pose, s.known_cameras.is_some(), s.gaussians);
        let key =
            |s: &Self| (s.model.clone(), s.weights.clone(), s.device, s.precision, s.lens_model.clone(), parts(s));
        key(self) == key(other)
    }
}

/// Where cameras come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CamerasFrom {
    /// The network where it predicts them, else what photos share.
    #[default]
    Auto,
    /// What photos share.
    Matches,
    /// The network.
    Model,
}

/// Whether predicted cameras are adjusted by what photos share; they stay where that is no clear gain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefineCameras {
    /// Those that a network predicts, not those that are known.
    #[default]
    Auto,
    /// Known ones as well.
    Always,
    Never,
}

/// What is made of what photos share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// Photos that were looked at one by one become one scene.
    OneScene,
    /// Cameras of a scene are adjusted.
    Refine,
}

/// Where the network runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    /// The Apple GPU or a CUDA card where this build has one, else the CPU. Never [`Self::Gpu`] as yet: which of them is faster on a
    /// machine has to be measured there first.
    #[default]
    Auto,
    Cpu,
    /// An NVIDIA card, by candle.
    Cuda,
    /// An Apple GPU, by candle.
    Metal,
    /// Any graphics card, by our own shaders: see [`super::GraphicsCard`].
    Gpu,
}

/// How the backbone's weights are held and multiplied. Heads, cameras, LayerNorm and softmax are always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    /// f32; on CUDA bf16 where the card has it, else f16.
    #[default]
    Auto,
    F32,
    F16,
    Bf16,
    /// 8-bit weights in blocks with a scale each; on CPUs and by our own shaders.
    Int8,
}

/// Which view's camera the world frame is tied to, in a pass of three or more views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferenceView {
    First,
    Middle,
    /// The view whose similarity, norm and variance are nearest the middle of their ranges.
    #[default]
    SaddleBalanced,
    /// The view with the widest range of similarities to the others.
    SaddleSimRange,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_photos_share_makes_a_scene_or_adjusts_one() {
        let of = |model: &str| Settings { model: ModelId(model.into()), ..Settings::default() };
        let single = Settings::default();
        let predicting = of("da3-small");
        assert_eq!(single.matching(), Some(Matching::OneScene));
        assert_eq!(predicting.matching(), Some(Matching::Refine));
        let known = Settings { known_cameras: Some("cameras.json".into()), ..predicting.clone() };
        assert_eq!(known.matching(), None);
        let always = Settings { refine_cameras: RefineCameras::Always, ..known };
        assert_eq!(always.matching(), Some(Matching::Refine));
        let from_matches = Settings { cameras_from: CamerasFrom::Matches, ..predicting.clone() };
        assert_eq!(from_matches.matching(), Some(Matching::OneScene));
        for none in [
            Settings { independent: true, ..single.clone() },
            Settings { known_depths: Some("depths.csv".into()), ..single },
            Settings { refine_cameras: RefineCameras::Never, ..predicting.clone() },
            Settings { cameras_from: CamerasFrom::Model, ..predicting.clone() },
            Settings { gaussians: true, ..predicting.clone() },
            Settings { independent: true, ..predicting },
        ] {
            assert_eq!(none.matching(), None, "{none:?}");
        }
    }
}
