//! What tasks, wakes and timeouts cost on Hanol and on tokio, as a Criterion report.
//!
//! `cargo bench --bench executor` runs all of it, `cargo bench --bench executor -- switch` one group. The report names
//! the time of one iteration; the throughput counts single operations. `ratios.rs` compares the same cases pairwise.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};

mod workloads;

use workloads::CONTENDERS;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50)
        .configure_from_args();
    for (index, case) in CONTENDERS[0].cases.iter().enumerate() {
        let mut group = criterion.benchmark_group(case.name);
        group.throughput(Throughput::Elements(case.operations));
        for contender in &CONTENDERS {
            let run = contender.cases[index].run;
            group.bench_function(contender.name, |bencher| {
                bencher.iter_custom(|iterations| run(black_box(iterations)));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
