//! The program: hands the command line to `fathom::cli` and the exit code back to the system.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: fathom::model::kernels::Recycling = fathom::model::kernels::Recycling::new();

#[cfg(all(feature = "mimalloc", not(target_os = "linux")))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fathom::model::kernels::use_one_arena();
    fathom::cli::run(std::env::args_os()).into()
}
