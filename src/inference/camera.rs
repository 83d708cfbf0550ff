//! The camera of a view, and where its two halves come from.

use serde::{Deserialize, Serialize};

use crate::geometry::{Intrinsics, Rigid};

/// The camera of one view.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredCamera")]
pub struct Camera {
    /// Pixels of the processed image (`ViewPrediction::width`×`height`).
    pub intrinsics: Intrinsics,
    /// Extrinsics, w2c, OpenCV frame; the identity where the model predicts no pose.
    pub camera_from_world: Rigid,
    pub lens: LensSource,
    pub pose: PoseSource,
}

/// Where intrinsics come from; shown, because an assumed lens is not a measured one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LensSource {
    /// By the network that gave depth.
    Predicted,
    /// Focal length from the photo's EXIF.
    Exif,
    /// Focal length as a person gave it.
    Given,
    /// By another network than the one that gave depth.
    Estimated,
    /// Known before the run, with the photo's camera.
    Known,
    /// By points that the photo shares with others.
    Matched,
    /// A field of view was assumed.
    Assumed,
}

/// Where extrinsics come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoseSource {
    /// There is none: the view stands in a world of its own.
    None,
    Predicted,
    /// Known before the run, with the photo's camera.
    Known,
    /// By points that the photo shares with others.
    Matched,
}

impl PoseSource {
    /// Whether the camera has a place in a world that it shares with others.
    pub fn is_some(self) -> bool {
        self != Self::None
    }

    /// What one word for both halves, as older files have it, says of the pose.
    pub fn of_old(source: LensSource) -> Self {
        match source {
            LensSource::Predicted => Self::Predicted,
            LensSource::Known => Self::Known,
            LensSource::Matched => Self::Matched,
            LensSource::Exif | LensSource::Given | LensSource::Estimated | LensSource::Assumed => Self::None,
        }
    }
}

/// As sessions have it: older ones have one source for both halves.
#[derive(Deserialize)]
struct StoredCamera {
    intrinsics: Intrinsics,
    camera_from_world: Rigid,
    #[serde(alias = "source")]
    lens: LensSource,
    pose: Option<PoseSource>,
}

impl From<StoredCamera> for Camera {
    fn from(stored: StoredCamera) -> Self {
        let StoredCamera { intrinsics, camera_from_world, lens, pose } = stored;
        Self { intrinsics, camera_from_world, lens, pose: pose.unwrap_or(PoseSource::of_old(lens)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_for_both_halves_is_understood() {
        let intrinsics = Intrinsics::centred(10.0, 4, 3);
        let (lens, pose) = (LensSource::Known, PoseSource::Predicted);
        let camera = Camera { intrinsics, camera_from_world: Rigid::IDENTITY, lens, pose };
        let mut text = serde_json::to_value(camera).expect("JSON");
        assert_eq!(serde_json::from_value::<Camera>(text.clone()).expect("as written"), camera);
        let fields = text.as_object_mut().expect("an object");
        fields.remove("lens");
        fields.remove("pose");
        for (old, lens, pose) in [
            ("known", LensSource::Known, PoseSource::Known),
            ("predicted", LensSource::Predicted, PoseSource::Predicted),
            ("exif", LensSource::Exif, PoseSource::None),
        ] {
            text["source"] = old.into();
            let read: Camera = serde_json::from_value(text.clone()).expect("an older camera");
            assert_eq!((read.lens, read.pose), (lens, pose));
        }
    }
}
