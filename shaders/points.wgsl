// The depth cloud: every pixel of a depth map is un-projected and drawn as a round splat, in a compute shader.
//
// Two passes over the points, `near_points` and `paint_points`, with an integer per pixel between them take a third of the
// time of a rasteriser's points, and no vertex or index buffer. After Schütz, Kerbl and Wimmer 2021, who draw points of
// one pixel so. Small splats are such points, which grow afterwards (fill.wgsl): that costs the same however many lie over
// each other. Large ones, of which few fit on a screen, loop over the pixels that they cover.
struct Splat {
    // Pixels of the picture.
    centre: vec2<f32>,
    radius: f32,
    // z-depth of the middle, and by how much more the rim lies behind: a cone, so that where splats of one surface overlap
    // the nearest middle wins.
    depth: f32,
    cone: f32,
}

const LARGEST_RADIUS = 48.0;

// Radius up to which a splat is small, if its surface faces its camera. Keep in sync with `FILL_WINDOW` in
// src/render/frame.rs.
const LARGEST_SMALL = 2.5;

// Through a photo's own camera all middles lie on borders between pixels: then they all go to the same side.
const SIDE = 0.001;

// The pixel with a point; beside the picture there is none.
fn pixel_with(at: vec2<f32>) -> vec2<i32> {
    return vec2<i32>(floor(clamp(at + SIDE, vec2<f32>(-1.0), scene.viewport)));
}

fn is_in_picture(at: vec2<i32>) -> bool {
    return all(at >= vec2<i32>(0)) && all(at < vec2<i32>(scene.viewport));
}

// Cones are steeper than their surface by so much, so that a middle is never hidden by the splat before it.
const LEAST_SLOPE = 0.2;
const STEEPER = 1.25;

// Circles on a square grid leave no gap when they are this much wider than its cells.
const CLOSED = 1.4143;

// Slopes count up to this, so that splats of what is seen edge-on do not grow without end.
const STEEPEST = 3.0;

// Fixed when a pipeline is made: software drivers compute every branch and throw away what is not wanted.
override has_large: bool = true;

// What is known of a splat without a look at its neighbours.
struct Middle {
    // Pixels of the picture, and z-depth; 0 where it is not drawn.
    at: vec3<f32>,
    // Pixels of the picture per unit of length.
    per_unit: f32,
    // Width of a surface that faces its camera, pixels of the picture.
    width: f32,
    // Small splats are points that grow later.
    is_small: bool,
}

fn middle_of(pixel: vec2<i32>, depth: f32) -> Middle {
    let at = on_screen(world_point(pixel, depth));
    var per_unit = scene.focal;
    if scene.is_orthographic == 0u {
        per_unit /= max(at.z, 1e-30);
    }
    var width = scene.point_size;
    if scene.sizing == 2u {
        width *= scene.scale;
    } else {
        let footprint = depth / min(view.focal.x, view.focal.y);
        width *= footprint * per_unit * sqrt(f32(scene.lattice.x)) * select(1.0, CLOSED, scene.sizing == 0u);
    }
    return Middle(at, per_unit, width, !has_large || scene.fill > 0 && 0.5 * width <= LARGEST_SMALL);
}

// How much a surface leans away from its camera, from the smaller steps of opposite sides: at a silhouette one of them leads to
// another surface.
fn slope_of(depth: f32, neighbours: vec4<f32>) -> f32 {
    let steps = select(vec4<f32>(1e9), abs(neighbours - depth), neighbours > vec4<f32>(0.0));
    let across = vec2<f32>(min(steps.x, steps.y), min(steps.z, steps.w));
    let known = select(vec2<f32>(0.0), across, across < vec2<f32>(1e9));
    return max(known.x, known.y) * min(view.focal.x, view.focal.y) / depth;
}

fn splat_of(middle: Middle, depth: f32, neighbours: vec4<f32>) -> Splat {
    var slope = 0.0;
    if scene.sizing == 0u {
        slope = slope_of(depth, neighbours);
    }
    let width = middle.width * length(vec2<f32>(1.0, min(slope, STEEPEST)));
    // A draft's splats close the gaps that it leaves as far as small ones can: wider ones would cost what it saves.
    let drafted = min(0.5 * width * f32(scene.stride), LARGEST_SMALL);
    let most = select(LARGEST_RADIUS, LARGEST_SMALL, middle.is_small);
    let radius = clamp(max(0.5 * width, drafted), 0.5, most);
    let cone = (LEAST_SLOPE + STEEPER * slope) * radius / middle.per_unit;
    return Splat(middle.at.xy, radius, middle.at.z, cone);
}

fn is_edge(neighbours: vec4<f32>, depth: f32) -> bool {
    return any(steps_to(neighbours, depth) > vec4<f32>(scene.edge_limit));
}

// A circle of less than this may miss every pixel's centre: then it is a square.
const SMALLEST_CIRCLE = 0.75;

fn key_at(splat: Splat, x: i32, y: i32, tag: u32, slack: f32) -> u32 {
    let away = vec2<f32>(f32(x), f32(y)) + 0.5 - splat.centre;
    let part = dot(away, away) / (splat.radius * splat.radius);
    if splat.radius >= SMALLEST_CIRCLE && part > 1.0 + slack {
        return 0u;
    }
    return key_of(splat.depth + splat.cone * sqrt(part), tag, 0u);
}

@compute @workgroup_size(8, 8)
fn near_points(@builtin(global_invocation_id) invocation: vec3<u32>) {
    view = views[invocation.z];
    let pixel = pixel_of(invocation);
    if is_outside(pixel) {
        return;
    }
    let depth = depth_at(pixel);
    if !keep_pixel(pixel, depth) {
        return;
    }
    let middle = middle_of(pixel, abs(depth));
    if middle.at.z <= 0.0 {
        return;
    }
    let at = pixel_with(middle.at.xy);
    if middle.is_small && !is_in_picture(at) {
        return;
    }
    let neighbours = neighbours_of(pixel);
    if is_edge(neighbours, abs(depth)) {
        return;
    }
    let tag = tag_of(pixel);
    let splat = splat_of(middle, abs(depth), neighbours);
    if middle.is_small {
        come_nearer(pixel_index(at.x, at.y), key_of(middle.at.z, tag, reach_code(splat.radius)));
        return;
    }
    if !has_large {
        return;
    }
    let covered = pixels_between(splat.centre - splat.radius, splat.centre + splat.radius);
    for (var y = covered.y; y <= covered.w; y++) {
        for (var x = covered.x; x <= covered.z; x++) {
            come_nearer(pixel_index(x, y), key_at(splat, x, y, tag, 0.0));
        }
    }
}

// What the second compilation may cover more than the first: too little would leave holes, too much is not shown.
const SLACK = 1e-3;

@compute @workgroup_size(8, 8)
fn paint_points(@builtin(global_invocation_id) invocation: vec3<u32>) {
    view = views[invocation.z];
    let pixel = pixel_of(invocation);
    if is_outside(pixel) {
        return;
    }
    let stored = depth_at(pixel);
    let depth = abs(stored);
    if depth == 0.0 {
        return;
    }
    let middle = middle_of(pixel, depth);
    if middle.at.z <= 0.0 {
        return;
    }
    let tag = tag_of(pixel);
    let at = pixel_with(middle.at.xy);
    if middle.is_small {
        // Most points are hidden, and need not be looked at further.
        if !is_in_picture(at) || !is_shown(atomicLoad(&keys[pixel_index(at.x, at.y)]), key_of(middle.at.z, tag, 0u)) {
            return;
        }
    }
    let number = point_number(pixel);
    if middle.is_small {
        // Filters had their say when the key was written.
        show(pixel_index(at.x, at.y), point_colour(pixel, depth), number);
        return;
    }
    if !has_large {
        return;
    }
    let neighbours = neighbours_of(pixel);
    if !keep_pixel(pixel, stored) || is_edge(neighbours, depth) {
        return;
    }
    let splat = splat_of(middle, depth, neighbours);
    let reach = splat.radius + SLACK;
    let covered = pixels_between(splat.centre - reach, splat.centre + reach);
    var colour = vec3<f32>(-1.0);
    for (var y = covered.y; y <= covered.w; y++) {
        for (var x = covered.x; x <= covered.z; x++) {
            let index = pixel_index(x, y);
            let key = key_at(splat, x, y, tag, SLACK);
            if key != 0u && is_shown(atomicLoad(&keys[index]), key) {
                if colour.r < 0.0 {
                    colour = point_colour(pixel, depth);
                }
                show(index, colour, number);
                // The cone has decided; lighting is to see a surface and no cones.
                atomicStore(&keys[index], key_of(splat.depth, tag, 0u));
            }
        }
    }
}
