//! How the program went.

use std::process::ExitCode;

/// How the program went, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Success,
    Failure,
    /// The command line cannot be used as it is.
    Usage,
    /// There are results, but not for every photo.
    SomePhotosFailed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Success => 0,
            Outcome::Failure => 1,
            Outcome::Usage => 2,
            Outcome::SomePhotosFailed => 3,
        })
    }
}
