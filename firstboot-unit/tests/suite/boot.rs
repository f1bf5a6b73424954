//! A boot on whole trees, with ssh-keygen played by the test: what is renewed, what stays, what is recorded.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use crate::tree::{Keys, Tree};
use firstboot_unit::boot::{
    BootState, BootStatus, GuestPrograms, KeyRequest, NewKey, ProgramError, ProgramRun, boot, read_status,
};

pub(crate) const OWN: &str = "0123456789abcdef0123456789abcdef";

/// Makes small keys under the name of what was asked for; says what was asked.
#[derive(Default)]
pub(crate) struct Play {
    keys: RefCell<Keys>,
    made: RefCell<Vec<String>>,
    broken: bool,
    /// What a program of the guest does; without, none can be started.
    runs: Option<Box<Runs>>,
    /// Where the row of random bytes has got to.
    drawn: RefCell<u64>,
}

impl Play {
    /// One whose guest has a program that does this.
    pub(crate) fn running(runs: impl Fn(&ProgramRun) -> Result<(), ProgramError> + 'static) -> Self {
        Self { runs: Some(Box::new(runs)), ..Self::default() }
    }

    /// How often something was signed.
    pub(crate) fn signatures(&self) -> usize {
        self.made.borrow().iter().filter(|line| line.starts_with("sign attestation@mintmark with /etc/ssh/")).count()
    }
}

type Runs = dyn Fn(&ProgramRun) -> Result<(), ProgramError>;

impl GuestPrograms for Play {
    fn make_keys(&self, requests: &[KeyRequest]) -> Result<Vec<NewKey>, ProgramError> {
        let mut made = self.made.borrow_mut();
        let keys = requests.iter().map(|request| {
            made.push(format!("{} {}", request.algorithm, request.comment));
            let (private, public) = self.keys.borrow_mut().get(&format!("ed25519 {}", made.len()));
            NewKey { private: if self.broken { b"cut".to_vec() } else { private }, public }
        });
        Ok(keys.collect())
    }

    fn make_snakeoil(&self) -> Result<(), ProgramError> {
        self.made.borrow_mut().push("snakeoil".into());
        Ok(())
    }

    fn sign(&self, key: &Path, namespace: &str, message: &[u8]) -> Result<String, ProgramError> {
        self.made.borrow_mut().push(format!("sign {namespace} with {}", key.display()));
        Ok(format!("signature of {} bytes", message.len()))
    }

    fn run(&self, run: &ProgramRun) -> Result<(), ProgramError> {
        self.made.borrow_mut().push(format!("{} {} as {:?}", run.program, run.arguments.join(" "), run.user.is_some()));
        match &self.runs {
            Some(runs) => runs(run),
            None => {
                Err(ProgramError::Start { program: run.program.clone(), source: std::io::ErrorKind::NotFound.into() })
            }
        }
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), ProgramError> {
        let mut seed = self.drawn.borrow_mut();
        for byte in bytes {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = seed.to_le_bytes()[7];
        }
        Ok(())
    }
}

/// A guest from a golden, as it is before its first boot.
pub(crate) fn guest(more: &str) -> Tree {
    let text = format!(
        "file 0444 /etc/machine-id {OWN}\\n\nfile 0644 /etc/hostname acme\\n\nfile 0755 /usr/sbin/sshd x\n\
         dir 0755 /etc/ssh\ndir 0755 /var/lib\n{more}"
    );
    Tree::build(&text, &mut Keys::default())
}

pub(crate) fn become_another(tree: &Tree) {
    fs::write(tree.host_path("/etc/machine-id"), OWN.replace('f', "e")).unwrap();
}

fn keys_of(tree: &Tree) -> Vec<String> {
    tree.snapshot().into_iter().filter(|line| line.starts_with("root/etc/ssh/ssh_host_")).collect()
}

#[track_caller]
pub(crate) fn done(tree: &Tree, play: &Play) -> BootStatus {
    let status = boot(&tree.root(), play).unwrap();
    assert_eq!(status.status, BootState::Done, "{}", status.why);
    assert_eq!(read_status(&tree.root()).unwrap(), Some(status.clone()), "the record is what was done");
    status
}

#[test]
fn s4_25_a_new_guest_gets_keys_once() {
    let (tree, play) = (guest(""), Play::default());
    let status = done(&tree, &play);
    assert_eq!(status.renewed.len(), 3);
    assert_eq!(*play.made.borrow(), ["rsa root@acme", "ecdsa root@acme", "ed25519 root@acme"]);
    let keys = keys_of(&tree);
    assert_eq!(keys.len(), 6);
    assert!(keys.iter().all(|line| line.contains("_key 0600") || line.contains(".pub 0644")), "{keys:?}");
    let again = done(&tree, &play);
    assert_eq!((again.renewed.len(), keys_of(&tree)), (0, keys));
    assert_eq!(again.fingerprints, status.fingerprints);
}

#[test]
fn a_clone_gets_new_keys_and_loses_what_it_copied() {
    let more = "file 0755 /usr/sbin/make-ssl-cert x\nfile 0600 /var/lib/docker/engine-id 1-2\n\
        file 0400 /var/lib/systemd/credential.secret x\nfile 0644 /etc/credstore.encrypted/app sealed";
    let (tree, play) = (guest(more), Play::default());
    done(&tree, &play);
    let before = keys_of(&tree);
    fs::write(tree.host_path("/etc/ssh/ssh_host_dsa_key"), "old").unwrap();
    fs::write(tree.host_path("/etc/ssh/ssh_host_rsa_key-cert.pub"), "old").unwrap();
    become_another(&tree);
    let status = done(&tree, &play);
    let after = keys_of(&tree);
    assert_eq!(after.len(), 6);
    assert!(before.iter().all(|line| !after.contains(line)), "no key of the other guest is left");
    assert!(status.renewed.contains(&"docker-engine-id".into()) && status.renewed.contains(&"snakeoil-key".into()));
    assert!(!tree.host_path("/var/lib/docker/engine-id").exists());
    assert!(tree.host_path("/var/lib/systemd/credential.secret").exists(), "it seals /etc/credstore.encrypted");
    fs::create_dir_all(tree.host_path("/etc/ssl/private")).unwrap();
    fs::write(tree.host_path("/etc/ssl/private/ssl-cert-snakeoil.key"), "what make-ssl-cert made").unwrap();
    assert_eq!(done(&tree, &play).renewed, [""; 0]);
}

#[test]
fn a_recovered_guest_keeps_its_keys() {
    let (tree, play) = (guest(""), Play::default());
    done(&tree, &play);
    let keys = keys_of(&tree);
    fs::remove_file(tree.host_path("/var/lib/mintmark/firstboot.json")).unwrap();
    assert_eq!(done(&tree, &play).renewed.len(), 0, "keys without a marker are adopted");
    assert_eq!(keys_of(&tree), keys);
    become_another(&tree);
    assert_eq!(done(&tree, &play).renewed.len(), 3, "and from then on the guest is known");
}

#[test]
fn only_broken_keys_of_a_known_guest_are_renewed() {
    let (tree, play) = (guest(""), Play::default());
    done(&tree, &play);
    fs::write(tree.host_path("/etc/ssh/ssh_host_ecdsa_key"), "").unwrap();
    fs::remove_file(tree.host_path("/etc/ssh/ssh_host_rsa_key.pub")).unwrap();
    let status = done(&tree, &play);
    assert_eq!(status.renewed, ["/etc/ssh/ssh_host_ecdsa_key"]);
    assert!(tree.host_path("/etc/ssh/ssh_host_rsa_key.pub").exists(), "a lost public half is written again");
}

#[test]
fn configured_places_get_their_keys() {
    let more = "file 0644 /etc/ssh/sshd_config HostKey /srv/keys/ecdsa\\nHostKey /srv/keys/host\\n\ndir 0755 /srv";
    let (tree, play) = (guest(more), Play::default());
    assert_eq!(done(&tree, &play).renewed, ["/srv/keys/ecdsa", "/srv/keys/host"]);
    assert_eq!(*play.made.borrow(), ["ecdsa root@acme", "ed25519 root@acme"]);
    assert_eq!(keys_of(&tree), [""; 0]);
}

#[test]
fn a_guest_without_sshd_needs_no_keys() {
    let (tree, play) = (guest(""), Play::default());
    fs::remove_file(tree.host_path("/usr/sbin/sshd")).unwrap();
    assert_eq!(done(&tree, &play).renewed, [""; 0]);
}

#[test]
fn failures_are_recorded_and_the_next_boot_starts_again() {
    let (tree, broken) = (guest(""), Play { broken: true, ..Play::default() });
    let status = boot(&tree.root(), &broken).unwrap();
    assert_eq!(status.status, BootState::Error);
    assert!(
        status.why.contains("ssh-keygen made no usable key") && status.why.contains("not a private key"),
        "{}",
        status.why
    );
    assert_eq!(keys_of(&tree), [""; 0], "nothing half-made is installed");
    assert!(!tree.host_path("/var/lib/mintmark/firstboot.json").exists(), "the marker comes last");
    assert_eq!(done(&tree, &Play::default()).renewed.len(), 3);
}

#[test]
fn without_a_machine_id_nothing_is_made() {
    for id in ["", "uninitialized\n", "0".repeat(32).as_str()] {
        let (tree, play) = (guest(""), Play::default());
        fs::write(tree.host_path("/etc/machine-id"), id).unwrap();
        let status = boot(&tree.root(), &play).unwrap();
        assert_eq!(status.status, BootState::Error, "{id:?}");
        assert!(status.why.contains("/etc/machine-id") && keys_of(&tree).is_empty(), "{}", status.why);
    }
}

#[test]
fn a_switched_off_unit_says_so() {
    let (tree, play) = (guest("file 0644 /etc/mintmark/firstboot.disabled"), Play::default());
    assert_eq!(boot(&tree.root(), &play).unwrap().status, BootState::Disabled);
    assert_eq!(keys_of(&tree), [""; 0]);
}
