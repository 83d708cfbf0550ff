//! `fathom models`: what can be chosen and what is there; fetched, verified and removed.

mod args;
mod get;
mod list;
mod path;
mod remove;
mod run;
mod tidy;
mod verify;
mod which;
mod words;

pub(super) use args::{MODELS_NOTES, ModelsArguments};
pub(super) use run::run;
pub(super) use which::{at_hand, those};
