//! Host certificates: as OpenSSH's programs read them, and as a guest shows them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use reset_agent::guest::ssh::certified::{Expected, NotCertified, judge, look};
use reset_agent::guest::ssh::host_ca::{HostCa, Subject, file_of};
use reset_agent::guest::ssh::host_key::PinnedKey;
use reset_agent::guest::ssh::known_hosts::with_authority;
use reset_agent::render;
use reset_agent::verbs::ssh::{Revoked, Serial};
use russh::keys::ssh_key::Certificate;
use russh::server::Config;

use crate::{HOST, ca_text, key, pair, serve, sshd};

const HOST_CA: u8 = 11;
const DAYS: u64 = 90;

fn host_ca(seed: u8) -> HostCa {
    HostCa::read(&ca_text(seed)).unwrap()
}

fn subject(hostname: &str) -> Subject {
    Subject { vmid: "200".parse().unwrap(), hostname: hostname.parse().unwrap(), address: "127.0.0.1".parse().unwrap() }
}

fn certificate(ca: u8, host: u8, hostname: &str) -> Certificate {
    let valid_for = Duration::from_hours(24 * DAYS);
    host_ca(ca).certify(key(host).public_key(), &subject(hostname), valid_for).unwrap()
}

fn expected() -> Expected {
    Expected {
        keys: vec![PinnedKey::of(key(HOST).public_key())],
        ca: host_ca(HOST_CA).fingerprint(),
        names: vec!["acme".into(), "127.0.0.1".into()],
    }
}

async fn showing(certificate: Certificate) -> SocketAddr {
    serve(Config { keys: vec![key(HOST)], certificates: vec![certificate], ..Config::default() }).await
}

fn openssh(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn ssh_keygen_reads_type_names_and_validity_as_they_were_meant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ssh_host_ed25519_key-cert.pub");
    let made = certificate(HOST_CA, HOST, "acme");
    fs::write(&path, made.to_openssh().unwrap()).unwrap();
    let told = openssh("ssh-keygen", &["-L", "-f", text(&path)]);
    let told = String::from_utf8(told.stdout).unwrap();
    for fact in ["host certificate", "Key ID: \"guest-200\"", "acme", "127.0.0.1", &host_ca(HOST_CA).fingerprint()] {
        assert!(told.contains(fact), "{fact}: {told}");
    }
    assert!(
        told.contains(&format!("Serial: {}", made.serial())) && told.contains("Critical Options: (none)"),
        "{told}"
    );
    assert_eq!(made.valid_before() - made.valid_after(), DAYS * 24 * 3600);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!((300..360).contains(&(now - made.valid_after())), "it began {} s ago", now - made.valid_after());
    assert_ne!(made.serial(), certificate(HOST_CA, HOST, "acme").serial());
}

/// Keys of every type that sshd makes by itself are certified, those too that the agent's own client cannot check.
#[test]
fn every_type_of_host_key_gets_a_certificate_that_openssh_reads() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let path = folder.path().join(kind);
        assert!(openssh("ssh-keygen", &["-q", "-t", kind, "-N", "", "-f", text(&path)]).status.success());
        let pin = PinnedKey::of_line(&fs::read_to_string(path.with_extension("pub")).unwrap()).unwrap();
        assert_eq!(file_of(&pin), Some(format!("ssh_host_{kind}_key-cert.pub").as_str()));
        let public = pin.public_key.unwrap().parse().unwrap();
        let made = host_ca(HOST_CA).certify(&public, &subject("acme"), Duration::from_hours(24)).unwrap();
        let shown = folder.path().join(format!("{kind}-cert.pub"));
        fs::write(&shown, made.to_openssh().unwrap()).unwrap();
        let told = openssh("ssh-keygen", &["-L", "-f", text(&shown)]);
        assert!(told.status.success() && String::from_utf8_lossy(&told.stdout).contains("host certificate"), "{kind}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_shown_is_seen_and_a_bare_key_is_not_taken_for_one() {
    let made = certificate(HOST_CA, HOST, "acme");
    let serial = made.serial();
    assert_eq!(look(showing(made).await, &expected()).await.unwrap(), serial);
    let error = look(sshd().await, &expected()).await.unwrap_err();
    assert!(matches!(error, NotCertified::Bare { .. }), "{error}");
    let nobody = look("127.0.0.1:1".parse().unwrap(), &expected()).await.unwrap_err();
    assert!(matches!(nobody, NotCertified::Unreachable { .. }), "{nobody}");
    let other = look(showing(certificate(12, HOST, "acme")).await, &expected()).await.unwrap_err();
    assert!(other.to_string().contains("is not signed by the CA"), "{other}");
}

#[test]
fn whatever_is_wrong_with_a_certificate_is_named() {
    assert_eq!(judge(&certificate(HOST_CA, HOST, "acme"), &expected()), Ok(()));
    let user = pair(HOST_CA, "acme");
    let users = Expected { keys: vec![PinnedKey::of(user.key.public_key())], ..expected() };
    let short = host_ca(HOST_CA).certify(key(HOST).public_key(), &subject("acme"), Duration::from_mins(4)).unwrap();
    let wrong = [
        (certificate(12, HOST, "acme"), expected(), "is not signed by the CA"),
        (certificate(HOST_CA, 2, "acme"), expected(), "which is not pinned"),
        (certificate(HOST_CA, HOST, "other"), expected(), "is not valid for acme, but for other, 127.0.0.1"),
        (short, expected(), "not valid now"),
        (user.certificate.clone(), users, "is no host certificate"),
    ];
    for (certificate, expected, named) in wrong {
        let why = judge(&certificate, &expected).unwrap_err();
        assert!(why.contains(named), "{why}, not {named}");
    }
}

/// OpenSSH's client with the agent's line in known_hosts and no other: the host is believed by its certificate, and
/// refused without one. It has no key, so it gets no further.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ssh_believes_the_guest_by_the_cas_line_alone() {
    let folder = tempfile::tempdir().unwrap();
    let known_hosts = folder.path().join("known_hosts");
    fs::write(&known_hosts, with_authority("", &host_ca(HOST_CA).public().unwrap())).unwrap();
    let client = async |address: SocketAddr| {
        let known = format!("UserKnownHostsFile={}", known_hosts.display());
        let port = address.port().to_string();
        let strict = "StrictHostKeyChecking=yes";
        let alone = ["GlobalKnownHostsFile=none", "IdentityAgent=none", "IdentitiesOnly=yes", "BatchMode=yes"];
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "none", "-p", &port, "-i", "/nonexistent/key"]);
        for option in [known.as_str(), strict].into_iter().chain(alone) {
            ssh.args(["-o", option]);
        }
        ssh.args(["root@127.0.0.1", "true"]);
        let done = tokio::task::spawn_blocking(move || ssh.output().unwrap()).await.unwrap();
        String::from_utf8(done.stderr).unwrap()
    };
    let certified = client(showing(certificate(HOST_CA, HOST, "acme")).await).await;
    assert!(certified.contains("Permission denied"), "{certified}");
    for stranger in [sshd().await, showing(certificate(12, HOST, "acme")).await] {
        let refused = client(stranger).await;
        assert!(refused.contains("Host key verification failed"), "{refused}");
    }
}

/// What `ssh revoked` prints makes a list of revoked keys, by which OpenSSH tells the dead certificate from the living.
#[test]
fn ssh_keygen_makes_a_revocation_list_of_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (dead, living) = (certificate(HOST_CA, HOST, "acme"), certificate(HOST_CA, HOST, "acme"));
    for (name, certificate) in [("dead-cert.pub", &dead), ("living-cert.pub", &living)] {
        fs::write(path(name), certificate.to_openssh().unwrap()).unwrap();
    }
    let serial = Serial {
        serial: dead.serial().to_string(),
        key_id: dead.key_id().to_owned(),
        host_key: "SHA256:x".into(),
        valid_before: dead.valid_before(),
    };
    let revoked = Revoked { ca: host_ca(HOST_CA).fingerprint(), revoked: vec![serial] };
    fs::write(path("revoked"), render::revoked(&revoked) + "\n").unwrap();
    fs::write(path("ca.pub"), host_ca(HOST_CA).public().unwrap()).unwrap();
    let (list, ca, spec) = (path("list"), path("ca.pub"), path("revoked"));
    let made = openssh("ssh-keygen", &["-k", "-f", text(&list), "-s", text(&ca), text(&spec)]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let asked = |name: &str| openssh("ssh-keygen", &["-Q", "-f", text(&list), text(&path(name))]).status.success();
    assert!(!asked("dead-cert.pub") && asked("living-cert.pub"));
}

#[test]
fn s1_02_a_host_ca_shows_nothing_of_itself_and_refuses_what_is_no_key() {
    for text in ["canary", "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----\n"] {
        let error = HostCa::read(&zeroize::Zeroizing::new(text.to_owned())).err().unwrap();
        let told = format!("{error} {error:?}");
        assert!(told.contains("ssh.host_ca") && !told.contains("canary"), "{told}");
    }
}
