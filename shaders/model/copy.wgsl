// Rows from one place to another, number by number or, with QUADS, four by four (WIDTH).

struct Parameters {
    rows: u32,
    // Of a row, what one thread takes after the other.
    lanes: u32,
    x_first: u32,
    x_stride: u32,
    y_first: u32,
    y_stride: u32,
    // Rows beside each other in one column of groups.
    down: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
//# if QUADS
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
//# end
//# unless QUADS
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
//# end

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = group.y * p.down + group.x;
    if row >= p.rows {
        return;
    }
    for (var at = thread; at < p.lanes; at += 64u) {
        y[(p.y_first + row * p.y_stride) / {{WIDTH}}u + at] = x[(p.x_first + row * p.x_stride) / {{WIDTH}}u + at];
    }
}
