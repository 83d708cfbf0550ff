//! The bind group layouts that primitives share.

use wgpu::{BindingType, ShaderStages};

/// Group 0 is the scene everywhere; group 1 what a primitive reads.
pub struct Layouts {
    /// `Scene` and the colour map (shaders/scene.wgsl).
    pub scene: wgpu::BindGroupLayout,
    /// Some `View`s and their maps (shaders/pixel.wgsl).
    pub views: wgpu::BindGroupLayout,
    /// What compute shaders write (shaders/write.wgsl).
    pub canvas: wgpu::BindGroupLayout,
    /// What small splats grow from and into (shaders/fill.wgsl).
    pub fill: wgpu::BindGroupLayout,
    /// What is near where, and its colours (shaders/eye_dome.wgsl).
    pub lighting: wgpu::BindGroupLayout,
    /// One filtering sampler (shaders/photo.wgsl).
    pub sampler: wgpu::BindGroupLayout,
}

impl Layouts {
    pub fn new(device: &wgpu::Device) -> Self {
        let all = ShaderStages::VERTEX_FRAGMENT | ShaderStages::COMPUTE;
        let layout = |label, kinds: &[(ShaderStages, BindingType)]| {
            let entries: Vec<_> = (0..)
                .zip(kinds)
                .map(|(binding, &(visibility, ty))| wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None })
                .collect();
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries: &entries })
        };
        let (fragment, compute) = (ShaderStages::FRAGMENT, ShaderStages::COMPUTE);
        Self {
            scene: layout("scene", &[(all, UNIFORM), (all, texture(true))]),
            views: layout(
                "views",
                &[(all, UNIFORM_FROM_OFFSET), (all, layers(false)), (all, layers(true)), (all, layers(false))],
            ),
            canvas: layout(
                "canvas",
                &[(compute, storage(false)), (compute, storage(false)), (compute, storage(false))],
            ),
            fill: layout("fill", &[true, false, false].map(|read_only| (compute, storage(read_only)))),
            lighting: layout("lighting", &[(fragment, storage(true)); 3]),
            sampler: layout("sampler", &[(fragment, BindingType::Sampler(wgpu::SamplerBindingType::Filtering))]),
        }
    }
}

const UNIFORM: BindingType = uniform(false);
const UNIFORM_FROM_OFFSET: BindingType = uniform(true);

const fn uniform(has_dynamic_offset: bool) -> BindingType {
    BindingType::Buffer { ty: wgpu::BufferBindingType::Uniform, has_dynamic_offset, min_binding_size: None }
}

const fn storage(read_only: bool) -> BindingType {
    BindingType::Buffer {
        ty: wgpu::BufferBindingType::Storage { read_only },
        has_dynamic_offset: false,
        min_binding_size: None,
    }
}

/// A texture of colours or numbers, `filterable` or only loaded texel by texel.
pub const fn texture(filterable: bool) -> BindingType {
    texture_of(wgpu::TextureViewDimension::D2, filterable)
}

/// An array of such textures.
const fn layers(filterable: bool) -> BindingType {
    texture_of(wgpu::TextureViewDimension::D2Array, filterable)
}

const fn texture_of(view_dimension: wgpu::TextureViewDimension, filterable: bool) -> BindingType {
    BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Float { filterable },
        view_dimension,
        multisampled: false,
    }
}
