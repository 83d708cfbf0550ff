//! What a command line names, to a list of photos.

use std::path::PathBuf;

use super::{InputError, Limits};

#[derive(Debug, Default)]
pub struct Collected {
    pub photos: Vec<PathBuf>,
    pub problems: Vec<InputError>,
    pub left_out: usize,
}

pub fn collect(paths: &[PathBuf], _limits: &Limits) -> Collected {
    let mut collected = Collected::default();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(_) => collected.photos.push(path.clone()),
            Err(source) => collected.problems.push(InputError::Unreadable { path: path.clone(), source }),
        }
    }
    collected
}
