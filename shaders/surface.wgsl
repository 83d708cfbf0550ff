// The depth map as a surface: two triangles between four neighbouring pixels, cut where depth steps, in a compute shader.
//
// Triangles of depth maps are small, a few pixels each: one invocation walks over the pixels of its two.
struct Corner {
    pixel: vec2<i32>,
    depth: f32,
    // Pixels of the picture, and z-depth; 0 where the corner is not drawn.
    at: vec3<f32>,
}

fn corner(pixel: vec2<i32>) -> Corner {
    let stored = depth_at(pixel);
    let depth = abs(stored);
    var at = vec3<f32>(0.0);
    if keep_pixel(pixel, stored) {
        at = on_screen(world_point(pixel, depth));
    }
    return Corner(pixel, depth, at);
}

fn is_whole(a: Corner, b: Corner, c: Corner) -> bool {
    let nearest = min(a.depth, min(b.depth, c.depth));
    let farthest = max(a.depth, max(b.depth, c.depth));
    return a.at.z > 0.0 && b.at.z > 0.0 && c.at.z > 0.0
        && (farthest - nearest) / nearest <= scene.edge_limit * f32(scene.stride);
}

// What is linear across a triangle on the screen: inverse z-depth, or z-depth if orthographic.
fn linear(z: f32) -> f32 {
    return select(1.0 / z, z, scene.is_orthographic == 1u);
}

fn turn(a: vec2<f32>, b: vec2<f32>, p: vec2<f32>) -> f32 {
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

// Overlapping edges are better than cracks.
const EDGE = -1e-4;

fn draw(a: Corner, b: Corner, c: Corner, paints: bool) {
    if !is_whole(a, b, c) {
        return;
    }
    let area = turn(a.at.xy, b.at.xy, c.at.xy);
    if abs(area) < 1e-9 {
        return;
    }
    let low = min(a.at.xy, min(b.at.xy, c.at.xy)) - 1e-3;
    let high = max(a.at.xy, max(b.at.xy, c.at.xy)) + 1e-3;
    let covered = pixels_between(low, high);
    let tag = tag_of(a.pixel);
    let depths = vec3<f32>(linear(a.at.z), linear(b.at.z), linear(c.at.z));
    let slack = select(EDGE, EDGE * 2.0, paints);
    for (var y = covered.y; y <= covered.w; y++) {
        for (var x = covered.x; x <= covered.z; x++) {
            let p = vec2<f32>(f32(x), f32(y)) + 0.5;
            let weights = vec3<f32>(
                turn(b.at.xy, c.at.xy, p),
                turn(c.at.xy, a.at.xy, p),
                turn(a.at.xy, b.at.xy, p),
            ) / area;
            if min(weights.x, min(weights.y, weights.z)) < slack {
                continue;
            }
            let key = key_of(linear(dot(weights, depths)), tag, 0u);
            let index = pixel_index(x, y);
            if !paints {
                come_nearer(index, key);
            } else if is_shown(atomicLoad(&keys[index]), key) {
                let colour = point_colour(a.pixel, a.depth) * weights.x
                    + point_colour(b.pixel, b.depth) * weights.y
                    + point_colour(c.pixel, c.depth) * weights.z;
                var nearest = a.pixel;
                if weights.y > weights.x && weights.y >= weights.z {
                    nearest = b.pixel;
                } else if weights.z > weights.x {
                    nearest = c.pixel;
                }
                show(index, clamp(colour, vec3<f32>(0.0), vec3<f32>(1.0)), point_number(nearest));
            }
        }
    }
}

fn quad(invocation: vec3<u32>, paints: bool) {
    view = views[invocation.z];
    let first = pixel_of(invocation);
    let step = i32(scene.stride);
    if is_outside(first + step) {
        return;
    }
    let a = corner(first);
    let b = corner(first + vec2<i32>(step, 0));
    let c = corner(first + vec2<i32>(0, step));
    let d = corner(first + step);
    draw(a, b, c, paints);
    draw(d, c, b, paints);
}

@compute @workgroup_size(8, 8)
fn near_surface(@builtin(global_invocation_id) invocation: vec3<u32>) {
    quad(invocation, false);
}

@compute @workgroup_size(8, 8)
fn paint_surface(@builtin(global_invocation_id) invocation: vec3<u32>) {
    quad(invocation, true);
}
