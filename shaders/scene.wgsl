// What every primitive of one picture shares.
// Keep in sync with `SceneUniform` in src/render/uniforms.rs.
struct Scene {
    // Camera frame (OpenCV) to clip space: reversed depth, infinite far plane.
    clip_from_camera: mat4x4<f32>,
    camera_from_world: mat4x4<f32>,
    // Premultiplied, linear light.
    background: vec4<f32>,
    // Upwards in the world, unit length.
    up: vec3<f32>,
    // Width of a point: pixels, or footprints of the photo's pixel where `attenuate` is 1.
    point_size: f32,
    // Width and height of the target, pixels.
    viewport: vec2<f32>,
    // Values drawn as 0 and 1 of the colour map: inverse depth (far, near), confidence, height.
    depth_colours: vec2<f32>,
    confidence_colours: vec2<f32>,
    height_colours: vec2<f32>,
    // Smallest and largest depth kept.
    depth_limits: vec2<f32>,
    // Pixels per unit of length at z-depth 1.
    focal: f32,
    // z-depth of the near plane.
    near: f32,
    // Smallest confidence kept.
    confidence_limit: f32,
    // Largest relative depth step to a neighbour kept.
    edge_limit: f32,
    // Strength of eye-dome lighting; 0 is off.
    eye_dome: f32,
    // Pixels per point of the user interface.
    scale: f32,
    // Position in `ColourBy::ALL`.
    colour_by: u32,
    attenuate: u32,
    hide_background: u32,
    // Every how many rows and columns of a depth map are drawn.
    stride: u32,
    // z-depth at which photos hang in their frusta.
    photo_depth: f32,
}

@group(0) @binding(0) var<uniform> scene: Scene;
// 256 × 1.
@group(0) @binding(1) var colour_map: texture_2d<f32>;
