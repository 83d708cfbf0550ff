// A view's photo, hung at the base of its frustum or laid over what its camera sees.
@group(2) @binding(0) var linear_sampler: sampler;

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) at: vec2<f32>,
}

@vertex
fn vs_photo(@builtin(vertex_index) corner: u32) -> Vertex {
    view = views[0];
    var out: Vertex;
    out.at = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    // Pixel centres are at integers, so the photo reaches half a pixel further on every side.
    let pixel = out.at * vec2<f32>(view.size) - 0.5;
    let in_camera = vec3<f32>((pixel - view.centre) / view.focal, 1.0) * scene.photo_depth;
    let world = view.world_from_camera * vec4<f32>(in_camera, 1.0);
    out.position = scene.clip_from_camera * scene.camera_from_world * world;
    return out;
}

fn sampled(at: vec2<f32>) -> vec3<f32> {
    return linear_from_srgb(textureSample(photos, linear_sampler, at, views[0].layer).rgb);
}

@fragment
fn fs_photo(in: Vertex) -> @location(0) vec4<f32> {
    return vec4<f32>(sampled(in.at), 1.0);
}

@fragment
fn fs_overlay(in: Vertex) -> @location(0) vec4<f32> {
    return vec4<f32>(sampled(in.at), 1.0) * scene.overlay_opacity;
}
