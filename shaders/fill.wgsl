// Lets small splats grow from their middles: every pixel takes the nearest of the samples around it that reach it.
@group(1) @binding(0) var<storage, read> keys: array<u32>;
// Key of what the pixel shows, and the pixel in whose place that stands.
@group(1) @binding(1) var<storage, read_write> nearest: array<u32>;
@group(1) @binding(2) var<storage, read_write> sources: array<u32>;

// Away from its middle a splat lies behind by this much more than it is away, so that of one surface the nearest middle is
// taken, also where the surface leans.
const SLOPE = 3.0;

// Pixels between middles are whole numbers; reaches are not.
const ROUNDING = 0.25;

@compute @workgroup_size(8, 8)
fn fill(@builtin(global_invocation_id) invocation: vec3<u32>) {
    let pixel = vec2<i32>(invocation.xy);
    let last = vec2<i32>(scene.viewport) - 1;
    if any(pixel > last) {
        return;
    }
    let here = pixel_index(pixel.x, pixel.y);
    var best = keys[here];
    var source = here;
    let low = max(pixel - scene.fill, vec2<i32>(0));
    let high = min(pixel + scene.fill, last);
    for (var y = low.y; y <= high.y; y++) {
        for (var x = low.x; x <= high.x; x++) {
            let there = pixel_index(x, y);
            let key = keys[there];
            // Being away only puts it farther back.
            if key <= best {
                continue;
            }
            let away = length(vec2<f32>(f32(x - pixel.x), f32(y - pixel.y)));
            if away > reach_of(key) + ROUNDING {
                continue;
            }
            let z = depth_of(key);
            var per_unit = scene.focal;
            if scene.is_orthographic == 0u {
                per_unit /= z;
            }
            let behind = key_of(z + SLOPE * away / per_unit, key >> 3u & 7u, 0u);
            if behind > best {
                best = behind;
                source = there;
            }
        }
    }
    // Its own depth, without what only decides who is nearest: lighting looks at steps.
    nearest[here] = keys[source];
    sources[here] = source;
}
