//! A table of percentiles, made once per scene so that a slider costs a look-up and no sorting.

/// Percentiles 0..=100 of a set of numbers in steps of a tenth.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    table: Vec<f32>,
}

/// How values are spread between two limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins and the last one ends.
    pub limits: [f32; 2],
    /// 0..=1 per bin.
    pub heights: Vec<f32>,
}

impl Histogram {
    /// Where `value` lies between the limits, 0..=1.
    pub fn position(&self, value: f32) -> f32 {
        ((value - self.limits[0]) / (self.limits[1] - self.limits[0]).max(f32::MIN_POSITIVE)).clamp(0.0, 1.0)
    }
}

/// Steps between the 0th and the 100th percentile.
const STEPS: usize = 1000;

impl Quantiles {
    /// Of the finite values, interpolated as [`super::percentile`] does; `None` when there is none.
    pub fn of(values: impl IntoIterator<Item = f32>) -> Option<Self> {
        let mut finite: Vec<f32> = values.into_iter().filter(|v| v.is_finite()).collect();
        if finite.is_empty() {
            return None;
        }
        finite.sort_unstable_by(f32::total_cmp);
        let last = finite.len() - 1;
        let table = (0..=STEPS)
            .map(|step| {
                let rank = step as f64 / STEPS as f64 * last as f64;
                let below = rank.floor() as usize;
                let above = (below + 1).min(last);
                lerp(finite[below], finite[above], rank.fract())
            })
            .collect();
        Some(Self { table })
    }

    /// The `percentile`-th (0..=100) percentile.
    pub fn at(&self, percentile: f32) -> f32 {
        let position = f64::from(percentile.clamp(0.0, 100.0)) / 100.0 * STEPS as f64;
        let below = (position.floor() as usize).min(STEPS);
        let above = (below + 1).min(STEPS);
        lerp(self.table[below], self.table[above], position.fract())
    }

    /// How often values fall into each of `bins` equal steps from the `low`-th to the `high`-th percentile, as parts of the
    /// most frequent one (0..=1). Values beyond are not counted.
    pub fn histogram(&self, bins: usize, [low, high]: [f32; 2]) -> Histogram {
        let limits = self.range(low, high);
        let span = (limits[1] - limits[0]).max(f32::MIN_POSITIVE);
        let mut counts = vec![0.0f32; bins.max(1)];
        for value in self.table.iter().filter(|v| (limits[0]..=limits[1]).contains(v)) {
            let at = ((value - limits[0]) / span * bins as f32) as usize;
            counts[at.min(bins.saturating_sub(1))] += 1.0;
        }
        let most = counts.iter().copied().fold(1.0, f32::max);
        counts.iter_mut().for_each(|count| *count /= most);
        Histogram { limits, heights: counts }
    }

    /// Two percentiles, the lower first.
    pub fn range(&self, low: f32, high: f32) -> [f32; 2] {
        [self.at(low), self.at(high)]
    }
}

fn lerp(a: f32, b: f32, t: f64) -> f32 {
    (f64::from(a) + (f64::from(b) - f64::from(a)) * t) as f32
}

#[cfg(test)]
mod tests {
    use super::super::percentile;
    use super::*;

    #[test]
    fn histograms_follow_the_values() {
        let table =
            Quantiles::of((0..900).map(|i| if i < 600 { 1.0 } else { 1.0 + i as f32 / 900.0 })).expect("values");
        let histogram = table.histogram(10, [0.0, 100.0]);
        assert_eq!(histogram.heights[0], 1.0);
        assert!(histogram.heights[1..6].iter().all(|&h| h < 0.01), "{:?}", histogram.heights);
        assert!((histogram.position(1.5) - 0.5).abs() < 0.01);
        assert_eq!(Quantiles::of([3.0]).expect("one").histogram(4, [1.0, 99.0]).heights.len(), 4);
    }

    #[test]
    fn agrees_with_the_exact_percentile() {
        let values: Vec<f32> = (0..5001).map(|i| (i as f32 * 0.37).sin() * i as f32).collect();
        let table = Quantiles::of(values.iter().copied()).expect("values");
        for p in [0.0, 0.1, 33.3, 50.0, 99.9, 100.0] {
            let exact = percentile(values.iter().copied(), p).expect("values");
            assert!((table.at(p) - exact).abs() < 1.0, "{p}: {} {exact}", table.at(p));
        }
        assert_eq!(Quantiles::of([f32::NAN, f32::INFINITY]), None);
        assert_eq!(Quantiles::of([2.0]).map(|q| q.range(0.0, 100.0)), Some([2.0, 2.0]));
    }
}
