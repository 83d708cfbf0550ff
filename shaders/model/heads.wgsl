// Keys of an attention made ready where they lie, once for all queries: LayerNorm over the channels of a head, then each half of these turned in pairs by
// the token's angles. One thread takes one head of one token. HEAD: its channels; NORMED, TURNED: what is done.

struct Parameters {
    tokens: u32,
    heads: u32,
    x_first: u32,
    x_stride: u32,
    // Angles repeat after so many tokens.
    angles: u32,
    eps: f32,
    cos_first: u32,
    sin_first: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
//# if NORMED
// Weights, then biases.
@group(0) @binding(2) var<storage, read> norm: array<vec4<f32>>;
//# end
//# if TURNED
@group(0) @binding(4) var<storage, read_write> cosines: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> sines: array<vec4<f32>>;
//# end

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) place: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = place.y * groups.x * 64u + place.x;
    let head = at % p.heads;
    let token = at / p.heads;
    if token >= p.tokens {
        return;
    }
    let first = (p.x_first + token * p.x_stride) / 4u + head * ({{HEAD}}u / 4u);
    //# for i in 0..QUADS
    var x_{{i}} = x[first + {{i}}u];
    //# end
    //# if NORMED
    var sum = 0.0;
    //# for i in 0..QUADS
    sum += dot(x_{{i}}, vec4<f32>(1.0));
    //# end
    let mean = sum / {{HEAD}}.0;
    sum = 0.0;
    //# for i in 0..QUADS
    x_{{i}} -= mean;
    sum += dot(x_{{i}}, x_{{i}});
    //# end
    let scale = 1.0 / sqrt(sum / {{HEAD}}.0 + p.eps);
    //# for i in 0..QUADS
    x_{{i}} = fma(x_{{i}} * scale, norm[{{i}}], norm[{{QUADS+i}}]);
    //# end
    //# end
    //# if TURNED
    // Of each half the first quarter of all channels is turned with the second.
    let angle = token % p.angles * ({{HEAD}}u / 8u);
    //# for side in 0..2
    //# for i in 0..PAIRS
    {
        let cosine = cosines[p.cos_first / 4u + angle + {{side}}u * {{PAIRS}}u + {{i}}u];
        let sine = sines[p.sin_first / 4u + angle + {{side}}u * {{PAIRS}}u + {{i}}u];
        let a = x_{{side*2*PAIRS+i}};
        let b = x_{{side*2*PAIRS+PAIRS+i}};
        x_{{side*2*PAIRS+i}} = fma(-b, sine, a * cosine);
        x_{{side*2*PAIRS+PAIRS+i}} = fma(a, sine, b * cosine);
    }
    //# end
    //# end
    //# end
    //# for i in 0..QUADS
    x[first + {{i}}u] = x_{{i}};
    //# end
}
