//! Medians with their spread, and ratios of what was measured side by side.

use std::fmt;

/// The median of some samples, with the range that holds the middle eight tenths of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// # Panics
    ///
    /// Panics if there are no samples.
    pub(crate) fn of(samples: impl IntoIterator<Item = f64>) -> Self {
        let mut samples: Vec<f64> = samples.into_iter().collect();
        samples.sort_by(f64::total_cmp);
        Self { low: percentile(&samples, 0.1), median: percentile(&samples, 0.5), high: percentile(&samples, 0.9) }
    }

    /// The spread of the ratios between samples that were taken in the same round.
    ///
    /// What slows a machine down for a while slows both samples of a round down, so these ratios vary less than the
    /// samples do.
    pub(crate) fn of_ratios(samples: &[f64], reference: &[f64]) -> Self {
        Self::of(samples.iter().zip(reference).map(|(sample, reference)| sample / reference))
    }
}

/// Writes for example `0.95 (0.93-0.99)`; the precision applies to all three numbers.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision().unwrap_or(2);
        let Self { low, median, high } = self;
        write!(f, "{median:.precision$} ({low:.precision$}-{high:.precision$})")
    }
}

/// The sample below which the given share of the sorted samples lies.
///
/// # Panics
///
/// Panics if there are no samples.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
