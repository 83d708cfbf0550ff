//! The off-screen textures of one picture.

use super::RenderError;

/// Points before lighting, and the finished picture: 8-bit sRGB, premultiplied alpha.
pub const COLOUR_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;
/// The bits of the z-depth (0 is empty) and the number of the view (from 1). No depth format, because OpenGL cannot load
/// single texels of those and picking reads it back; no float format, because OpenGL ES cannot draw into those.
pub const GEOMETRY_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rg32Uint;
/// Reversed: 1 at the near plane, 0 at infinity.
pub const DEPTH_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

/// Everything that is drawn into for one picture size.
pub struct Targets {
    pub size: [u32; 2],
    pub picture: wgpu::Texture,
    pub picture_view: wgpu::TextureView,
    pub points_view: wgpu::TextureView,
    pub geometry: wgpu::Texture,
    pub geometry_view: wgpu::TextureView,
    pub depth_view: wgpu::TextureView,
    /// What the lighting pass reads: points and geometry.
    pub lighting: wgpu::BindGroup,
}

impl Targets {
    /// Sizes of zero become one pixel.
    ///
    /// Errors: [`RenderError::TooLarge`] when the adapter cannot hold such a picture.
    pub fn new(device: &wgpu::Device, lighting: &wgpu::BindGroupLayout, size: [u32; 2]) -> Result<Self, RenderError> {
        let [width, height] = size.map(|side| side.max(1));
        let limit = device.limits().max_texture_dimension_2d;
        if width.max(height) > limit {
            return Err(RenderError::TooLarge { what: "the picture", width, height, limit });
        }
        let texture = |label, format, usage| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some(label),
                size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: usage | wgpu::TextureUsages::RENDER_ATTACHMENT,
                view_formats: &[],
            })
        };
        let view = |texture: &wgpu::Texture| texture.create_view(&wgpu::TextureViewDescriptor::default());
        let (read, copy) = (wgpu::TextureUsages::TEXTURE_BINDING, wgpu::TextureUsages::COPY_SRC);
        let picture = texture("picture", COLOUR_FORMAT, read | copy);
        let geometry = texture("geometry", GEOMETRY_FORMAT, read | copy);
        let points_view = view(&texture("points", COLOUR_FORMAT, read));
        let depth_view = view(&texture("depth", DEPTH_FORMAT, wgpu::TextureUsages::empty()));
        let geometry_view = view(&geometry);
        let lighting = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("lighting"),
            layout: lighting,
            entries: &[texture_entry(0, &points_view), texture_entry(1, &geometry_view)],
        });
        let picture_view = view(&picture);
        let size = [width, height];
        Ok(Self { size, picture, picture_view, points_view, geometry, geometry_view, depth_view, lighting })
    }
}

/// A texture in a bind group.
pub fn texture_entry(binding: u32, view: &wgpu::TextureView) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::TextureView(view) }
}
