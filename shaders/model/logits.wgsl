// A thread has four of the channels of some rows; then it takes one row.
let biases = bias[quad];
//# for o in 0..LOGITS
{
    let weights = last[{{o}}u * 8u + quad];
    workgroupBarrier();
    //# for r in 0..ROWS
    partial[(band * {{ROWS}}u + {{r}}u) * 8u + quad] = dot(max(sum_{{r}} + biases, vec4<f32>(0.0)), weights);
    //# end
    workgroupBarrier();
    let row = first_row + thread;
    if row < p.rows {
        var sum = last[{{LOGITS}}u * 8u + {{o}}u / 4u][{{o}}u % 4u];
        //# for i in 0..8
        sum += partial[thread * 8u + {{i}}u];
        //# end
        y[p.y_first + {{o}}u * p.y_lane + row] = sum;
    }
}
//# end
