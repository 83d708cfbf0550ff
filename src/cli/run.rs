//! What the command line says is done: each command by its own module, and the window where none is given.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use super::args::{Arguments, Command};
use super::nearest::nearest;
use super::{Outcome, bench, convert, depth, example, models, refine, render, selftest, solve, ui};
use crate::app::run_window;
use crate::render::AdapterChoice;

/// What people call a command that opens the window, for which none is needed.
const WINDOW: [&str; 5] = ["ui", "gui", "window", "open", "view"];

/// Does what the command line says; `arguments` starts with the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Outcome {
    let words: Vec<OsString> = arguments.into_iter().collect();
    let parsed = Arguments::command().try_get_matches_from(&words);
    let parsed = parsed.and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Behind a word that is no command its options are unknown, which says nothing of the word.
            let slip = words.get(1).filter(|_| error.kind() == ErrorKind::UnknownArgument).and_then(|word| meant(word));
            return slip.map_or_else(|| say_usage(&error), |meant| ui::usage(&meant));
        }
    };
    match arguments.command {
        None => window(arguments.photos, arguments.adapter),
        Some(Command::Depth(depth)) => {
            let given = matches.subcommand_matches("depth").map(depth::Given::of).unwrap_or_default();
            depth::run(&depth, &given)
        }
        Some(Command::Cameras(arguments)) => solve::run(&arguments),
        Some(Command::Refine(arguments)) => refine::run(&arguments),
        Some(Command::Models(models)) => models::run(&models),
        Some(Command::Render(render)) => render::run(&render),
        Some(Command::Convert(arguments)) => convert::run(&arguments),
        Some(Command::Example(example)) => example::run(&example),
        Some(Command::Selftest(selftest)) => selftest::run(&selftest),
        Some(Command::Bench(bench)) => bench::run(&bench),
        Some(Command::BenchOne { job }) => bench::run_one(&job),
    }
}

fn window(photos: Vec<PathBuf>, adapter: Option<AdapterChoice>) -> Outcome {
    if let Some(missing) = photos.iter().find(|path| is_missing(path)) {
        let meant = photos.first().filter(|first| *first == missing).and_then(|first| meant(first.as_os_str()));
        let name = ui::shown(missing);
        return ui::usage(&meant.unwrap_or_else(|| {
            format!("'{name}' is neither a photo, a folder, a session nor a command. See 'fathom --help'.")
        }));
    }
    match run_window(photos, adapter) {
        Ok(()) => Outcome::Success,
        Err(error) if error.is_usage() => ui::usage(&error.to_string()),
        Err(error) => ui::failure(&error.to_string()),
    }
}

/// What to say of a first word that is neither a command nor there, and is like a command.
fn meant(word: &OsStr) -> Option<String> {
    let name = word.to_str().filter(|name| !name.starts_with('-') && is_missing(Path::new(name)))?;
    if WINDOW.contains(&name.to_lowercase().as_str()) {
        return Some(format!(
            "There is no command '{name}'. 'fathom' alone opens the window, and 'fathom PHOTOS…' with photos."
        ));
    }
    let commands = Arguments::command();
    let known = commands.get_subcommands().filter(|command| !command.is_hide_set()).map(clap::Command::get_name);
    // A command is no slip, whatever stands behind it.
    let meant = nearest(name, known).filter(|meant| *meant != name)?;
    Some(format!("There is no command '{name}'. Did you mean 'fathom {meant}'? See 'fathom --help'."))
}

/// Nothing of that name; what exists but cannot be looked at is left to whoever opens it.
fn is_missing(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Help and version go to stdout and are no error; anything else goes to stderr.
fn say_usage(error: &clap::Error) -> Outcome {
    // A closed pipe must not turn `fathom --help | head` into a failure.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Outcome::Success,
        _ => Outcome::Usage,
    }
}
