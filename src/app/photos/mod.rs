//! The page of photos: how they come in, and the list of them.

mod collecting;
mod copied_files;
mod drop_overlay;
mod empty;
mod list;
mod menu;
mod page;
mod paste;

pub use collecting::collected;
pub use copied_files::{CopiedFiles, of_desktop};
pub use drop_overlay::drop_overlay;
pub use page::PhotosPage;
