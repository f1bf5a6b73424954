//! A lab opened and closed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::done::{Done, run};
use super::layout::Layout;
use super::poll::until;
use super::programs::Programs;

/// The agent's token.
const TOKEN: &str = "agent@pve!mintmark";

/// The privileges of the agent's token: the least that provisioning, verifying and destroying need.
const ROLE: &str = "provisioner";

/// What a lab is made with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder that holds everything.
    pub root: PathBuf,
    /// The bridge that the node makes.
    pub bridge: String,
    /// The bridge's address and its network, `10.66.0.1/24`.
    pub subnet: String,
    /// A second bridge that leads nowhere, and its address with its network.
    pub isolated: Option<(String, String)>,
    /// Where the REST API listens.
    pub listen: String,
    /// Whether the node's faults can be set.
    pub faults: bool,
}

/// A node with its helper, and the configuration of builder and agent to use them.
#[derive(Debug)]
pub struct Lab {
    /// Where things are.
    pub layout: Layout,
    /// What is run.
    pub programs: Programs,
    settings: Settings,
    show: bool,
}

impl Lab {
    /// Opens a lab: a fresh one, or the one that an earlier program left in the same folder.
    pub fn open(settings: Settings, show: bool) -> Result<Self> {
        let lab = Self::at(settings, show)?;
        fs::create_dir_all(lab.layout.root()).context("making the lab's folder")?;
        lab.init_node()?;
        lab.start_node()?;
        lab.start_helper()?;
        lab.make_user_ca()?;
        lab.make_principals()?;
        lab.make_token()?;
        lab.write_agent_config()?;
        Ok(lab)
    }

    /// The lab in that folder, without starting anything.
    pub fn at(settings: Settings, show: bool) -> Result<Self> {
        let layout = Layout::new(&settings.root);
        Ok(Self { layout, programs: Programs::find()?, settings, show })
    }

    /// Stops and removes everything that the lab made; calling it twice is harmless.
    pub fn close(&self) -> Result<()> {
        for program in ["helper", "node"] {
            self.stop(program)?;
        }
        if self.layout.node().exists() {
            self.node(&["purge"])?.ok()?;
        }
        if self.layout.root().exists() {
            fs::remove_dir_all(self.layout.root()).context("removing the lab's folder")?;
        }
        Ok(())
    }

    /// `pve-node --state … ARGUMENTS`.
    pub fn node(&self, arguments: &[&str]) -> Result<Done> {
        run(Command::new(&self.programs.node).arg("--state").arg(self.layout.node()).args(arguments), false)
    }

    /// `pct ARGUMENTS` on the embedded node.
    pub fn pct(&self, arguments: &[&str]) -> Result<Done> {
        self.node(&[&["pct"], arguments].concat())
    }

    /// A shell command inside a running guest.
    pub fn in_guest(&self, vmid: u32, command: &str) -> Result<Done> {
        self.pct(&["exec", &vmid.to_string(), "--", "sh", "-c", command])
    }

    /// `image-builder ARGUMENTS --node …`.
    pub fn builder(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Done> {
        let mut command = Command::new(&self.programs.builder);
        command.args(arguments).arg("--node").arg(self.layout.node());
        command.env("MINTMARK_FIRSTBOOT", &self.programs.firstboot);
        run(&mut command, self.show)
    }

    /// `reset-agent --config … ARGUMENTS`, not yet started.
    pub fn agent_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.programs.agent);
        command.arg("--config").arg(self.layout.agent_config()).args(arguments);
        command
    }

    /// `reset-agent ARGUMENTS`, to its end.
    pub fn agent(&self, arguments: &[&str]) -> Result<Done> {
        run(&mut self.agent_command(arguments), self.show)
    }

    fn init_node(&self) -> Result<()> {
        let Settings { bridge, subnet, listen, isolated, .. } = &self.settings;
        let mut arguments = vec!["init", "--bridge", bridge, "--subnet", subnet, "--listen", listen];
        if let Some((bridge, subnet)) = isolated {
            arguments.extend(["--isolated-bridge", bridge, "--isolated-subnet", subnet]);
        }
        self.node(&arguments)?.ok().map(drop)
    }

    fn start_node(&self) -> Result<()> {
        if alive(&self.layout.pid("node")).is_none() {
            self.port_is_free()?;
        }
        let mut command = Command::new(&self.programs.node);
        command.arg("--state").arg(self.layout.node()).arg("serve");
        if self.settings.faults {
            command.arg("--test-faults");
        }
        self.start("node", command)?;
        let listen = self.settings.listen.clone();
        until("the node's API", Duration::from_secs(30), || {
            TcpStream::connect(&listen).map(drop).map_err(|error| error.to_string())
        })
    }

    fn start_helper(&self) -> Result<()> {
        let mut command = Command::new(&self.programs.helper);
        command.arg("serve").arg("--socket").arg(self.layout.helper_socket()).arg("--node").arg(self.layout.node());
        command.env("PVE_NODE_PROGRAM", &self.programs.node);
        self.start("helper", command)?;
        let socket = self.layout.helper_socket();
        until("the helper's socket", Duration::from_secs(10), || {
            std::os::unix::net::UnixStream::connect(&socket).map(drop).map_err(|error| error.to_string())
        })
    }

    /// The bridge that leads nowhere, where the lab has one.
    pub fn isolated_bridge(&self) -> Option<&str> {
        self.settings.isolated.as_ref().map(|(bridge, _)| bridge.as_str())
    }

    /// Where the node's API listens.
    pub fn listen(&self) -> &str {
        &self.settings.listen
    }

    /// Stops the node's API process the hard way, as a crash would.
    pub fn kill_node(&self) -> Result<()> {
        self.stop("node")
    }

    /// Starts the node's API process again.
    pub fn restart_node(&self) -> Result<()> {
        self.start_node()
    }

    /// Fails where somebody else listens already: the agent would talk to a stranger.
    fn port_is_free(&self) -> Result<()> {
        let listen = &self.settings.listen;
        TcpListener::bind(listen).map(drop).with_context(|| format!("{listen} is taken: stop what listens there"))
    }

    fn start(&self, program: &str, mut command: Command) -> Result<()> {
        if alive(&self.layout.pid(program)).is_some() {
            return Ok(());
        }
        let log = File::options().create(true).append(true).open(self.layout.log(program)).context("opening a log")?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let child = command.spawn().with_context(|| format!("starting {program}"))?;
        fs::write(self.layout.pid(program), child.id().to_string()).context("writing a pid file")
    }

    fn stop(&self, program: &str) -> Result<()> {
        let Some(pid) = alive(&self.layout.pid(program)) else { return Ok(()) };
        run(Command::new("kill").args(["-KILL", &pid.to_string()]), false)?.ok()?;
        until(&format!("{program} to end"), Duration::from_secs(10), || match alive(&self.layout.pid(program)) {
            None => Ok(()),
            Some(pid) => Err(pid),
        })?;
        fs::remove_file(self.layout.pid(program)).context("removing a pid file")
    }

    fn make_user_ca(&self) -> Result<()> {
        if self.layout.user_ca().exists() {
            return Ok(());
        }
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "operator CA", "-f"]).arg(self.layout.user_ca());
        run(&mut keygen, false)?.ok().map(drop)
    }

    fn make_token(&self) -> Result<()> {
        if self.layout.token().exists() {
            return Ok(());
        }
        let done = self.node(&["token", "add", TOKEN, "--role", ROLE])?.ok()?;
        let secret = done.stdout.trim();
        ensure!(!secret.is_empty(), "{} printed no secret", done.command);
        write_private(&self.layout.token(), &format!("{TOKEN}={secret}"))
    }

    fn write_agent_config(&self) -> Result<()> {
        let done = self.node(&["fingerprint"])?.ok()?;
        let fingerprint = done.stdout.trim();
        let text = format!(
            r#"[node]
name = "pve"
url = "https://{listen}"
token = "file:{token}"
fingerprints = ["{fingerprint}"]

[guests]
storage = "local"
bridge = "{bridge}"
vmids = "101-199"

[goldens]
manifests = ["{dump}"]

{trust}
[ledger]
path = "{ledger}"

[helper]
socket = "{socket}"

[ssh]
user = "root"
user_ca = "file:{user_ca}"
known_hosts = "{known_hosts}"
"#,
            listen = self.settings.listen,
            token = self.layout.token().display(),
            bridge = self.settings.bridge,
            dump = self.layout.dump().display(),
            trust = self.trust(),
            ledger = self.layout.ledger().display(),
            socket = self.layout.helper_socket().display(),
            user_ca = self.layout.user_ca().display(),
            known_hosts = self.layout.known_hosts().display(),
        );
        fs::write(self.layout.agent_config(), text).context("writing the agent's configuration")
    }
}

/// The process that a pid file names, if it runs and is no zombie.
fn alive(pid_file: &Path) -> Option<u32> {
    let pid: u32 = fs::read_to_string(pid_file).ok()?.trim().parse().ok()?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let state = stat.rsplit(") ").next()?.chars().next()?;
    (state != 'Z').then_some(pid)
}

pub(super) fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file =
        File::options().write(true).create_new(true).mode(0o600).open(path).context("making the token file")?;
    file.write_all(text.as_bytes()).context("writing the token file")
}
