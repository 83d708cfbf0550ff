//! Which kind of file or folder a path names, and what it says of cameras.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::damaged;
use super::file::bytes;
use super::found::Reading;
use super::{CamerasError, colmap, json, transforms};

/// What there is at `path`.
pub fn reading(path: &Path) -> Result<Reading, CamerasError> {
    if path.is_file() {
        let is_colmap = path.extension().is_some_and(|ending| ending == "bin" || ending == "txt");
        return if is_colmap { model_in(&[path.parent().unwrap_or(path).to_owned()], path) } else { json_in(path) };
    }
    let cameras = path.join("cameras.json");
    if cameras.is_file() {
        return json_in(&cameras);
    }
    let folders = [path.to_owned(), path.join("sparse/0"), path.join("sparse")];
    match model_in(&folders, path) {
        Err(CamerasError::NoCameras { path: nowhere }) => {
            let transforms = path.join("transforms.json");
            if transforms.is_file() { json_in(&transforms) } else { Err(CamerasError::NoCameras { path: nowhere }) }
        }
        found => found,
    }
}

fn model_in(folders: &[PathBuf], path: &Path) -> Result<Reading, CamerasError> {
    let found = folders.iter().find_map(|folder| colmap::read(folder).transpose());
    found.ok_or_else(|| CamerasError::NoCameras { path: path.to_owned() })?
}

/// What a JSON file is about, its content says.
fn json_in(path: &Path) -> Result<Reading, CamerasError> {
    let bytes = bytes(path)?;
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let parsed = serde_json::from_slice(text)
        .or_else(|error| serde_json::from_slice(&without_odd_numbers(text)).map_err(|_| error));
    let all: Value = parsed.map_err(|error| damaged(path, error.to_string()))?;
    match (all.get("cameras"), all.get("frames")) {
        (Some(cameras), _) => json::read(path, cameras),
        (None, Some(frames)) => transforms::read(path, &all, frames),
        (None, None) => Err(damaged(path, "it has neither cameras nor frames")),
    }
}

/// JSON has no word for what is no number or infinite, and Python writes some all the same: they become null.
fn without_odd_numbers(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let (mut rest, mut is_in_string) = (text, false);
    while let [first, behind @ ..] = rest {
        let odd =
            [&b"NaN"[..], b"-Infinity", b"Infinity"].into_iter().find(|odd| !is_in_string && rest.starts_with(odd));
        if let Some(odd) = odd {
            plain.extend(b"null");
            rest = &rest[odd.len()..];
            continue;
        }
        plain.push(*first);
        rest = behind;
        match first {
            b'"' => is_in_string = !is_in_string,
            // What it hides is part of the string.
            b'\\' => {
                if let [hidden, behind @ ..] = rest {
                    plain.push(*hidden);
                    rest = behind;
                }
            }
            _ => {}
        }
    }
    plain
}
