//! What is chosen for a film, and what there is to film with.

use super::picture_size::{PictureSize, Preset};
use crate::export::AnimationFormat;

/// Where the camera goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A little to both sides.
    Sway,
    Around,
    Photos,
    Saved,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Sway, Self::Around, Self::Photos, Self::Saved];

    pub fn label(self) -> &'static str {
        match self {
            Self::Sway => "Sway",
            Self::Around => "Once around",
            Self::Photos => "Through the photos",
            Self::Saved => "Through the saved views",
        }
    }

    pub fn tip(self) -> &'static str {
        match self {
            Self::Sway => "From where you look now, 8° to the right, to the left and back, as a loop",
            Self::Around => "On a circle around the scene, as a loop",
            Self::Photos => "From the first photo's camera through all others to the last one's",
            Self::Saved => "From the first saved view through all others to the last one",
        }
    }
}

/// What was chosen.
pub struct FilmChoices {
    /// `None`: what suits the number of photos.
    pub way: Option<Way>,
    pub size: PictureSize,
    pub seconds: u32,
    pub fps: u32,
    /// `None`: the best that this machine can write.
    pub format: Option<AnimationFormat>,
    pub only_points: bool,
}

impl Default for FilmChoices {
    fn default() -> Self {
        Self { way: None, size: PictureSize::new(Preset::Hd), seconds: 6, fps: 25, format: None, only_points: false }
    }
}

impl FilmChoices {
    /// Number of pictures.
    pub fn frames(&self) -> usize {
        (self.seconds * self.fps).max(1) as usize
    }

    /// Where the camera goes. Of a single photo nobody has seen the back.
    pub fn way(&self, means: &Means) -> Way {
        self.way.unwrap_or(if means.photos < 2 { Way::Sway } else { Way::Around })
    }

    pub fn format(&self, means: &Means) -> AnimationFormat {
        self.format.unwrap_or(if means.mp4 { AnimationFormat::Mp4 } else { AnimationFormat::Gif })
    }

    /// About how many bytes it becomes; nothing of what ffmpeg writes, which depends on how it was built.
    pub fn about_bytes(&self, means: &Means) -> Option<u64> {
        // Bytes of a pixel: between half of it (a turntable, much of which is empty) and twice as much (one photo, swaying).
        let of_pixel = match self.format(means) {
            AnimationFormat::PngFolder => 0.45,
            AnimationFormat::Gif => 0.2,
            AnimationFormat::Mp4 => return None,
        };
        let [width, height] = self.size.pixels(means.shown).map(f64::from);
        Some((self.frames() as f64 * width * height * of_pixel) as u64)
    }

    /// What the way follows from.
    pub fn course(&self, means: &Means) -> Course {
        Course { way: self.way(means), seconds: self.seconds, fps: self.fps }
    }
}

/// What a way follows from; another one is another film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    pub way: Way,
    pub seconds: u32,
    pub fps: u32,
}

/// What there is to film with.
#[derive(Clone, Copy, Debug)]
pub struct Means {
    /// Photos that are shown.
    pub photos: usize,
    pub saved_views: usize,
    /// Whether there is an ffmpeg.
    pub mp4: bool,
    /// Size of the view, pixels.
    pub shown: [u32; 2],
}

impl Means {
    /// Why this way cannot be gone.
    pub fn lacks(&self, way: Way) -> Option<&'static str> {
        match way {
            Way::Photos if self.photos < 2 => Some("This needs at least two photos in one scene"),
            Way::Saved if self.saved_views < 2 => Some("This needs at least two saved views (B saves one)"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_photo_sways_and_what_is_best_is_offered_first() {
        let mut choices = FilmChoices::default();
        let means = |photos, mp4| Means { photos, saved_views: 0, mp4, shown: [640, 480] };
        assert_eq!((choices.way(&means(1, true)), choices.way(&means(2, true))), (Way::Sway, Way::Around));
        let formats = [true, false].map(|mp4| choices.format(&means(1, mp4)));
        assert_eq!(formats, [AnimationFormat::Mp4, AnimationFormat::Gif]);
        (choices.way, choices.format) = (Some(Way::Around), Some(AnimationFormat::PngFolder));
        assert_eq!(choices.way(&means(1, true)), Way::Around, "what was chosen stays");
        assert_eq!(choices.format(&means(1, true)), AnimationFormat::PngFolder);
    }
}
