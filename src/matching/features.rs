//! What is found in a photo, and between two.

/// How points of a photo are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureSettings {
    /// Points that are kept, best first.
    pub top_k: usize,
    /// Pixels of the longer side at which a photo is looked at, at most. Smaller photos are not enlarged.
    pub long_side: u32,
}

impl Default for FeatureSettings {
    fn default() -> Self {
        Self { top_k: 2048, long_side: 1024 }
    }
}

/// The points of one photo, best first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Width and height of the photo as it is shown.
    pub size: [u32; 2],
    /// (x, y) in pixels of the photo as it is shown, between pixels too; centres of pixels are whole numbers.
    pub keypoints: Vec<[f32; 2]>,
    /// Between 0 and 1, one per keypoint: how likely it is one, times how surely it is found again.
    pub scores: Vec<f32>,
    /// [keypoints, 64], each of length 1.
    pub descriptors: Vec<f32>,
}

impl Features {
    /// The best of them, so many at most.
    #[must_use]
    pub fn best(&self, count: usize) -> Self {
        let (count, all) = (count.min(self.keypoints.len()), self.keypoints.len().max(1));
        Self {
            size: self.size,
            keypoints: self.keypoints[..count].to_vec(),
            scores: self.scores[..count].to_vec(),
            descriptors: self.descriptors[..count * (self.descriptors.len() / all)].to_vec(),
        }
    }
}

/// A point of one photo that is a point of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Number of the keypoint in the first photo's [`Features`].
    pub a: usize,
    /// In the second photo's.
    pub b: usize,
    /// By LighterGlue the probability that they are the same; of nearest ones the cosine of their descriptors.
    pub score: f32,
}
