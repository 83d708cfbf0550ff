// LayerNorm of rows: a group of threads takes a row, sums it twice, and writes it; or, with MOMENTS, only its mean and by what it is
// multiplied, for those who normalise what they load.

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
//# if MOMENTS
@group(0) @binding(4) var<storage, read_write> y: array<vec2<f32>>;
//# end
//# unless MOMENTS
// Weights, then biases.
@group(0) @binding(2) var<storage, read> norm: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
//# end

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
    //# if MOMENTS
    if thread == 0u {
        y[p.y_first / 2u + row] = vec2<f32>(mean, scale);
    }
    //# end
    //# unless MOMENTS
    let into = (p.y_first + row * p.y_stride) / 4u;
    for (var at = thread; at < p.quads; at += THREADS) {
        let normed = (x[begin + at] - mean) * scale;
        y[into + at] = fma(normed, norm[at], norm[p.quads + at]);
    }
    //# end
}
