//! Order statistics of depth and confidence maps.

/// The `p`-th percentile (0..=100) of the finite values, interpolated linearly between order statistics;
/// `None` when there is no finite value.
pub fn percentile(values: impl IntoIterator<Item = f32>, p: f32) -> Option<f32> {
    percentiles(values, [p]).map(|[value]| value)
}

/// Several percentiles of the same values, sorted once.
pub fn percentiles<const N: usize>(values: impl IntoIterator<Item = f32>, p: [f32; N]) -> Option<[f32; N]> {
    let mut finite: Vec<f32> = values.into_iter().filter(|v| v.is_finite()).collect();
    if finite.is_empty() {
        return None;
    }
    finite.sort_unstable_by(f32::total_cmp);
    let last = finite.len() - 1;
    Some(p.map(|p| {
        let rank = f64::from(p.clamp(0.0, 100.0)) / 100.0 * last as f64;
        let below = rank.floor() as usize;
        let above = (below + 1).min(last);
        let fraction = rank - below as f64;
        let (a, b) = (f64::from(finite[below]), f64::from(finite[above]));
        (a + (b - a) * fraction) as f32
    }))
}

/// The value in the middle (of an even number the upper one); `None` where there is none.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// The value below which half of the weight lies, of (value, weight) pairs; `None` where there is no weight. Takes time
/// in proportion to their number and leaves them in another order.
pub fn weighted_median(pairs: &mut [(f64, f64)]) -> Option<f64> {
    let total: f64 = pairs.iter().map(|(_, weight)| weight).sum();
    if total.is_nan() || total <= 0.0 {
        return None;
    }
    let mut rest = pairs;
    let mut wanted = total / 2.0;
    while rest.len() > 1 {
        let middle = rest.len() / 2;
        rest.select_nth_unstable_by(middle, |a, b| a.0.total_cmp(&b.0));
        let below: f64 = rest[..middle].iter().map(|(_, weight)| weight).sum();
        if wanted < below {
            rest = &mut rest[..middle];
        } else {
            wanted -= below;
            rest = &mut rest[middle..];
            if wanted < rest[0].1 {
                return Some(rest[0].0);
            }
        }
    }
    rest.first().map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolates_between_order_statistics() {
        assert_eq!(percentile([4.0, 1.0, 3.0, 2.0], 50.0), Some(2.5));
        assert_eq!(percentile([4.0, 1.0, f32::NAN, f32::INFINITY], 100.0), Some(4.0));
        assert_eq!(percentile([f32::NAN], 50.0), None);
        assert_eq!(percentiles([0.0, 10.0], [0.0, 25.0, 100.0]), Some([0.0, 2.5, 10.0]));
    }

    #[test]
    fn half_of_the_weight_lies_below_the_weighted_median() {
        let equal = |values: &[f64]| weighted_median(&mut values.iter().map(|&v| (v, 1.0)).collect::<Vec<_>>());
        assert_eq!(equal(&[5.0, 1.0, 3.0, 2.0, 4.0]), Some(3.0));
        assert_eq!(equal(&[7.0]), Some(7.0));
        assert_eq!(equal(&[]), None);
        assert_eq!(weighted_median(&mut [(1.0, 0.0), (2.0, 0.0)]), None);
        assert_eq!(weighted_median(&mut [(9.0, 0.1), (1.0, 5.0), (8.0, 0.2), (7.0, 0.3)]), Some(1.0));
        assert_eq!(weighted_median(&mut [(1.0, 0.1), (2.0, 0.2), (3.0, 0.3), (9.0, 5.0)]), Some(9.0));
        let mut many: Vec<(f64, f64)> =
            (0..1001).map(|i| (f64::from(i * 37 % 1001), f64::from(i * 37 % 1001))).collect();
        // Weights grow with the values 0..=1000: half of the weight lies below 1000/√2.
        assert!((weighted_median(&mut many).expect("weight") - 707.0).abs() <= 1.0);
    }
}
