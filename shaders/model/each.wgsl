// A function of each number. ACTIVATION as in `each.rs`.

struct Parameters {
    count: u32,
    x_first: u32,
    y_first: u32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

//# use activation

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) place: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = place.y * groups.x * 64u + place.x;
    if at >= p.count {
        return;
    }
    let value = x[p.x_first + at];
    //# if EXP
    y[p.y_first + at] = exp(value) + p.factor;
    //# end
    //# if SIGMOID
    y[p.y_first + at] = p.factor / (1.0 + exp(min(-value, 80.0)));
    //# end
    //# if ACTIVATED
    y[p.y_first + at] = activate(vec4<f32>(value)).x;
    //# end
}
