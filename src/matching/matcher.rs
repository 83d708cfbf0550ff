//! From photos to features, and from features to matches.

use image::{GrayImage, RgbImage};

use super::describe::describe;
use super::keypoints::keypoints;
use super::working_size::Picture;
use super::{FeatureSettings, Features, Match, MatchingError};
use crate::inference::WeightFile;
use crate::model::lighterglue::{Going, LighterGlue, Points};
use crate::model::xfeat::XFeat;
use crate::model::{TensorSource, Watch};

/// assets/models/README.md says where they come from.
const XFEAT: &[u8] = include_bytes!("../../assets/models/xfeat.safetensors");
const LIGHTERGLUE: &[u8] = include_bytes!("../../assets/models/lighterglue.safetensors");

/// Less likely matches are none, as the network's authors have it.
const LEAST_PROBABILITY: f32 = 0.1;

/// Both networks with their weights: some 15 MB of memory.
pub struct Matcher {
    xfeat: XFeat,
    lighterglue: LighterGlue,
}

impl Matcher {
    /// With the weights that are part of the program.
    ///
    /// # Errors
    /// None, unless the program is damaged.
    pub fn built_in() -> Result<Self, MatchingError> {
        Self::new(
            &WeightFile::built_in("the built-in XFeat", XFEAT)?,
            &WeightFile::built_in("the built-in LighterGlue", LIGHTERGLUE)?,
        )
    }

    /// With weights as their authors publish them, in safetensors.
    ///
    /// # Errors
    /// What is wrong with the weights.
    pub fn new(xfeat: &dyn TensorSource, lighterglue: &dyn TensorSource) -> Result<Self, MatchingError> {
        Ok(Self { xfeat: XFeat::new(xfeat)?, lighterglue: LighterGlue::new(lighterglue)? })
    }

    /// Finds the points of a photo, and describes them. `hidden`, of the photo's size, is 255 where no points are wanted.
    ///
    /// # Errors
    /// [`MatchingError::TooSmall`], and what `watch` says: it is asked a few times.
    pub fn features(
        &self,
        photo: &RgbImage,
        hidden: Option<&GrayImage>,
        settings: FeatureSettings,
        watch: &dyn Watch,
    ) -> Result<Features, MatchingError> {
        let mut picture = Picture::of(photo, settings.long_side)?;
        watch.numbers(format_args!("resized_grey"), &picture.grey);
        let maps = self.xfeat.forward(std::mem::take(&mut picture.grey), [picture.height, picture.width], watch)?;
        let is_shown = |[x, y]: [usize; 2]| {
            let Some(hidden) = hidden else { return true };
            let [x, y] = picture.in_photo([x as f32, y as f32]).map(|at| at.max(0.0).round() as u32);
            hidden.get_pixel_checked(x, y).is_none_or(|pixel| pixel.0[0] == 0)
        };
        let found = keypoints(&maps, settings.top_k, is_shown);
        let peaks: Vec<f32> = found.iter().flat_map(|keypoint| keypoint.at.map(|at| at as f32)).collect();
        watch.numbers(format_args!("peaks"), &peaks);
        Ok(Features {
            size: photo.dimensions().into(),
            descriptors: describe(&maps, &found),
            scores: found.iter().map(|keypoint| keypoint.score).collect(),
            keypoints: found.iter().map(|keypoint| picture.in_photo(keypoint.exact)).collect(),
        })
    }

    /// Which points of two photos are the same, in the order of a's points; each belongs to one match at most. Points that have
    /// hardly a chance of one are given up on the way.
    ///
    /// # Errors
    /// What `watch` says: it is asked before each of six layers.
    pub fn matches(&self, a: &Features, b: &Features, watch: &dyn Watch) -> Result<Vec<Match>, MatchingError> {
        let points = |features| {
            let Features { size, keypoints, descriptors, .. }: &Features = features;
            Points { positions: keypoints, descriptors, size: size.map(|side| side as f32) }
        };
        let assignment = self.lighterglue.forward(points(a), points(b), Going::Hopeful, watch)?;
        let matches = assignment.mutual_best().into_iter().map(|([a, b], log)| Match { a, b, score: log.exp() });
        Ok(matches.filter(|matched| matched.score > LEAST_PROBABILITY).collect())
    }
}
