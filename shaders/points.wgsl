// The depth cloud: un-projects every pixel of a depth map in the vertex shader, with no vertex buffer.
struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) colour: vec3<f32>,
    // −1..1 across the splat; zero for points of one pixel.
    @location(1) across: vec2<f32>,
    // z-depth as bits, and number of the view.
    @location(2) @interpolate(flat) geometry: vec2<u32>,
}

struct Fragment {
    @location(0) colour: vec4<f32>,
    // What eye-dome lighting and picking read: z-depth as bits (0 is empty) and number of the view.
    @location(1) geometry: vec2<u32>,
}

fn vertex_of(index: u32, across: vec2<f32>) -> Vertex {
    var out: Vertex;
    out.position = NOWHERE;
    let pixel = pixel_of(index);
    let depth = textureLoad(depth_map, pixel, 0).r;
    if !keep_pixel(pixel, depth) {
        return out;
    }
    let world = world_point(pixel, depth);
    let seen = scene.camera_from_world * vec4<f32>(world, 1.0);
    if seen.z < scene.near {
        return out;
    }
    out.colour = point_colour(pixel, depth, world);
    out.across = across;
    out.geometry = vec2<u32>(bitcast<u32>(seen.z), view.number);
    let centre = scene.clip_from_camera * seen;
    let pixels = splat_pixels(depth, seen.z);
    out.position = vec4<f32>(centre.xy + across * vec2<f32>(1.0, -1.0) * pixels / scene.viewport * centre.w, centre.zw);
    return out;
}

// Width of a splat on the screen: the given pixels, or the size on screen of what the photo's pixel covers.
fn splat_pixels(depth: f32, distance: f32) -> f32 {
    let size = scene.point_size * f32(scene.stride);
    if scene.attenuate == 0u {
        return size * scene.scale;
    }
    let footprint = depth / min(view.focal.x, view.focal.y);
    return clamp(size * footprint * scene.focal / distance, 1.0, 64.0);
}

@vertex
fn vs_pixel(@builtin(vertex_index) index: u32) -> Vertex {
    return vertex_of(index, vec2<f32>(0.0));
}

@vertex
fn vs_splat(@builtin(vertex_index) corner: u32, @builtin(instance_index) index: u32) -> Vertex {
    return vertex_of(index, vec2<f32>(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0);
}

@fragment
fn fs_pixel(in: Vertex) -> Fragment {
    return Fragment(vec4<f32>(in.colour, 1.0), in.geometry);
}

@fragment
fn fs_splat(in: Vertex) -> Fragment {
    if dot(in.across, in.across) > 1.25 {
        discard;
    }
    return Fragment(vec4<f32>(in.colour, 1.0), in.geometry);
}
