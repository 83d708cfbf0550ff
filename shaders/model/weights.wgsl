// Four outputs' weights for one input, as they are stored. FORMAT: 0 f32, 1 f16, 2 bf16, 3 8 bits.

//# if FORMAT=0
@group(0) @binding(2) var<storage, read> weights: array<vec4<f32>>;

fn weight(input: u32, quad: u32) -> vec4<f32> {
    return weights[input * p.across + quad];
}
//# end
//# if FORMAT=1
@group(0) @binding(2) var<storage, read> weights: array<vec2<u32>>;

fn weight(input: u32, quad: u32) -> vec4<f32> {
    let pairs = weights[input * p.across + quad];
    return vec4<f32>(unpack2x16float(pairs.x), unpack2x16float(pairs.y));
}
//# end
//# if FORMAT=2
@group(0) @binding(2) var<storage, read> weights: array<vec2<u32>>;

// The upper half of a number in f32.
fn weight(input: u32, quad: u32) -> vec4<f32> {
    let pairs = weights[input * p.across + quad].xxyy;
    return bitcast<vec4<f32>>((pairs << vec4<u32>(16u, 0u, 16u, 0u)) & vec4<u32>(0xffff0000u));
}
//# end
//# if FORMAT=3
@group(0) @binding(2) var<storage, read> weights: array<u32>;

// With a scale for each output and 32 inputs, which follow the numbers.
fn weight(input: u32, quad: u32) -> vec4<f32> {
    let bytes = vec4<i32>(bitcast<i32>(weights[input * p.across + quad]));
    let numbers = (bytes << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u);
    let at = p.scales_first + (input / 32u * p.across + quad) * 4u;
    let scales = vec4<u32>(weights[at], weights[at + 1u], weights[at + 2u], weights[at + 3u]);
    return vec4<f32>(numbers) * bitcast<vec4<f32>>(scales);
}
//# end
