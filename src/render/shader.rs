//! Which files in shaders/ make which shader: one file per primitive after the parts that it shares.

const SCENE: &str = include_str!("../../shaders/scene.wgsl");
const PIXEL: &str = include_str!("../../shaders/pixel.wgsl");
const CANVAS: &str = include_str!("../../shaders/canvas.wgsl");
const FILL: &str = include_str!("../../shaders/fill.wgsl");
const WRITE: &str = include_str!("../../shaders/write.wgsl");
const SURFACE: &str = include_str!("../../shaders/surface.wgsl");
const POINTS: &str = include_str!("../../shaders/points.wgsl");
const FULLSCREEN: &str = include_str!("../../shaders/fullscreen.wgsl");
const EYE_DOME: &str = include_str!("../../shaders/eye_dome.wgsl");
const LINES: &str = include_str!("../../shaders/lines.wgsl");
const PHOTO: &str = include_str!("../../shaders/photo.wgsl");
const BLIT: &str = include_str!("../../shaders/blit.wgsl");

/// A complete shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shader {
    Points,
    Surface,
    Fill,
    EyeDome,
    Lines,
    Photo,
    Blit,
}

impl Shader {
    pub const ALL: [Self; 7] =
        [Self::Points, Self::Surface, Self::Fill, Self::EyeDome, Self::Lines, Self::Photo, Self::Blit];

    /// The name that graphics debuggers show.
    pub fn label(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Surface => "surface",
            Self::Fill => "fill",
            Self::EyeDome => "eye dome",
            Self::Lines => "lines",
            Self::Photo => "photo",
            Self::Blit => "blit",
        }
    }

    /// The WGSL text: the parts one after the other.
    pub fn source(self) -> String {
        let parts: &[&str] = match self {
            Self::Points => &[SCENE, PIXEL, CANVAS, WRITE, POINTS],
            Self::Surface => &[SCENE, PIXEL, CANVAS, WRITE, SURFACE],
            Self::Fill => &[SCENE, CANVAS, FILL],
            Self::EyeDome => &[SCENE, CANVAS, FULLSCREEN, EYE_DOME],
            Self::Lines => &[SCENE, LINES],
            Self::Photo => &[SCENE, PIXEL, PHOTO],
            Self::Blit => &[BLIT],
        };
        parts.join("\n")
    }

    pub(super) fn module(self, device: &wgpu::Device) -> wgpu::ShaderModule {
        device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(self.label()),
            source: wgpu::ShaderSource::Wgsl(self.source().into()),
        })
    }
}
