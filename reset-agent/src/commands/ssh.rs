//! `ssh`: one line per command.

use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::cli::Ssh;
use crate::render;
use crate::stop::Stop;
use crate::verbs::ssh::revoked;

pub(super) async fn run(agent: &Agent, output: Output, command: Ssh) -> Result<Exit, Stop> {
    match command {
        Ssh::Revoked => {
            let revoked = revoked(agent).await?;
            output.print(&revoked, || render::revoked(&revoked))?;
        }
    }
    Ok(Exit::Done)
}
