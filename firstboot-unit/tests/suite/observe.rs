//! Observe on whole trees: values that can be compared, secrets that never show, and what could not be read.

use std::fs;

use crate::tree::{Keys, Tree};
use firstboot_unit::items::ssh_host_keys::host_keys;
use firstboot_unit::observe::observe;
use spec::identity::{Catalog, Observation, Seen};

fn of<'a>(observations: &'a [Observation], item: &str) -> Vec<&'a Observation> {
    observations.iter().filter(|observation| observation.item == item).collect()
}

#[test]
fn every_item_in_the_tree_is_looked_at_even_when_nothing_is_there() {
    let observations = observe(&Tree::build("dir 0755 /etc", &mut Keys::default()).root(), Catalog::builtin());
    for item in Catalog::builtin().looked_at() {
        let seen: Vec<_> = of(&observations, item.id).iter().map(|o| o.seen.clone()).collect();
        assert_eq!(seen, [Seen::Absent], "{}", item.id);
    }
}

#[test]
fn host_keys_are_known_by_the_fingerprints_that_openssh_prints() {
    let mut keys = Keys::default();
    let text = "file 0644 /etc/ssh/sshd_config HostKey /srv/custom\n
        key 0600 /etc/ssh/ssh_host_ed25519_key ed25519\npub 0644 /etc/ssh/ssh_host_ed25519_key.pub ed25519
        key 0600 /srv/custom ecdsa\npub 0644 /etc/ssh/ssh_host_rsa_key.pub ed25519 orphan
        file 0600 /etc/ssh/ssh_host_dsa_key broken";
    let tree = Tree::build(text, &mut keys);
    let observations = observe(&tree.root(), Catalog::builtin());
    let seen: Vec<_> =
        of(&observations, "ssh-host-keys").iter().map(|o| (o.place.as_str(), o.seen.in_words())).collect();
    let printed = |path: &str| {
        let output = std::process::Command::new("ssh-keygen").arg("-lf").arg(tree.host_path(path)).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(
        seen,
        [
            ("/etc/ssh/ssh_host_dsa_key", "malformed: it is not a private key".into()),
            (
                "/etc/ssh/ssh_host_ed25519_key",
                format!("SSH host key (ssh-ed25519) {}", printed("/etc/ssh/ssh_host_ed25519_key"))
            ),
            (
                "/etc/ssh/ssh_host_rsa_key.pub",
                format!("SSH host key (ssh-ed25519) {}", printed("/etc/ssh/ssh_host_rsa_key.pub"))
            ),
            ("/srv/custom", format!("SSH host key (ecdsa-sha2-nistp256) {}", printed("/srv/custom"))),
        ]
    );
    let published: Vec<_> = host_keys(&tree.root()).unwrap().into_iter().map(|key| key.public).collect();
    let line = fs::read_to_string(tree.host_path("/etc/ssh/ssh_host_ed25519_key.pub")).unwrap();
    assert!(line.starts_with(&published[0]), "{published:?}");
    assert_eq!(published.len(), 2);
}

#[test]
fn no_secret_of_a_tree_appears_in_what_was_observed() {
    let text = "key 0600 /etc/ssh/ssh_host_ed25519_key ed25519
        file 0640 /etc/shadow root:$6$CANARY$CANARY:1::::::\\n
        file 0600 /etc/docker/key.json {\"d\":\"CANARY\",\"kid\":\"A:B\"}
        file 0400 /var/lib/systemd/credential.secret CANARY
        file 0600 /root/.bash_history CANARY
        file 0600 /etc/ssl/private/ssl-cert-snakeoil.key CANARY";
    let mut keys = Keys::default();
    let tree = Tree::build(text, &mut keys);
    let json =
        serde_json::to_string(&(observe(&tree.root(), Catalog::builtin()), host_keys(&tree.root()).unwrap())).unwrap();
    let (private, _) = keys.get("ed25519");
    let private = String::from_utf8(private).unwrap();
    assert!(json.contains("SHA256:") && !json.contains("CANARY"));
    for line in private.lines().filter(|line| line.len() > 40).skip(1) {
        assert!(!json.contains(line));
    }
}

#[test]
fn what_cannot_be_read_is_said_to_be_so_and_nothing_else_suffers() {
    let text = "link /etc/hostname -> /etc/hostname\nlink /etc/ssh -> /etc/ssh\ndir 0755 /etc/docker/key.json
        file 0444 /etc/machine-id 0123456789abcdef0123456789abcdef\\n";
    let observations = observe(&Tree::build(text, &mut Keys::default()).root(), Catalog::builtin());
    for item in ["hostname", "hosts-residue", "ssh-host-keys"] {
        assert!(matches!(of(&observations, item)[0].seen, Seen::Unreadable { .. }), "{item}");
    }
    assert!(of(&observations, "machine-id")[0].seen.identity().is_some());
    assert_eq!(of(&observations, "docker-engine-id")[0].seen.in_words(), "a directory, 0 bytes");
}

#[test]
fn a_tree_with_empty_directories_only_is_empty_and_not_absent() {
    let tree = Tree::build("dir 0755 /var/log/apt\ndir 0755 /var/crash", &mut Keys::default());
    let observations = observe(&tree.root(), Catalog::builtin());
    assert_eq!(of(&observations, "logs")[0].seen, Seen::Empty);
    assert_eq!(of(&observations, "crash-dumps")[0].seen, Seen::Absent);
}
