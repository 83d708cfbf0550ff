//! The program: hands the command line to `fathom::cli` and the exit code back to the system.

use std::process::ExitCode;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fathom::cli::run(std::env::args_os()).into()
}
