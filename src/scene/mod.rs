//! `Prediction` to what can be shown: points, filters, colour maps, bounds, cameras.

mod bounds;
mod carried;
mod cloud_scene;
mod colour_by;
mod colour_map;
mod depth_vis;
mod extent;
mod filters;
mod framing;
mod frustum;
mod lengths;
mod look;
mod measure;
mod orbit_camera;
mod points;
mod quantiles;
mod screen_line;
mod segment;
mod srgb;
mod stereo;
#[cfg(test)]
mod synthetic;
mod trajectory;

pub use crate::geometry::{percentile, percentiles};
pub use bounds::Bounds;
pub use carried::{Carried, carried};
pub use cloud_scene::CloudScene;
pub use colour_by::{ColourBy, view_colour};
pub use colour_map::ColourMap;
pub use depth_vis::{DepthRange, depth_vis};
pub use extent::Extent;
pub use filters::{FilterLimits, Filters, usable_confidence, usable_depth};
pub use framing::{fit_cloud, go_home, look_from_side};
pub use frustum::Frustum;
pub use lengths::{KnownLength, KnownLengths};
pub use look::{Look, Shape, Sizing, UpAxis};
pub use measure::{Measure, coordinates, length, length_text, scale_factor, true_length};
pub use orbit_camera::{OrbitCamera, Ray, StandardView};
pub use points::{Point, Thinning, points, shown_points};
pub use quantiles::{Histogram, Quantiles};
pub use screen_line::screen_line;
pub use segment::{AXIS_COLOURS, Segment, axes, grid, nice_step};
pub use srgb::{linear_from_srgb, srgb_from_linear};
pub use stereo::{EyeDistance, Eyes, Nearness, Parallax, StereoLayout, StereoPair};
pub use trajectory::{all_round, camera_path, photo_path, sway, turntable};
