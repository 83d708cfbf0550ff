// Rows that do not come in fours.
fn load(row: u32, input: u32) -> vec4<f32> {
    return vec4<f32>(one(row, input), one(row, input + 1u), one(row, input + 2u), one(row, input + 3u));
}

fn one(row: u32, input: u32) -> f32 {
    return select(0.0, x[p.x_first + row * p.x_stride + min(input, p.inputs - 1u)], input < p.inputs);
}
