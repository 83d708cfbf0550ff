//! The formats of an export, in words.

use crate::export::Format;

/// What files of a format are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Pictures,
    Stereo,
    Meshes,
    Numbers,
    Scenes,
}

impl Group {
    /// As they stand in the window: columns, and what is above each other in them.
    pub const COLUMNS: [&'static [Self]; 3] =
        [&[Self::Pictures, Self::Stereo], &[Self::Numbers], &[Self::Scenes, Self::Meshes]];

    pub fn title(self) -> &'static str {
        match self {
            Self::Pictures => "Pictures of each photo",
            Self::Stereo => "For two eyes",
            Self::Meshes => "Mesh of each photo",
            Self::Numbers => "Numbers",
            Self::Scenes => "Scenes",
        }
    }

    pub fn formats(self) -> impl Iterator<Item = Format> {
        Format::ALL.into_iter().filter(move |&format| about(format).0 == self)
    }
}

/// Where a format stands, its name, and what it is good for.
pub fn about(format: Format) -> (Group, &'static str, &'static str) {
    use Group::{Meshes, Numbers, Pictures, Scenes, Stereo};
    match format {
        Format::DepthPng => (
            Pictures,
            "Depth, 16-bit PNG",
            "Millimetres, or relative depth with its scale written in the file; every image program opens it",
        ),
        Format::ColourPng => (Pictures, "Depth in colours, PNG", "To look at"),
        Format::ColourJpg => (Pictures, "Depth in colours, JPEG", "To look at, in small files"),
        Format::DepthVis => (Pictures, "Photo beside depth, JPEG", "One picture per photo, for a glance or a slide"),
        Format::FeatVis => (Pictures, "Features, JPEG", "What a block of the network makes of each photo, in colours"),
        Format::SkyPng => (Pictures, "Sky, PNG", "White where the model found sky"),
        Format::StereoPng => {
            (Stereo, "Stereo pictures, PNG", "What both eyes see of each photo, for 3D screens and glasses")
        }
        Format::StereoJpg => (Stereo, "Stereo pictures, JPEG", "The same in small files"),
        Format::StereoMp4 => {
            (Stereo, "Stereo film, MP4", "The photos one after the other, for 3D players; needs ffmpeg")
        }
        Format::StereoGif => (Stereo, "Stereo film, GIF", "The same for anything that shows pictures"),
        Format::Tiff => (Numbers, "TIFF, 32-bit", "Depth and confidence of each photo, as image programs read them"),
        Format::Exr => {
            (Numbers, "OpenEXR", "Each photo with depth, confidence and sky in layers, for compositing and 3D programs")
        }
        Format::Pfm => (Numbers, "PFM", "Depth and confidence of each photo, as papers on depth publish them"),
        Format::Npy => (Numbers, "NPY", "Depth and confidence of each photo, for NumPy"),
        Format::Npz => (
            Numbers,
            "NPZ, everything",
            "Depth, confidence, cameras and images of all photos for NumPy. Only with this a folder can be opened again",
        ),
        Format::MiniNpz => (Numbers, "NPZ, small", "Depth, confidence and cameras of all photos for NumPy"),
        Format::Features => (Numbers, "NPZ, features", "What a block of the network makes of each photo, for NumPy"),
        Format::Cameras => (Numbers, "Cameras, JSON", "Lenses and poses, in both directions"),
        Format::Ply => (Scenes, "PLY", "Coloured points, for MeshLab, CloudCompare and Blender"),
        Format::Xyz => (Scenes, "XYZ", "Coloured points as text, for anything"),
        Format::Las => (Scenes, "LAS", "Coloured points, for surveying programs"),
        Format::Glb => (Scenes, "GLB", "Coloured points and cameras, for viewers in a browser"),
        Format::MeshGlb => (Meshes, "GLB, with the photo", "Depth as a surface with the photo on it, in one file"),
        Format::MeshPly => {
            (Meshes, "PLY, coloured", "The same for MeshLab: colours of the photo, and the photo beside it")
        }
        Format::MeshObj => (Meshes, "OBJ", "The same for every 3D program, with its material and the photo beside it"),
        Format::GsPly => (Scenes, "3D Gaussians, PLY", "One splat for every pixel, for viewers of Gaussian splatting"),
        Format::Colmap => (Scenes, "COLMAP", "Cameras and points, for splatting and reconstruction"),
        Format::Transforms => (Scenes, "transforms.json", "Cameras for Nerfstudio, instant-ngp and other trainers"),
        Format::Chan => {
            (Scenes, "Camera, .chan", "One camera that moves through the photos, for Nuke, Houdini and Blender")
        }
        Format::ColmapText => (Scenes, "COLMAP as text", "The same, to be read by people"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_stands_in_one_group() {
        let groups = Group::COLUMNS.into_iter().flatten().copied();
        let all: Vec<_> = groups.flat_map(Group::formats).collect();
        assert_eq!(all.len(), Format::ALL.len());
        assert!(Format::MESHES.into_iter().all(|format| about(format).0 == Group::Meshes));
        assert!(Format::STEREO.into_iter().all(|format| about(format).0 == Group::Stereo));
        assert!(Format::OF_SCENES.into_iter().all(|format| about(format).0 == Group::Scenes));
    }
}
