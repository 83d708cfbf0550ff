//! The options that say which pixels become points: one set for pictures and for files.

use clap::Args;

use super::numbers::{Pair, every, percent, percentiles, strength};
use crate::scene::Filters;

#[derive(Debug, Args)]
#[command(next_help_heading = "Points")]
pub(super) struct FilterArguments {
    /// Leave out this part of the points, the least sure ones
    #[arg(long, value_name = "PERCENT", default_value_t = Filters::default().confidence_percentile,
          value_parser = percent)]
    pub confidence: f32,
    /// Strength (0 to 1) with which points that smear between two surfaces are left out
    #[arg(long, value_name = "STRENGTH", default_value_t = Filters::default().edge, value_parser = strength)]
    pub edge: f32,
    /// Percentiles of depth between which points are kept [default: 0,100]
    #[arg(long, value_name = "LOW,HIGH", value_parser = percentiles)]
    pub depth_range: Option<Pair>,
    /// Keep pixels without a surface: sky, and what is infinitely far
    #[arg(long)]
    pub keep_background: bool,
    /// Leave out pixels that are black in the photo
    #[arg(long)]
    pub hide_black: bool,
    /// Leave out pixels that are white in the photo
    #[arg(long)]
    pub hide_white: bool,
    /// Keep every n-th point
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = every)]
    pub every: u32,
}

impl FilterArguments {
    pub fn filters(&self) -> Filters {
        Filters {
            confidence_percentile: self.confidence,
            edge: self.edge,
            depth_range: self.depth_range.map_or([0.0, 100.0], |pair| pair.0),
            hide_background: !self.keep_background,
            hide_black: self.hide_black,
            hide_white: self.hide_white,
            every: self.every,
        }
    }
}
