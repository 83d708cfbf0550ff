//! The formats that results can be written in, by the names that the command line and the summary use.

use std::collections::BTreeSet;

use serde::Serialize;

/// One kind of file. Where the reference implementation has the format, it has the reference's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    DepthPng,
    ColourPng,
    ColourJpg,
    DepthVis,
    Tiff,
    Exr,
    Pfm,
    Npy,
    SkyPng,
    StereoPng,
    StereoJpg,
    StereoMp4,
    StereoGif,
    Npz,
    MiniNpz,
    Cameras,
    Ply,
    Xyz,
    Las,
    Glb,
    MeshGlb,
    MeshPly,
    MeshObj,
    Colmap,
    ColmapText,
    Transforms,
    Chan,
    GsPly,
    FeatVis,
    Features,
}

impl Format {
    pub const ALL: [Self; 30] = [
        Self::DepthPng,
        Self::ColourPng,
        Self::ColourJpg,
        Self::DepthVis,
        Self::Tiff,
        Self::Exr,
        Self::Pfm,
        Self::Npy,
        Self::SkyPng,
        Self::StereoPng,
        Self::StereoJpg,
        Self::StereoMp4,
        Self::StereoGif,
        Self::Npz,
        Self::MiniNpz,
        Self::Cameras,
        Self::Ply,
        Self::Xyz,
        Self::Las,
        Self::Glb,
        Self::MeshGlb,
        Self::MeshPly,
        Self::MeshObj,
        Self::Colmap,
        Self::ColmapText,
        Self::Transforms,
        Self::Chan,
        Self::GsPly,
        Self::FeatVis,
        Self::Features,
    ];

    /// Those that hold the points of a scene.
    pub const OF_SCENES: [Self; 6] = [Self::Ply, Self::Xyz, Self::Las, Self::Glb, Self::Colmap, Self::ColmapText];

    /// What two eyes see of each photo.
    pub const STEREO: [Self; 4] = [Self::StereoPng, Self::StereoJpg, Self::StereoMp4, Self::StereoGif];

    /// The depth of each photo as triangles.
    pub const MESHES: [Self; 3] = [Self::MeshGlb, Self::MeshPly, Self::MeshObj];

    /// Whose files are called after photos.
    pub const NAMED_AFTER_PHOTOS: [Self; 13] = [
        Self::DepthPng,
        Self::ColourPng,
        Self::ColourJpg,
        Self::Tiff,
        Self::Exr,
        Self::Pfm,
        Self::Npy,
        Self::SkyPng,
        Self::StereoPng,
        Self::StereoJpg,
        Self::MeshGlb,
        Self::MeshPly,
        Self::MeshObj,
    ];

    /// What is written where nothing else is asked for.
    pub const USUAL: [Self; 4] = [Self::DepthPng, Self::ColourPng, Self::Npz, Self::Ply];

    pub fn name(self) -> &'static str {
        match self {
            Self::DepthPng => "depth_png",
            Self::ColourPng => "colour_png",
            Self::ColourJpg => "colour_jpg",
            Self::DepthVis => "depth_vis",
            Self::Tiff => "tiff",
            Self::Exr => "exr",
            Self::Pfm => "pfm",
            Self::Npy => "npy",
            Self::SkyPng => "sky_png",
            Self::StereoPng => "stereo_png",
            Self::StereoJpg => "stereo_jpg",
            Self::StereoMp4 => "stereo_mp4",
            Self::StereoGif => "stereo_gif",
            Self::Npz => "npz",
            Self::MiniNpz => "mini_npz",
            Self::Cameras => "cameras",
            Self::Ply => "ply",
            Self::Xyz => "xyz",
            Self::Las => "las",
            Self::Glb => "glb",
            Self::MeshGlb => "mesh_glb",
            Self::MeshPly => "mesh_ply",
            Self::MeshObj => "mesh_obj",
            Self::Colmap => "colmap",
            Self::ColmapText => "colmap_text",
            Self::Transforms => "transforms",
            Self::Chan => "chan",
            Self::GsPly => "gs_ply",
            Self::FeatVis => "feat_vis",
            Self::Features => "features",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    pub fn usual() -> BTreeSet<Self> {
        Self::USUAL.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_are_those_of_the_summary() {
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(format));
            assert_eq!(serde_json::to_value(format).expect("JSON"), format.name());
        }
        assert_eq!(Format::named("obj"), None);
        assert_eq!(Format::ALL.into_iter().collect::<BTreeSet<_>>().len(), Format::ALL.len());
    }
}
