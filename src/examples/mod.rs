//! Example photos that ship with the program and a synthetic scene with exact depth and cameras.

mod scenes;
pub mod synthetic;

pub use scenes::{ExampleScene, scenes, scenes_in};
