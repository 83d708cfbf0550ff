//! `fathom convert`: weights in fewer bits.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::model;
use super::{Outcome, models, ui};
use crate::catalog::{Entry, ModelId};
use crate::inference::{Conversion, FewerBits, Settings, convert};
use crate::memory::shown_bytes;
use crate::worker::Problem;

pub(super) const CONVERT_NOTES: &str = "\
The file says what it was made of: name and SHA-256 of the source stand in its header. Only Fathom reads
the 8-bit form.

Examples:
  fathom convert --model da3-base --to f16 --out da3-base-f16.safetensors
  fathom depth room.jpg --out result --model da3-base --weights da3-base-f16.safetensors";

#[derive(Debug, Args)]
pub(super) struct ConvertArguments {
    /// Model by its id, see 'fathom models'
    #[arg(short, long, value_name = "ID", value_parser = model)]
    model: &'static Entry,
    /// Number format: half the size, or a third with less exact depth
    #[arg(long, value_enum)]
    to: Target,
    /// The new model file (safetensors)
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Model file to convert, instead of the installed one
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Replace a file of that name
    #[arg(long)]
    overwrite: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Target {
    F16,
    Int8,
}

pub(super) fn run(arguments: &ConvertArguments) -> Outcome {
    let entry = arguments.model;
    if arguments.out.exists() && !arguments.overwrite {
        let out = arguments.out.display();
        return ui::failure(&format!("{out} is already there. Choose another name with --out, or add --overwrite."));
    }
    if let Err(message) = models::at_hand(entry, arguments.weights.as_deref()) {
        return ui::failure(&message);
    }
    let settings =
        Settings { model: ModelId(entry.id.into()), weights: arguments.weights.clone(), ..Settings::default() };
    let to = match arguments.to {
        Target::F16 => FewerBits::F16,
        Target::Int8 => FewerBits::Int8,
    };
    match convert(&settings, to, &arguments.out) {
        Ok(Conversion { source, sha256, source_bytes, bytes }) => {
            let (before, after) = (shown_bytes(source_bytes), shown_bytes(bytes));
            // Whole in a line of its own, for those who copy it and for scripts.
            ui::out(&ui::shown(&arguments.out));
            ui::say(&format!("{}: {before} → {after}\nMade of {source}, SHA-256 {sha256}", entry.name));
            Outcome::Success
        }
        Err(error) => ui::failure(&Problem::from(&error).to_string()),
    }
}
