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

// Radius up to which a splat is small.
const LARGEST_SMALL = 2.5;

fn is_small(splat: Splat) -> bool {
    return scene.fill > 0 && splat.radius <= LARGEST_SMALL;
}

// Through a photo's own camera all middles lie on borders between pixels: then they all go to the same side.
const SIDE = 0.01;

// The pixel with the middle of a splat; beside the picture there is none.
fn middle_of(splat: Splat) -> vec2<i32> {
    return vec2<i32>(floor(clamp(splat.centre + SIDE, vec2<f32>(-1.0), scene.viewport)));
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

// Width in the world that closes the gap to the neighbouring samples, and the surface's slope.
fn gap(depth: f32, neighbours: vec4<f32>) -> vec2<f32> {
    let footprint = depth / min(view.focal.x, view.focal.y);
    if scene.sizing != 0u {
        return vec2<f32>(footprint, 0.0);
    }
    // The smaller step of two opposite sides: at a silhouette one of them leads to another surface.
    let steps = select(vec4<f32>(1e9), abs(neighbours - depth), neighbours > vec4<f32>(0.0));
    let across = vec2<f32>(min(steps.x, steps.y), min(steps.z, steps.w));
    let known = select(vec2<f32>(0.0), across, across < vec2<f32>(1e9));
    let slant = max(known.x, known.y);
    let slope = slant / footprint;
    return vec2<f32>(footprint * CLOSED * length(vec2<f32>(1.0, min(slope, STEEPEST))), slope);
}

// Radius 0: not drawn.
fn splat_of(pixel: vec2<i32>, depth: f32) -> Splat {
    var splat = Splat(vec2<f32>(0.0), 0.0, 0.0, 0.0);
    if !keep_pixel(pixel, depth) {
        return splat;
    }
    let neighbours = neighbours_of(pixel);
    if any(steps_to(neighbours, depth) > vec4<f32>(scene.edge_limit)) {
        return splat;
    }
    let at = on_screen(world_point(pixel, depth));
    if at.z <= 0.0 {
        return splat;
    }
    var per_unit = scene.focal;
    if scene.is_orthographic == 0u {
        per_unit /= at.z;
    }
    var width = scene.point_size;
    let gap = gap(depth, neighbours);
    if scene.sizing == 2u {
        width *= scene.scale;
    } else {
        width *= gap.x * per_unit * sqrt(f32(scene.lattice.x));
    }
    splat.centre = at.xy;
    // A draft's splats close the gaps that it leaves as far as small ones can: wider ones would cost what it saves.
    let drafted = min(0.5 * width * f32(scene.stride), LARGEST_SMALL);
    splat.radius = clamp(max(0.5 * width, drafted), 0.5, LARGEST_RADIUS);
    splat.depth = at.z;
    splat.cone = (LEAST_SLOPE + STEEPER * gap.y) * splat.radius / per_unit;
    return splat;
}

// A circle of less than this may miss every pixel's centre: then it is a square.
const SMALLEST_CIRCLE = 0.75;

fn key_at(splat: Splat, x: i32, y: i32, tag: u32, slack: f32) -> u32 {
    let away = vec2<f32>(f32(x), f32(y)) + 0.5 - splat.centre;
    let part = dot(away, away) / (splat.radius * splat.radius);
    if splat.radius >= SMALLEST_CIRCLE && part > 1.0 + slack {
        return 0u;
    }
    return key_of(splat.depth + splat.cone * sqrt(part), tag);
}

@compute @workgroup_size(8, 8)
fn near_points(@builtin(global_invocation_id) invocation: vec3<u32>) {
    let pixel = pixel_of(invocation);
    if is_outside(pixel) {
        return;
    }
    let splat = splat_of(pixel, textureLoad(depth_map, pixel, 0).r);
    if splat.radius == 0.0 {
        return;
    }
    let tag = tag_of(pixel);
    if is_small(splat) {
        let middle = middle_of(splat);
        if is_in_picture(middle) {
            come_nearer(pixel_index(middle.x, middle.y), key_of(splat.depth, tag));
        }
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
    let pixel = pixel_of(invocation);
    if is_outside(pixel) {
        return;
    }
    let depth = textureLoad(depth_map, pixel, 0).r;
    let splat = splat_of(pixel, depth);
    if splat.radius == 0.0 {
        return;
    }
    let tag = tag_of(pixel);
    if is_small(splat) {
        let middle = middle_of(splat);
        if is_in_picture(middle) {
            let index = pixel_index(middle.x, middle.y);
            if is_shown(atomicLoad(&keys[index]), key_of(splat.depth, tag)) {
                show(index, point_colour(pixel, depth), splat.radius, point_number(pixel));
            }
        }
        return;
    }
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
                show(index, colour, 0.0, point_number(pixel));
            }
        }
    }
}
