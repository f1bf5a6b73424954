//! What the helper does inside of guests: files delivered, identities renewed, a guest's signature, over socket and SSH.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::lab::{run, until};
use serde_json::{Value, json};

use super::guests::vmid_of;
use crate::stage::Stage;
use crate::{LeftOut, Story};

pub(crate) const STORIES: &[Story] = &[
    ("inside::s3_11_secrets_reach_the_guests_root_and_a_signature_proves_it", secrets),
    ("inside::a_key_that_may_ask_the_helper_may_do_nothing_else", by_ssh),
];

const SSHD: &str = "/usr/sbin/sshd";

/// One question to the helper.
pub(crate) fn ask(stage: &Stage, request: &Value) -> Result<Value> {
    let mut stream = UnixStream::connect(stage.lab.layout.helper_socket()).context("the helper's socket")?;
    stream.write_all(format!("{request}\n").as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    serde_json::from_str(&line).with_context(|| format!("the helper's answer {line:?}"))
}

/// A delivery of these bytes (`A=1\n`, as base64) to the secrets' place.
fn delivery(vmid: u32, files: bool) -> Value {
    let file = json!({"name": "secrets.env", "content": "QT0xCg=="});
    let files: Vec<Value> = files.then_some(file).into_iter().collect();
    json!({"verb": "deliver", "vmid": vmid, "place": "secrets", "files": files})
}

fn secrets(stage: &Stage) -> Result<()> {
    let guest = stage.provision("inside")?;
    let vmid = vmid_of(&guest)?;
    signed(stage, vmid, &guest)?;
    running(stage, vmid)?;
    stopped(stage, vmid)?;
    stage.destroy("inside")
}

/// The guest signed what it is, OpenSSH agrees, and so did the agent: a guest whose signature fails is never active.
fn signed(stage: &Stage, vmid: u32, guest: &Value) -> Result<()> {
    ensure!(guest["state"] == "active" && guest["verdict"] == "pass", "the guest is not active: {guest}");
    let look = ask(stage, &json!({"verb": "observe", "vmid": vmid}))?;
    ensure!(look["firstboot"]["record"]["attestation"]["state"] == "signed", "{}", look["firstboot"]);
    let text = |name: &str| look["attestation"][name].as_str().with_context(|| format!("no {name} in {look}"));
    let statement: Value = serde_json::from_str(text("statement")?)?;
    let config = stage.lab.pct(&["config", &vmid.to_string()])?.ok()?.stdout;
    let mac = statement["macs"][0].as_str().context("no address")?;
    ensure!(config.contains(mac), "{mac} is not the guest's: {config}");
    let dir = stage.lab.layout.root();
    let (signature, signed) = (dir.join("statement.sig"), dir.join("statement"));
    fs::write(&signature, text("signature")?)?;
    fs::write(&signed, text("statement")?)?;
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-Y", "check-novalidate", "-n", "attestation@mintmark", "-s"]).arg(&signature);
    let said = keygen.stdin(fs::File::open(&signed)?).output().context("running ssh-keygen")?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let key = statement["host_key"].as_str().context("no key")?;
    ensure!(said.starts_with("Good ") && said.contains(key), "ssh-keygen says: {said}");
    fs::remove_file(signature)?;
    fs::remove_file(signed).context("removing the statement")
}

fn running(stage: &Stage, vmid: u32) -> Result<()> {
    let done = ask(stage, &delivery(vmid, true))?;
    ensure!(done["delivered"] == json!(["secrets.env"]), "{done}");
    let inside =
        stage.lab.in_guest(vmid, "stat -c '%U:%G %a' /etc/mintmark/secrets.env && cat /etc/mintmark/secrets.env")?;
    ensure!(inside.ok()?.stdout == "root:root 600\nA=1\n", "another owner, mode or content");
    let done = ask(stage, &delivery(vmid, false))?;
    ensure!(done["withdrawn"] == json!(["secrets.env"]), "{done}");
    // A guest that wants its secrets elsewhere, or the node's files overwritten, gets nothing.
    stage.lab.in_guest(vmid, "rmdir /etc/mintmark && mkdir /srv/web && ln -s /srv/web /etc/mintmark")?.ok()?;
    let refused = ask(stage, &delivery(vmid, true))?;
    ensure!(refused["error"]["kind"] == "escape", "{refused}");
    ensure!(
        stage.lab.in_guest(vmid, "ls -A /srv/web")?.ok()?.stdout.is_empty(),
        "something was written behind the link"
    );
    stage.lab.in_guest(vmid, "rm /etc/mintmark && rmdir /srv/web")?.ok()?;
    let before = stage.lab.in_guest(vmid, "cat /etc/ssh/ssh_host_ed25519_key.pub")?.ok()?.stdout;
    let renewed = ask(stage, &json!({"verb": "renew", "vmid": vmid, "items": ["ssh-host-keys"]}))?;
    ensure!(renewed["renewed"] == json!([{"item": "ssh-host-keys", "state": "new"}]), "{renewed}");
    let after = stage.lab.in_guest(vmid, "cat /etc/ssh/ssh_host_ed25519_key.pub")?.ok()?.stdout;
    ensure!(before != after, "the host key is the old one");
    Ok(())
}

fn stopped(stage: &Stage, vmid: u32) -> Result<()> {
    let id = vmid.to_string();
    stage.lab.pct(&["stop", &id])?.ok()?;
    let done = ask(stage, &delivery(vmid, true))?;
    ensure!(done["delivered"] == json!(["secrets.env"]), "{done}");
    let renewed = ask(stage, &json!({"verb": "renew", "vmid": vmid, "items": ["ssh-host-keys"]}))?;
    ensure!(renewed["renewed"] == json!([{"item": "ssh-host-keys", "state": "asleep"}]), "{renewed}");
    stage.lab.pct(&["start", &id])?.ok()?;
    until("the guest's first-boot unit", Duration::from_mins(1), || {
        let look = ask(stage, &json!({"verb": "observe", "vmid": vmid})).map_err(|error| error.to_string())?;
        let done =
            look["firstboot"]["of_this_boot"] == true && look["host_keys"].as_array().is_some_and(|k| k.len() == 3);
        if done { Ok(()) } else { Err(look["firstboot"].to_string()) }
    })?;
    let inside = stage.lab.in_guest(vmid, "stat -c '%U:%G %a' /etc/mintmark/secrets.env")?;
    ensure!(inside.ok()?.stdout == "root:root 600\n", "another owner or mode");
    Ok(())
}

/// The same questions by an SSH key that can do nothing else, over a real sshd on this machine.
fn by_ssh(stage: &Stage) -> Result<()> {
    if !Path::new(SSHD).exists() {
        return Err(LeftOut(format!("this machine has no {SSHD}")).into());
    }
    let vmid = vmid_of(&stage.provision("inside")?)?;
    let dir = stage.lab.layout.root().join("sshd");
    fs::create_dir_all(&dir)?;
    let sshd = Sshd::start(stage, &dir)?;
    let answer = sshd.ask(&dir, "cat /etc/shadow", &json!({"verb": "observe", "vmid": vmid}))?;
    ensure!(answer["vmid"] == vmid && answer["source"] == "running", "{answer}");
    let refused = sshd.ask(&dir, "", &json!({"verb": "exec", "vmid": vmid}))?;
    ensure!(refused["error"]["kind"] == "bad-request", "{refused}");
    drop(sshd);
    fs::remove_dir_all(&dir).context("removing the sshd's folder")?;
    stage.destroy("inside")
}

/// An sshd of our own, ended when it is dropped.
struct Sshd {
    child: Child,
    port: u16,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // It is a child of ours: both can only fail when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sshd {
    fn start(stage: &Stage, dir: &Path) -> Result<Self> {
        for name in ["host", "agent"] {
            let mut keygen = Command::new("ssh-keygen");
            run(keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(dir.join(name)), false)?.ok()?;
        }
        let (helper, node) = (stage.lab.programs.helper.display(), stage.lab.layout.node().display().to_string());
        let public = fs::read_to_string(dir.join("agent.pub"))?;
        let line = format!("restrict,command=\"{helper} once --node {node}\" {public}");
        fs::write(dir.join("authorized_keys"), line)?;
        for name in ["", "authorized_keys"] {
            fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o700))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {dir}/host\nAuthorizedKeysFile {dir}/authorized_keys\n\
             StrictModes no\nPasswordAuthentication no\nUsePAM no\nPermitRootLogin forced-commands-only\nPidFile none\n",
            dir = dir.display()
        );
        fs::write(dir.join("sshd_config"), config)?;
        fs::create_dir_all("/run/sshd")?;
        let mut sshd = Command::new(SSHD);
        sshd.args(["-D", "-e", "-f"]).arg(dir.join("sshd_config"));
        let child =
            sshd.stdin(Stdio::null()).stderr(fs::File::create(dir.join("log"))?).spawn().context("starting sshd")?;
        let sshd = Self { child, port };
        until("sshd", Duration::from_secs(10), || {
            TcpStream::connect(("127.0.0.1", port)).map(drop).map_err(|error| error.to_string())
        })?;
        Ok(sshd)
    }

    fn ask(&self, dir: &Path, command: &str, request: &Value) -> Result<Value> {
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "IdentitiesOnly=yes"]);
        ssh.args(["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-p", &self.port.to_string(), "-i"]);
        ssh.arg(dir.join("agent")).arg("root@127.0.0.1").args((!command.is_empty()).then_some(command));
        let mut child = ssh.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("starting ssh")?;
        child.stdin.take().context("ssh's input")?.write_all(format!("{request}\n").as_bytes())?;
        let said = String::from_utf8(child.wait_with_output()?.stdout)?;
        serde_json::from_str(&said).with_context(|| format!("the answer over SSH {said:?}"))
    }
}
