//# unless RESIZED
fn seen(down: u32, across: u32, channel: u32) -> vec4<f32> {
    return x[(p.x_first + (down * p.width + across) * p.channels + channel) / 4u];
}
//# end
//# if RESIZED
// A map [map_height, map_width, channels] as if it were one [height, width, channels]: bilinear, corners on corners.
fn seen(down: u32, across: u32, channel: u32) -> vec4<f32> {
    let y = f32(down) * p.map_step_y;
    let x = f32(across) * p.map_step_x;
    let above = min(u32(y), p.map_height - 1u);
    let before = min(u32(x), p.map_width - 1u);
    let below = min(above + 1u, p.map_height - 1u);
    let behind = min(before + 1u, p.map_width - 1u);
    let left = between(stored(above, before, channel), stored(below, before, channel), y - f32(above));
    let right = between(stored(above, behind, channel), stored(below, behind, channel), y - f32(above));
    let resized = between(left, right, x - f32(before));
    //# if TABLES
    return resized + table(down, across, channel);
    //# end
    //# unless TABLES
    return resized;
    //# end
}

fn between(a: vec4<f32>, b: vec4<f32>, share: f32) -> vec4<f32> {
    return fma(b - a, vec4<f32>(share), a);
}

fn stored(down: u32, across: u32, channel: u32) -> vec4<f32> {
    return x[(p.x_first + (down * p.map_width + across) * p.channels + channel) / 4u];
}
//# end
//# if TABLES
@group(0) @binding(7) var<storage, read_write> columns: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> rows: array<vec4<f32>>;

// What tells a head where a pixel is: half of the channels depend on the column, half on the row.
fn table(down: u32, across: u32, channel: u32) -> vec4<f32> {
    let half = p.channels / 2u;
    if channel < half {
        return columns[(p.columns_first + across * half + channel) / 4u];
    }
    return rows[(p.rows_first + down * half + channel - half) / 4u];
}
//# end
