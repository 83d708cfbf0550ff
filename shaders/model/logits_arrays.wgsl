// The end of a dense head: ReLU of 32 hidden channels, then a few sums over them, each in a plane of its own.
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
// [outputs, 32], then a bias for each.
@group(0) @binding(5) var<storage, read> last: array<vec4<f32>>;

var<workgroup> partial: array<f32, 8 * {{ROWS}} * 8>;
