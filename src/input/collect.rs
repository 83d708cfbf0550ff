//! From dropped paths to photos.

use std::path::PathBuf;

use super::{InputError, Limits};

/// What a drop, a dialog or a command line brought.
#[derive(Debug, Default)]
pub struct Collected {
    pub photos: Vec<PathBuf>,
    pub problems: Vec<InputError>,
    pub left_out: usize,
}

/// The photos among `paths`; folders are walked in name order.
pub fn collect(paths: &[PathBuf], limits: &Limits) -> Collected {
    let mut collected = Collected::default();
    for path in paths {
        let files: Vec<PathBuf> = match std::fs::metadata(path) {
            Ok(data) if data.is_dir() => walkdir::WalkDir::new(path)
                .sort_by_file_name()
                .into_iter()
                .filter_map(Result::ok)
                .filter(|entry| entry.file_type().is_file())
                .map(|entry| entry.into_path())
                .collect(),
            Ok(_) => vec![path.clone()],
            Err(source) => {
                collected.problems.push(InputError::Unreadable { path: path.clone(), source });
                continue;
            }
        };
        for file in files {
            if collected.photos.len() < limits.photos {
                collected.photos.push(file);
            } else {
                collected.left_out += 1;
            }
        }
    }
    collected
}
