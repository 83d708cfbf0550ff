//! Which camera is a photo's: that whose name shares most of the end of its path.

use std::collections::HashMap;
use std::path::{Component, Path};

use icu_normalizer::ComposingNormalizerBorrowed;

use super::KnownCamera;
use super::found::{Found, listed};
use crate::input::name::display_path;

/// Why a photo has no camera.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCamera {
    #[error("none has its name")]
    NoName,
    #[error("the one of {name} {fault}")]
    Unusable { name: String, fault: String },
    #[error("{} fit its path equally well", listed(names))]
    Ambiguous { names: Vec<String> },
    #[error("the one of {name} fits the path of {other} better")]
    Taken { name: String, other: String },
    #[error("the one of {name} fits the path of {other} as well")]
    Shared { name: String, other: String },
}

/// The name of a camera's photo, and its camera.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    name: String,
    /// The parts of the name, the last one first.
    parts: Vec<String>,
    camera: Found,
}

/// Cameras by file name, as it stands and as people take it for the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    entries: Vec<Entry>,
    exact: HashMap<String, Vec<usize>>,
    alike: HashMap<String, Vec<usize>>,
}

/// How well a name fits a path: its folders from the end, taken for the same and exactly the same; whether the file's name is
/// exactly the same.
type Fit = (usize, usize, bool);

impl Index {
    pub fn new(cameras: Vec<(String, Found)>) -> Self {
        let mut index = Self::default();
        for (name, camera) in cameras {
            // COLMAP names photos by their path within its image folder, on any system.
            let parts: Vec<String> =
                name.rsplit(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
            let Some(file) = parts.first() else { continue };
            let place = index.entries.len();
            index.exact.entry(file.clone()).or_default().push(place);
            index.alike.entry(alike(file)).or_default().push(place);
            index.entries.push(Entry { name, parts, camera });
        }
        index
    }

    /// The camera of this photo, as far as its own path tells.
    pub fn of(&self, photo: &Path) -> Option<&KnownCamera> {
        let (place, _) = self.found(photo).ok()?;
        self.camera(place).ok()
    }

    /// The cameras of these photos. A camera is that of the photo whose path it fits best; where two different photos
    /// remain, neither has it.
    pub fn of_all(&self, photos: &[&Path]) -> Vec<Result<&KnownCamera, NoCamera>> {
        let found: Vec<Result<(usize, Fit), NoCamera>> = photos.iter().map(|photo| self.found(photo)).collect();
        let mut owners: HashMap<usize, (usize, Fit)> = HashMap::new();
        for (photo, claim) in found.iter().enumerate() {
            let Ok((place, fit)) = claim else { continue };
            let owner = owners.entry(*place).or_insert((photo, *fit));
            if *fit > owner.1 {
                *owner = (photo, *fit);
            }
        }
        // The other photo that claims a camera just as well as its owner.
        let mut rivals: HashMap<usize, usize> = HashMap::new();
        for (photo, claim) in found.iter().enumerate() {
            let Ok((place, fit)) = claim else { continue };
            let (owner, best) = owners[place];
            if *fit == best && photos[photo] != photos[owner] {
                rivals.insert(*place, photo);
            }
        }
        let result = |(photo, claim): (usize, Result<(usize, Fit), NoCamera>)| {
            let (place, fit) = claim?;
            let (owner, best) = owners[&place];
            let name = self.entries[place].name.clone();
            let shown = |photo: usize| display_path(photos[photo]);
            if fit != best {
                return Err(NoCamera::Taken { name, other: shown(owner) });
            }
            match rivals.get(&place) {
                Some(&rival) if photos[photo] == photos[owner] => Err(NoCamera::Shared { name, other: shown(rival) }),
                Some(_) => Err(NoCamera::Shared { name, other: shown(owner) }),
                None => self.camera(place),
            }
        };
        found.into_iter().enumerate().map(result).collect()
    }

    /// The entry that fits best, and how well; `Err` has those that fit equally well, or none.
    fn best(&self, photo: &Path) -> Result<(usize, Fit), Vec<usize>> {
        let parts = parts_of(photo);
        let Some(file) = parts.first() else { return Err(Vec::new()) };
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
        // Some programs name photos without their ending.
        let found =
            self.exact.get(file).or_else(|| self.alike.get(&alike(file))).or_else(|| self.alike.get(&alike(stem)));
        let Some(found) = found else { return Err(Vec::new()) };
        let fits: Vec<(usize, Fit)> =
            found.iter().map(|&place| (place, fit(&self.entries[place].parts, &parts))).collect();
        let best = fits.iter().map(|(_, fit)| *fit).max().unwrap_or_default();
        let places: Vec<usize> = fits.into_iter().filter(|(_, fit)| *fit == best).map(|(place, _)| place).collect();
        let [first, rest @ ..] = places.as_slice() else { return Err(Vec::new()) };
        // What says the same twice is no question.
        if rest.iter().all(|&other| self.entries[other].camera == self.entries[*first].camera) {
            return Ok((*first, best));
        }
        Err(places)
    }

    fn camera(&self, place: usize) -> Result<&KnownCamera, NoCamera> {
        let Entry { name, camera, .. } = &self.entries[place];
        camera.as_ref().map_err(|fault| NoCamera::Unusable { name: name.clone(), fault: fault.clone() })
    }

    fn found(&self, photo: &Path) -> Result<(usize, Fit), NoCamera> {
        self.best(photo).map_err(|places| match places.as_slice() {
            [] => NoCamera::NoName,
            _ => NoCamera::Ambiguous { names: places.iter().map(|&place| self.entries[place].name.clone()).collect() },
        })
    }
}

fn fit(name: &[String], photo: &[String]) -> Fit {
    let folders = || name.iter().zip(photo).skip(1);
    let taken_for_same = folders().take_while(|(a, b)| a == b || alike(a) == alike(b)).count();
    (taken_for_same, folders().take_while(|(a, b)| a == b).count(), name.first() == photo.first())
}

/// The parts of a path, the last one first. A relative path lies in the current folder, whose name may tell.
pub(in crate::input) fn parts_of(photo: &Path) -> Vec<String> {
    let absolute = std::path::absolute(photo).unwrap_or_else(|_| photo.to_owned());
    let part = |component: Component<'_>| match component {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    };
    absolute.components().rev().filter_map(part).collect()
}

/// A name by which those that people take for the same are equal: without letter case, in one form of Unicode (file systems
/// of Apple have another than most), without blanks around it, and with `_` for blanks, as text files of COLMAP have it.
pub(in crate::input) fn alike(name: &str) -> String {
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    let lower = nfc.normalize(name.trim()).to_lowercase();
    nfc.normalize(&lower).chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Distortion, Intrinsics, Rigid};
    use crate::input::known_cameras::Raster;

    /// Cameras whose focal lengths are 1, 2, …
    fn cameras(names: &[&str]) -> Index {
        let camera = |focal: usize| KnownCamera {
            intrinsics: Intrinsics::centred(focal as f32, 4, 4),
            distortion: Distortion::NONE,
            size: Some([4, 4]),
            raster: Raster::Stored,
            camera_from_world: Rigid::IDENTITY,
        };
        let cameras = names.iter().enumerate().map(|(i, name)| ((*name).to_owned(), Ok(camera(i + 1))));
        Index::new(cameras.collect())
    }

    fn focal(cameras: &Index, photo: &str) -> Option<f32> {
        cameras.of(Path::new(photo)).map(|camera| camera.intrinsics.fx)
    }

    #[test]
    fn the_longest_common_end_of_the_path_decides() {
        let known = cameras(&["a/0001.png", "b/0001.png", "b/c/0001.png", "b\\0002.png", "./0003.png"]);
        let photos = [
            ("/p/a/0001.png", Some(1.0)),
            ("/p/b/0001.png", Some(2.0)),
            ("/p/b/c/0001.png", Some(3.0)),
            ("/p/x/c/0001.png", Some(3.0)),
            ("/p/d/0001.png", None),
            ("/p/0002.png", Some(4.0)),
            ("/p/0003.png", Some(5.0)),
            ("/p/0004.png", None),
        ];
        for (photo, expected) in photos {
            assert_eq!(focal(&known, photo), expected, "{photo}");
        }
        let all = known.of_all(&photos.map(|(photo, _)| Path::new(photo)));
        assert!(matches!(&all[4], Err(NoCamera::Ambiguous { names }) if names.len() == 3));
        // c's camera is that of b/c, which fits better than x/c.
        assert!(matches!(&all[3], Err(NoCamera::Taken { other, .. }) if other == "/p/b/c/0001.png"), "{:?}", all[3]);
        assert!(all[2].is_ok() && all[1].is_ok() && matches!(all[7], Err(NoCamera::NoName)));
    }

    #[test]
    fn one_camera_is_not_that_of_two_photos() {
        let known = cameras(&["1.png", "2.png"]);
        let photos = ["/a/1.png", "/b/1.png", "/a/2.png", "/a/2.png"].map(Path::new);
        let all = known.of_all(&photos);
        assert!(matches!(&all[0], Err(NoCamera::Shared { other, .. }) if other == "/b/1.png"));
        assert!(matches!(&all[1], Err(NoCamera::Shared { other, .. }) if other == "/a/1.png"));
        assert!(all[2].is_ok() && all[3].is_ok(), "the same photo twice is no question");
        let alike = known.of_all(&["/a/1.PNG", "/a/1.png"].map(Path::new));
        assert!(alike[1].is_ok() && matches!(&alike[0], Err(NoCamera::Taken { other, .. }) if other == "/a/1.png"));
    }

    #[test]
    fn letters_forms_of_unicode_blanks_and_endings_may_differ() {
        let known = cameras(&[
            "Sub/IMG_1.JPG",
            "gru\u{308}n.png",
            " (402).jpg",
            "a b.jpg",
            "./train/r_0",
            "img_2.jpg",
            "IMG_2.jpg",
        ]);
        for (photo, expected) in [
            ("/p/img_1.jpg", 1.0),
            ("/p/gr\u{fc}n.png", 2.0),
            ("/p/GR\u{dc}N.PNG", 2.0),
            ("/p/(402).jpg", 3.0),
            ("/p/ (402).jpg", 3.0),
            ("/p/a_b.jpg", 4.0),
            ("/p/train/r_0.png", 5.0),
            ("/p/img_2.jpg", 6.0),
            ("/p/IMG_2.jpg", 7.0),
        ] {
            assert_eq!(focal(&known, photo), Some(expected), "{photo}");
        }
        assert_eq!(focal(&known, "/p/Img_2.jpg"), None, "two are meant");
    }
}
