//! SSHFP records as OpenSSH's own program prints them.

use std::fs;
use std::process::Command;

use reset_agent::guest::ssh::host_key::PinnedKey;
use reset_agent::guest::ssh::sshfp::Records;

/// What `ssh-keygen -r` prints of a key by SHA-256.
fn printed(key: &std::path::Path) -> Vec<String> {
    let done = Command::new("ssh-keygen").args(["-r", "acme", "-f"]).arg(key).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let lines = String::from_utf8(done.stdout).unwrap();
    lines.lines().filter(|line| line.split(' ').nth(4) == Some("2")).map(str::to_owned).collect()
}

#[test]
fn records_are_those_that_ssh_keygen_prints_for_every_type() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let path = folder.path().join(kind);
        let made = Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-f"]).arg(&path).status().unwrap();
        assert!(made.success());
        let public = path.with_extension("pub");
        let pin = PinnedKey::of_line(&fs::read_to_string(&public).unwrap()).unwrap();
        let records = Records::of("acme".parse().unwrap(), &[pin], "mintmark:run=one".into());
        let ours: Vec<String> = records.lines().collect();
        let bare: Vec<&str> = ours.iter().map(|line| line.strip_suffix(" ; mintmark:run=one").unwrap()).collect();
        assert_eq!(bare, printed(&public), "{kind}");
        assert_eq!(bare.len(), 1, "{kind}");
    }
}
