// Windows of 3×3 pixels of a map [height, width, channels] with zeros around it: inputs are (row, column, channel) in the window.
fn load(row: u32, input: u32) -> vec4<f32> {
    let tap = input / p.channels;
    let channel = input % p.channels;
    // One more than the place, so that what lies before the first is no negative number.
    let down = row / p.out_width * p.step + tap / 3u;
    let across = row % p.out_width * p.step + tap % 3u;
    if down == 0u || across == 0u || down > p.height || across > p.width {
        return vec4<f32>(0.0);
    }
    //# if RELU_BEFORE
    return max(seen(down - 1u, across - 1u, channel), vec4<f32>(0.0));
    //# end
    //# unless RELU_BEFORE
    return seen(down - 1u, across - 1u, channel);
    //# end
}

//# use seen
