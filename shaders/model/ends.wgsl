// What becomes of the sums of a product. GATED: of each two outputs the first lets the second through.
// WHOLE: outputs come in fours.

//# if GATED
@group(0) @binding(4) var<storage, read_write> y: array<vec2<f32>>;
//# end
//# unless GATED
//# if WHOLE
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
//# end
//# unless WHOLE
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
//# end
//# end
//# if SCALE
@group(0) @binding(5) var<storage, read> scale: array<vec4<f32>>;
//# end
//# if PLUS
@group(0) @binding(6) var<storage, read_write> plus: array<vec4<f32>>;
//# end
//# use activation
//# if GATED
fn store(row: u32, column: u32, sum: vec4<f32>) {
    y[(p.y_first + row * p.y_stride + column / 2u) / 2u] = silu(sum.xz) * sum.yw;
}

// x / (1 + e⁻ˣ)
fn silu(x: vec2<f32>) -> vec2<f32> {
    return x / (1.0 + exp(min(-x, vec2<f32>(80.0))));
}
//# end
//# unless GATED
fn store(row: u32, column: u32, sum: vec4<f32>) {
    var v = activate(sum);
    //# if SCALE
    v *= scale[column / 4u];
    //# end
    //# if PLUS
    v += plus[(p.plus_first + row * p.plus_stride + column) / 4u];
    //# end
    let at = place(row, column);
    //# if WHOLE
    y[at / 4u] = v;
    //# end
    //# unless WHOLE
    y[at] = v.x;
    if column + 1u < p.outputs {
        y[at + 1u] = v.y;
    }
    if column + 2u < p.outputs {
        y[at + 2u] = v.z;
    }
    if column + 3u < p.outputs {
        y[at + 3u] = v.w;
    }
    //# end
}

//# if SHUFFLED
// Outputs are a block of pixels each (its row, its column, the channel): a transposed convolution whose kernel is as large as its
// step.
fn place(row: u32, column: u32) -> u32 {
    let block = column / p.end_channels;
    let down = row / p.end_width * p.factor + block / p.factor;
    let across = row % p.end_width * p.factor + block % p.factor;
    return p.y_first + (down * p.end_width * p.factor + across) * p.end_channels + column % p.end_channels;
}
//# end
//# unless SHUFFLED
fn place(row: u32, column: u32) -> u32 {
    return p.y_first + row * p.y_stride + column;
}
//# end
//# end
