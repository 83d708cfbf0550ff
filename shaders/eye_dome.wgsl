// Eye-dome lighting: darkens points that lie behind their neighbours on the screen, over the background.
//
// After Boucheny 2009, with two changes. Inverse depth is compared, because it is linear across the screen on a plane,
// and neighbours are taken in opposite pairs: so a plane stays unshaded at any slant, and only edges and creases darken.
@group(1) @binding(0) var colours: texture_2d<f32>;
@group(1) @binding(1) var geometry: texture_2d<u32>;

// A pair darkens by no more than this, so that noise next to a far background does not turn black.
const MOST_PER_PAIR = 0.12;

// 0 is empty.
fn depth_at(pixel: vec2<i32>) -> f32 {
    return bitcast<f32>(textureLoad(geometry, pixel, 0).r);
}

fn inverse_depth(pixel: vec2<i32>, fallback: f32) -> f32 {
    let size = vec2<i32>(textureDimensions(geometry));
    let depth = depth_at(clamp(pixel, vec2<i32>(0), size - 1));
    return select(fallback, 1.0 / depth, depth > 0.0);
}

fn pair(pixel: vec2<i32>, offset: vec2<i32>, here: f32) -> f32 {
    let sum = inverse_depth(pixel + offset, here) + inverse_depth(pixel - offset, here);
    return clamp((sum - 2.0 * here) / here, 0.0, MOST_PER_PAIR);
}

@fragment
fn fs_eye_dome(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = vec2<i32>(position.xy);
    let depth = depth_at(pixel);
    if depth <= 0.0 {
        return scene.background;
    }
    let colour = textureLoad(colours, pixel, 0).rgb;
    if scene.eye_dome <= 0.0 {
        return vec4<f32>(colour, 1.0);
    }
    let here = 1.0 / depth;
    let radius = i32(max(round(1.4 * scene.scale), 1.0));
    let diagonal = max(radius * 7 / 10, 1);
    let response = pair(pixel, vec2<i32>(radius, 0), here)
        + pair(pixel, vec2<i32>(0, radius), here)
        + pair(pixel, vec2<i32>(diagonal, diagonal), here)
        + pair(pixel, vec2<i32>(diagonal, -diagonal), here);
    return vec4<f32>(colour * exp(-response * scene.eye_dome * 12.0), 1.0);
}
