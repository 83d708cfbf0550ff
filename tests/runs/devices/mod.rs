//! Runs on a card that fails: at each stage, with each text that drivers are known for. All photos come out, the person reads
//! once why, and the next run works.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod automatic;
mod bench;
mod choosing;
mod graphics;
mod runs;
mod texts;
