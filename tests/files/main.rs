//! Files that come in, files that are written, and what reads them again.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod export;
mod for_trainers;
mod formats;
mod input_corpus;
mod input_exif;
mod known_cameras;
mod photo_formats;
mod readers;
mod reopen;
mod stereo;
