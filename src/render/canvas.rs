//! What one picture is drawn into: numbers per pixel for the compute shaders, and the picture itself.

use wgpu::BufferUsages;

use super::RenderError;
use super::layouts::Layouts;

/// The finished picture: 8-bit sRGB, premultiplied alpha.
pub const COLOUR_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;
/// Reversed: 1 at the near plane, 0 at infinity.
pub const DEPTH_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

/// Buffers and textures of one picture size, 28 bytes per pixel.
pub struct Canvas {
    pub size: [u32; 2],
    /// How near the nearest sample is, see shaders/canvas.wgsl.
    pub keys: wgpu::Buffer,
    /// sRGB of that sample.
    pub colours: wgpu::Buffer,
    /// Its number, counted over all pixels of all views.
    pub numbers: wgpu::Buffer,
    /// The same after small splats have grown: how near, and the pixel whose sample is shown.
    pub nearest: wgpu::Buffer,
    pub sources: wgpu::Buffer,
    /// The first three, for what draws samples.
    pub written: wgpu::BindGroup,
    /// For what lets them grow.
    pub filling: wgpu::BindGroup,
    /// For lighting.
    pub lighting: wgpu::BindGroup,
    pub picture: wgpu::Texture,
    pub picture_view: wgpu::TextureView,
    pub depth_view: wgpu::TextureView,
}

impl Canvas {
    /// Sizes of zero become one pixel.
    ///
    /// Errors: [`RenderError::TooLarge`] when the adapter cannot hold such a picture.
    pub fn new(device: &wgpu::Device, layouts: &Layouts, size: [u32; 2]) -> Result<Self, RenderError> {
        let [width, height] = size.map(|side| side.max(1));
        let limits = device.limits();
        let limit = limits.max_texture_dimension_2d;
        let bytes = u64::from(width) * u64::from(height) * 4;
        if width.max(height) > limit || bytes > limits.max_storage_buffer_binding_size {
            return Err(RenderError::TooLarge { what: "the picture", width, height, limit });
        }
        let buffer = |label| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: bytes,
                usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        };
        let (keys, colours, numbers) = (buffer("keys"), buffer("colours"), buffer("numbers"));
        let (nearest, sources) = (buffer("nearest"), buffer("sources"));
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
        let picture_usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_SRC;
        let picture = texture("picture", COLOUR_FORMAT, picture_usage);
        let depth = texture("depth", DEPTH_FORMAT, wgpu::TextureUsages::empty());
        let bind = |label, layout, buffers: &[&wgpu::Buffer]| {
            let entries: Vec<_> = (0..)
                .zip(buffers)
                .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
                .collect();
            device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some(label), layout, entries: &entries })
        };
        Ok(Self {
            size: [width, height],
            written: bind("canvas", &layouts.canvas, &[&keys, &colours, &numbers]),
            filling: bind("filling", &layouts.fill, &[&keys, &nearest, &sources]),
            lighting: bind("lighting", &layouts.lighting, &[&nearest, &sources, &colours]),
            picture_view: view(&picture),
            depth_view: view(&depth),
            keys,
            colours,
            numbers,
            nearest,
            sources,
            picture,
        })
    }

    /// Empties the numbers; the picture is overwritten by lighting.
    pub fn clear(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.clear_buffer(&self.keys, 0, None);
        encoder.clear_buffer(&self.colours, 0, None);
        encoder.clear_buffer(&self.numbers, 0, None);
    }
}

/// A texture in a bind group.
pub fn texture_entry(binding: u32, view: &wgpu::TextureView) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::TextureView(view) }
}
