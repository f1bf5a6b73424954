//! Logins by a real ssh-agent: its keys, its certificates, and what is said where it cannot help.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reset_agent::guest::ssh::agent_key::{AgentKey, AgentSocket};
use reset_agent::guest::ssh::credential::Credential;
use reset_agent::guest::ssh::session::{SshError, connect};
use russh::keys::ssh_key::{HashAlg, LineEnding, PrivateKey};

use crate::{CA, HOST, KNOWN, key, pair, pins, sshd};

/// OpenSSH's own, with keys of this test and nobody else's. It ends with this value.
struct SshAgent {
    process: Child,
    folder: tempfile::TempDir,
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl SshAgent {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent.sock");
        let mut program = Command::new("ssh-agent");
        program.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).stderr(Stdio::null());
        let agent = Self { process: program.spawn().unwrap(), folder };
        let began = Instant::now();
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "the ssh-agent does not listen");
            std::thread::yield_now();
        }
        agent
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("agent.sock")
    }

    /// Gives it a key, with its certificate where there is one.
    fn add(&self, key: &PrivateKey, certificate: Option<&str>) {
        let path = self.folder.path().join("key");
        fs::write(&path, key.to_openssh(LineEnding::LF).unwrap()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        if let Some(certificate) = certificate {
            fs::write(self.folder.path().join("key-cert.pub"), certificate).unwrap();
        }
        let done = Command::new("ssh-add").arg("-q").arg(&path).env("SSH_AUTH_SOCK", self.socket()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        for name in ["key", "key-cert.pub"] {
            drop(fs::remove_file(self.folder.path().join(name)));
        }
    }

    fn login(&self, key: Option<&PrivateKey>) -> Credential {
        let key = key.map(|key| key.fingerprint(HashAlg::Sha256).to_string());
        Credential::Agent(AgentKey { socket: AgentSocket::At(self.socket()), key })
    }
}

async fn log_in(credential: &Credential) -> Result<(), SshError> {
    let mut session = connect(sshd().await, pins(HOST)).await.unwrap();
    session.login("root", credential).await?;
    let output = session.run("hostname", Duration::from_secs(10)).await.unwrap();
    assert_eq!(output.stdout, "hostname");
    session.close().await;
    Ok(())
}

#[tokio::test]
async fn s1_03_a_key_of_the_agent_lets_in_and_no_key_file_is_there() {
    let agent = SshAgent::start();
    agent.add(&key(30), None);
    agent.add(&key(KNOWN), None);
    log_in(&agent.login(None)).await.unwrap();
    log_in(&agent.login(Some(&key(KNOWN)))).await.unwrap();
    let left: Vec<_> = fs::read_dir(agent.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["agent.sock"]);
}

#[tokio::test]
async fn s1_03_a_certificate_that_the_agent_holds_is_used() {
    let agent = SshAgent::start();
    let user = pair(CA, "root");
    agent.add(&user.key, Some(&user.certificate.to_openssh().unwrap()));
    log_in(&agent.login(None)).await.unwrap();
    log_in(&agent.login(Some(&user.key))).await.unwrap();
}

#[tokio::test]
async fn s1_03_only_the_named_key_is_offered() {
    let agent = SshAgent::start();
    agent.add(&key(KNOWN), None);
    agent.add(&key(30), None);
    let error = log_in(&agent.login(Some(&key(30)))).await.unwrap_err();
    assert!(matches!(error, SshError::LoginRefused { .. }) && !error.may_pass(), "{error}");
}

fn told(error: &SshError) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {source}")
}

#[tokio::test]
async fn s1_03_an_agent_that_cannot_help_is_named_with_what_to_do() {
    let agent = SshAgent::start();
    let empty = log_in(&agent.login(None)).await.unwrap_err();
    assert!(told(&empty).contains("holds 0 keys") && told(&empty).contains("ssh-add"), "{}", told(&empty));
    agent.add(&key(30), None);
    let missing = log_in(&agent.login(Some(&key(KNOWN)))).await.unwrap_err();
    let wanted = key(KNOWN).fingerprint(HashAlg::Sha256).to_string();
    assert!(told(&missing).contains(&wanted), "{}", told(&missing));
    let socket = agent.socket();
    let login = agent.login(None);
    drop(agent);
    let gone = log_in(&login).await.unwrap_err();
    assert!(told(&gone).contains(&socket.display().to_string()) && !gone.may_pass(), "{}", told(&gone));
}
