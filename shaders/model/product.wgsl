// Rows times a matrix: each group of threads sums one tile of the result, sixteen inputs after the other. What the rows are says
// `source`, what becomes of the sums `ends`.
//
// ROWS: rows of each thread, eight times as many of a tile; QUADS: a tile's columns in fours. RAGGED: inputs end within sixteen;
// SINGLE: the source reads numbers one by one. Sums are variables of their own, and the text is unrolled: compilers of shaders do neither.

struct Parameters {
    rows: u32,
    inputs: u32,
    outputs: u32,
    // Of the weights, in fours: from one input to the next, and the first column.
    across: u32,
    first_quad: u32,
    x_first: u32,
    x_stride: u32,
    y_first: u32,
    y_stride: u32,
    plus_first: u32,
    plus_stride: u32,
    // Pictures.
    channels: u32,
    height: u32,
    width: u32,
    out_width: u32,
    step: u32,
    map_height: u32,
    map_width: u32,
    map_step_y: f32,
    map_step_x: f32,
    // Blocks of pixels: those in a row, and channels of one.
    end_width: u32,
    end_channels: u32,
    factor: u32,
    columns_first: u32,
    rows_first: u32,
    moments_first: u32,
    // Of 8-bit weights.
    scales_first: u32,
    // The first row of this dispatch.
    begin: u32,
    // From one plane of logits to the next.
    y_lane: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
//# if SINGLE
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
//# end
//# unless SINGLE
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
//# end
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;

//# use weights
//# use source
//# unless LOGITS
//# use ends
//# end
//# if LOGITS
//# use logits_arrays
//# end

const THREADS = 8u * {{QUADS}}u;

var<workgroup> left: array<vec4<f32>, {{ROWS}} * 8 * 4>;
var<workgroup> right: array<vec4<f32>, 16 * {{QUADS}}>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let quad = thread % {{QUADS}}u;
    let band = thread / {{QUADS}}u;
    let first_row = p.begin + group.y * ({{ROWS}}u * 8u);
    let first_quad = group.x * {{QUADS}}u;
    //# for r in 0..ROWS
    var sum_{{r}} = vec4<f32>(0.0);
    //# end
    for (var k = 0u; k < p.inputs; k += 16u) {
        workgroupBarrier();
        //# for i in 0..LEFT_LOADS
        {
            let at = thread + {{i}}u * THREADS;
            let row = min(first_row + at / 4u, p.rows - 1u);
            let input = k + at % 4u * 4u;
            //# if RAGGED
            left[at] = select(vec4<f32>(0.0), load(row, min(input, p.inputs - 4u)), input < p.inputs);
            //# end
            //# unless RAGGED
            left[at] = load(row, input);
            //# end
        }
        //# end
        //# for i in 0..2
        {
            let at = thread + {{i}}u * THREADS;
            right[at] = weight(k + at / {{QUADS}}u, p.first_quad + first_quad + at % {{QUADS}}u);
        }
        //# end
        workgroupBarrier();
        //# for q in 0..4
        {
            let b_0 = right[({{q}}u * 4u + 0u) * {{QUADS}}u + quad];
            let b_1 = right[({{q}}u * 4u + 1u) * {{QUADS}}u + quad];
            let b_2 = right[({{q}}u * 4u + 2u) * {{QUADS}}u + quad];
            let b_3 = right[({{q}}u * 4u + 3u) * {{QUADS}}u + quad];
            //# for r in 0..ROWS
            {
                let a = left[(band * {{ROWS}}u + {{r}}u) * 4u + {{q}}u];
                sum_{{r}} = fma(vec4<f32>(a.x), b_0, sum_{{r}});
                sum_{{r}} = fma(vec4<f32>(a.y), b_1, sum_{{r}});
                sum_{{r}} = fma(vec4<f32>(a.z), b_2, sum_{{r}});
                sum_{{r}} = fma(vec4<f32>(a.w), b_3, sum_{{r}});
            }
            //# end
        }
        //# end
    }
    //# if LOGITS
    //# use logits
    //# end
    //# unless LOGITS
    let column = (first_quad + quad) * 4u;
    if column < p.outputs {
        let biases = bias[p.first_quad + first_quad + quad];
        let row = first_row + band * {{ROWS}}u;
        //# for r in 0..ROWS
        if row + {{r}}u < p.rows {
            store(row + {{r}}u, column, sum_{{r}} + biases);
        }
        //# end
    }
    //# end
}
