//! Debian and Ubuntu: keys at installation only (Debian 12, Ubuntu 24.04), or by a unit that waits for a first boot
//! (Debian 13, Ubuntu 25.10); a service or a socket.

use image_builder::first_boot::Question;
use spec::identity::Verdict;
use spec::release::{Answer, MachineIdFound, PresetMode};

use crate::tree::{Tree, bringers, fires};

const STATES: [MachineIdFound; 3] = [MachineIdFound::Empty, MachineIdFound::Absent, MachineIdFound::Uninitialized];

fn debian(version: u32, systemd: u32) -> Tree {
    Tree::systemd(&format!("ID=debian\nVERSION_ID=\"{version}\"\n"), systemd)
        .unit(
            "ssh.service",
            "[Unit]\nAfter=network.target\nConditionPathExists=!/etc/ssh/sshd_not_to_be_run\n[Service]\nType=notify\n\
             ExecStartPre=/usr/sbin/sshd -t\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n\
             [Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n",
        )
        .unit(
            "ssh.socket",
            "[Unit]\nBefore=sockets.target\n[Socket]\nListenStream=22\nAccept=no\n[Install]\nWantedBy=sockets.target\n",
        )
        .link("/etc/systemd/system/sshd.service", "/usr/lib/systemd/system/ssh.service")
        .with(
            "/usr/lib/systemd/system-preset/90-systemd.preset",
            "enable remote-fs.target\ndisable console-getty.service\n",
        )
}

/// The unit that waits for a first boot.
fn with_key_unit(tree: Tree) -> Tree {
    tree.unit(
        "sshd-keygen.service",
        "[Unit]\nConditionFirstBoot=yes\nConditionPathIsReadWrite=/etc/ssh\nConditionPathIsSymbolicLink=!/etc/ssh\n\
         Before=ssh.service sshd.service sshd@.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=ssh-keygen -A\n\
         [Install]\nWantedBy=ssh.service sshd.service sshd@.service ssh.socket\n",
    )
    .with("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n")
    .enabled("ssh.service", "sshd-keygen.service")
    .enabled("ssh.socket", "sshd-keygen.service")
}

#[test]
fn s4_12_debian_13_heals_only_in_a_first_boot_and_in_every_state_with_the_baked_unit() {
    for baked in [false, true] {
        for state in STATES {
            let tree = with_key_unit(debian(13, 257)).enabled("multi-user.target", "ssh.service");
            let tree = if baked { tree.baked() } else { tree };
            let told = tree.told_with(state);
            let first = state != MachineIdFound::Empty;
            let case = format!("{state:?}, baked {baked}: {:?}", told.reasons);
            assert_eq!(told.first_boot == Answer::Yes, first, "{case}");
            assert_eq!(fires(&told, "sshd-keygen.service") == Answer::Yes, first, "{case}");
            assert_eq!(told.ssh.comes_up == Answer::Yes, first || baked, "{case}");
            assert_eq!(told.verdict, if first || baked { Verdict::Pass } else { Verdict::Fail }, "{case}");
            assert!(!baked || bringers(&told) == ["mintmark-firstboot.service"], "{case}");
        }
    }
}

#[test]
fn s4_12_a_refusal_names_the_unit_that_waits_and_both_ways_out() {
    let told = with_key_unit(debian(13, 257)).enabled("multi-user.target", "ssh.service").told(Question::default());
    let reason = told.reasons.join("\n");
    for word in ["sshd-keygen.service", "ConditionFirstBoot=yes", "baked-unit", "machine_id = \"uninitialized\""] {
        assert!(reason.contains(word), "{word} is not in {reason}");
    }
}

#[test]
fn debian_12_has_nobody_who_makes_keys_in_any_state() {
    for state in STATES {
        let tree = debian(12, 252).enabled("multi-user.target", "ssh.service");
        let told = tree.told_with(state);
        assert_eq!((bringers(&told), told.verdict), (vec!["nobody"], Verdict::Fail), "{state:?}");
        assert!(!told.reasons.join("").contains("uninitialized"), "a first boot would not help: {:?}", told.reasons);
        assert_eq!(tree.baked().told_with(state).verdict, Verdict::Pass, "{state:?}");
    }
}

#[test]
fn debians_first_boot_enables_whatever_no_rule_names() {
    let tree = debian(13, 257).enabled("multi-user.target", "ssh.service").baked();
    let told = tree.told_with(MachineIdFound::Absent);
    assert_eq!((told.presets.mode, told.presets.applied), (PresetMode::EnableOnly, Answer::Yes));
    let flips: Vec<(&str, bool)> =
        told.presets.flips.iter().map(|flip| (flip.unit.as_str(), flip.pulled_in_anyway)).collect();
    assert_eq!(flips, [("mintmark-firstboot.service", true), ("ssh.socket", false)]);
    assert_eq!(told.ssh.units, ["ssh.service", "ssh.socket"]);
    assert_eq!(tree.told_with(MachineIdFound::Empty).ssh.units, ["ssh.service"]);
}

#[test]
fn ubuntu_is_started_by_its_socket_and_the_keys_are_there_before_it() {
    let ubuntu = |tree: Tree| {
        tree.with("/etc/os-release", "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n")
            .enabled("sockets.target", "ssh.socket")
    };
    let told = ubuntu(debian(0, 255)).told(Question::default());
    assert_eq!((told.ssh.units.as_slice(), told.verdict), (&["ssh.socket".to_owned()][..], Verdict::Fail));
    assert_eq!(ubuntu(debian(0, 255)).baked().told(Question::default()).verdict, Verdict::Pass);
    // 25.10 has the unit that waits for a first boot, wanted by the socket.
    let newer = ubuntu(with_key_unit(debian(0, 257)));
    assert_eq!(newer.told(Question::default()).verdict, Verdict::Fail);
    assert_eq!(bringers(&newer.told_with(MachineIdFound::Uninitialized)), ["sshd-keygen.service"]);
}
