//# unless NORMED
fn load(row: u32, input: u32) -> vec4<f32> {
    return x[(p.x_first + row * p.x_stride + input) / 4u];
}
//# end
//# if NORMED
// Mean and factor of each row; weights, then biases.
@group(0) @binding(7) var<storage, read_write> moments: array<vec2<f32>>;
@group(0) @binding(8) var<storage, read> norm: array<vec4<f32>>;

// What LayerNorm makes of the row.
fn load(row: u32, input: u32) -> vec4<f32> {
    let moment = moments[p.moments_first / 2u + row];
    let normed = (x[(p.x_first + row * p.x_stride + input) / 4u] - moment.x) * moment.y;
    return fma(normed, norm[input / 4u], norm[(p.inputs + input) / 4u]);
}
//# end
