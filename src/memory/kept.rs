//! What is remembered between starts, in small files of its own.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads what is remembered; the default where there is no such file, or one that cannot be understood.
pub fn read<T: DeserializeOwned + Default>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).ok();
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Writes a new file and puts it into the place of the old one.
///
/// # Errors
/// What the system says about the folder or the disk.
pub fn write<T: Serialize>(value: &T, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(serde_json::to_string_pretty(value).map_err(io::Error::other)?.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
