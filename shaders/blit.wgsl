// Copies the finished picture onto the window, pixel by pixel.
@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var nearest_sampler: sampler;

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) at: vec2<f32>,
}

@vertex
fn vs_blit(@builtin(vertex_index) index: u32) -> Vertex {
    let at = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    return Vertex(vec4<f32>(at * vec2<f32>(2.0, -2.0) + vec2<f32>(-1.0, 1.0), 0.0, 1.0), at);
}

fn srgb_from_linear(colour: vec3<f32>) -> vec3<f32> {
    let curve = 1.055 * pow(max(colour, vec3<f32>(0.0)), vec3<f32>(1.0 / 2.4)) - 0.055;
    return select(curve, colour * 12.92, colour <= vec3<f32>(0.0031308));
}

// For a target that stores what it is given, as egui prefers.
@fragment
fn fs_gamma_target(in: Vertex) -> @location(0) vec4<f32> {
    let colour = textureSample(picture, nearest_sampler, in.at);
    return vec4<f32>(srgb_from_linear(colour.rgb), colour.a);
}

// For a target that encodes on its own.
@fragment
fn fs_linear_target(in: Vertex) -> @location(0) vec4<f32> {
    return textureSample(picture, nearest_sampler, in.at);
}
