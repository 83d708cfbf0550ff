//! Example photos that ship with the program and a synthetic scene with exact depth and cameras.

use std::path::PathBuf;

/// A set of photos to try Fathom with.
#[derive(Clone, Debug)]
pub struct ExampleScene {
    pub name: String,
    pub credit: String,
    pub photos: Vec<PathBuf>,
}

/// The scenes that lie beside the program.
pub fn scenes() -> Vec<ExampleScene> {
    Vec::new()
}
