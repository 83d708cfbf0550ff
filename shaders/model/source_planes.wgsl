// Patches of a picture in planes [channels, height, width], row by row of patches: inputs are (channel, row, column) in the patch.
fn load(row: u32, input: u32) -> vec4<f32> {
    return vec4<f32>(pixel(row, input), pixel(row, input + 1u), pixel(row, input + 2u), pixel(row, input + 3u));
}

fn pixel(row: u32, input: u32) -> f32 {
    let down = row / p.out_width * p.step + input / p.step % p.step;
    let across = row % p.out_width * p.step + input % p.step;
    return x[p.x_first + (input / (p.step * p.step) * p.height + down) * p.width + across];
}
