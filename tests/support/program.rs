//! The program as a script runs it: without a display, and without what an earlier run has left behind.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::ffi::OsStr;
use std::process::{Command, Output};

pub fn fathom<A: AsRef<OsStr>>(arguments: &[A]) -> Output {
    let state = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
    command.args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.env("FATHOM_STATE", state.path()).output().expect("the program starts")
}
