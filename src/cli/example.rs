//! `fathom example`: the synthetic scene with its ground truth.

use std::path::PathBuf;

use clap::Args;

use super::places::NewFolders;
use super::{Outcome, told, ui};
use crate::examples::synthetic;
use crate::export::check_folder;

#[derive(Debug, Args)]
pub(super) struct ExampleArguments {
    /// Folder for the scene; made if missing, and empty unless --overwrite is given
    #[arg(short, long, value_name = "DIR")]
    pub out: PathBuf,
    /// Number of views
    #[arg(long, value_name = "N", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(1..=synthetic::VIEWS as i64))]
    pub views: u32,
    /// Width of the photos in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 640, value_parser = clap::value_parser!(u32).range(16..=4096))]
    pub width: u32,
    /// Height of the photos in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 480, value_parser = clap::value_parser!(u32).range(16..=4096))]
    pub height: u32,
    /// Write into a folder that is not empty, replacing files of the same names
    #[arg(long)]
    pub overwrite: bool,
}

pub(super) fn run(arguments: &ExampleArguments) -> Outcome {
    let size = [arguments.width, arguments.height];
    // Gone in the end where it stays empty.
    let _new_folders = NewFolders::on_the_way_to(&arguments.out);
    let written = check_folder(&arguments.out, arguments.overwrite)
        .and_then(|()| synthetic::write(&arguments.out, arguments.views as usize, size));
    match written {
        Ok(photos) => {
            for photo in photos {
                ui::out(&ui::shown(&photo));
            }
            Outcome::Success
        }
        Err(error) => ui::failure(&told::results(&error)),
    }
}
