//! What a run was asked for beyond depth and cameras, among the maps of a session: 3D Gaussians and features.

use std::io::{self, Seek, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::names::map_name;
use crate::export::Archive;
use crate::geometry::GAUSSIAN_CHANNELS;
use crate::inference::{Extras, FeatureMap, GaussianMaps, RawGaussians, ViewPrediction};
use crate::reopen::{ArrayFault, Arrays, Finite};

/// Longest side, in patches, and most channels of a feature map.
const MOST: usize = 1 << 16;

/// Which of them a view has.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct StoredExtras {
    has_gaussians: bool,
    features: Vec<StoredFeatures>,
}

/// The sides of a [`FeatureMap`].
#[derive(Debug, Serialize, Deserialize)]
struct StoredFeatures {
    block: usize,
    height: usize,
    width: usize,
    channels: usize,
}

impl StoredFeatures {
    fn name(&self, photo: usize) -> String {
        map_name(photo, &format!("features_{}", self.block))
    }

    fn sides(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }
}

impl StoredExtras {
    pub fn of(extras: &Extras) -> Self {
        let sides = |map: &FeatureMap| StoredFeatures {
            block: map.block,
            height: map.height,
            width: map.width,
            channels: map.channels,
        };
        Self { has_gaussians: extras.gaussians.is_some(), features: extras.features.iter().map(sides).collect() }
    }

    /// What cannot be about it, as the end of a sentence.
    pub fn fault(&self) -> Option<&'static str> {
        let is_sound = |map: &StoredFeatures| map.sides().iter().all(|side| (1..=MOST).contains(side));
        (!self.features.iter().all(is_sound)).then_some("features of a size that cannot be")
    }

    /// Reads the maps of photo number `photo`; the other maps of its view have these `sides`.
    pub fn read(&self, arrays: &mut Arrays, photo: usize, sides: [usize; 2]) -> Result<Extras, ArrayFault> {
        let mut map = |name: String, sides: &[usize]| {
            let maps = arrays.maps::<Finite>(&name, 1, sides)?.and_then(|mut maps| maps.pop());
            let missing = || ArrayFault::Content(format!("'{name}' is missing"));
            Ok(maps.ok_or_else(missing)?.into_iter().map(|value| value.0).collect::<Vec<f32>>())
        };
        let mut features = Vec::with_capacity(self.features.len());
        for stored in &self.features {
            let values = map(stored.name(photo), &stored.sides())?;
            let &StoredFeatures { block, height, width, channels } = stored;
            features.push(FeatureMap { block, height, width, channels, values });
        }
        let gaussians = if self.has_gaussians {
            let channels = map(map_name(photo, "gaussians"), &[sides[0], sides[1], GAUSSIAN_CHANNELS])?;
            let opacity = map(map_name(photo, "gaussian_opacity"), &sides)?;
            let distance = map(map_name(photo, "gaussian_distance"), &sides)?;
            Some(GaussianMaps { raw: Arc::new(RawGaussians { channels, opacity }), distance })
        } else {
            None
        };
        Ok(Extras { gaussians, features: Arc::new(features) })
    }
}

/// Writes the maps of photo number `photo`.
pub(super) fn put(archive: &mut Archive<impl Write + Seek>, photo: usize, view: &ViewPrediction) -> io::Result<()> {
    let mut put = |name: String, sides: &[usize], values: &[f32]| {
        // What would be refused when it is read must not replace a file that can be.
        if !values.iter().all(|value| value.is_finite()) {
            let message = format!("'{name}' holds a number that no result has");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let shape: Vec<usize> = std::iter::once(1).chain(sides.iter().copied()).collect();
        archive.array(&name, &shape, values.iter().copied())
    };
    for (stored, map) in StoredExtras::of(&view.extras).features.iter().zip(view.extras.features.iter()) {
        put(stored.name(photo), &stored.sides(), &map.values)?;
    }
    if let Some(GaussianMaps { raw, distance }) = &view.extras.gaussians {
        let [height, width] = [view.height as usize, view.width as usize];
        put(map_name(photo, "gaussians"), &[height, width, GAUSSIAN_CHANNELS], &raw.channels)?;
        put(map_name(photo, "gaussian_opacity"), &[height, width], &raw.opacity)?;
        put(map_name(photo, "gaussian_distance"), &[height, width], distance)?;
    }
    Ok(())
}
