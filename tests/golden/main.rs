//! The program's numbers against golden files: networks, matching, geometry, what is done to photos before and to depth after.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod cli;
mod depth_vis;
mod geometry;
#[path = "../support/golden.rs"]
mod golden;
mod matching;
mod networks;
mod preprocess;
#[path = "../support/program.rs"]
mod program;
mod weights;
