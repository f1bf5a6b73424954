//! From a command line to the command.

use std::path::{Path, PathBuf};

use clap::Parser;

use super::args::{Args, Command};
use super::{exit, lifecycle, pct, perform, pvesh, pvesm, pveum, token, vzdump};
use pve_wire::api::ParamErrors;

use crate::api::{ServeError, TlsError};
use crate::containers::launch;
use crate::error::Die;
use crate::state::{Node, OpenError};
use crate::tasks;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The state directory does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Only root may.
    #[error("please run as root")]
    NotRoot,
    /// An operation died.
    #[error(transparent)]
    Die(#[from] Die),
    /// Parameters are wrong.
    #[error("400 Parameter verification failed.\n{}{}", told(.errors), usage.trim_end_matches('\n'))]
    Parameters {
        /// What is wrong with which.
        errors: ParamErrors,
        /// The command's usage.
        usage: String,
    },
    /// The words are no parameters.
    #[error("400 {text}\n{}", usage.trim_end_matches('\n'))]
    Misused {
        /// What is wrong.
        text: String,
        /// The command's usage.
        usage: String,
    },
    /// The tool does not know the command.
    #[error("ERROR: {why}\n{}", usage.trim_end_matches('\n'))]
    NoCommand {
        /// What is wrong.
        why: String,
        /// The tool's usage.
        usage: String,
    },
    /// The API cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The certificate cannot be made.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

fn told(errors: &ParamErrors) -> String {
    errors.iter().map(|(name, why)| format!("{name}: {why}\n")).collect::<Vec<_>>().concat()
}

impl Failure {
    /// Wrong parameters of a command with this usage.
    pub(super) fn refused(errors: ParamErrors, usage: String) -> Self {
        Self::Parameters { errors, usage }
    }
}

/// Proxmox's tools.
const TOOLS: &[&str] = &["pct", "pvesh", "pvesm", "pveum", "vzdump"];

/// Carries a command line out and returns its exit code.
pub fn run(argv: Vec<String>) -> Result<u8, Failure> {
    let called =
        argv.first().map(|path| Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned());
    if let Some(tool) = called.as_deref().filter(|name| TOOLS.contains(name)) {
        let state =
            std::env::var_os("PVE_NODE_STATE").map_or_else(|| PathBuf::from("/var/lib/pve-node"), PathBuf::from);
        return with_tool(tool, &Node::open(&state)?, &argv[1..]);
    }
    let parsed = Args::parse_from(argv);
    command(&parsed.state, parsed.command)
}

fn with_tool(tool: &str, node: &Node, words: &[String]) -> Result<u8, Failure> {
    if !rustix::process::geteuid().is_root() {
        return Err(Failure::NotRoot);
    }
    match tool {
        "pct" => perform::tool(node, &pct::PCT, words),
        "vzdump" => perform::command(node, &vzdump::VZDUMP, "vzdump", words),
        "pvesh" => pvesh::run(node, words),
        "pveum" => perform::tool(node, &pveum::PVEUM, words),
        _ => perform::tool(node, &pvesm::PVESM, words),
    }
}

fn command(state: &Path, command: Command) -> Result<u8, Failure> {
    let open = || Node::open(state);
    match command {
        Command::Init(init) => lifecycle::init(state, &init),
        Command::Serve(serve) => lifecycle::serve(open()?, &serve),
        Command::Down => lifecycle::down(&open()?),
        Command::Purge => lifecycle::purge(&open()?),
        Command::Fingerprint => lifecycle::fingerprint(&open()?),
        Command::Join { node } => lifecycle::join(&open()?, &node),
        Command::Token(command) => token::run(&open()?, command),
        Command::Pct(words) => with_tool("pct", &open()?, &words.words),
        Command::Vzdump(words) => with_tool("vzdump", &open()?, &words.words),
        Command::Pvesh(words) => with_tool("pvesh", &open()?, &words.words),
        Command::Pvesm(words) => with_tool("pvesm", &open()?, &words.words),
        Command::Pveum(words) => with_tool("pveum", &open()?, &words.words),
        Command::Worker { attached } => {
            let end = tasks::work(&open()?, attached)?;
            Ok(if end.succeeded() { exit::OK } else { exit::FAILED })
        }
        Command::Launch { vmid, debug } => {
            let say = |text: &str| out(&format!("{text}\n"));
            launch::launch(&open()?, vmid, debug, &say)?;
            Ok(exit::OK)
        }
    }
}

/// Writes to standard output; a reader that went away (`| head`) is no error.
pub(super) fn out(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().write_all(text.as_bytes());
}
