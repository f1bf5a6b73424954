//! What keeps a guest from coming up, each by itself; and what looks like it and does not.

use image_builder::first_boot::Question;
use spec::identity::Verdict;
use spec::release::{Answer, FirstBoot, MachineIdFound};

use crate::tree::{Tree, bringers};

/// A server that is started, with the baked unit.
fn sound() -> Tree {
    bare().baked()
}

fn bare() -> Tree {
    Tree::systemd("ID=debian\nVERSION_ID=\"13\"\n", 257)
        .unit(
            "ssh.service",
            "[Unit]\nConditionPathExists=!/etc/ssh/sshd_not_to_be_run\n[Service]\nExecStart=/usr/sbin/sshd -D\n\
             [Install]\nWantedBy=multi-user.target\n",
        )
        .enabled("multi-user.target", "ssh.service")
}

fn told(tree: &Tree) -> FirstBoot {
    tree.told(Question::default())
}

#[test]
fn s4_12_each_thing_that_keeps_ssh_down_is_named() {
    assert_eq!(told(&sound()).verdict, Verdict::Pass);
    let cases: [(Tree, &str); 7] = [
        (sound().link("/etc/systemd/system/ssh.service", "/dev/null"), "ssh.service is masked"),
        (sound().with("/etc/systemd/system/ssh.service", ""), "ssh.service is masked"),
        (sound().without("/etc/systemd/system/multi-user.target.wants/ssh.service"), "nothing pulls ssh.service in"),
        (sound().with("/etc/ssh/sshd_not_to_be_run", ""), "ConditionPathExists=!/etc/ssh/sshd_not_to_be_run"),
        (sound().with("/etc/mintmark/firstboot.disabled", ""), "/etc/mintmark/firstboot.disabled"),
        (sound().without("/usr/bin/ssh-keygen"), "ssh-keygen is not installed"),
        (sound().link("/etc/systemd/system/mintmark-firstboot.service", "/dev/null"), "no unit of the boot makes it"),
    ];
    for (tree, why) in cases {
        let told = told(&tree);
        assert_eq!((told.ssh.comes_up, told.verdict), (Answer::No, Verdict::Fail), "{why}");
        assert!(told.reasons.join("\n").contains(why), "{why} is not in {:?}", told.reasons);
    }
}

#[test]
fn a_maker_that_nothing_orders_before_the_server_is_no_proof() {
    let maker = "[Service]\nType=oneshot\nExecStart=/usr/bin/ssh-keygen -A\n[Install]\nWantedBy=multi-user.target\n";
    let race = bare().unit("keys.service", maker).enabled("multi-user.target", "keys.service");
    assert_eq!(told(&race).verdict, Verdict::Unverified);
    let ordered = race.with("/etc/systemd/system/ssh.service.d/order.conf", "[Unit]\nAfter=keys.service\n");
    assert_eq!((told(&ordered).verdict, bringers(&told(&ordered))), (Verdict::Pass, vec!["keys.service"]));
}

#[test]
fn a_script_of_ones_own_before_ssh_is_not_judged() {
    let own = "[Unit]\nBefore=ssh.service\n[Service]\nType=oneshot\nExecStart=/opt/regenerate\n";
    let tree = bare().unit("own.service", own).enabled("multi-user.target", "own.service");
    assert_eq!(told(&tree).verdict, Verdict::Unverified);
    assert!(told(&tree).reasons[0].contains("its program was not run"));
}

#[test]
fn an_empty_condition_in_a_drop_in_clears_all_of_them() {
    let gated = "[Unit]\nConditionFirstBoot=yes\nBefore=ssh.service\n[Service]\nExecStart=ssh-keygen -A\n";
    let tree = bare().unit("keys.service", gated).enabled("ssh.service", "keys.service");
    assert_eq!(told(&tree).verdict, Verdict::Fail);
    let cleared = tree.with("/etc/systemd/system/keys.service.d/always.conf", "[Unit]\nConditionPathExists=\n");
    assert_eq!(told(&cleared).verdict, Verdict::Pass);
}

#[test]
fn a_first_boot_that_asks_on_the_console_is_refused() {
    let tree = sound().without("/etc/localtime");
    assert_eq!(told(&tree).verdict, Verdict::Pass, "an empty id is no first boot: nobody asks");
    let asked = tree.told_with(MachineIdFound::Uninitialized);
    assert_eq!(
        (asked.verdict, &asked.prompts[..]),
        (Verdict::Fail, &["timezone: /etc/localtime is missing".to_owned()][..])
    );
    assert_eq!(asked.ssh.comes_up, Answer::No, "sshd comes after the wizard");
    let masked = tree.link("/etc/systemd/system/systemd-firstboot.service", "/dev/null");
    assert_eq!(masked.told_with(MachineIdFound::Uninitialized).verdict, Verdict::Pass);
}

#[test]
fn whoever_gives_no_access_or_brings_the_keys_from_the_node_is_not_refused() {
    let tree = bare();
    assert_eq!(told(&tree).verdict, Verdict::Fail);
    assert_eq!(tree.told(Question { without_ssh: true, ..Question::default() }).verdict, Verdict::Pass);
    // A tree cannot show that the node brings the keys.
    assert_eq!(tree.told(Question { keys_from_node: true, ..Question::default() }).verdict, Verdict::Unverified);
}

#[test]
fn leftovers_of_package_builds_are_told() {
    let tree = sound()
        .with("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")
        .with("/var/lib/dpkg/diversions", "/sbin/initctl\n/sbin/initctl.distrib\n:\n");
    assert_eq!(told(&tree).leftovers.len(), 2);
    assert_eq!(told(&sound()).leftovers, Vec::<String>::new());
}
