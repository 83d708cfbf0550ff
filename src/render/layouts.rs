//! The bind group layouts that primitives share.

use wgpu::{BindingType, ShaderStages};

/// Group 0 is the scene everywhere; group 1 what a primitive reads.
pub struct Layouts {
    /// `Scene` and the colour map (shaders/scene.wgsl).
    pub scene: wgpu::BindGroupLayout,
    /// `View` and its maps (shaders/pixel.wgsl).
    pub view: wgpu::BindGroupLayout,
    /// Points and geometry (shaders/eye_dome.wgsl).
    pub lighting: wgpu::BindGroupLayout,
    /// One filtering sampler (shaders/photo.wgsl).
    pub sampler: wgpu::BindGroupLayout,
}

impl Layouts {
    pub fn new(device: &wgpu::Device) -> Self {
        let both = ShaderStages::VERTEX_FRAGMENT;
        let layout = |label, kinds: &[(ShaderStages, BindingType)]| {
            let entries: Vec<_> = (0..)
                .zip(kinds)
                .map(|(binding, &(visibility, ty))| wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None })
                .collect();
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries: &entries })
        };
        let fragment = ShaderStages::FRAGMENT;
        Self {
            scene: layout("scene", &[(both, UNIFORM), (both, texture(true))]),
            view: layout(
                "view",
                &[
                    (both, UNIFORM),
                    (both, texture(false)),
                    (both, texture(true)),
                    (both, texture(false)),
                    (both, texture(true)),
                ],
            ),
            lighting: layout("lighting", &[(fragment, texture(true)), (fragment, INTEGERS)]),
            sampler: layout("sampler", &[(fragment, BindingType::Sampler(wgpu::SamplerBindingType::Filtering))]),
        }
    }
}

const UNIFORM: BindingType =
    BindingType::Buffer { ty: wgpu::BufferBindingType::Uniform, has_dynamic_offset: false, min_binding_size: None };

const INTEGERS: BindingType = BindingType::Texture {
    sample_type: wgpu::TextureSampleType::Uint,
    view_dimension: wgpu::TextureViewDimension::D2,
    multisampled: false,
};

/// A texture of colours or numbers, `filterable` or only loaded texel by texel.
pub const fn texture(filterable: bool) -> BindingType {
    BindingType::Texture {
        sample_type: wgpu::TextureSampleType::Float { filterable },
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    }
}
