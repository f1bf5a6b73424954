//! Signatures: whose they are, what for, when, over which bytes.

use std::io::Write;
use std::process::{Command, Stdio};

use spec::release::seal::{SealError, armored, to_be_signed};
use spec::release::{Channel, Document, DocumentError, Manifest, Namespace, open, read};
use ssh_key::{Algorithm, EcdsaCurve, LineEnding, PrivateKey};

use crate::keys::{key, line, now, principal, seal, signers};

const BYTES: &[u8] = b"{\"version\":2}";

#[test]
fn who_signs_is_named_and_a_changed_byte_is_told() {
    let signers = signers(&[line("builder", "", &key(1))]);
    let sealed = seal(&key(1), Namespace::Manifest, BYTES);
    let verify = |bytes: &[u8]| signers.verify(Namespace::Manifest, bytes, sealed.as_bytes(), now());
    assert_eq!(verify(BYTES), Ok(principal("builder")));
    assert_eq!(verify(b"{\"version\":3}"), Err(SealError::OtherBytes { principal: principal("builder") }));
}

#[test]
fn wrong_namespace() {
    let signers = signers(&[line("builder", "", &key(1))]);
    for made_for in Namespace::ALL {
        let sealed = seal(&key(1), made_for, BYTES);
        for wanted in Namespace::ALL {
            let verified = signers.verify(wanted, BYTES, sealed.as_bytes(), now());
            assert_eq!(verified.is_ok(), made_for == wanted, "{made_for} for {wanted}: {verified:?}");
        }
    }
}

#[test]
fn key_swap() {
    let signers = signers(&[
        line("builder", "namespaces=\"manifest@mintmark\"", &key(1)),
        line("releaser", "namespaces=\"channel@mintmark\"", &key(2)),
    ]);
    let verify = |by: u8| {
        signers.verify(Namespace::Manifest, BYTES, seal(&key(by), Namespace::Manifest, BYTES).as_bytes(), now())
    };
    assert_eq!(verify(1), Ok(principal("builder")));
    assert!(matches!(verify(2), Err(SealError::NotAllowed { .. })), "{:?}", verify(2));
    assert!(matches!(verify(3), Err(SealError::Stranger { .. })), "{:?}", verify(3));
}

#[test]
fn a_key_that_ended_signs_nothing_any_more() {
    let signers = signers(&[line("builder", "valid-before=\"20261121115959Z\"", &key(1))]);
    let sealed = seal(&key(1), Namespace::Manifest, BYTES);
    let verified = signers.verify(Namespace::Manifest, BYTES, sealed.as_bytes(), now());
    assert!(matches!(verified, Err(SealError::NotAllowed { .. })), "{verified:?}");
}

#[test]
fn endless_data() {
    let signers = signers(&[line("builder", "", &key(1))]);
    let bytes = vec![b' '; Channel::LIMIT + 1];
    let sealed = seal(&key(1), Namespace::Channel, &bytes);
    let opened = open::<Channel>(&bytes, sealed.as_bytes(), &signers, now());
    assert!(matches!(opened, Err(DocumentError::TooLong { .. })), "{opened:?}");
    let deep = vec![b'['; 100_000];
    assert!(matches!(read::<Channel>(&deep), Err(DocumentError::Form { .. })));
}

#[test]
fn another_version_is_told_and_not_guessed() {
    let text = include_str!("../../fixtures/manifest.json").replace("\"version\": 2", "\"version\": 1");
    let error = read::<Manifest>(text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("version 1, this program knows 2"), "{error}");
}

/// OpenSSH's own tool takes our files, and ours takes its files.
#[test]
fn ssh_keygen_takes_our_signatures_and_we_take_its() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let curve = EcdsaCurve::NistP256;
    let ecdsa = PrivateKey::random(&mut rand::rng(), Algorithm::Ecdsa { curve }).unwrap();
    for key in [key(1), ecdsa] {
        std::fs::write(path("signers"), line("builder", "namespaces=\"manifest@mintmark\"", &key)).unwrap();
        std::fs::write(path("seal"), seal(&key, Namespace::Manifest, BYTES)).unwrap();
        let words =
            ["-Y", "verify", "-n", "manifest@mintmark", "-I", "builder", "-f", &path("signers"), "-s", &path("seal")];
        let mut child =
            Command::new("ssh-keygen").args(words).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(BYTES).unwrap();
        assert!(child.wait().unwrap().success(), "ssh-keygen refuses our signature");

        std::fs::write(path("key"), key.to_openssh(LineEnding::LF).unwrap().as_bytes()).unwrap();
        std::fs::set_permissions(path("key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::write(path("document"), BYTES).unwrap();
        let words = ["-q", "-Y", "sign", "-n", "manifest@mintmark", "-f", &path("key"), &path("document")];
        assert!(Command::new("ssh-keygen").args(words).status().unwrap().success());
        let theirs = std::fs::read(path("document.sig")).unwrap();
        std::fs::remove_file(path("document.sig")).unwrap();
        let signers = signers(&[line("builder", "", &key)]);
        assert_eq!(signers.verify(Namespace::Manifest, BYTES, &theirs, now()), Ok(principal("builder")));
    }
}

/// What holds the key may be elsewhere: the pieces that an agent's signature is put together from.
#[test]
fn a_signature_can_be_made_where_the_key_is() {
    let signers = signers(&[line("builder", "", &key(1))]);
    let inner = to_be_signed(Namespace::Log, BYTES).unwrap();
    assert!(inner.starts_with(b"SSHSIG"));
    let whole = ssh_key::SshSig::from_pem(seal(&key(1), Namespace::Log, BYTES)).unwrap();
    let again = armored(whole.public_key().clone(), Namespace::Log, whole.signature().clone()).unwrap();
    assert_eq!(signers.verify(Namespace::Log, BYTES, again.as_bytes(), now()), Ok(principal("builder")));
}
