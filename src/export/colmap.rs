//! Cameras, photos and points as a COLMAP model, binary and text.

mod binary;
mod lens_model;
mod model;
mod pose;
mod sparse;
mod text;

use std::io::{self, Write};

pub use self::model::ColmapModel;
pub(super) use self::model::lens_fault;
pub use self::sparse::{SparseModel, SparsePoint};

/// One of the files of a model: its name without an ending, and what writes it.
type File = (&'static str, fn(&mut dyn Write, &ColmapModel<'_>) -> io::Result<()>);

/// `cameras`, `images`, `points3D`, `rigs`, `frames`, each with `.bin` behind its name.
pub const COLMAP_BINARY: [File; 5] = [
    ("cameras.bin", binary::cameras),
    ("images.bin", binary::images),
    ("points3D.bin", binary::points),
    ("rigs.bin", binary::rigs),
    ("frames.bin", binary::frames),
];

/// The same with `.txt`.
pub const COLMAP_TEXT: [File; 5] = [
    ("cameras.txt", text::cameras),
    ("images.txt", text::images),
    ("points3D.txt", text::points),
    ("rigs.txt", text::rigs),
    ("frames.txt", text::frames),
];
