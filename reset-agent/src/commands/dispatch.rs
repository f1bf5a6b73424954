//! From the arguments to the command that was meant.

use spec::exit::Exit;

use super::output::Output;
use super::{audit, destroy, doctor, list, provision, resume, runs, show, warm};
use crate::agent::Agent;
use crate::cli::{Cli, Command, ProgressForm};
use crate::config;
use crate::stop::Stop;

/// Carries a command out.
///
/// # Errors
/// [`Stop`]: what went wrong, with the exit code that says how.
pub async fn run(cli: Cli) -> Result<Exit, Stop> {
    let settings = config::load(&cli.config).map_err(Stop::usage)?;
    let output = Output::new(cli.json);
    let agent = Agent::open(settings, cli.progress == ProgressForm::Json).await?;
    match cli.command {
        Command::Provision(arguments) => provision::run(&agent, output, arguments).await,
        Command::Resume { run } => resume::run(&agent, output, run).await,
        Command::Abort { run } => resume::abort(&agent, output, &run).await,
        Command::List { all } => list::run(&agent, output, all).await,
        Command::Show { guest } => show::run(&agent, output, &guest).await,
        Command::Destroy { guest } => destroy::run(&agent, output, &guest).await,
        Command::Runs { limit, run } => runs::run(&agent, output, limit, run).await,
        Command::Warm(what) => warm::run(&agent, output, what).await,
        Command::Audit => audit::run(&agent, output).await,
        Command::Doctor => doctor::run(&agent, output).await,
    }
}
