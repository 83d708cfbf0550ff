//! Fathom turns photos into depth maps, camera poses and a 3D scene, natively.
//!
//! The rooms below stand in the order in which a photo travels through them; ARCHITECTURE.md draws the arrows.
#![deny(unsafe_code)]

/// The window: state, layout and one file per panel, on egui.
pub mod app;
/// Which models exist, their licence and size, and where their weights lie on disk.
pub mod catalog;
/// The same work without a window.
pub mod cli;
/// Example photos that ship with the program and a synthetic scene with exact depth and cameras.
pub mod examples;
/// One file per format; each takes a `Prediction` and a `Write`.
pub mod export;
/// Pure maths on `glam` types: intrinsics, rigid poses, similarity alignment, un-projection.
pub mod geometry;
/// Published files: fetched into the cache that Python tools share, checked, and taken out again.
pub mod hub;
/// A loaded model, settings and views to a `Prediction`; passes, post-processing, cancellation points.
pub mod inference;
/// Files to decoded 8-bit views with their origin; EXIF; limits; the resize rules of the networks.
pub mod input;
/// Points of photos that can be found again, and which of them are the same in two photos.
pub mod matching;
/// What the machine and this process have and use, sampled while the program runs.
pub mod memory;
/// The networks on candle: presets, weight names, ViT, attention, heads, cameras.
pub mod model;
/// wgpu only: depth clouds, eye-dome lighting, frusta, picking, screenshots.
pub mod render;
/// A folder of exported results becomes a `Prediction` again.
pub mod reopen;
/// `Prediction` to what can be shown: points, filters, colour maps, bounds, cameras.
pub mod scene;
/// What the window holds, as one file: photos, settings, exact results and how they are looked at.
pub mod session;
/// Where photos were taken, from the points that they share.
pub mod sfm;
/// The background thread: one command enum in, one event enum out.
pub mod worker;
