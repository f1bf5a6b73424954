//! The embedded node in a state directory of its own, from `init` to `purge`.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::options::Options;
use super::shell::{Said, Shell};
use super::{storages, template};
use crate::lab::{self, Done, until};

/// The token that plays, in Proxmox's and in our words.
const TOKEN: &str = "root@pam!ci";
/// The bridge, where nobody names one.
const BRIDGE: &str = "vmbrc0";

/// A running embedded node.
#[derive(Debug)]
pub(crate) struct Embedded {
    program: PathBuf,
    state: PathBuf,
    bridge2: String,
    server: Child,
    keep: bool,
}

impl Embedded {
    /// Makes the node and starts it; completes the options with what a caller would say of a node that is there.
    pub(crate) fn open(options: &mut Options) -> Result<Self> {
        ensure!(!options.state.exists(), "{} exists: remove it, or name another STATE", options.state.display());
        TcpListener::bind(options.listen).with_context(|| format!("{} is taken", options.listen))?;
        let program = program()?;
        let node = |words: &[&str]| run(&program, &options.state, words);
        let bridge = options.bridge.clone().unwrap_or_else(|| BRIDGE.to_owned());
        let listen = options.listen.to_string();
        node(&["init", "--bridge", &bridge, "--subnet", &options.subnet, "--listen", &listen])?.ok()?;
        let bridge2 = format!("{bridge}b");
        add_bridge(&bridge2)?;
        let btrfs = storages::make(&options.state)?;
        let template = template::put(options.template_file.as_deref(), &options.state.join("storage/local"))?;
        let secret = node(&["token", "add", TOKEN, "--role", "administrator"])?.ok()?.stdout.trim().to_owned();
        options.token = Some(format!("{TOKEN}={secret}"));
        let fingerprint = node(&["fingerprint"])?.ok()?.stdout;
        options.fingerprint = Some(fingerprint.trim().parse().context("the node's fingerprint")?);
        options.target = Some(format!("https://{listen}").parse()?);
        options.template = Some(format!("{}:vztmpl/{template}", options.storage));
        (options.bridge, options.bridge2) = (Some(bridge), Some(bridge2.clone()));
        options.storage2 = Some(storages::SECOND.to_owned());
        options.btrfs = btrfs.then(|| storages::BTRFS.to_owned());
        let server = serve(&program, &options.state)?;
        let embedded = Self { program, state: options.state.clone(), bridge2, server, keep: options.keep };
        until("the node's API", Duration::from_secs(30), || {
            TcpStream::connect(options.listen).map(drop).map_err(|error| error.to_string())
        })?;
        Ok(embedded)
    }

    fn close(&mut self) -> Result<()> {
        if self.keep {
            eprintln!("the node runs on: {} in {}", self.server.id(), self.state.display());
            return Ok(());
        }
        self.server.kill().context("ending the node")?;
        self.server.wait().context("ending the node")?;
        run(&self.program, &self.state, &["down"])?.ok()?;
        storages::unmake(&self.state)?;
        run(&self.program, &self.state, &["purge"])?.ok()?;
        lab::run(Command::new("ip").args(["link", "del", &self.bridge2]), false)?.ok().map(drop)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            eprintln!("the embedded node is not wholly removed: {error:#}");
        }
    }
}

impl Shell for Embedded {
    fn tool(&self, words: &[String]) -> Result<Said> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        run(&self.program, &self.state, &words).map(|done| said(&done))
    }

    fn conf(&self, vmid: &str) -> Result<Said> {
        let path = self.state.join(format!("lxc/{vmid}.conf"));
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Said { code: 0, lines: text.lines().map(str::to_owned).collect() }),
            Err(error) => Ok(Said { code: 1, lines: vec![error.to_string()] }),
        }
    }

    fn kill(&self, pid: u32) -> Result<Said> {
        lab::run(Command::new("kill").args(["-KILL", &pid.to_string()]), false).map(|done| said(&done))
    }
}

fn said(done: &Done) -> Said {
    let lines = done.stdout.lines().chain(done.stderr.lines()).map(str::to_owned).collect();
    Said { code: done.code, lines }
}

/// The node's program lies beside ours.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe().context("finding the running program")?;
    let program = own.with_file_name("pve-node");
    ensure!(program.exists(), "{} is not built: run `cargo build -p pve-node`", program.display());
    Ok(program)
}

fn run(program: &Path, state: &Path, words: &[&str]) -> Result<Done> {
    lab::run(Command::new(program).arg("--state").arg(state).args(words), false)
}

/// The API's process, in a group of its own: Ctrl-C is for us, who still need it to clean up.
fn serve(program: &Path, state: &Path) -> Result<Child> {
    let log = File::create(state.join("conformance.log")).context("making the node's log")?;
    let mut command = Command::new(program);
    command.arg("--state").arg(state).arg("serve").process_group(0);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn().context("starting the node")
}

fn add_bridge(name: &str) -> Result<()> {
    lab::run(Command::new("ip").args(["link", "add", name, "type", "bridge"]), false)?.ok()?;
    lab::run(Command::new("ip").args(["link", "set", name, "up"]), false)?.ok().map(drop)
}
