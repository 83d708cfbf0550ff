//! Damaged photos and cameras, thousands of them: whatever the bytes are, a file is read or refused in words, in time and in
//! memory.
//!
//! An ordinary run changes each seed a few times. `scripts/fuzz.sh SECONDS [NAME]` goes on for as long as it is told and
//! prints what it counted. Files that once made trouble lie in `tests/fixtures/photos/found`.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test, and its report")]

mod cameras;
mod changes;
mod photos;
mod watching;
