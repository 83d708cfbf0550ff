// What compute shaders write: first the nearest key of every pixel, then what the sample with that key looks like.
@group(2) @binding(0) var<storage, read_write> keys: array<atomic<u32>>;
// sRGB and an alpha of 1, packed; 0 until written.
@group(2) @binding(1) var<storage, read_write> colours: array<atomic<u32>>;
// Number of the point, counted over all pixels of all views.
@group(2) @binding(2) var<storage, read_write> numbers: array<atomic<u32>>;

fn come_nearer(index: u32, key: u32) {
    // Most samples lose, and a load costs less than an atomic.
    if atomicLoad(&keys[index]) < key {
        atomicMax(&keys[index], key);
    }
}

// Of samples that are equally near the largest numbers win, in whatever order they come: the same scene is always the same
// picture.
fn show(index: u32, colour: vec3<f32>, number: u32) {
    atomicMax(&colours[index], pack4x8unorm(vec4<f32>(colour, 1.0)));
    atomicMax(&numbers[index], number);
}

// The pixel of the depth map that an invocation draws; beyond the map's size there is none.
fn pixel_of(invocation: vec3<u32>) -> vec2<i32> {
    return vec2<i32>(invocation.xy * scene.stride);
}

fn is_outside(pixel: vec2<i32>) -> bool {
    return any(vec2<u32>(pixel) >= view.size);
}
