use super::super::testing::{assert_close, numbers, on_both};
use super::*;

/// One head of one token: normed, turned.
fn ready(row: &[f32], norm: Option<[&[f32]; 2]>, turned: Option<[&[f32]; 2]>) -> Vec<f64> {
    let d = row.len();
    let mut x: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
    if let Some([weight, bias]) = norm {
        let mean = x.iter().sum::<f64>() / d as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / d as f64;
        for (i, x) in x.iter_mut().enumerate() {
            *x = (*x - mean) / (variance + 1e-5).sqrt() * f64::from(weight[i]) + f64::from(bias[i]);
        }
    }
    if let Some([cos, sin]) = turned {
        for side in 0..2 {
            for pair in 0..d / 4 {
                let (i, angle) = (side * d / 2 + pair, side * d / 4 + pair);
                let (a, b) = (x[i], x[i + d / 4]);
                let (cos, sin) = (f64::from(cos[angle]), f64::from(sin[angle]));
                (x[i], x[i + d / 4]) = (a * cos - b * sin, b * cos + a * sin);
            }
        }
    }
    x
}

/// Of tokens [tokens, 3, heads, d], those of each group among themselves.
fn plain(q: &[Vec<f64>], k: &[Vec<f64>], v: &[Vec<f64>], groups: usize, heads: usize, d: usize) -> Vec<f64> {
    let tokens = q.len() / heads / groups;
    let mut out = Vec::new();
    for token in 0..groups * tokens {
        let first = token / tokens * tokens;
        for head in 0..heads {
            let q = &q[token * heads + head];
            let of = |x: &'_ [Vec<f64>], key: usize| x[(first + key) * heads + head].clone();
            let score = |key| q.iter().zip(of(k, key)).map(|(a, b)| a * b).sum::<f64>() / (d as f64).sqrt();
            let weights: Vec<f64> = (0..tokens).map(|key| f64::exp(score(key))).collect();
            let sum: f64 = weights.iter().sum();
            out.extend((0..d).map(|c| (0..tokens).map(|key| weights[key] * of(v, key)[c]).sum::<f64>() / sum));
        }
    }
    out
}

#[test]
fn attention_is_right_for_ragged_tokens() {
    // Whether queries and keys are normed and turned; heads of many channels take drivers long to compile.
    let plain_ones = [(1, 70, 2, 32), (1, 5, 16, 24), (1, 35, 2, 96), (1, 1, 2, 16)].map(|shape| (shape, false, false));
    let prepared = [(true, true), (true, false), (false, true)].map(|(norm, turn)| ((3, 33, 1, 16), norm, turn));
    let shapes = plain_ones.into_iter().chain(prepared).chain([((2, 17, 3, 64), true, true)]);
    for ((groups, tokens, heads, d), is_normed, is_turned) in shapes {
        let (width, all) = (heads * d, groups * tokens);
        // Large enough that softmax has something to choose.
        let qkv: Vec<f32> = numbers(1, all * 3 * width).iter().map(|x| 3.0 * x).collect();
        let (weight, bias) = (numbers(2, d), numbers(3, d));
        let (cos, sin) = (numbers(4, tokens * d / 2), numbers(5, tokens * d / 2));
        let y = on_both(|gpu| {
            let (qkv, y) = (Numbers::upload(gpu, &qkv)?, Numbers::new(gpu, all * width)?);
            let (cos, sin) = (Numbers::upload(gpu, &cos)?, Numbers::upload(gpu, &sin)?);
            let norm = Norm::new(gpu, &weight, &bias, 1e-5)?;
            let parts = [0, 1, 2].map(|part| qkv.part(part * width, qkv.len() - part * width));
            let [q, k, v] = parts.each_ref().map(|numbers| Rows { numbers, count: all, stride: 3 * width });
            let turned = is_turned.then_some(Turned { cos: &cos, sin: &sin, tokens });
            let norm = is_normed.then_some(&norm);
            prepare_keys(k, [heads, d], norm, turned)?;
            let how = Attend { q, k, v, groups, heads, d, norm, turned };
            attend(&how, Rows { numbers: &y, count: all, stride: width })?;
            y.read()
        });
        let part = |part: usize| -> Vec<Vec<f64>> {
            let row = |i: usize| {
                let (token, head) = (i / heads, i % heads);
                let row = &qkv[(token * 3 + part) * width + head * d..][..d];
                let at = token % tokens * d / 2;
                let angles = is_turned.then(|| [&cos[at..][..d / 2], &sin[at..][..d / 2]]).filter(|_| part < 2);
                ready(row, is_normed.then_some([&weight[..], &bias]).filter(|_| part < 2), angles)
            };
            (0..all * heads).map(row).collect()
        };
        assert_close(&y, &plain(&part(0), &part(1), &part(2), groups, heads, d), 5e-6);
    }
}
