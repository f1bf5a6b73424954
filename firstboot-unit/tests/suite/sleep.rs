//! Single items of a guest made anew.

use std::fs;

use crate::boot::{Play, done, guest};
use crate::tree::Tree;
use firstboot_unit::bake::{BakeOptions, bake};
use firstboot_unit::boot::renew;
use firstboot_unit::root::Root;
use firstboot_unit::sleep::{RenewalState, SleepError, Waking, put_to_sleep};

const ITEMS: &str = "dir 0755 /usr/lib/systemd/system\nfile 0600 /etc/munge/munge.key\n\
    file 0600 /var/lib/systemd/random-seed old\n";

fn names(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// A guest that has booted once, with the unit baked in.
fn living(play: &Play) -> (Tree, Root) {
    let tree = guest(ITEMS);
    let root = tree.root();
    bake(&root, &BakeOptions { program: &program() }).unwrap();
    done(&tree, play);
    (tree, root)
}

/// The head of a static program: what `bake` looks at.
fn program() -> Vec<u8> {
    let mut elf = vec![0; 64];
    elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
    elf[18] = 0x3e;
    elf[54] = 56;
    elf
}

fn munge(tree: &Tree) -> Vec<u8> {
    fs::read(tree.host_path("/etc/munge/munge.key")).unwrap()
}

fn host_key(tree: &Tree) -> Vec<u8> {
    fs::read(tree.host_path("/etc/ssh/ssh_host_ed25519_key")).unwrap()
}

#[test]
fn a_stopped_guests_items_sleep_until_its_next_start() {
    let play = Play::default();
    let (tree, root) = living(&play);
    let (old_munge, old_key) = (munge(&tree), host_key(&tree));
    let asked = names(&["munge-key", "ssh-host-keys", "random-seed", "erlang-cookie"]);
    let slept = put_to_sleep(&root, &asked, Waking::AtStart).unwrap();
    let states: Vec<_> = slept.iter().map(|renewal| renewal.state.clone()).collect();
    let (asleep, absent) = (RenewalState::Asleep, RenewalState::Absent);
    assert_eq!(states, [asleep.clone(), asleep.clone(), asleep, absent]);
    assert!(munge(&tree).is_empty() && !tree.host_path("/etc/ssh/ssh_host_ed25519_key").exists());
    assert!(!tree.host_path("/var/lib/systemd/random-seed").exists());
    done(&tree, &play);
    assert!(munge(&tree).len() == old_munge.len() && munge(&tree) != old_munge);
    assert_ne!(host_key(&tree), old_key);
    let settled = (munge(&tree), host_key(&tree));
    done(&tree, &play);
    assert_eq!((munge(&tree), host_key(&tree)), settled, "it is made once");
}

#[test]
fn a_running_guests_items_are_new_at_once() {
    let play = Play::default();
    let (tree, root) = living(&play);
    let old = (munge(&tree), host_key(&tree));
    let renewed = renew(&root, &play, &names(&["ssh-host-keys", "munge-key"])).unwrap();
    assert!(renewed.iter().all(|renewal| renewal.state == RenewalState::New), "{renewed:?}");
    assert!(munge(&tree) != old.0 && host_key(&tree) != old.1);
}

#[test]
fn what_nobody_would_make_again_is_refused_and_nothing_is_touched() {
    let play = Play::default();
    let (tree, root) = living(&play);
    let before = (munge(&tree), host_key(&tree));
    for (item, waking) in [
        ("no-such-item", Waking::AtStart),
        ("firstboot-record", Waking::AtStart),
        ("random-seed", Waking::Now),
        ("machine-id", Waking::Now),
        ("../etc/shadow", Waking::AtStart),
    ] {
        let refused = put_to_sleep(&root, &names(&["munge-key", item]), waking).unwrap_err();
        let named = matches!(refused, SleepError::Unknown { .. } | SleepError::NotRenewable { .. });
        assert!(named && refused.to_string().contains(item), "{item}: {refused}");
        assert_eq!((munge(&tree), host_key(&tree)), before, "{item}");
    }
    fs::remove_file(tree.host_path("/usr/lib/mintmark/firstboot")).unwrap();
    let refused = put_to_sleep(&root, &names(&["ssh-host-keys"]), Waking::AtStart).unwrap_err();
    assert!(matches!(refused, SleepError::NoUnit { .. }), "{refused}");
    assert_eq!(host_key(&tree), before.1);
}
