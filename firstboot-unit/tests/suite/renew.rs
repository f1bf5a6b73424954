//! What sleeps in a golden and is made anew in a guest: once, for a new guest or a clone, and never for a known one.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::boot::{OWN, Play, become_another, done, guest};
use crate::tree::{Keys, Tree};
use firstboot_unit::boot::{BootState, ProgramError, ProgramRun, boot};
use firstboot_unit::strip::{StripOptions, strip};
use spec::identity::Catalog;
use spec::identity::reading::postgres::{Control, sample};

/// What sleeps as empty files, with the modes that their packages give them.
const SLEEPING: &str = "file 0600 /etc/munge/munge.key\nfile 0640 /etc/bind/rndc.key\n\
    file 0600 /etc/iscsi/initiatorname.iscsi\nfile 0644 /etc/nvme/hostnqn\nfile 0644 /etc/nvme/hostid\n\
    file 0400 /var/lib/rabbitmq/.erlang.cookie\nfile 0644 /etc/mailname\n\
    file 0644 /etc/popularity-contest.conf DAY=\"0\"\\n\n";
const PG: &str = "/var/lib/postgresql/17/main";

fn text(tree: &Tree, path: &str) -> String {
    String::from_utf8_lossy(&fs::read(tree.host_path(path)).unwrap()).into_owned()
}

fn contents(tree: &Tree) -> Vec<(String, String)> {
    let paths = SLEEPING.lines().filter_map(|line| line.split_whitespace().nth(2));
    paths.map(|path| (path.to_owned(), text(tree, path))).collect()
}

#[test]
fn empty_files_are_filled_for_a_new_guest_and_keep_their_modes() {
    let (tree, play) = (guest(SLEEPING), Play::default());
    let status = done(&tree, &play);
    for item in ["munge-key", "erlang-cookie", "iscsi-initiator-name", "popularity-contest-id", "mail-name"] {
        assert!(status.renewed.contains(&item.to_owned()), "{item}: {:?}", status.renewed);
    }
    assert_eq!(
        (text(&tree, "/etc/mailname").as_str(), fs::read(tree.host_path("/etc/munge/munge.key")).unwrap().len()),
        ("acme\n", 128)
    );
    assert!(text(&tree, "/etc/nvme/hostnqn").ends_with(&text(&tree, "/etc/nvme/hostid")), "one host, one id");
    assert!(text(&tree, "/etc/popularity-contest.conf").starts_with("DAY=\"0\"\nMY_HOSTID=\""));
    for line in SLEEPING.lines() {
        let mut words = line.split_whitespace().skip(1);
        let (mode, path) = (words.next().unwrap(), words.next().unwrap());
        let now = fs::metadata(tree.host_path(path)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(format!("{now:04o}"), mode, "{path}");
    }
    let before = contents(&tree);
    assert_eq!(done(&tree, &play).renewed, [""; 0]);
    assert_eq!(contents(&tree), before, "a known guest keeps them");
}

#[test]
fn a_known_guest_keeps_what_its_owner_emptied() {
    let (tree, play) = (guest(SLEEPING), Play::default());
    done(&tree, &play);
    fs::write(tree.host_path("/etc/munge/munge.key"), "").unwrap();
    assert_eq!(done(&tree, &play).renewed, [""; 0]);
    assert_eq!(text(&tree, "/etc/munge/munge.key"), "");
}

#[test]
fn a_clone_gets_others() {
    let (tree, play) = (guest(SLEEPING), Play::default());
    done(&tree, &play);
    let before = contents(&tree);
    become_another(&tree);
    let status = done(&tree, &play);
    for ((path, old), (_, new)) in before.iter().zip(contents(&tree)) {
        // The name is the same guest's; popularity-contest counts a clone as its original.
        let same = ["/etc/mailname", "/etc/popularity-contest.conf"].contains(&path.as_str());
        assert_eq!(*old == new, same, "{path}");
    }
    let times = status.renewed.iter().filter(|item| *item == "munge-key").count();
    assert_eq!(times, 1, "{:?}", status.renewed);
}

#[test]
fn a_program_that_makes_nothing_is_named_and_tried_again() {
    let more = format!("{SLEEPING}file 0755 /usr/bin/cf-key x\ndir 0755 /var/lib/cfengine3/ppkeys");
    let tree = guest(&more);
    let status = boot(&tree.root(), &Play::default()).unwrap();
    assert_eq!(status.status, BootState::Error);
    assert!(status.why.contains("cfengine-key") && status.why.contains("/usr/bin/cf-key"), "{}", status.why);
    assert!(status.renewed.contains(&"munge-key".into()), "the others are made all the same: {:?}", status.renewed);
    assert!(!status.fingerprints.is_empty());
    let key = tree.host_path("/var/lib/cfengine3/ppkeys/localhost.priv");
    let runs = move |_: &ProgramRun| {
        fs::write(&key, "key").unwrap();
        Ok(())
    };
    let works = Play::running(runs);
    assert_eq!(done(&tree, &works).renewed, ["cfengine-key"], "only what was pending");
    assert_eq!(done(&tree, &works).renewed, [""; 0]);
}

/// A guest with a PostgreSQL cluster in this state, stripped.
fn with_cluster(state: u32) -> (Tree, Result<(), String>) {
    let tree = guest(&format!(
        "dir 0700 {PG}/global\ndir 0700 {PG}/pg_wal/archive_status\nfile 0600 {PG}/pg_wal/000000010000000000000001 wal\n\
         file 0600 {PG}/PG_VERSION 17\\n\nfile 0600 {PG}/base/5/16384 a customer's table\n\
         file 0755 /usr/lib/postgresql/17/bin/pg_resetwal x"
    ));
    fs::write(tree.host_path(&format!("{PG}/global/pg_control")), sample(77, state)).unwrap();
    let stripped = strip(&tree.root(), Catalog::builtin(), &StripOptions::default());
    (tree, stripped.map(drop).map_err(|error| format!("{:?}", anyhow(&error))))
}

fn anyhow(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}

fn control(tree: &Tree) -> Control {
    Control::read(&fs::read(tree.host_path(&format!("{PG}/global/pg_control"))).unwrap()).unwrap()
}

#[test]
fn a_cluster_sleeps_in_the_golden_and_wakes_with_its_databases() {
    let (tree, stripped) = with_cluster(1);
    assert_eq!((stripped, control(&tree).identifier()), (Ok(()), None));
    assert!(!tree.host_path(&format!("{PG}/pg_wal/000000010000000000000001")).exists());
    fs::write(tree.host_path("/etc/machine-id"), OWN).unwrap();
    let refuses = Play::default();
    let status = boot(&tree.root(), &refuses).unwrap();
    assert!(status.status == BootState::Error && status.why.contains("postgresql-cluster"), "{}", status.why);
    assert_eq!(control(&tree).identifier(), None, "what could not be woken sleeps on");
    let wal = tree.host_path(&format!("{PG}/pg_wal/000000010000000000000002"));
    let runs = move |run: &ProgramRun| -> Result<(), ProgramError> {
        assert_eq!(
            (run.program.as_str(), run.arguments.join(" ")),
            ("/usr/lib/postgresql/17/bin/pg_resetwal", format!("-D {PG}"))
        );
        fs::write(&wal, "new").unwrap();
        Ok(())
    };
    let play = Play::running(runs);
    assert_eq!(done(&tree, &play).renewed, ["postgresql-cluster"]);
    let identifier = control(&tree).identifier();
    assert!(identifier.is_some() && identifier != Some(77));
    assert_eq!(text(&tree, &format!("{PG}/base/5/16384")), "a customer's table");
    assert_eq!((done(&tree, &play).renewed, control(&tree).identifier()), (Vec::new(), identifier));
}

#[test]
fn a_cluster_that_needs_its_wal_is_never_put_to_sleep() {
    let (tree, stripped) = with_cluster(6);
    let why = stripped.unwrap_err();
    assert!(why.contains("postgresql-cluster") && why.contains("not shut down in order"), "{why}");
    assert_eq!(control(&tree).identifier(), Some(77));
    assert!(tree.host_path(&format!("{PG}/pg_wal/000000010000000000000001")).exists());
}

#[test]
fn a_mail_server_forgets_the_build_guests_name() {
    let text_before = "file 0644 /etc/hostname golden\\n\n\
        file 0644 /etc/postfix/main.cf myhostname = golden\\nmydestination = $myhostname, golden, localhost\\n";
    let tree = Tree::build(text_before, &mut Keys::default());
    strip(&tree.root(), Catalog::builtin(), &StripOptions::default()).unwrap();
    assert_eq!(text(&tree, "/etc/postfix/main.cf"), "mydestination = $myhostname, , localhost\n");
}
