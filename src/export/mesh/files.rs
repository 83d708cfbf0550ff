//! The files of a mesh: its own, and those that it leads to.

use std::borrow::Cow;

use image::RgbImage;

use super::{Mesh, write_mesh_glb, write_mesh_mtl, write_mesh_obj, write_mesh_ply};
use crate::export::files::Files;
use crate::export::photo::part_of_photo;
use crate::export::view_names::ViewName;
use crate::export::{ExportError, Format, Options, write_jpg};
use crate::inference::{Prediction, ViewPrediction};

/// Writes the mesh of view number `index` in one format, below `mesh/` and there into files that begin with `name`.
pub(in crate::export) fn write_mesh(
    files: &mut Files<'_>,
    prediction: &Prediction,
    index: usize,
    ViewName { folder, stem }: &ViewName,
    format: Format,
    options: &Options,
) -> Result<(), ExportError> {
    let view = &prediction.views[index];
    let first = prediction.views.iter().find(|other| other.scene == view.scene).unwrap_or(view);
    let mesh = Mesh::new(view, first, options.mesh_step);
    // OBJ and MTL have blanks between words, also where they name files.
    let stem = stem.replace(char::is_whitespace, "_");
    let ending = match format {
        Format::MeshPly => "ply",
        Format::MeshObj => "obj",
        _ => "glb",
    };
    let name = |ending: &str| format!("mesh/{folder}{stem}{ending}");
    let file = name(&format!(".{ending}"));
    if mesh.is_empty() {
        files.missing.push(format!(
            "{file} would have no surface, and is not written: nothing in the photo has depth, or all of it is background."
        ));
        return Ok(());
    }
    let unit = prediction.unit_of(view.scene);
    let texture = texture(files, view, &file, options);
    match format {
        Format::MeshPly => {
            // Another name than that of the OBJ's picture: each format is complete by itself.
            let picture = format!("{stem}_texture.jpg");
            files.write(file, |to| write_mesh_ply(to, &mesh, &view.image, &picture, unit))?;
            files.write(name("_texture.jpg"), |to| write_jpg(to, &texture))?;
        }
        Format::MeshObj => {
            files.write(file, |to| write_mesh_obj(to, &mesh, &format!("{stem}.mtl"), unit))?;
            files.write(name(".mtl"), |to| write_mesh_mtl(to, &format!("{stem}.jpg")))?;
            files.write(name(".jpg"), |to| write_jpg(to, &texture))?;
        }
        _ => {
            files.write(file, |to| write_mesh_glb(to, &mesh, &texture, &stem, unit))?;
        }
    }
    Ok(())
}

/// What lies on the mesh: what the network saw, or the same part of the photo in the photo's own pixels.
fn texture<'v>(files: &mut Files<'_>, view: &'v ViewPrediction, file: &str, options: &Options) -> Cow<'v, RgbImage> {
    if !options.full_size {
        return Cow::Borrowed(&view.image);
    }
    match part_of_photo(view) {
        Ok(photo) => Cow::Owned(photo),
        Err(error) => {
            files.remarks.push(format!("{file} shows no more than the network saw: {error}"));
            Cow::Borrowed(&view.image)
        }
    }
}
