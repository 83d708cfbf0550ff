// One pixel of a depth map as a point in the world, and whether it is kept.
// Keep in sync with `ViewUniform` in src/render/uniforms.rs.
struct View {
    world_from_camera: mat4x4<f32>,
    // Linear light.
    colour: vec3<f32>,
    // Counted from 1; 0 means "no view" in the geometry target.
    number: u32,
    // Intrinsics in pixels.
    focal: vec2<f32>,
    centre: vec2<f32>,
    // Pixels.
    size: vec2<u32>,
    has_confidence: u32,
}

@group(1) @binding(0) var<uniform> view: View;
@group(1) @binding(1) var depth_map: texture_2d<f32>;
@group(1) @binding(2) var photo: texture_2d<f32>;
@group(1) @binding(3) var confidence_map: texture_2d<f32>;
// 1 where the pixel shows no surface.
@group(1) @binding(4) var background_mask: texture_2d<f32>;

// Position outside the clip volume: the point is not drawn.
const NOWHERE = vec4<f32>(2.0, 2.0, 2.0, 1.0);

// Pixel of the `index`-th point when every `scene.stride`-th row and column is drawn.
fn pixel_of(index: u32) -> vec2<i32> {
    let columns = (view.size.x + scene.stride - 1u) / scene.stride;
    return vec2<i32>(vec2<u32>(index % columns, index / columns) * scene.stride);
}

fn depth_step(depth: f32, pixel: vec2<i32>) -> f32 {
    let size = vec2<i32>(view.size);
    let neighbour = textureLoad(depth_map, clamp(pixel, vec2<i32>(0), size - 1), 0).r;
    return select(0.0, abs(neighbour - depth) / min(neighbour, depth), neighbour > 0.0);
}

// Hostile depths were made 0 when the map was uploaded.
// Keep in sync with `FilterLimits::keeps` in src/scene/filters.rs.
fn keep_pixel(pixel: vec2<i32>, depth: f32) -> bool {
    if depth <= 0.0 || depth < scene.depth_limits.x || depth > scene.depth_limits.y {
        return false;
    }
    if scene.hide_background == 1u && textureLoad(background_mask, pixel, 0).r > 0.5 {
        return false;
    }
    if view.has_confidence == 1u
        && textureLoad(confidence_map, pixel, 0).r < scene.confidence_limit {
        return false;
    }
    return depth_step(depth, pixel + vec2<i32>(-1, 0)) <= scene.edge_limit
        && depth_step(depth, pixel + vec2<i32>(1, 0)) <= scene.edge_limit
        && depth_step(depth, pixel + vec2<i32>(0, -1)) <= scene.edge_limit
        && depth_step(depth, pixel + vec2<i32>(0, 1)) <= scene.edge_limit;
}

// Keep in sync with `Intrinsics::unproject` in src/geometry/intrinsics.rs.
fn world_point(pixel: vec2<i32>, depth: f32) -> vec3<f32> {
    let in_camera = vec3<f32>((vec2<f32>(pixel) - view.centre) / view.focal, 1.0) * depth;
    return (view.world_from_camera * vec4<f32>(in_camera, 1.0)).xyz;
}

fn from_map(position: f32) -> vec3<f32> {
    let index = clamp(i32(position * 256.0), 0, 255);
    return textureLoad(colour_map, vec2<i32>(index, 0), 0).rgb;
}

fn position_between(value: f32, limits: vec2<f32>) -> f32 {
    return (value - limits.x) / max(limits.y - limits.x, 1e-12);
}

// Order of the cases: `ColourBy::ALL` in src/scene/colour_by.rs.
fn point_colour(pixel: vec2<i32>, depth: f32, world: vec3<f32>) -> vec3<f32> {
    switch scene.colour_by {
        case 1u: {
            return from_map(1.0 - position_between(1.0 / depth, scene.depth_colours));
        }
        case 2u: {
            if view.has_confidence == 0u {
                return vec3<f32>(0.35);
            }
            let confidence = textureLoad(confidence_map, pixel, 0).r;
            return from_map(position_between(confidence, scene.confidence_colours));
        }
        case 3u: { return view.colour.rgb; }
        case 4u: {
            return from_map(position_between(dot(world, scene.up), scene.height_colours));
        }
        default: { return textureLoad(photo, pixel, 0).rgb; }
    }
}
