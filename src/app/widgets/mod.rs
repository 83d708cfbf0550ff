//! What several pages are made of.

pub mod busy;
pub mod controls;
pub mod folding;
pub mod icons;
pub mod marker;
pub mod thumbnails;
pub mod window;
