fn load(row: u32, input: u32) -> vec4<f32> {
    return x[(p.x_first + row * p.x_stride + input) / 4u];
}
