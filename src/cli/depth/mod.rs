//! `fathom depth`: photos to files, through the same worker that the window uses.

mod args;
mod check;
mod follow;
mod idle;
mod notes;
mod plan;
#[cfg(test)]
mod refusals;
mod resume;
mod run;

pub(super) use args::DepthArguments;
pub(super) use idle::Given;
pub(super) use notes::DEPTH_NOTES;
pub(super) use run::run;
