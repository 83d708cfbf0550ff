// ACTIVATION: 0 none, 1 ReLU, 2 GELU, 3 SiLU.
fn activate(x: vec4<f32>) -> vec4<f32> {
    //# if ACTIVATION=0
    return x;
    //# end
    //# if ACTIVATION=1
    return max(x, vec4<f32>(0.0));
    //# end
    //# if ACTIVATION=2
    return gelu(x);
    //# end
    //# if ACTIVATION=3
    return x / (1.0 + exp(min(-x, vec4<f32>(80.0))));
    //# end
}

//# if ACTIVATION=2
// x · Φ(x) through erf as in Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26, as the kernels for processors do it.
fn gelu(x: vec4<f32>) -> vec4<f32> {
    let far = abs(x) * 0.70710678;
    let t = 1.0 / fma(far, vec4<f32>(0.3275911), vec4<f32>(1.0));
    var sum = vec4<f32>(1.0614054);
    sum = fma(sum, t, vec4<f32>(-1.453152));
    sum = fma(sum, t, vec4<f32>(1.4214137));
    sum = fma(sum, t, vec4<f32>(-0.28449674));
    sum = fma(sum, t, vec4<f32>(0.2548296));
    let tail = 0.5 * sum * t * exp(-min(far * far, vec4<f32>(80.0)));
    return max(x, vec4<f32>(0.0)) - abs(x) * tail;
}
//# end
