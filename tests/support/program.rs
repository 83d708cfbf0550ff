//! The program as a script runs it: without a display.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::ffi::OsStr;
use std::process::{Command, Output};

pub fn fathom<A: AsRef<OsStr>>(arguments: &[A]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fathom"))
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program starts")
}
