//! Attention against its definition in f64, on every instruction set and unit.

use half::bf16;

use super::super::linear::Norm;
use super::super::testing::{Machine, Numbers, agree, rounded, wide};
use super::*;

/// Numbers of an attention: qkv, and for some the norms and angles of q and k.
struct Case {
    qkv: Vec<f32>,
    tokens: usize,
    heads: usize,
    d: usize,
    /// Weight and bias of q's norm and of k's.
    norms: Option<[[Vec<f32>; 2]; 2]>,
    /// Cosines and sines.
    rope: Option<[Vec<f32>; 2]>,
    /// Of other tokens, which ask.
    queries: Option<Vec<f32>>,
}

const EPS: f32 = 1e-5;

impl Case {
    fn new(numbers: &mut Numbers, tokens: usize, heads: usize, d: usize) -> Self {
        // Scores of a few units, so that some keys count much more than others.
        let mut qkv = numbers.list(tokens * 3 * heads * d);
        for row in qkv.chunks_exact_mut(3 * heads * d) {
            row[..2 * heads * d].iter_mut().for_each(|x| *x *= 2.5);
        }
        Self { qkv, tokens, heads, d, norms: None, rope: None, queries: None }
    }

    fn with_norms(mut self, numbers: &mut Numbers) -> Self {
        self.norms = Some([(); 2].map(|()| [(); 2].map(|()| numbers.list(self.d))));
        self
    }

    fn with_rope(mut self, numbers: &mut Numbers) -> Self {
        let angles: Vec<f32> = numbers.list(self.tokens * self.d / 2).into_iter().map(|x| 3.0 * x).collect();
        self.rope = Some([angles.iter().map(|a| a.cos()).collect(), angles.iter().map(|a| a.sin()).collect()]);
        self
    }

    fn asked_by(mut self, others: Self) -> Self {
        self.queries = Some(others.qkv);
        self
    }

    /// What the tokens are taken from that ask.
    fn asking(&self) -> &[f32] {
        self.queries.as_ref().unwrap_or(&self.qkv)
    }

    /// q, k or v of one token and head.
    fn part(&self, part: usize, token: usize, head: usize) -> Vec<f64> {
        let tokens = if part == 0 { self.asking() } else { &self.qkv };
        let row = wide(&tokens[((token * 3 + part) * self.heads + head) * self.d..][..self.d]);
        if part == 2 {
            return row;
        }
        let row = match &self.norms {
            Some(norms) => normed(&row, &norms[part]),
            None => row,
        };
        match &self.rope {
            Some([cos, sin]) => {
                let of_token = token * self.d / 2..(token + 1) * self.d / 2;
                turned(&row, &cos[of_token.clone()], &sin[of_token])
            }
            None => row,
        }
    }

    /// The definition; `form` is applied to keys and values.
    fn exact(&self, form: impl Fn(Vec<f64>) -> Vec<f64>) -> Vec<f64> {
        let (tokens, width) = (self.tokens, self.heads * self.d);
        let asking = self.asking().len() / (3 * width);
        let mut out = vec![0.0; asking * width];
        for head in 0..self.heads {
            let parts = |part| (0..tokens).map(move |token| self.part(part, token, head));
            let (keys, values): (Vec<_>, Vec<_>) = (parts(1).map(&form).collect(), parts(2).map(&form).collect());
            for (token, q) in (0..asking).map(|token| self.part(0, token, head)).enumerate() {
                let dot = |k: &Vec<f64>| q.iter().zip(k).map(|(q, k)| q * k).sum::<f64>() / (self.d as f64).sqrt();
                let scores: Vec<f64> = keys.iter().map(dot).collect();
                let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let weights: Vec<f64> = scores.iter().map(|s| (s - greatest).exp()).collect();
                let total: f64 = weights.iter().sum();
                let out = &mut out[token * width + head * self.d..][..self.d];
                for (weight, value) in weights.iter().zip(&values) {
                    out.iter_mut().zip(value).for_each(|(out, v)| *out += weight / total * v);
                }
            }
        }
        out
    }

    /// With rows of the output further apart than they are long.
    fn run<E: Element>(&self) -> Vec<f32>
    where
        f32: From<E>,
    {
        let norm = |[weight, bias]: &'_ [Vec<f32>; 2]| -> (Vec<f32>, Vec<f32>) { (weight.clone(), bias.clone()) };
        let norms = self.norms.as_ref().map(|norms| norms.each_ref().map(norm));
        let norms = norms.as_ref().map(|norms| norms.each_ref().map(|(weight, bias)| Norm { weight, bias, eps: EPS }));
        let rope = self.rope.as_ref().map(|[cos, sin]| [cos.as_slice(), sin.as_slice()]);
        let heads =
            Heads { qkv: &self.qkv, queries: self.queries.as_deref(), heads: self.heads, d: self.d, norms, rope };
        let (width, gap) = (self.heads * self.d, 16);
        let mut out = vec![E::default(); self.asking().len() / 3 / width * (width + gap)];
        // Memory that held something else, as from block to block.
        let mut panels = Lines::default();
        let hostile = vec![f32::NAN; (self.tokens + 40) * 3 * width];
        let before = Heads { qkv: &hostile, queries: None, norms: None, rope: None, ..heads };
        attention(&before, &mut vec![E::default(); (self.tokens + 40) * width], width, &mut panels);
        attention(&heads, &mut out, width + gap, &mut panels);
        let rows = out.chunks_exact(width + gap).flat_map(|row| {
            assert!(row[width..].iter().all(|&x| f32::from(x) == 0.0), "a row wrote into the gap behind it");
            &row[..width]
        });
        rows.map(|&x| x.into()).collect()
    }

    fn check(&self) {
        let what = format!(
            "{} tokens, {} heads of {}, norms: {}, rope: {}",
            self.tokens,
            self.heads,
            self.d,
            self.norms.is_some(),
            self.rope.is_some()
        );
        agree(&what, &Machine::all(), 3e-5, &self.exact(|row| row), || self.run::<f32>());
        let half = |row: Vec<f64>| wide(&rounded(&row.iter().map(|&x| x as f32).collect::<Vec<_>>()));
        // Queries and weights are rounded too, as far along as the kernel has come with each block of keys.
        agree(&what, &Machine::with_units(), 4e-2, &self.exact(half), || self.run::<bf16>());
    }
}

fn normed(row: &[f64], [weight, bias]: &[Vec<f32>; 2]) -> Vec<f64> {
    let count = row.len() as f64;
    let mean = row.iter().sum::<f64>() / count;
    let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let scale = 1.0 / (variance + f64::from(EPS)).sqrt();
    row.iter()
        .zip(weight.iter().zip(bias))
        .map(|(x, (&w, &b))| (x - mean) * scale * f64::from(w) + f64::from(b))
        .collect()
}

/// The first half of the channels turns by one angle, the second by another; in each, channel i turns with i + d/4.
fn turned(row: &[f64], cos: &[f32], sin: &[f32]) -> Vec<f64> {
    let quarter = row.len() / 4;
    let turn = |(i, x): (usize, &f64)| {
        let is_first = (i / quarter).is_multiple_of(2);
        let other = if is_first { -row[i + quarter] } else { row[i - quarter] };
        let angle = i / (2 * quarter) * quarter + i % quarter;
        x * f64::from(cos[angle]) + other * f64::from(sin[angle])
    };
    row.iter().enumerate().map(turn).collect()
}

#[test]
fn heads_of_every_size_agree_with_the_definition() {
    let mut numbers = Numbers::new(20);
    for d in [24, 48, 64, 96] {
        for tokens in [1, 31, 33, 300] {
            Case::new(&mut numbers, tokens, 3, d).check();
        }
    }
}

#[test]
fn norms_and_rope_come_before_the_product() {
    let mut numbers = Numbers::new(21);
    for tokens in [1, 31, 33, 150] {
        Case::new(&mut numbers, tokens, 2, 64).with_norms(&mut numbers).check();
        Case::new(&mut numbers, tokens, 2, 64).with_rope(&mut numbers).check();
        Case::new(&mut numbers, tokens, 2, 64).with_norms(&mut numbers).with_rope(&mut numbers).check();
    }
}

#[test]
fn other_tokens_may_ask_and_be_more_or_fewer() {
    let mut numbers = Numbers::new(26);
    for (asking, tokens) in [(1, 33), (70, 31), (300, 280)] {
        let others = Case::new(&mut numbers, asking, 2, 96);
        Case::new(&mut numbers, tokens, 2, 96).asked_by(others).check();
    }
}

#[test]
fn many_blocks_of_keys_agree_with_the_definition() {
    let mut numbers = Numbers::new(22);
    Case::new(&mut numbers, 700, 2, 64).check();
    Case::new(&mut numbers, 1100, 1, 48).check();
}

#[test]
fn scores_that_grow_from_block_to_block_fade_what_came_before() {
    let mut numbers = Numbers::new(23);
    for sign in [1.0, -1.0] {
        let mut case = Case::new(&mut numbers, 1100, 1, 24);
        // Keys and queries point one way, and keys grow longer, or shorter, along the tokens.
        for (token, row) in case.qkv.chunks_exact_mut(72).enumerate() {
            row[..24].iter_mut().for_each(|x| *x = x.abs());
            row[24..48].iter_mut().for_each(|x| *x = x.abs() * (1.0 + sign * (token as f32 / 550.0 - 1.0)));
        }
        case.check();
    }
}

#[test]
fn large_scores_do_not_overflow() {
    let mut case = Case::new(&mut Numbers::new(24), 80, 2, 64);
    for row in case.qkv.chunks_exact_mut(3 * 128) {
        row[..256].iter_mut().for_each(|x| *x *= 40.0);
    }
    for machine in Machine::all() {
        let out = machine.run(|| case.run::<f32>());
        assert!(out.iter().all(|x| x.abs() <= 1.0 + 1e-5), "{machine:?}: an average left the range of its values");
    }
}

#[test]
fn a_query_that_is_no_number_stays_alone_and_so_does_a_head() {
    let mut numbers = Numbers::new(25);
    let clean = Case::new(&mut numbers, 70, 2, 48);
    let mut hostile = Case { qkv: clean.qkv.clone(), norms: None, rope: None, queries: None, ..clean };
    let rows = [(0, f32::NAN), (33, f32::INFINITY), (69, f32::NEG_INFINITY)];
    for (token, x) in rows {
        hostile.qkv[token * 3 * 96..][..96].fill(x);
    }
    let mut one_head = Case { qkv: clean.qkv.clone(), norms: None, rope: None, queries: None, ..clean };
    one_head.qkv[(7 * 3 + 2) * 96..][..48].fill(f32::NAN);
    let same = |machine: Machine, run: &(dyn Fn(&Case) -> Vec<f32> + Sync)| {
        let [clean, hostile, one_head] = machine.run(|| [run(&clean), run(&hostile), run(&one_head)]);
        for (token, (a, b)) in clean.chunks(96).zip(hostile.chunks(96)).enumerate() {
            assert!(a == b || rows.iter().any(|(row, _)| *row == token), "token {token} on {machine:?}");
        }
        for (a, b) in clean.chunks(96).zip(one_head.chunks(96)) {
            assert!(a[48..] == b[48..] && b[..48].iter().all(|x| x.is_nan()), "{machine:?}");
        }
    };
    for machine in Machine::all() {
        same(machine, &|case| case.run::<f32>());
    }
    for machine in Machine::with_units() {
        same(machine, &|case| case.run::<bf16>());
    }
}

#[test]
fn a_library_is_measured_with_what_attention_does() {
    use super::super::library::Library;
    use super::super::library_pace::{is_worthwhile, tests::after};
    let [vectors, fast, slow] = [None, Some(after::<0>()), Some(after::<50_000>())].map(by_library::seconds);
    assert!(is_worthwhile(1.0 / fast, 1.0 / vectors), "{fast} s against {vectors} s of vectors");
    assert!(!is_worthwhile(1.0 / slow, 1.0 / vectors), "{slow} s against {vectors} s of vectors");
    assert!(Library::detected().is_some() || by_library::chosen().is_none());
}
