//! Weights to measure with.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::catalog::{BUILT_IN, Entry};
use crate::cli::ui;
use crate::inference::write_generated;

/// Any number will do; the same one makes runs comparable.
const SEED: u64 = 9;

/// The built-in model has its weights; the others get generated ones in `folder`, where they may already be.
pub(super) fn weights_of(entry: &Entry, folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    if entry.id == BUILT_IN {
        return Ok(None);
    }
    let path = folder.join(format!("{}-generated.safetensors", entry.id));
    if !path.exists() {
        let failed = || format!("{} of weights cannot be written to {}", ui::bytes(entry.file_bytes), ui::shown(&path));
        std::fs::create_dir_all(folder).with_context(failed)?;
        write_generated(&path, entry.preset, SEED).with_context(failed)?;
        // The system would write them back in the middle of a measurement.
        File::open(&path).and_then(|file| file.sync_all()).with_context(failed)?;
    }
    Ok(Some(path))
}
