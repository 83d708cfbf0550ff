// A map [height, width, channels] out of one of another size, plus position tables, plus another map.

struct Parameters {
    channels: u32,
    height: u32,
    width: u32,
    map_height: u32,
    map_width: u32,
    map_step_y: f32,
    map_step_x: f32,
    x_first: u32,
    y_first: u32,
    plus_first: u32,
    columns_first: u32,
    rows_first: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
//# if PLUS
@group(0) @binding(6) var<storage, read_write> plus: array<vec4<f32>>;
//# end

//# use seen

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) place: vec3<u32>) {
    let quads = p.channels / 4u;
    let across = place.x / quads;
    let down = place.y;
    if across >= p.width {
        return;
    }
    let channel = place.x % quads * 4u;
    let at = (down * p.width + across) * p.channels + channel;
    //# if PLUS
    y[(p.y_first + at) / 4u] = seen(down, across, channel) + plus[(p.plus_first + at) / 4u];
    //# end
    //# unless PLUS
    y[(p.y_first + at) / 4u] = seen(down, across, channel);
    //# end
}
