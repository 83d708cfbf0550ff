//! Which of the commands about models is meant, and of which models.

use super::args::{ModelsArguments, ModelsCommand};
use super::{get, known, list, path, remove, tidy, verify};
use crate::catalog::Entry;
use crate::cli::{Outcome, ui};

pub(in crate::cli) fn run(arguments: &ModelsArguments) -> Outcome {
    let done = match arguments.command.as_ref().unwrap_or(&ModelsCommand::List) {
        ModelsCommand::List => Ok(list::run()),
        ModelsCommand::Get { ids, quiet } => all_known(ids).map(|entries| get::run(&entries, *quiet)),
        ModelsCommand::Verify { ids, quiet } => all_known(ids).map(|entries| verify::run(&entries, *quiet)),
        ModelsCommand::Rm { id, force, quiet } => known(id).map(|entry| remove::run(entry, *force, *quiet)),
        ModelsCommand::Tidy { ids, quiet } => all_known(ids).map(|entries| tidy::run(&entries, *quiet)),
        ModelsCommand::Path { id } => known(id).map(path::run),
    };
    done.unwrap_or_else(|message| ui::usage(&message))
}

fn all_known(ids: &[String]) -> Result<Vec<&'static Entry>, String> {
    ids.iter().map(|id| known(id)).collect()
}
