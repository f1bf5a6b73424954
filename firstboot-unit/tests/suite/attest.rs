//! What a guest signs, and when.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::boot::{OWN, Play, become_another, done, guest};
use crate::tree::Tree;
use firstboot_unit::boot::{boot, read_attestation};
use firstboot_unit::items::ssh_host_keys::host_keys;
use spec::attestation::{ANSWER, Attested, REQUEST, Request, Statement};

const RUN: &str = "018f3c1e-0000-7000-8000-000000000001";
const NETWORK: &str = "file 0444 /sys/class/net/eth0/address bc:24:11:00:00:07\\n\n\
    file 0444 /sys/class/net/lo/address 00:00:00:00:00:00\\n\n";

fn request() -> Request {
    Request::of_run(&RUN.parse().unwrap(), "debian13 20261121T120000Z")
}

fn asked() -> Tree {
    let tree = guest(NETWORK);
    let path = tree.host_path(REQUEST);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, serde_json::to_string(&request()).unwrap()).unwrap();
    tree
}

fn statement(tree: &Tree) -> Statement {
    let root = tree.root();
    read_attestation(&root).unwrap().unwrap().read().unwrap()
}

#[test]
fn the_statement_names_what_the_guest_is() {
    let (tree, play) = (asked(), Play::default());
    let status = done(&tree, &play);
    assert_eq!(status.attestation, Some(Attested::Signed));
    let said = statement(&tree);
    assert_eq!((said.nonce, said.golden), (request().nonce, request().golden));
    assert_eq!(said.machine_id.to_string(), OWN);
    assert_eq!(said.macs, ["BC:24:11:00:00:07"]);
    let keys = host_keys(&tree.root()).unwrap();
    assert!(keys.iter().any(|key| key.fingerprint == said.host_key));
    let mode = fs::metadata(tree.host_path(ANSWER)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600, "it names the machine-id");
}

#[test]
fn the_same_is_signed_once_and_another_guest_signs_again() {
    let (tree, play) = (asked(), Play::default());
    done(&tree, &play);
    let first = fs::read(tree.host_path(ANSWER)).unwrap();
    done(&tree, &play);
    assert_eq!(play.signatures(), 1);
    become_another(&tree);
    done(&tree, &play);
    assert_eq!(play.signatures(), 2);
    assert_ne!(fs::read(tree.host_path(ANSWER)).unwrap(), first);
}

#[test]
fn nobody_asked_is_no_signature_and_a_bad_request_is_told() {
    let (tree, play) = (guest(NETWORK), Play::default());
    assert_eq!(done(&tree, &play).attestation, Some(Attested::NotAsked));
    assert!(!tree.host_path(ANSWER).exists());
    for bad in ["", "{}", r#"{"version":9,"nonce":"a","golden":"b"}"#] {
        let tree = asked();
        fs::write(tree.host_path(REQUEST), bad).unwrap();
        let status = boot(&tree.root(), &play).unwrap();
        assert!(matches!(status.attestation, Some(Attested::Failed { .. })), "{bad:?}: {status:?}");
        assert!(!tree.host_path(ANSWER).exists());
    }
}
