//! placeholder until merge
pub fn value(view: usize, c: usize, x: usize, y: usize, w: usize, h: usize, k: usize) -> f64 {
    let (s, c, x, y, k) = (view as f64, c as f64, x as f64, y as f64, k as f64);
    let turn = |t: f64| (2.0 * std::f64::consts::PI * t).sin();
    let t1 = turn((x + 7.0 * s) / 41.0 + (y + 3.0 * s) / 67.0 + 0.13 * c + 0.37 * k);
    let t2 = turn((3.0 * x - 2.0 * y + 11.0 * s) / 29.0 + 0.29 * c + 0.11 * k);
    let t3 = turn((x * (y + 5.0) + 31.0 * s) / 997.0 + 0.17 * c);
    let (g, hh) = ((2.0 * x + 1.0) / w as f64 - 1.0, (2.0 * y + 1.0) / h as f64 - 1.0);
    let a = 1.0 - 0.2 * ((view % 4) as f64);
    let b = 0.25 * (((2 * view + k as usize) % 5) as f64 - 2.0);
    a * (0.8 * t1 + 0.5 * t2 + 0.3 * t3) + 0.5 * g * (1.0 - 0.5 * c) + 0.4 * hh + b
}
pub fn float_image(view: usize, w: usize, h: usize, k: usize) -> Vec<f32> {
    (0..3).flat_map(|c| (0..h).flat_map(move |y| (0..w).map(move |x| value(view, c, x, y, w, h, k) as f32))).collect()
}
pub fn byte_image(view: usize, w: usize, h: usize, k: usize) -> Vec<u8> {
    (0..h)
        .flat_map(|y| {
            (0..w).flat_map(move |x| {
                (0..3).map(move |c| (127.5 + 55.0 * value(view, c, x, y, w, h, k)).floor().clamp(0.0, 255.0) as u8)
            })
        })
        .collect()
}
