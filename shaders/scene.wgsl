// What every primitive of one picture shares.
// Keep in sync with `SceneUniform` in src/render/uniforms.rs.
struct Scene {
    // Camera frame (OpenCV) to the clip space of this picture, or of this tile of it: reversed depth.
    clip_from_camera: mat4x4<f32>,
    camera_from_world: mat4x4<f32>,
    // Premultiplied, linear light.
    background: vec4<f32>,
    // Upwards in the world, unit length.
    up: vec3<f32>,
    // Width of a point: pixels of the user interface, or multiples of what `sizing` gives.
    point_size: f32,
    // To the right of the reference camera, unit length, at a right angle to `up`.
    right: vec3<f32>,
    // Strength of eye-dome lighting; 0 is off.
    eye_dome: f32,
    // Width and height of the picture or tile, pixels.
    viewport: vec2<f32>,
    // Values drawn as 0 and 1 of the colour map: inverse depth (far, near), confidence, height.
    depth_colours: vec2<f32>,
    confidence_colours: vec2<f32>,
    height_colours: vec2<f32>,
    // Smallest and largest depth kept.
    depth_limits: vec2<f32>,
    // Pixels per unit of length: at z-depth 1, or everywhere if orthographic.
    focal: f32,
    // z-depth of the near plane.
    near: f32,
    // Smallest confidence kept.
    confidence_limit: f32,
    // Largest relative depth step to a neighbour kept.
    edge_limit: f32,
    // Pixels per point of the user interface.
    scale: f32,
    // z-depth at which photos hang in their frusta.
    photo_depth: f32,
    // Position in `Sizing::ALL`.
    sizing: u32,
    hide_background: u32,
    // Every how many rows and columns of a depth map are drawn.
    stride: u32,
    // Pixels around a pixel in which small splats that reach it are looked for; 0: none are small.
    fill: i32,
    // n and shift: pixel (x, y) is kept where (x + y·shift) mod n is 0.
    lattice: vec2<u32>,
    hide_black: u32,
    hide_white: u32,
    is_orthographic: u32,
    // Of the photo that is laid over what its camera sees.
    overlay_opacity: f32,
    // z-depth of what the camera turns around, from the eye.
    pivot_depth: f32,
}

@group(0) @binding(0) var<uniform> scene: Scene;
// 256 × 1, sRGB values.
@group(0) @binding(1) var colour_map: texture_2d<f32>;

fn linear_from_srgb(colour: vec3<f32>) -> vec3<f32> {
    return select(pow((colour + 0.055) / 1.055, vec3<f32>(2.4)), colour / 12.92, colour <= vec3<f32>(0.04045));
}
