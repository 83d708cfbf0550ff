//! The files of one view.

use std::cell::LazyCell;

use super::bend::bend;
use super::depth_png::surfaces;
use super::files::Files;
use super::float_map::{FloatMap, write_pfm, write_tiff};
use super::full_size::SizedMaps;
use super::jpg::{write_depth_vis, write_jpg};
use super::layers::{Colours, Layers, write_exr};
use super::mask_png::write_mask_png;
use super::mesh::write_mesh;
use super::npy::write_npy;
use super::photo::photo_of;
use super::summary::{ViewFiles, ViewSummary};
use super::view_names::ViewName;
use super::{DepthScale, ExportError, ExrColours, Format, Options, write_colour_png, write_depth_png};
use crate::inference::{DepthUnit, Prediction, ViewPrediction};
use crate::scene::{ColourMap, DepthRange, depth_vis};

/// Writes what is asked for of view number `index` into files that begin with `name`; `npz` is the archive that holds its arrays.
pub(super) fn write_view(
    files: &mut Files<'_>,
    prediction: &Prediction,
    index: usize,
    name: &ViewName,
    npz: Option<String>,
    (scale, range): (DepthScale, DepthRange),
    options: &Options,
) -> Result<ViewSummary, ExportError> {
    let view = &prediction.views[index];
    let unit = prediction.unit_of(view.scene);
    // Large at the photo's size, and not every format asks for it.
    let maps = LazyCell::new(|| match options.full_size {
        true => at_photo_size(view, options),
        false => SizedMaps::as_processed(view),
    });
    let mut about = ViewFiles { unit, npz, ..ViewFiles::default() };
    for &format in &options.formats {
        match format {
            Format::DepthPng => {
                note_clipping(files, &maps, scale);
                about.depth_png = Some((
                    files.write(name.file("depth.png"), |to| {
                        write_depth_png(to, &maps.depth, maps.background.as_deref(), maps.size, scale)
                    })?,
                    scale,
                    maps.size,
                ));
            }
            Format::ColourPng => {
                about.colour_png = Some(
                    files.write(name.file("colour.png"), |to| write_colour_png(to, &maps.depth, maps.size, range))?,
                );
            }
            Format::ColourJpg => {
                let [width, height] = maps.size;
                let picture = depth_vis(&maps.depth, width, height, range, ColourMap::Spectral, false);
                files.write(name.file("colour.jpg"), |to| write_jpg(to, &picture))?;
            }
            Format::DepthVis => {
                files.write(format!("depth_vis/{index:04}.jpg"), |to| write_depth_vis(to, view))?;
            }
            Format::Exr => write_layers(files, view, name.file("depth.exr"), &maps, (unit, range), options)?,
            Format::Tiff | Format::Pfm | Format::Npy => {
                write_map(files, format, name.file("depth"), &depth_map(&maps, unit))?;
                if let Some(map) = confidence_map(&maps) {
                    write_map(files, format, name.file("confidence"), &map)?;
                }
            }
            Format::SkyPng => {
                if let Some(sky) = &maps.sky {
                    files.write(name.file("sky.png"), |to| write_mask_png(to, sky, maps.size, "255 = sky"))?;
                }
            }
            Format::MeshGlb | Format::MeshPly | Format::MeshObj => {
                write_mesh(files, prediction, index, name, format, options)?;
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
            | Format::Chan
            | Format::GsPly => {}
        }
    }
    Ok(ViewSummary::new(view, files.dir, about))
}

/// That the deepest values are not what they say must not be found out by surprise.
fn note_clipping(files: &mut Files<'_>, maps: &SizedMaps, scale: DepthScale) {
    files.clipped.push(scale.clipped(surfaces(&maps.depth, maps.background.as_deref())));
}

/// The maps of the picture that the exported camera sees.
fn at_photo_size(view: &ViewPrediction, options: &Options) -> SizedMaps {
    let straight = SizedMaps::as_photo(view, options.enlarging);
    match view.bent.filter(|_| options.as_taken) {
        Some(bent) => bend(&straight, &bent, &view.photo_intrinsics()),
        None => straight,
    }
}

/// The photo of an EXR at the photo's size is read again; where it is gone, the depth is worth having without it.
fn write_layers(
    files: &mut Files<'_>,
    view: &ViewPrediction,
    name: String,
    maps: &SizedMaps,
    (unit, range): (DepthUnit, DepthRange),
    options: &Options,
) -> Result<(), ExportError> {
    let mut photo = None;
    if options.exr == ExrColours::Photo && options.full_size {
        match photo_of(view, options.as_taken) {
            Ok(picture) => photo = Some(picture),
            Err(error) => files.remarks.push(format!("{name} has depth and no colours: {error}")),
        }
    }
    let colours = match (options.exr, options.full_size) {
        (ExrColours::Grey, _) => Colours::Grey(range),
        (ExrColours::Photo, true) => photo.as_ref().map_or(Colours::None, Colours::Photo),
        (ExrColours::Photo, false) => Colours::Photo(&view.image),
    };
    let layers = Layers {
        size: maps.size,
        colours,
        depth: &maps.depth,
        background: maps.background.as_deref(),
        confidence: maps.confidence.as_deref(),
        sky: maps.sky.as_deref(),
        description: depth_words(unit, maps),
    };
    files.write(name, |to| write_exr(to, &layers))?;
    Ok(())
}

fn depth_map(maps: &SizedMaps, unit: DepthUnit) -> FloatMap<'_> {
    FloatMap { values: &maps.depth, size: maps.size, description: depth_words(unit, maps) }
}

fn depth_words(unit: DepthUnit, maps: &SizedMaps) -> String {
    let unit = match unit {
        DepthUnit::Metres => "z-depth in metres",
        DepthUnit::Relative => "z-depth, relative: up to an unknown scale",
    };
    described(unit, maps)
}

fn confidence_map(maps: &SizedMaps) -> Option<FloatMap<'_>> {
    let values = maps.confidence.as_deref()?;
    let description = described("confidence of depth, larger is surer", maps);
    Some(FloatMap { values, size: maps.size, description })
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
        Format::Pfm => write_pfm(to, map),
        _ => write_npy(to, map.values, &[map.size[1] as usize, map.size[0] as usize]),
    })?;
    Ok(())
}
