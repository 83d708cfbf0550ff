// One number per pixel of the picture: how near the nearest surface is. Keys are compared as integers, larger is nearer, and
// 0 is empty.
//
// A key is the inverted bits of the z-depth (positive floats sort as their bits do), whose last six give way: three to a tag
// of the depth map's pixel, so that of two samples at one depth always the same one wins, in whatever order they come;
// three to how far the sample reaches, by which small splats grow.
const EXTRA_BITS = 63u;
const REACH_BITS = 7u;

fn key_of(z: f32, tag: u32, reach: u32) -> u32 {
    return (~bitcast<u32>(z) & ~EXTRA_BITS) | (tag << 3u) | reach;
}

// z-depth to a part in 2¹⁷.
fn depth_of(key: u32) -> f32 {
    return bitcast<f32>(~key & ~EXTRA_BITS);
}

// Whether the sample with key `mine` is what the pixel shows. Two compilations of one formula may round differently, by one
// step at most.
fn is_shown(stored: u32, mine: u32) -> bool {
    let apart = (stored & ~REACH_BITS) - (mine & ~REACH_BITS);
    return apart == 0u || apart == EXTRA_BITS + 1u || apart == ~EXTRA_BITS;
}

// Steps of reach, pixels; 0 reaches nothing.
const REACH_STEP = 0.32;
const LEAST_REACH = 0.25;

fn reach_code(radius: f32) -> u32 {
    return u32(clamp(ceil((radius - LEAST_REACH) / REACH_STEP), 1.0, 7.0));
}

fn reach_of(key: u32) -> f32 {
    let code = key & REACH_BITS;
    return select(LEAST_REACH + REACH_STEP * f32(code), 0.0, code == 0u);
}

fn pixel_index(x: i32, y: i32) -> u32 {
    return u32(y) * u32(scene.viewport.x) + u32(x);
}

// Pixels of the picture, z-depth in `z`; z is 0 before the near plane.
fn on_screen(world: vec3<f32>) -> vec3<f32> {
    let seen = scene.camera_from_world * vec4<f32>(world, 1.0);
    if seen.z < scene.near {
        return vec3<f32>(0.0);
    }
    let clip = scene.clip_from_camera * seen;
    let at = (clip.xy / clip.w * vec2<f32>(0.5, -0.5) + 0.5) * scene.viewport;
    return vec3<f32>(at, seen.z);
}

// First and last pixel (x, y, x, y) whose centre lies in the box, of whose borders the left and upper one do not count: a box
// of one pixel covers one. The last lies before the first where there is none.
fn pixels_between(low: vec2<f32>, high: vec2<f32>) -> vec4<i32> {
    // Clamped as floats: integers overflow on what lies far beside the picture.
    let first = clamp(floor(low - 0.5) + 1.0, vec2<f32>(0.0), scene.viewport);
    let last = clamp(floor(high - 0.5), vec2<f32>(-1.0), scene.viewport - 1.0);
    return vec4<i32>(vec2<i32>(first), vec2<i32>(last));
}
