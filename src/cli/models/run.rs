//! Which of the commands about models is meant.

use super::args::{ModelsArguments, ModelsCommand};
use super::{get, list, path, remove, tidy, verify};
use crate::cli::Outcome;

pub(in crate::cli) fn run(arguments: &ModelsArguments) -> Outcome {
    match arguments.command.as_ref().unwrap_or(&ModelsCommand::List) {
        ModelsCommand::List => list::run(),
        ModelsCommand::Get { models, quiet } => get::run(models, *quiet),
        ModelsCommand::Verify { models, quiet } => verify::run(models, *quiet),
        ModelsCommand::Rm { model, force, quiet } => remove::run(model, *force, *quiet),
        ModelsCommand::Tidy { models, quiet } => tidy::run(models, *quiet),
        ModelsCommand::Path { model } => path::run(model),
    }
}
