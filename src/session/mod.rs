//! What the window holds, as one file that comes back exactly and without its photos.
//!
//! A `.fathom` file is a zip whose entries are stored, not compressed: `session.json` says what there is, `views/0000/depth.npy`
//! and the like hold the maps, so that NumPy reads them, too. Anybody may have changed such a file, so nothing in it is
//! believed unchecked. A folder of exported results becomes a session as well, with what an export keeps of one.

mod document;
mod ending;
mod error;
mod extras;
mod folder;
mod journal;
mod kept;
mod names;
mod open;
mod path;
mod photo;
mod save;

pub use crate::input::Stamp;
pub use ending::{ENDING, has_ending, is_session};
pub use error::SessionError;
pub use journal::Journal;
pub use kept::{SavedResults, Session};
pub use open::open;
pub use photo::{Failure, PhotoFile, SavedPhoto};
pub use save::save;

#[cfg(test)]
mod tests;
