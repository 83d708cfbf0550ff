// softmax(q·kᵀ/√d)·v without ever holding more scores than one tile: a group of threads takes some queries of a head through all keys,
// and keeps for each the greatest score, the sum of the exponentials and the weighted values so far (the online softmax of Milakov and
// Gimelshein, 2018). HEAD: channels of a head; KEYS: keys of a tile.
//
// Threads stand in eight bands of ROWS queries; the sixteen of a band share their keys, and then their channels of values, PARTS fours
// for each.

struct Parameters {
    queries: u32,
    keys: u32,
    first_query: u32,
    scale: f32,
    q_first: u32,
    q_stride: u32,
    k_first: u32,
    k_stride: u32,
    v_first: u32,
    v_stride: u32,
    y_first: u32,
    y_stride: u32,
    // From one group of tokens that attend to each other to the next, in numbers.
    q_group: u32,
    k_group: u32,
    v_group: u32,
    y_group: u32,
    // Of queries that are made ready: angles repeat after so many tokens.
    angles: u32,
    cos_first: u32,
    sin_first: u32,
    eps: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read_write> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> k: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> v: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
//# if NORMED
// Weights, then biases.
@group(0) @binding(5) var<storage, read> norm: array<vec4<f32>>;
//# end
//# if TURNED
@group(0) @binding(6) var<storage, read_write> cosines: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> sines: array<vec4<f32>>;
//# end

const QUADS = {{HEAD}}u / 4u;
const THREADS = 128u;

var<workgroup> queries: array<vec4<f32>, 8 * {{ROWS}} * {{HEAD}} / 4>;
// Keys, and then their values.
var<workgroup> tile: array<vec4<f32>, {{KEYS}} * {{HEAD}} / 4>;
var<workgroup> scores: array<f32, 8 * {{ROWS}} * {{KEYS}}>;

//# if PREPARED
// LayerNorm over the channels of a query, which begin there, and its turn, as `heads.wgsl` does it for keys.
fn prepare(begin: u32, token: u32) {
    //# if NORMED
    var sum = 0.0;
    for (var i = 0u; i < QUADS; i++) {
        sum += dot(queries[begin + i], vec4<f32>(1.0));
    }
    let mean = sum / {{HEAD}}.0;
    sum = 0.0;
    for (var i = 0u; i < QUADS; i++) {
        let far = queries[begin + i] - mean;
        sum += dot(far, far);
    }
    let scale = 1.0 / sqrt(sum / {{HEAD}}.0 + p.eps);
    for (var i = 0u; i < QUADS; i++) {
        queries[begin + i] = fma((queries[begin + i] - mean) * scale, norm[i], norm[QUADS + i]);
    }
    //# end
    //# if TURNED
    let angle = token % p.angles * ({{HEAD}}u / 8u);
    for (var i = 0u; i < {{HEAD}}u / 8u; i++) {
        let pairs = {{HEAD}}u / 16u;
        let at = begin + i / pairs * 2u * pairs + i % pairs;
        let cosine = cosines[p.cos_first / 4u + angle + i];
        let sine = sines[p.sin_first / 4u + angle + i];
        let a = queries[at];
        let b = queries[at + pairs];
        queries[at] = fma(-b, sine, a * cosine);
        queries[at + pairs] = fma(a, sine, b * cosine);
    }
    //# end
}
//# end

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let lane = thread % 16u;
    let band = thread / 16u * {{ROWS}}u;
    let first = p.first_query + group.x * (8u * {{ROWS}}u);
    let head = group.y * QUADS;
    for (var at = thread; at < 8u * {{ROWS}}u * QUADS; at += THREADS) {
        let query = min(first + at / QUADS, p.queries - 1u);
        queries[at] = q[(p.q_first + group.z * p.q_group + query * p.q_stride) / 4u + head + at % QUADS];
    }
    //# if PREPARED
    // A query is a thread's.
    workgroupBarrier();
    if thread < 8u * {{ROWS}}u {
        prepare(thread * QUADS, min(first + thread, p.queries - 1u));
    }
    //# end
    //# for r in 0..ROWS
    var greatest_{{r}} = -1e30;
    var sum_{{r}} = 0.0;
    //# for c in 0..PARTS
    var mixed_{{r}}_{{c}} = vec4<f32>(0.0);
    //# end
    //# end
    for (var first_key = 0u; first_key < p.keys; first_key += {{KEYS}}u) {
        workgroupBarrier();
        for (var at = thread; at < {{KEYS}}u * QUADS; at += THREADS) {
            let key = min(first_key + at / QUADS, p.keys - 1u);
            tile[at] = k[(p.k_first + group.z * p.k_group + key * p.k_stride) / 4u + head + at % QUADS];
        }
        workgroupBarrier();
        //# for r in 0..ROWS
        var score_{{r}} = 0.0;
        //# end
        //# for i in 0..HEAD_QUADS
        {
            let key = tile[lane * QUADS + {{i}}u];
            //# for r in 0..ROWS
            score_{{r}} += dot(queries[(band + {{r}}u) * QUADS + {{i}}u], key);
            //# end
        }
        //# end
        //# for r in 0..ROWS
        score_{{r}} *= p.scale;
        //# end
        // What is beyond the last key counts nothing.
        let is_key = first_key + lane < p.keys;
        //# for r in 0..ROWS
        scores[(band + {{r}}u) * {{KEYS}}u + lane] = select(-1e30, score_{{r}}, is_key);
        //# end
        workgroupBarrier();
        //# for r in 0..ROWS
        var next_{{r}} = greatest_{{r}};
        //# for i in 0..KEYS
        next_{{r}} = max(next_{{r}}, scores[(band + {{r}}u) * {{KEYS}}u + {{i}}u]);
        //# end
        let fading_{{r}} = exp(greatest_{{r}} - next_{{r}});
        greatest_{{r}} = next_{{r}};
        let weight_{{r}} = select(0.0, exp(score_{{r}} - next_{{r}}), is_key);
        //# end
        workgroupBarrier();
        //# for r in 0..ROWS
        scores[(band + {{r}}u) * {{KEYS}}u + lane] = weight_{{r}};
        sum_{{r}} *= fading_{{r}};
        //# for c in 0..PARTS
        mixed_{{r}}_{{c}} *= fading_{{r}};
        //# end
        //# end
        for (var at = thread; at < {{KEYS}}u * QUADS; at += THREADS) {
            let key = min(first_key + at / QUADS, p.keys - 1u);
            tile[at] = v[(p.v_first + group.z * p.v_group + key * p.v_stride) / 4u + head + at % QUADS];
        }
        workgroupBarrier();
        //# for i in 0..KEYS
        {
            //# for c in 0..PARTS
            let value_{{c}} = tile[{{i}}u * QUADS + min(lane + {{16*c}}u, QUADS - 1u)];
            //# end
            //# for r in 0..ROWS
            {
                let weight = scores[(band + {{r}}u) * {{KEYS}}u + {{i}}u];
                sum_{{r}} += weight;
                //# for c in 0..PARTS
                mixed_{{r}}_{{c}} = fma(vec4<f32>(weight), value_{{c}}, mixed_{{r}}_{{c}});
                //# end
            }
            //# end
        }
        //# end
    }
    //# for r in 0..ROWS
    {
        let query = first + band + {{r}}u;
        let at = (p.y_first + group.z * p.y_group + query * p.y_stride) / 4u + head + lane;
        //# for c in 0..PARTS
        if query < p.queries && lane + {{16*c}}u < QUADS {
            y[at + {{16*c}}u] = mixed_{{r}}_{{c}} / sum_{{r}};
        }
        //# end
    }
    //# end
}
