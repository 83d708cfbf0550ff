// LayerNorm of rows: a group of threads takes a row, sums it twice, and writes it. NUMBERS: of a row in fours, for each thread.

struct Parameters {
    rows: u32,
    quads: u32,
    x_first: u32,
    x_stride: u32,
    y_first: u32,
    y_stride: u32,
    // Rows beside each other in one column of groups.
    down: u32,
    eps: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

const THREADS = 64u;

var<workgroup> sums: array<f32, 64>;

// Of all threads.
fn total(thread: u32, value: f32) -> f32 {
    workgroupBarrier();
    sums[thread] = value;
    for (var half = 32u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if thread < half {
            sums[thread] += sums[thread + half];
        }
    }
    workgroupBarrier();
    return sums[0];
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    // No row is beyond the last: every thread must come to the barriers.
    let row = min(group.y * p.down + group.x, p.rows - 1u);
    let begin = (p.x_first + row * p.x_stride) / 4u;
    let into = (p.y_first + row * p.y_stride) / 4u;
    var sum = 0.0;
    for (var at = thread; at < p.quads; at += THREADS) {
        sum += dot(x[begin + at], vec4<f32>(1.0));
    }
    let length = f32(p.quads * 4u);
    let mean = total(thread, sum) / length;
    sum = 0.0;
    for (var at = thread; at < p.quads; at += THREADS) {
        let far = x[begin + at] - mean;
        sum += dot(far, far);
    }
    let scale = 1.0 / sqrt(total(thread, sum) / length + p.eps);
    for (var at = thread; at < p.quads; at += THREADS) {
        let normed = (x[begin + at] - mean) * scale;
        y[into + at] = fma(normed, weight[at], bias[at]);
    }
}
