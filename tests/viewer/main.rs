//! What is drawn, and the 3D view that draws it.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod cloud_view;
mod desk;
mod measuring;
mod opengl;
mod render;
mod room;
mod shaders;
mod taking_away;
mod tools;
