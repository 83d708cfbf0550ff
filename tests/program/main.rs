//! The program as a person or a script calls it.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod bench;
mod cli;
mod convert;
mod extras;
mod known_camera_runs;
mod known_depths;
#[path = "../support/program.rs"]
mod program;
mod render_cli;
mod selftest;
mod session;
