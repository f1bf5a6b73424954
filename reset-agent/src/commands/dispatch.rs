//! From the arguments to the command that was meant.

use spec::exit::Exit;

use super::output::Output;
use super::{
    audit, audit_log, batch, customers, destroy, doctor, ledger, list, orphans, pool, provision, recover, resume, runs,
    serve, show, ssh, tokens, warm,
};
use crate::agent::{Agent, Tells};
use crate::cli::{Cli, Command, Ledger, ProgressForm};
use crate::config;
use crate::stop::Stop;

/// Carries a command out.
///
/// # Errors
/// [`Stop`]: what went wrong, with the exit code that says how.
pub async fn run(cli: Cli) -> Result<Exit, Stop> {
    let settings = config::load(&cli.config).map_err(Stop::usage)?;
    let output = Output::new(cli.json);
    if matches!(&cli.command, Command::Doctor(doctor) if doctor.print_roles) {
        return doctor::print_roles(&settings, output);
    }
    let command = match cli.command {
        // The node need not be reached.
        Command::Ledger(Ledger::Alone(command)) => return ledger::run(&settings.ledger, output, command).await,
        command => command,
    };
    let tells = match (&command, cli.progress) {
        (Command::Serve, _) => Tells::Nobody,
        (_, ProgressForm::Auto) => Tells::Terminal,
        (_, ProgressForm::Json) => Tells::JsonLines,
    };
    let agent = Agent::open(settings, tells).await?;
    let store = agent.store();
    // As large as the largest of them.
    let ended = Box::pin(carry_out(agent, output, command)).await;
    store.close().await;
    ended
}

async fn carry_out(agent: Agent, output: Output, command: Command) -> Result<Exit, Stop> {
    match command {
        Command::Provision(arguments) => provision::run(&agent, output, arguments).await,
        Command::Recover(arguments) => recover::run(&agent, output, arguments).await,
        Command::Resume { run } => resume::run(&agent, output, run).await,
        Command::Abort { run } => resume::abort(&agent, output, &run).await,
        Command::List { all } => list::run(&agent, output, all).await,
        Command::Show { guest } => show::run(&agent, output, &guest).await,
        Command::Destroy { guest, dry_run } => destroy::run(&agent, output, &guest, dry_run).await,
        Command::Orphans { remove } => orphans::run(&agent, output, remove).await,
        Command::Customers(command) => customers::run(&agent, output, command).await,
        Command::Runs { limit, run } => runs::run(&agent, output, limit, run).await,
        Command::Claim(arguments) => pool::claim(&agent, output, arguments).await,
        Command::Pool(what) => pool::run(&agent, output, what).await,
        Command::Batch(arguments) => batch::run(&agent, output, arguments).await,
        Command::Ssh(what) => ssh::run(&agent, output, what).await,
        Command::Warm(what) => warm::run(&agent, output, what).await,
        Command::Audit => audit::run(&agent, output).await,
        Command::Doctor(_) => doctor::run(&agent, output).await,
        Command::Serve => serve::run(agent).await,
        Command::Tokens(tokens) => tokens::run(&agent, output, tokens).await,
        Command::Ledger(Ledger::Rebuild { accept }) => ledger::rebuild(&agent, output, &accept).await,
        Command::Ledger(Ledger::Alone(command)) => ledger::run(&agent.context.settings.ledger, output, command).await,
        Command::AuditLog(audit_log) => audit_log::run(&agent, output, audit_log).await,
    }
}
