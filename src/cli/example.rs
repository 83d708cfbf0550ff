//! `fathom example`: the synthetic scene with its ground truth.

use super::args::ExampleArguments;
use super::{Outcome, ui};
use crate::examples::synthetic;
use crate::export::check_folder;

pub(super) fn run(arguments: &ExampleArguments) -> Outcome {
    let size = [arguments.width, arguments.height];
    let written = check_folder(&arguments.out, arguments.overwrite)
        .and_then(|()| synthetic::write(&arguments.out, arguments.views as usize, size));
    match written {
        Ok(photos) => {
            for photo in photos {
                ui::out(&ui::shown(&photo));
            }
            Outcome::Success
        }
        Err(error) => ui::failure(&error.to_string()),
    }
}
