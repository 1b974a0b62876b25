//! The front door: arguments in, an exit code out.

fn main() -> std::process::ExitCode {
    nudge::cli::main()
}
