//! A disk that is full: whatever is being written, nothing half-written stays, and the error names the file.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]
// A limit on the size of files stands for the full disk; it is Linux' shell that sets it.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use fathom::export::Format;

/// Runs `fathom depth` where no file can become larger than `kilobytes`; in place of a signal, writing answers with an error.
fn depth_with_limit(kilobytes: u32, photo: &Path, out: &Path, format: &str) -> Output {
    let state = tempfile::tempdir().expect("a folder");
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$@\"");
    let mut command = Command::new("bash");
    command.args(["-c", &script, "bash", env!("CARGO_BIN_EXE_fathom"), "depth"]).arg(photo).arg("--out").arg(out);
    command.args(["--formats", format, "--resolution", "56", "--edge", "0", "--overwrite", "--quiet"]);
    if ["features", "feat_vis"].contains(&format) {
        command.args(["--export-feat", "3"]);
    }
    command.env("FATHOM_STATE", state.path()).output().expect("the program starts")
}

fn files(dir: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(dir).into_iter().map(|entry| entry.expect("listing"));
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.map(|entry| entry.path().strip_prefix(dir).expect("inside").to_string_lossy().into_owned()).collect()
}

fn photo(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("photo.png");
    // Noise, so that nothing becomes small by compression.
    let noise = |x: u32, y: u32| {
        let hash = x.wrapping_mul(0x9e37_79b9).wrapping_add(y.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0xc2b2_ae35);
        image::Rgb([(hash >> 8) as u8, (hash >> 16) as u8, (hash >> 24) as u8])
    };
    image::RgbImage::from_fn(56, 56, noise).save(&path).expect("a photo");
    path
}

#[test]
fn nothing_half_written_stays_in_any_format() {
    let dir = tempfile::tempdir().expect("a folder");
    let photo = photo(dir.path());
    // The built-in model has neither Gaussians nor sky; their files are written as all others are. MP4 is another program's work.
    let has_none = [Format::GsPly, Format::SkyPng, Format::StereoMp4];
    for format in Format::ALL.into_iter().filter(|format| !has_none.contains(format)) {
        let (name, out) = (format.name(), dir.path().join(format.name()));
        let whole = depth_with_limit(1 << 20, &photo, &out, name);
        assert!(whole.status.success(), "{name}: {}", String::from_utf8_lossy(&whole.stderr));
        let written = files(&out);
        let largest =
            written.iter().map(|file| fs::metadata(out.join(file)).expect("there").len()).max().expect("a file");
        fs::remove_dir_all(&out).expect("gone");
        // No room at all, and room for less than the largest file, where that takes more than the smallest limit.
        for kilobytes in [0, (largest.saturating_sub(1) / 1024) as u32] {
            let failed = depth_with_limit(kilobytes, &photo, &out, name);
            let said = String::from_utf8_lossy(&failed.stderr).into_owned();
            assert_eq!(failed.status.code(), Some(1), "{name}, {kilobytes} KB: {said}");
            assert!(said.contains("cannot be written") && said.contains(name), "{name}, {kilobytes} KB: {said}");
            // A folder that stayed empty is gone.
            let left = if out.exists() { files(&out) } else { Vec::new() };
            assert!(left.iter().all(|file| written.contains(file)), "{name}, {kilobytes} KB: {left:?}");
            assert!(!left.contains(&"summary.json".into()), "{name}: nothing vouches for what is there");
            if out.exists() {
                fs::remove_dir_all(&out).expect("gone");
            }
        }
    }
}

#[test]
fn an_older_export_does_not_vouch_for_a_mixture() {
    let dir = tempfile::tempdir().expect("a folder");
    let (photo, out) = (photo(dir.path()), dir.path().join("out"));
    assert!(depth_with_limit(1 << 20, &photo, &out, "npz,ply").status.success());
    assert!(out.join("summary.json").exists());
    assert_eq!(depth_with_limit(1, &photo, &out, "npz,ply").status.code(), Some(1));
    assert!(out.join("results.npz").exists() && !out.join("summary.json").exists());
}
