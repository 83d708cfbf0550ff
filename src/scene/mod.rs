//! `Prediction` to what can be shown: points, filters, colour maps, bounds, cameras.

mod colour_map;
mod depth_vis;
mod points;

pub use crate::geometry::{percentile, percentiles};
pub use colour_map::ColourMap;
pub use depth_vis::{DepthRange, depth_vis};
pub use points::{Filters, Point, points};
