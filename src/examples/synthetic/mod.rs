//! A scene of our own with exact depth and cameras: a table in a room, seen from eight places.
//!
//! Every number comes from integer hashes, the four operations and square roots, so that all machines draw the same
//! bytes. Pixels are sampled at integer coordinates, as `geometry` counts them.

mod light;
mod read;
mod render;
mod shape;
mod table_top;
mod texture;
mod view;
mod write;

pub use read::read;
pub use render::{VIEWS, render};
pub use view::SyntheticView;
pub use write::{TRUTH_FILE, photo_name, write};
