// Eye-dome lighting: darkens points that lie behind their neighbours on the screen, over the background.
//
// After Boucheny 2009, with two changes. Inverse depth is compared, because it is linear across the screen on a plane,
// and neighbours are taken in opposite pairs: so a plane stays unshaded at any slant, and only edges and creases darken.
@group(1) @binding(0) var<storage, read> nearest: array<u32>;
@group(1) @binding(1) var<storage, read> sources: array<u32>;
@group(1) @binding(2) var<storage, read> colours: array<u32>;

// Fixed when the pipeline is made: software drivers compute every branch and throw away what is not wanted.
override lights: bool = true;

// A pair darkens by no more than this, so that noise next to a far background does not turn black.
const MOST_PER_PAIR = 0.12;

struct Lit {
    @location(0) colour: vec4<f32>,
    @builtin(frag_depth) depth: f32,
}

// Larger is nearer: inverse depth, or, with parallel rays, depth in units of the pivot's.
fn nearness(key: u32) -> f32 {
    let z = depth_of(key);
    if scene.is_orthographic == 1u {
        return -z / scene.pivot_depth;
    }
    return 1.0 / z;
}

fn nearness_at(pixel: vec2<i32>, fallback: f32) -> f32 {
    let at = clamp(pixel, vec2<i32>(0), vec2<i32>(scene.viewport) - 1);
    let key = nearest[pixel_index(at.x, at.y)];
    return select(fallback, nearness(key), key != 0u);
}

fn pair(pixel: vec2<i32>, offset: vec2<i32>, here: f32) -> f32 {
    let sum = nearness_at(pixel + offset, here) + nearness_at(pixel - offset, here);
    let unit = select(here, 1.0, scene.is_orthographic == 1u);
    return clamp((sum - 2.0 * here) / unit, 0.0, MOST_PER_PAIR);
}

@fragment
fn fs_eye_dome(@builtin(position) position: vec4<f32>) -> Lit {
    let pixel = vec2<i32>(position.xy);
    let index = pixel_index(pixel.x, pixel.y);
    let key = nearest[index];
    if key == 0u {
        return Lit(scene.background, 0.0);
    }
    let packed = colours[sources[index]];
    if packed == 0u {
        return Lit(scene.background, 0.0);
    }
    let clip = scene.clip_from_camera * vec4<f32>(0.0, 0.0, depth_of(key), 1.0);
    let colour = linear_from_srgb(unpack4x8unorm(packed).rgb);
    if !lights {
        return Lit(vec4<f32>(colour, 1.0), clip.z / clip.w);
    }
    let here = nearness(key);
    let radius = i32(max(round(1.4 * scene.scale), 1.0));
    let diagonal = max(radius * 7 / 10, 1);
    let response = pair(pixel, vec2<i32>(radius, 0), here)
        + pair(pixel, vec2<i32>(0, radius), here)
        + pair(pixel, vec2<i32>(diagonal, diagonal), here)
        + pair(pixel, vec2<i32>(diagonal, -diagonal), here);
    return Lit(vec4<f32>(colour * exp(-response * scene.eye_dome * 12.0), 1.0), clip.z / clip.w);
}
