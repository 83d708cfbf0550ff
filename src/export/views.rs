//! The files of one view.

use std::cell::LazyCell;

use super::all::Files;
use super::depth_png::surfaces;
use super::file_name::view_file;
use super::float_map::{FloatMap, write_exr, write_pfm, write_tiff};
use super::full_size::SizedMaps;
use super::jpg::{write_depth_vis, write_jpg};
use super::mask_png::write_mask_png;
use super::mesh::write_mesh;
use super::npy::write_npy;
use super::summary::{ViewFiles, ViewSummary};
use super::{DepthScale, ExportError, Format, Options, write_colour_png, write_depth_png};
use crate::inference::{DepthUnit, Prediction};
use crate::scene::{ColourMap, DepthRange, depth_vis};

/// Writes what is asked for of view number `index` into `folder`, which ends in `/` where there is one; `npz` is the archive that holds its arrays.
pub(super) fn write_view(
    files: &mut Files<'_>,
    prediction: &Prediction,
    index: usize,
    folder: &str,
    npz: Option<String>,
    (scale, range): (DepthScale, DepthRange),
    options: &Options,
) -> Result<ViewSummary, ExportError> {
    let view = &prediction.views[index];
    let unit = prediction.unit_of(view.scene);
    // Large at the photo's size, and not every format asks for it.
    let maps = LazyCell::new(|| match options.full_size {
        true => SizedMaps::as_photo(view, options.enlarging, options.as_taken),
        false => SizedMaps::as_processed(view),
    });
    let name = |ending: &str| format!("{folder}{}", view_file(index, &view.path, ending));
    let mut about = ViewFiles { unit, npz, ..ViewFiles::default() };
    for &format in &options.formats {
        match format {
            Format::DepthPng => {
                note_clipping(files, &maps, scale);
                about.depth_png = Some((
                    files.write(name("depth.png"), |to| {
                        write_depth_png(to, &maps.depth, maps.background.as_deref(), maps.size, scale)
                    })?,
                    scale,
                    maps.size,
                ));
            }
            Format::ColourPng => {
                about.colour_png =
                    Some(files.write(name("colour.png"), |to| write_colour_png(to, &maps.depth, maps.size, range))?);
            }
            Format::ColourJpg => {
                let [width, height] = maps.size;
                let picture = depth_vis(&maps.depth, width, height, range, ColourMap::Spectral, false);
                files.write(name("colour.jpg"), |to| write_jpg(to, &picture))?;
            }
            Format::DepthVis => {
                files.write(format!("depth_vis/{index:04}.jpg"), |to| write_depth_vis(to, view))?;
            }
            Format::Tiff | Format::Exr | Format::Pfm | Format::Npy => {
                write_map(files, format, name("depth"), &depth_map(&maps, unit))?;
                if let Some(map) = confidence_map(&maps) {
                    write_map(files, format, name("confidence"), &map)?;
                }
            }
            Format::SkyPng => {
                if let Some(sky) = &maps.sky {
                    files.write(name("sky.png"), |to| write_mask_png(to, sky, maps.size, "255 = sky"))?;
                }
            }
            Format::MeshGlb | Format::MeshPly | Format::MeshObj => {
                write_mesh(files, prediction, index, folder, format, options)?;
            }
            // Files of the run or of its scenes.
            Format::Npz | Format::MiniNpz | Format::Cameras | Format::FeatVis | Format::Features => {}
            Format::StereoPng | Format::StereoJpg | Format::StereoMp4 | Format::StereoGif => {}
            Format::Ply
            | Format::Xyz
            | Format::Las
            | Format::Glb
            | Format::Colmap
            | Format::ColmapText
            | Format::Transforms
            | Format::GsPly => {}
        }
    }
    Ok(ViewSummary::new(view, files.dir, about))
}

/// That the deepest values are not what they say must not be found out by surprise.
fn note_clipping(files: &mut Files<'_>, maps: &SizedMaps, scale: DepthScale) {
    files.clipped.push(scale.clipped(surfaces(&maps.depth, maps.background.as_deref())));
}

fn depth_map(maps: &SizedMaps, unit: DepthUnit) -> FloatMap<'_> {
    let unit = match unit {
        DepthUnit::Metres => "z-depth in metres",
        DepthUnit::Relative => "z-depth, relative: up to an unknown scale",
    };
    FloatMap { values: &maps.depth, size: maps.size, channel: "Z", description: described(unit, maps) }
}

fn confidence_map(maps: &SizedMaps) -> Option<FloatMap<'_>> {
    let values = maps.confidence.as_deref()?;
    let description = described("confidence of depth, larger is surer", maps);
    Some(FloatMap { values, size: maps.size, channel: "Y", description })
}

fn described(what: &str, maps: &SizedMaps) -> String {
    match maps.enlarging {
        Some(enlarging) => format!("{what}; brought to the size of the photo: {}", enlarging.name()),
        None => what.into(),
    }
}

fn write_map(files: &mut Files<'_>, format: Format, stem: String, map: &FloatMap<'_>) -> Result<(), ExportError> {
    let name = format!("{stem}.{}", format.name());
    files.write(name, |to| match format {
        Format::Tiff => write_tiff(to, map),
        Format::Exr => write_exr(to, map),
        Format::Pfm => write_pfm(to, map),
        _ => write_npy(to, map.values, &[map.size[1] as usize, map.size[0] as usize]),
    })?;
    Ok(())
}
