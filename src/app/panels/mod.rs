//! One file per panel; each draws the state and pushes what the person asks for.

pub mod banner;
pub mod centre;
pub mod drop_overlay;
pub mod empty;
pub mod export;
mod files_menu;
mod fitting;
pub mod help;
mod known_cameras;
mod known_depths;
mod lens;
mod masks;
pub mod matches;
pub mod memory;
mod missing;
mod model;
pub mod models;
mod need;
pub mod notices;
pub mod settings;
mod splitter;
pub mod status;
pub mod top_bar;
mod transfer;
pub mod unsaved;
pub mod views;
