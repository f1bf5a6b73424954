//! The agent's SSH client against a server in this process: whom it believes, how it logs in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics has failed")]

mod agent;
mod changed_key;
mod host_ca;
mod sshfp;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use reset_agent::guest::attestation::{Known, Refusal, check};
use reset_agent::guest::ssh::credential::{CertifiedPair, Credential, issue};
use reset_agent::guest::ssh::host_key::PinnedKey;
use reset_agent::guest::ssh::session::{HostKeyCheck, SshError, connect};
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::ssh_key::{Certificate, Fingerprint, HashAlg, LineEnding, PrivateKey};
use russh::server::{Auth, Config, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use spec::attestation::{Attestation, Request, Statement};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

fn key(seed: u8) -> PrivateKey {
    PrivateKey::new(KeypairData::from(Ed25519Keypair::from_seed(&[seed; 32])), "test").unwrap()
}

fn ca_text(seed: u8) -> Zeroizing<String> {
    key(seed).to_openssh(LineEnding::LF).unwrap()
}

const CA: u8 = 7;
const HOST: u8 = 1;
/// A key that is let in without a certificate.
const KNOWN: u8 = 21;

/// Lets in whoever has a valid certificate of the CA for `root`, or the known key, and answers every command with its own text.
struct Sshd {
    ca: Fingerprint,
}

impl Handler for Sshd {
    type Error = russh::Error;

    async fn auth_openssh_certificate(&mut self, user: &str, certificate: &Certificate) -> Result<Auth, russh::Error> {
        let valid =
            certificate.validate([&self.ca]).is_ok() && certificate.valid_principals().contains(&user.to_owned());
        Ok(if valid { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_publickey(&mut self, user: &str, shown: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let known = shown.public_key.fingerprint(HashAlg::Sha256) == key(KNOWN).fingerprint(HashAlg::Sha256);
        Ok(if known && user == "root" { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: russh::server::ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(channel)?;
        session.data(channel, data.to_vec())?;
        session.extended_data(channel, 1, b"a complaint".to_vec())?;
        session.exit_status_request(channel, 3)?;
        session.close(channel)
    }
}

async fn sshd() -> SocketAddr {
    serve(Config { keys: vec![key(HOST)], ..Config::default() }).await
}

async fn serve(config: Config) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = Arc::new(config);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handler = Sshd { ca: key(CA).public_key().fingerprint(HashAlg::Sha256) };
            let running = russh::server::run_stream(Arc::clone(&config), stream, handler).await;
            tokio::spawn(async move { drop(running.unwrap().await) });
        }
    });
    address
}

fn pins(seed: u8) -> HostKeyCheck {
    HostKeyCheck::Pinned { guest: "200".parse().unwrap(), keys: vec![PinnedKey::of(key(seed).public_key())] }
}

fn pair(ca: u8, principal: &str) -> CertifiedPair {
    issue(&ca_text(ca), principal, "a run").unwrap()
}

fn credential(ca: u8, principal: &str) -> Credential {
    Credential::Certified(Box::new(pair(ca, principal)))
}

#[tokio::test]
async fn logs_in_with_a_certificate_and_tells_output_complaint_and_status_apart() {
    let mut session = connect(sshd().await, pins(HOST)).await.unwrap();
    session.login("root", &credential(CA, "root")).await.unwrap();
    let output = session.run("hostname", Duration::from_secs(10)).await.unwrap();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str(), output.status), ("hostname", "a complaint", Some(3)));
    session.close().await;
}

#[tokio::test]
async fn first_contact_tells_which_key_it_believed() {
    let session = connect(sshd().await, HostKeyCheck::FirstContact).await.unwrap();
    assert_eq!(session.host_key, PinnedKey::of(key(HOST).public_key()));
}

#[tokio::test]
async fn another_cas_certificate_and_another_principals_are_refused() {
    for credential in [credential(8, "root"), credential(CA, "admin")] {
        let mut session = connect(sshd().await, pins(HOST)).await.unwrap();
        let error = session.login("root", &credential).await.unwrap_err();
        assert!(matches!(error, SshError::LoginRefused { .. }) && !error.may_pass(), "{error}");
    }
}

#[tokio::test]
async fn nobody_there_may_pass() {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    assert!(connect(address, pins(HOST)).await.err().unwrap().may_pass());
}

#[test]
fn a_credential_lives_for_minutes_and_every_run_has_its_own() {
    let (one, other) = (pair(CA, "root"), pair(CA, "root"));
    assert_ne!(one.key.fingerprint(HashAlg::Sha256), other.key.fingerprint(HashAlg::Sha256));
    let certificate = &one.certificate;
    assert!(certificate.valid_before() - certificate.valid_after() <= 20 * 60);
    assert_eq!(certificate.valid_principals(), ["root"]);
    assert!(issue(&Zeroizing::new("no key".to_owned()), "root", "a run").is_err());
}

/// Whether a type has a trait: an own constant of the type is taken before the trait's.
macro_rules! has {
    ($kind:ty, $what:path) => {{
        struct Probe<T>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "not taken where the type has the trait")]
        trait Otherwise {
            const HAS: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        #[allow(dead_code, reason = "not taken where the type lacks the trait")]
        impl<T: $what> Probe<T> {
            const HAS: bool = true;
        }
        <Probe<$kind>>::HAS
    }};
}

/// A login lives in memory: it cannot be copied or shown, and its private half shows nothing of itself.
#[test]
fn s1_02_a_login_is_neither_shown_nor_copied() {
    assert!(has!(String, Clone) && has!(String, std::fmt::Debug), "the probe sees nothing");
    assert!(!has!(CertifiedPair, Clone) && !has!(CertifiedPair, std::fmt::Debug));
    assert!(!has!(Credential, Clone) && !has!(Credential, std::fmt::Debug) && !has!(Credential, std::fmt::Display));
    let login = pair(CA, "root");
    let KeypairData::Ed25519(pair) = login.key.key_data() else { panic!("another kind of key") };
    let seed: [u8; 32] = pair.private.to_bytes();
    let shown = format!("{:?} {:#?} {:?}", login.key, login.key, login.certificate);
    let hex = seed.map(|byte| format!("{byte:02x}")).concat();
    let list = seed.map(|byte| byte.to_string()).join(", ");
    let private = login.key.to_openssh(LineEnding::LF).unwrap();
    let mut forms = vec![hex.to_uppercase(), hex, list];
    forms.extend(private.lines().filter(|line| !line.starts_with("-----")).map(str::to_owned));
    assert!(!forms.iter().any(|form| shown.contains(form.as_str())), "the private half is shown");
}

#[test]
fn a_guest_that_signs_with_ssh_keygen_is_believed() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("ssh_host_ed25519_key");
    let keygen = |arguments: &[&str], last: &Path| {
        let done = Command::new("ssh-keygen").args(arguments).arg(last).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    keygen(&["-q", "-t", "ed25519", "-N", "", "-f"], &key);
    let pin = PinnedKey::of_line(&fs::read_to_string(key.with_extension("pub")).unwrap()).unwrap();
    let run = "018f3c1e-0000-7000-8000-000000000001".parse().unwrap();
    let request = Request::of_run(&run, "debian13 20261121T120000Z");
    let (id, mac) = ("0123456789abcdef0123456789abcdef", "BC:24:11:00:00:07");
    let said = Statement {
        version: 1,
        nonce: request.nonce.clone(),
        machine_id: id.parse().unwrap(),
        macs: vec![mac.into()],
        golden: request.golden.clone(),
        host_key: pin.fingerprint.clone(),
    };
    let (file, statement) = (dir.path().join("statement"), serde_json::to_string(&said).unwrap());
    fs::write(&file, &statement).unwrap();
    keygen(&["-Y", "sign", "-q", "-n", "attestation@mintmark", "-f", key.to_str().unwrap()], &file);
    let signature = fs::read_to_string(file.with_extension("sig")).unwrap();
    let attestation = Attestation { statement, signature };
    let known = Known { request: &request, machine_id: Some(id), macs: &[mac.parse().unwrap()], pins: &[pin] };
    assert_eq!(check(&attestation, &known), Ok(()));
    assert_eq!(check(&attestation, &Known { pins: &[], ..known.clone() }), Err(Refusal::Key(said.host_key)));
}
