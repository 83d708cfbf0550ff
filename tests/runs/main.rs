//! Runs without a window: the worker, the devices that it runs on, matching, cameras, and what may go wrong on the way.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod devices;
#[path = "../support/drawn.rs"]
mod drawn;
mod examples;
mod half_written;
mod matching;
mod one_scene;
mod precision;
mod recovery;
mod refine;
mod resume;
mod sfm;
mod shapes;
mod small_mac;
#[path = "../support/stand_in.rs"]
mod stand_in;
mod worker;
