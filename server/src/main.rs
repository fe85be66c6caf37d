//! The binary `dispatcher`: arguments in, exit code out.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mimalloc::MiMalloc;
use server::cli::Cli;
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;
use utm_dispatcher::report::BadQuery;

/// The writer's threads free what requests allocate, which glibc's own allocator is slow at.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What is left for threads that wait for a database; it is gone, or nobody needs their answer.
const LAST: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    // Usage errors end here, with exit code 2.
    let cli = Cli::parse();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("dispatcher: the system gives no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(cli));
    runtime.shutdown_timeout(LAST);
    code
}

async fn run(cli: Cli) -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(std::io::stderr().is_terminal()).init();
    match cli.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dispatcher: {}", one_line(&error));
            // What cannot be asked is a mistake of usage.
            if error.is::<BadQuery>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// What failed, and after it what stood in the way; a cause that its effect names already is not said twice.
fn one_line(error: &anyhow::Error) -> String {
    let said = error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        said if said.contains(&cause) => said.to_owned(),
        said => format!("{said}: {cause}"),
    });
    said.replace('\n', " ")
}
