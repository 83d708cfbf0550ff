//! What COLMAP's two kinds of files have in common: their rows.

use std::collections::HashMap;

use super::models::Model;

/// COLMAP's cameras.
#[derive(Debug, Default)]
pub struct Lenses {
    /// Or what is wrong with them.
    pub by_number: HashMap<u64, Result<Lens, String>>,
    /// How many the file says that there are, where it does.
    pub expected: Option<u64>,
    pub remarks: Vec<String>,
}

/// A row of COLMAP's cameras.
#[derive(Debug)]
pub struct Lens {
    pub model: &'static Model,
    pub size: [u32; 2],
    pub parameters: Vec<f64>,
}

/// COLMAP's images.
#[derive(Default)]
pub struct Images {
    pub rows: Vec<Image>,
    /// How many the file says that there are, where it does.
    pub expected: Option<u64>,
    pub remarks: Vec<String>,
}

/// A row of COLMAP's images.
pub struct Image {
    pub name: String,
    pub lens: Option<u64>,
    /// The rotation world to camera as w, x, y, z, and the translation; or what is wrong with them.
    pub pose: Result<([f64; 4], [f64; 3]), String>,
}
