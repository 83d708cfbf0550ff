// One pixel of a depth map as a point in the world, and whether it is kept.
// Keep in sync with `ViewUniform` in src/render/uniforms.rs.
struct View {
    world_from_camera: mat4x4<f32>,
    // sRGB.
    colour: vec3<f32>,
    // Number of points that views before this one offer.
    first_point: u32,
    // Intrinsics in pixels.
    focal: vec2<f32>,
    centre: vec2<f32>,
    // Pixels.
    size: vec2<u32>,
    has_confidence: u32,
    // Of the maps that are this view's.
    layer: u32,
    // Up to 256 bytes, as a member: OpenGL's shaders know nothing of a size that is only declared.
    padding: array<vec4<u32>, 9>,
}

// Keep in sync with `LAYERS` in src/render/view_batch.rs.
const LAYERS = 16u;

@group(1) @binding(0) var<uniform> views: array<View, LAYERS>;
@group(1) @binding(1) var depth_maps: texture_2d_array<f32>;
// sRGB values.
@group(1) @binding(2) var photos: texture_2d_array<f32>;
@group(1) @binding(3) var confidence_maps: texture_2d_array<f32>;

// The one of `views` that an invocation is about.
var<private> view: View;

fn photo_at(pixel: vec2<i32>) -> vec3<f32> {
    return textureLoad(photos, pixel, view.layer, 0).rgb;
}

fn confidence_at(pixel: vec2<i32>) -> f32 {
    return textureLoad(confidence_maps, pixel, view.layer, 0).r;
}

// Negative where the pixel shows no surface, 0 where there is no depth.
fn depth_at(pixel: vec2<i32>) -> f32 {
    return textureLoad(depth_maps, pixel, view.layer, 0).r;
}

// Depths of the neighbours: left, right, above, below. Beyond the border: the pixel's own.
fn neighbours_of(pixel: vec2<i32>) -> vec4<f32> {
    let last = vec2<i32>(view.size) - 1;
    return abs(vec4<f32>(
        depth_at(vec2<i32>(max(pixel.x - 1, 0), pixel.y)),
        depth_at(vec2<i32>(min(pixel.x + 1, last.x), pixel.y)),
        depth_at(vec2<i32>(pixel.x, max(pixel.y - 1, 0))),
        depth_at(vec2<i32>(pixel.x, min(pixel.y + 1, last.y))),
    ));
}

// Relative depth steps to neighbours; 0 where a neighbour has no depth.
fn steps_to(neighbours: vec4<f32>, depth: f32) -> vec4<f32> {
    let steps = abs(neighbours - depth) / min(neighbours, vec4<f32>(depth));
    return select(vec4<f32>(0.0), steps, neighbours > vec4<f32>(0.0));
}

// Every filter but the one for edges. Hostile depths were made 0 when the map was uploaded.
// Keep in sync with `FilterLimits::keeps` in src/scene/filters.rs.
fn keep_pixel(pixel: vec2<i32>, stored: f32) -> bool {
    let depth = abs(stored);
    if depth == 0.0 || scene.hide_background == 1u && stored < 0.0
        || depth < scene.depth_limits.x || depth > scene.depth_limits.y {
        return false;
    }
    if scene.lattice.x > 1u {
        // Drafts count the rows and columns that they draw.
        let at = vec2<u32>(pixel) / scene.stride;
        if (at.x + at.y * scene.lattice.y) % scene.lattice.x != 0u {
            return false;
        }
    }
    if hides_backdrops {
        let rgb = round(photo_at(pixel) * 255.0);
        if scene.hide_black == 1u && rgb.r + rgb.g + rgb.b < 16.0
            || scene.hide_white == 1u && min(rgb.r, min(rgb.g, rgb.b)) > 240.0 {
            return false;
        }
    }
    return view.has_confidence == 0u || confidence_at(pixel) >= scene.confidence_limit;
}

// Keep in sync with `Intrinsics::unproject` in src/geometry/intrinsics.rs.
fn world_point(pixel: vec2<i32>, depth: f32) -> vec3<f32> {
    let in_camera = vec3<f32>((vec2<f32>(pixel) - view.centre) / view.focal, 1.0) * depth;
    return (view.world_from_camera * vec4<f32>(in_camera, 1.0)).xyz;
}

// Three bits that differ between neighbouring pixels.
fn tag_of(pixel: vec2<i32>) -> u32 {
    return u32((pixel.x + 3 * pixel.y) & 7);
}

fn point_number(pixel: vec2<i32>) -> u32 {
    return view.first_point + u32(pixel.y) * view.size.x + u32(pixel.x);
}

fn from_map(position: f32) -> vec3<f32> {
    let index = clamp(i32(position * 256.0), 0, 255);
    return textureLoad(colour_map, vec2<i32>(index, 0), 0).rgb;
}

fn position_between(value: f32, limits: vec2<f32>) -> f32 {
    return (value - limits.x) / max(limits.y - limits.x, 1e-12);
}

// Towards the camera that took the photo, unit length, in the world; from the nearer neighbour of each side.
fn normal_at(pixel: vec2<i32>, depth: f32) -> vec3<f32> {
    let around = neighbours_of(pixel);
    let last = vec2<i32>(view.size) - 1;
    let near_left = pixel.x > 0 && around.x > 0.0
        && (pixel.x == last.x || around.y <= 0.0 || abs(around.x - depth) < abs(around.y - depth));
    let near_above = pixel.y > 0 && around.z > 0.0
        && (pixel.y == last.y || around.w <= 0.0 || abs(around.z - depth) < abs(around.w - depth));
    let here = world_point(pixel, depth);
    let side = select(
        world_point(pixel + vec2<i32>(1, 0), around.y) - here,
        here - world_point(pixel - vec2<i32>(1, 0), around.x),
        near_left,
    );
    let down = select(
        world_point(pixel + vec2<i32>(0, 1), around.w) - here,
        here - world_point(pixel - vec2<i32>(0, 1), around.z),
        near_above,
    );
    let across = cross(down, side);
    return across / max(length(across), 1e-30);
}

// Fixed when a pipeline is made: software drivers compute every branch and throw away what is not wanted.
override colour_by: u32 = 0u;
override hides_backdrops: bool = true;

// sRGB. Order of the cases: `ColourBy::ALL` in src/scene/colour_by.rs.
fn point_colour(pixel: vec2<i32>, depth: f32) -> vec3<f32> {
    switch colour_by {
        case 1u: {
            return from_map(1.0 - position_between(1.0 / depth, scene.depth_colours));
        }
        case 2u: {
            if view.has_confidence == 0u {
                return vec3<f32>(0.6);
            }
            return from_map(position_between(confidence_at(pixel), scene.confidence_colours));
        }
        case 3u: { return view.colour; }
        case 4u: {
            return from_map(position_between(dot(world_point(pixel, depth), scene.up), scene.height_colours));
        }
        case 5u: {
            let normal = normal_at(pixel, depth);
            let back = cross(scene.right, scene.up);
            return vec3<f32>(dot(normal, scene.right), dot(normal, scene.up), dot(normal, back)) * 0.5 + 0.5;
        }
        default: { return photo_at(pixel); }
    }
}
