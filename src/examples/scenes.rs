//! The list of examples, and their way from the program to files on disk.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::synthetic;
use crate::export::{ExportError, check_folder, write_atomically};

/// Size of the synthetic photos, and how many of them make the example.
const SYNTHETIC_SIZE: [u32; 2] = [640, 480];
const SYNTHETIC_VIEWS: usize = 5;

/// Something to try the program with. Its photos are unpacked by [`ExampleScene::prepare`].
#[derive(Clone, Debug)]
pub struct ExampleScene {
    pub name: String,
    pub description: String,
    pub credit: String,
    pub licence: String,
    /// Where the photos lie once the scene is prepared.
    pub photos: Vec<PathBuf>,
    /// Where a small picture of the scene lies once it is unpacked by [`ExampleScene::unpack_card`].
    pub card: PathBuf,
    card_bytes: &'static [u8],
    content: Content,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    /// Photos, as they are built into the program.
    Photos(&'static [&'static [u8]]),
    Synthetic,
}

struct BuiltIn {
    files: &'static [&'static str],
    name: &'static str,
    description: &'static str,
    credit: &'static str,
    licence: &'static str,
    bytes: &'static [&'static [u8]],
}

/// The first view of the synthetic scene, small: drawing it takes longer than a start should.
const SYNTHETIC_CARD: &[u8] = include_bytes!("../../assets/examples/table_top.jpg");

/// assets/examples/README.md says where they come from.
const PHOTOS: [BuiltIn; 5] = [
    BuiltIn {
        files: &["portal_1.jpg", "portal_2.jpg", "portal_3.jpg"],
        name: "Portal",
        description: "Three photos of the portal of Berlin Cathedral, which become one scene by what they share",
        credit: "mapillary, OpenSfM",
        licence: "BSD-2-Clause",
        bytes: &[
            include_bytes!("../../assets/examples/portal_1.jpg"),
            include_bytes!("../../assets/examples/portal_2.jpg"),
            include_bytes!("../../assets/examples/portal_3.jpg"),
        ],
    },
    BuiltIn {
        files: &["cat.jpg"],
        name: "Cat",
        description: "A cat close up: fur, whiskers and a blurred background",
        credit: "Stéfan van der Walt",
        licence: "CC0-1.0",
        bytes: &[include_bytes!("../../assets/examples/cat.jpg")],
    },
    BuiltIn {
        files: &["coffee.jpg"],
        name: "Coffee",
        description: "A cup on a table: porcelain, a spoon and wood grain",
        credit: "Rachel Michetti, Pikolo Espresso Bar",
        licence: "CC0-1.0",
        bytes: &[include_bytes!("../../assets/examples/coffee.jpg")],
    },
    BuiltIn {
        files: &["astronaut.jpg"],
        name: "Astronaut",
        description: "A portrait of Eileen Collins in front of a shuttle model",
        credit: "NASA",
        licence: "Public domain",
        bytes: &[include_bytes!("../../assets/examples/astronaut.jpg")],
    },
    BuiltIn {
        files: &["rocket.jpg"],
        name: "Rocket",
        description: "A rocket on its pad at dusk: masts, lamps and a wide sky",
        credit: "SpaceX",
        licence: "Public domain",
        bytes: &[include_bytes!("../../assets/examples/rocket.jpg")],
    },
];

/// All examples, with their photos in this user's cache folder (in the temporary folder where there is none).
///
/// Nothing is written: call [`ExampleScene::prepare`] on the one that is wanted.
pub fn scenes() -> Vec<ExampleScene> {
    let cache = ProjectDirs::from("", "", "fathom")
        .map_or_else(|| std::env::temp_dir().join("fathom"), |dirs| dirs.cache_dir().to_owned());
    scenes_in(&cache)
}

/// All examples, with their photos below `cache`.
pub fn scenes_in(cache: &Path) -> Vec<ExampleScene> {
    // A new version may bring new pictures under the same names.
    let folder = cache.join("examples").join(env!("CARGO_PKG_VERSION"));
    let table_top = ExampleScene {
        name: "Table top".into(),
        description: format!("{SYNTHETIC_VIEWS} views of a drawn room, with exact depth and cameras to compare with"),
        credit: "Fathom".into(),
        licence: "Apache-2.0".into(),
        photos: (0..SYNTHETIC_VIEWS).map(|i| folder.join("table_top").join(synthetic::photo_name(i))).collect(),
        card: folder.join("table_top.jpg"),
        card_bytes: SYNTHETIC_CARD,
        content: Content::Synthetic,
    };
    let photos = PHOTOS.iter().map(|photo| ExampleScene {
        name: photo.name.into(),
        description: photo.description.into(),
        credit: photo.credit.into(),
        licence: photo.licence.into(),
        photos: photo.files.iter().map(|file| folder.join(file)).collect(),
        card: folder.join(photo.files[0]),
        card_bytes: photo.bytes[0],
        content: Content::Photos(photo.bytes),
    });
    std::iter::once(table_top).chain(photos).collect()
}

impl ExampleScene {
    /// Makes sure that the photos exist and returns them. Drawing the synthetic scene takes seconds the first time:
    /// not for the thread that draws the window.
    ///
    /// # Errors
    /// [`ExportError`] where the cache folder cannot be written to.
    pub fn prepare(&self) -> Result<&[PathBuf], ExportError> {
        for (place, photo) in self.photos.iter().enumerate() {
            let Some(folder) = photo.parent() else { continue };
            match self.content {
                Content::Photos(bytes) => unpack(bytes[place], photo)?,
                Content::Synthetic if self.needs_drawing() => {
                    check_folder(folder, true)?;
                    synthetic::write(folder, SYNTHETIC_VIEWS, SYNTHETIC_SIZE)?;
                }
                Content::Synthetic => {}
            }
        }
        Ok(&self.photos)
    }

    /// Exact depth and cameras of a prepared scene that was drawn, in the order of its photos; `None` for real photos, whose
    /// truth nobody knows.
    ///
    /// # Errors
    /// What reading the files answers.
    pub fn truth(&self) -> std::io::Result<Option<Vec<synthetic::SyntheticView>>> {
        match (self.content, self.photos.first().and_then(|photo| photo.parent())) {
            (Content::Synthetic, Some(folder)) => synthetic::read(folder).map(Some),
            _ => Ok(None),
        }
    }

    /// True where [`Self::prepare`] takes seconds, because it draws the photos.
    pub fn needs_drawing(&self) -> bool {
        // The ground truth is written last, so it vouches for all photos but those removed later.
        let is_there = |photo: &PathBuf| photo.exists() && photo.with_file_name(synthetic::TRUTH_FILE).exists();
        matches!(self.content, Content::Synthetic) && !self.photos.iter().all(is_there)
    }

    /// Makes sure that the card exists; quick.
    ///
    /// # Errors
    /// [`ExportError`] where the cache folder cannot be written to.
    pub fn unpack_card(&self) -> Result<(), ExportError> {
        unpack(self.card_bytes, &self.card)
    }
}

/// Writes `bytes` to `path` where nothing of that length lies there yet.
fn unpack(bytes: &[u8], path: &Path) -> Result<(), ExportError> {
    if fs::metadata(path).is_ok_and(|found| found.len() == bytes.len() as u64) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        check_folder(folder, true)?;
    }
    write_atomically(path, |to| to.write_all(bytes))
}
