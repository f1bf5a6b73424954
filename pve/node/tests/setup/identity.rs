//! What a new guest, a clone and a restored guest keep of where they come from.

use pve_node::setup::{NewGuest, Setup};

use crate::tree::Tree;

const FILES: &[(&str, &str)] = &[
    ("/etc/debian_version", "13.1\n"),
    ("/usr/lib/systemd/systemd", "#!"),
    ("/sbin/init", "-> /usr/lib/systemd/systemd"),
    ("/etc/machine-id", "0123456789abcdef\n"),
    ("/var/lib/dbus/machine-id", "0123456789abcdef\n"),
    ("/etc/passwd", "root:old:0:0:root:/root:/bin/bash\ndaemon:*:1:1::/:/bin/false\n"),
    ("/etc/shadow", "root:$6$x:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n"),
    ("/root/.bashrc", ""),
    ("/etc/crontab", "17 *\t* * *\troot\trun-parts\n"),
    ("/etc/cron.d/job", "99 1 * * * root x\n"),
    ("/etc/cron.d/job.dpkg-new", "99 1 * * * root x\n"),
    ("/etc/ssl/private/ssl-cert-snakeoil.key", "secret\n"),
    ("/etc/systemd/system/x", ""),
];

#[test]
fn a_new_guest_has_no_identity_of_the_templates() {
    let tree = Tree::new(FILES).with("features: nesting=1\n");
    let keys = NewGuest { password: Some("$5$SALT$PASS"), ssh_keys: Some("ssh-ed25519 AAAA me") };
    tree.setup(|setup| setup.after_create(keys)).unwrap();
    assert_eq!(tree.text("/etc/machine-id") + &tree.text("/var/lib/dbus/machine-id"), "");
    assert!(tree.text("/etc/shadow").starts_with("root:$5$SALT$PASS:2"), "the day of the change is today");
    assert!(tree.text("/etc/passwd").starts_with("root:x:0:0:root:/root:"));
    let authorized = "/root/.ssh/authorized_keys";
    assert_eq!(tree.text(authorized), "# --- BEGIN PVE ---\nssh-ed25519 AAAA me\n# --- END PVE ---\n");
    assert_eq!((tree.mode("/root/.ssh"), tree.mode(authorized)), (0o700, 0o700));
    assert!(!tree.text("/etc/cron.d/job").starts_with("99 "));
    assert!(tree.text("/etc/cron.d/job.dpkg-new").starts_with("99 "));
    assert_eq!(tree.text("/etc/ssl/private/ssl-cert-snakeoil.key"), "");
    let unit = "proxmox-regenerate-snakeoil.service";
    let wanted = tree.text(&format!("/etc/systemd/system/first-boot-complete.target.wants/{unit}"));
    assert_eq!(wanted, format!("-> /etc/systemd/system/{unit}"));
    assert_eq!(tree.said(), [format!("Setting up '{unit}' to regenerate snakeoil certificate..")]);
}

#[test]
fn without_a_password_root_is_locked() {
    let tree = Tree::new(FILES).with("features: nesting=1\n").created();
    assert!(tree.text("/etc/shadow").starts_with("root:*:2"));
    let only_passwd = Tree::new(&[FILES[0], FILES[5]]).with("").created();
    assert!(only_passwd.text("/etc/passwd").starts_with("root:*:0:0:"));
}

#[test]
fn a_clones_machine_id_sleeps() {
    let tree = Tree::new(FILES).with("features: nesting=1\n");
    tree.setup(Setup::after_clone).unwrap();
    assert_eq!((tree.text("/etc/machine-id").as_str(), tree.text("/var/lib/dbus/machine-id").as_str()), ("\n", ""));
    assert!(tree.text("/etc/shadow").starts_with("root:$6$x:19000:"));
    let first = Tree::new(&[FILES[0], FILES[1], ("/etc/machine-id", "uninitialized\n")]).with("");
    first.setup(Setup::after_clone).unwrap();
    assert_eq!(first.text("/etc/machine-id"), "uninitialized\n");
}

#[test]
fn a_restored_guest_stays_who_it_is() {
    let tree = Tree::new(FILES).with("hostname: web\n");
    tree.setup(Setup::after_restore).unwrap();
    assert_eq!(tree.text("/etc/machine-id"), "0123456789abcdef\n");
    assert_eq!(tree.text("/etc/hostname"), "");
    assert_eq!(tree.said(), Vec::<String>::new());
}

#[test]
fn a_missing_home_fails_the_create() {
    let tree = Tree::new(&[FILES[0], ("/etc/passwd", "root:x:0:0:root:/nowhere:/bin/sh\n")]).with("");
    let keys = NewGuest { password: None, ssh_keys: Some("ssh-ed25519 AAAA me") };
    let error = tree.setup(|setup| setup.after_create(keys)).unwrap_err();
    assert_eq!(error.to_string(), "error in setup task PVE::LXC::Setup::post_create_hook");
    assert_eq!(tree.said(), ["home directory '/nowhere' of root does not exist!"]);
}
