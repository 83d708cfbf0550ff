//! `fathom models`: what can be chosen and what is there; fetched, verified and removed.

mod args;
mod get;
mod list;
mod remove;
mod tidy;
mod verify;

use super::{Outcome, ui};
use crate::catalog::{self, CatalogError, Entry, Locations, ModelId, Weights};

use args::ModelsCommand;
pub(super) use args::{MODELS_NOTES, ModelsArguments};

pub(super) fn run(arguments: &ModelsArguments) -> Outcome {
    let done = match arguments.command.as_ref().unwrap_or(&ModelsCommand::List) {
        ModelsCommand::List => Ok(list::run()),
        ModelsCommand::Get { ids, quiet } => all_known(ids).map(|entries| get::run(&entries, *quiet)),
        ModelsCommand::Verify { ids, quiet } => all_known(ids).map(|entries| verify::run(&entries, *quiet)),
        ModelsCommand::Rm { id, force, quiet } => known(id).map(|entry| remove::run(entry, *force, *quiet)),
        ModelsCommand::Tidy { ids, quiet } => all_known(ids).map(|entries| tidy::run(&entries, *quiet)),
        ModelsCommand::Path { id } => known(id).map(path),
    };
    done.unwrap_or_else(|message| ui::usage(&message))
}

/// The model of this id, or what to say where there is none.
pub(super) fn known(id: &str) -> Result<&'static Entry, String> {
    catalog::find(&ModelId(id.into())).ok_or_else(|| {
        let known: Vec<_> = catalog::entries().iter().map(|entry| entry.id).collect();
        format!("There is no model '{id}'. Known models: {}.", known.join(", "))
    })
}

/// The ids of the models that have something, as a person would list them: "a, b or c".
pub(super) fn those(has: fn(&Entry) -> bool) -> String {
    let ids: Vec<&str> = catalog::entries().iter().filter(|entry| has(entry)).map(|entry| entry.id).collect();
    match ids.split_last() {
        Some((last, [])) => (*last).into(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn all_known(ids: &[String]) -> Result<Vec<&'static Entry>, String> {
    ids.iter().map(|id| known(id)).collect()
}

fn path(entry: &'static Entry) -> Outcome {
    match catalog::locate(entry) {
        Some(Weights::File(path)) => {
            ui::out(&path.to_string_lossy());
            Outcome::Success
        }
        Some(Weights::BuiltIn(_)) => ui::failure(&format!("{} is part of the program and has no file.", entry.id)),
        None => ui::failure(&not_installed(entry)),
    }
}

fn not_installed(entry: &Entry) -> String {
    let gone = Locations::from_env().gone(entry).map(|gone| format!(": {gone}")).unwrap_or_default();
    format!("{} is not installed{gone}. Fetch it with 'fathom models get {}'.", entry.name, entry.id)
}

/// An error and what to do about it, in sentences.
pub(super) fn sentences(error: &CatalogError) -> String {
    format!("{error}. {}.", error.advice())
}
