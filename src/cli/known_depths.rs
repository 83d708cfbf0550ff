//! The options of `fathom depth` about depths that are known, by which results come to metres.

use std::path::PathBuf;

use clap::Args;

use crate::inference::Settings;

#[derive(Debug, Args)]
pub(super) struct KnownDepthArguments {
    /// Depths that are known at pixels of the photos: a table of photo,x,y,metres, or JSON. They bring results to metres
    #[arg(long, value_name = "FILE")]
    known_depths: Option<PathBuf>,
    /// Folder with the depth that a sensor measured of the photos (a.png, a.jpg.png or a_depth.png for a.jpg): PNG of 16 bits in
    /// millimetres; EXR, TIFF or NumPy arrays in metres. It brings results to metres
    #[arg(long, value_name = "DIR")]
    sensor_depth: Option<PathBuf>,
}

impl KnownDepthArguments {
    /// Fills in what these options say.
    pub fn fill(&self, settings: &mut Settings) {
        settings.known_depths = self.known_depths.clone();
        settings.sensor_depth = self.sensor_depth.clone();
    }
}
