//! `mintmark-helper`: the root-side helper of a node.

mod cli;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use cli::{Cli, Command, Node, Serve};
use pve_helper::attend::{Attendant, attendant, once};
use pve_helper::guest::{Leftover, Mounts};
use pve_helper::protocol::{Answer, RefusalKind, Request};
use pve_helper::serve::{AllowedPeers, Server, bind};
use pve_host::Host;
use spec::exit::Exit;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Records of mounted guests of a true Proxmox VE node; of an embedded one they lie in its state.
const MOUNTS: &str = "/var/lib/mintmark-helper/mounts";

fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout and is no failure; where neither can be printed nobody can be told.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    let done = match cli.command {
        Command::Serve(options) => serve(options),
        Command::Once { node } => attendant_of(node).and_then(|ask| print(&once(&*ask, std::io::stdin().lock()))),
        Command::Observe { vmid, node } => attendant_of(node).and_then(|ask| print(&ask(Request::Observe { vmid }))),
    };
    done.unwrap_or_else(|error| {
        // Where stderr is closed nobody can be told.
        let _ = writeln!(std::io::stderr().lock(), "mintmark-helper: {error:#}");
        Exit::Failed
    })
}

#[tokio::main]
async fn serve(options: Serve) -> anyhow::Result<Exit> {
    let server = Server::new(attendant_of(options.node)?, AllowedPeers::with(options.allow_uid));
    let mut terminate = signal(SignalKind::terminate()).context("waiting for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("waiting for SIGINT")?;
    let listener = bind(&options.socket, options.group)?;
    tracing::info!(socket = %options.socket.display(), "serving");
    let end = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    server.serve(listener, end).await.context("serving the socket")?;
    std::fs::remove_file(&options.socket).context("removing the socket")?;
    Ok(Exit::Done)
}

/// What answers for the node's guests, after it has unmounted those that a dead helper left.
fn attendant_of(node: Node) -> anyhow::Result<Box<Attendant>> {
    let mounts =
        Mounts::in_dir(node.state.as_ref().map_or(PathBuf::from(MOUNTS), |state| state.join("mintmark-mounts")));
    let host = host(node)?;
    for leftover in mounts.sweep(&host)? {
        match leftover {
            Leftover::Unmounted(vmid) => tracing::warn!(%vmid, "unmounted a guest that a dead helper left"),
            Leftover::Stays { vmid, why } => {
                tracing::error!(%vmid, error = %why, "a dead helper's guest stays mounted");
            }
        }
    }
    Ok(attendant(host, mounts))
}

/// The node whose programs answer for its guests.
fn host(node: Node) -> anyhow::Result<Host> {
    let Some(state) = node.state else { return Ok(Host::proxmox()) };
    let program = match node.node_program {
        Some(program) => program,
        None => beside_this_program("pve-node")?,
    };
    Ok(Host::embedded(program, state))
}

fn beside_this_program(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("finding this program's own path")?;
    let beside = own.with_file_name(name);
    anyhow::ensure!(beside.exists(), "there is no {} beside this program; give --node-program", beside.display());
    Ok(beside)
}

fn print(answer: &Answer) -> anyhow::Result<Exit> {
    let line = serde_json::to_string(answer).context("writing the answer")?;
    writeln!(std::io::stdout().lock(), "{line}").context("writing the answer")?;
    Ok(match answer {
        Answer::Observed(_) | Answer::Delivered(_) | Answer::Renewed(_) => Exit::Done,
        Answer::Refused { error } => match error.kind {
            RefusalKind::BadRequest | RefusalKind::Forbidden => Exit::Usage,
            RefusalKind::Escape => Exit::Failed,
            RefusalKind::Busy | RefusalKind::Failed => Exit::Unverified,
        },
    })
}
