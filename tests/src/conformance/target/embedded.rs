//! The embedded node in a state directory of its own, from `init` to `purge`.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
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
    server: Option<Child>,
    keep: bool,
}

impl Embedded {
    /// Makes the node and starts it; completes the options with what a caller would say of a node that is there.
    pub(crate) fn open(options: &mut Options) -> Result<Self> {
        ensure!(!options.state.exists(), "{} exists: remove it, or name another STATE", options.state.display());
        TcpListener::bind(options.listen).with_context(|| format!("{} is taken", options.listen))?;
        let bridge = options.bridge.clone().unwrap_or_else(|| BRIDGE.to_owned());
        let bridge2 = format!("{bridge}b");
        let mut embedded =
            Self { program: program()?, state: options.state.clone(), bridge2, server: None, keep: options.keep };
        embedded.make(options, &bridge)?;
        embedded.start(options)?;
        Ok(embedded)
    }

    fn node(&self, words: &[&str]) -> Result<Done> {
        lab::run(Command::new(&self.program).arg("--state").arg(&self.state).args(words), false)
    }

    fn make(&self, options: &mut Options, bridge: &str) -> Result<()> {
        let listen = options.listen.to_string();
        self.node(&["init", "--bridge", bridge, "--subnet", &options.subnet, "--listen", &listen])?.ok()?;
        add_bridge(&self.bridge2)?;
        let btrfs = storages::make(&self.state)?;
        let template = template::put(options.template_file.as_deref(), &self.state.join("storage/local"))?;
        let secret = self.node(&["token", "add", TOKEN, "--role", "administrator"])?.ok()?.stdout.trim().to_owned();
        let fingerprint = self.node(&["fingerprint"])?.ok()?.stdout;
        options.token = Some(format!("{TOKEN}={secret}"));
        options.fingerprint = Some(fingerprint.trim().parse().context("the node's fingerprint")?);
        options.target = Some(format!("https://{listen}").parse()?);
        options.template = Some(format!("{}:vztmpl/{template}", options.storage));
        (options.bridge, options.bridge2) = (Some(bridge.to_owned()), Some(self.bridge2.clone()));
        options.storage2 = Some(storages::SECOND.to_owned());
        options.btrfs = btrfs.then(|| storages::BTRFS.to_owned());
        Ok(())
    }

    /// The API's process is in a group of its own: Ctrl-C is for us, who still need it to clean up.
    fn start(&mut self, options: &Options) -> Result<()> {
        let log = File::create(self.state.join("conformance.log")).context("making the node's log")?;
        let mut command = Command::new(&self.program);
        command.arg("--state").arg(&self.state).arg("serve").process_group(0);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.server = Some(command.spawn().context("starting the node")?);
        until("the node's API", Duration::from_secs(30), || {
            TcpStream::connect(options.listen).map(drop).map_err(|error| error.to_string())
        })
    }

    fn close(&mut self) -> Result<()> {
        if let Some(server) = &mut self.server {
            if self.keep {
                eprintln!("the node runs on: {} in {}", server.id(), self.state.display());
                return Ok(());
            }
            server.kill().context("ending the node")?;
            server.wait().context("ending the node")?;
        }
        self.node(&["down"])?.ok()?;
        storages::unmake(&self.state)?;
        self.node(&["purge"])?.ok()?;
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
        self.node(&words).map(|done| said(&done))
    }

    fn conf(&self, vmid: &str) -> Result<Said> {
        let path = self.state.join(format!("lxc/{vmid}.conf"));
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Said { code: 0, lines: text.lines().map(str::to_owned).collect() }),
            Err(error) => Ok(Said { code: 1, lines: vec![error.to_string()] }),
        }
    }

    fn inside(&self, vmid: &str, words: &[String]) -> Result<Said> {
        let mounted = self.node(&["pct", "mount", vmid])?.ok()?.stdout;
        let root = mounted.split('\'').nth(1).context("`pct mount` tells where")?;
        let (program, arguments) = words.split_first().context("a command")?;
        let done = lab::run(Command::new(program).args(arguments).current_dir(root), false);
        self.node(&["pct", "unmount", vmid])?.ok()?;
        done.map(|done| said(&done))
    }

    fn plant(&self, storage: &str, file: &str, bytes: &[u8]) -> Result<()> {
        let folder = self.state.join("storage").join(storage).join("dump");
        fs::create_dir_all(&folder).context("making the folder of archives")?;
        fs::write(folder.join(file), bytes).context("writing an archive")
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

fn add_bridge(name: &str) -> Result<()> {
    lab::run(Command::new("ip").args(["link", "add", name, "type", "bridge"]), false)?.ok()?;
    lab::run(Command::new("ip").args(["link", "set", name, "up"]), false)?.ok().map(drop)
}
