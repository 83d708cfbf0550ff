//! The 2D view: photo, depth, confidence and sky of one view, with zoom, read-out and legend.

mod canvas;
mod controls;
mod large;
mod layers;
mod outside;
mod ranges;
mod readout;
mod settings;
mod source;
mod statistics;
mod swipe;
mod tile;
mod value;
mod view;

pub use ranges::Ranges;
pub use settings::DepthSettings;
pub use source::{Photo, PhotoRead};
pub use view::DepthView;
