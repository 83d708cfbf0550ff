// Lines of a given width in pixels with soft edges, drawn as one quad per segment.
// Keep in sync with `LineInstance` in src/render/lines.rs.
struct Line {
    @location(0) a: vec3<f32>,
    @location(1) b: vec3<f32>,
    // sRGB bytes, straight alpha.
    @location(2) colour: vec4<f32>,
    @location(3) width: f32,
}

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) colour: vec4<f32>,
    // Pixels from the middle of the line, and half its width.
    @location(1) offset: f32,
    @location(2) @interpolate(flat) half_width: f32,
}

// Where the segment that leaves `p` towards `q` enters the view, in the camera frame.
fn clip_to_near(p: vec3<f32>, q: vec3<f32>) -> vec3<f32> {
    let near = scene.near * 1.01;
    if p.z >= near {
        return p;
    }
    return mix(p, q, (near - p.z) / max(q.z - p.z, 1e-20));
}

@vertex
fn vs_line(@builtin(vertex_index) corner: u32, line: Line) -> Vertex {
    var out: Vertex;
    out.position = vec4<f32>(2.0, 2.0, 2.0, 1.0);
    let a = (scene.camera_from_world * vec4<f32>(line.a, 1.0)).xyz;
    let b = (scene.camera_from_world * vec4<f32>(line.b, 1.0)).xyz;
    if max(a.z, b.z) < scene.near * 1.02 {
        return out;
    }
    let clip_a = scene.clip_from_camera * vec4<f32>(clip_to_near(a, b), 1.0);
    let clip_b = scene.clip_from_camera * vec4<f32>(clip_to_near(b, a), 1.0);
    let along = (clip_b.xy / clip_b.w - clip_a.xy / clip_a.w) * scene.viewport;
    let direction = along / max(length(along), 1e-6);
    let side = f32(corner >> 1u) * 2.0 - 1.0;
    let at = select(clip_a, clip_b, (corner & 1u) == 1u);
    // One pixel more than the line for the soft edge.
    let half_width = 0.5 * line.width * scene.scale;
    let reach = half_width + 1.0;
    let shift = vec2<f32>(-direction.y, direction.x) * side * reach * 2.0 / scene.viewport;
    // Divided here and not by the rasteriser: OpenGL ES has no other way to interpolate linearly on the screen.
    out.position = vec4<f32>(at.xy / at.w + shift, at.z / at.w, 1.0);
    out.colour = vec4<f32>(linear_from_srgb(line.colour.rgb), line.colour.a);
    out.offset = side * reach;
    out.half_width = half_width;
    return out;
}

fn covered(in: Vertex, strength: f32) -> vec4<f32> {
    let coverage = clamp(in.half_width + 0.5 - abs(in.offset), 0.0, 1.0);
    let alpha = in.colour.a * coverage * strength;
    return vec4<f32>(in.colour.rgb * alpha, alpha);
}

@fragment
fn fs_line(in: Vertex) -> @location(0) vec4<f32> {
    return covered(in, 1.0);
}

// The part that points hide: a hint that a camera stands there.
@fragment
fn fs_hidden_line(in: Vertex) -> @location(0) vec4<f32> {
    return covered(in, 0.22);
}
