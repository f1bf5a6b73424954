//! Enterprise Linux and Alpine: systems that bring their keys back by themselves, until something keeps them from it.

use image_builder::first_boot::Question;
use spec::identity::Verdict;
use spec::release::{Answer, Init, MachineIdFound, PresetMode};

use crate::tree::{Tree, VENDOR, bringers};

fn rocky(version: &str, systemd: u32) -> Tree {
    Tree::systemd(&format!("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"{version}\"\n"), systemd)
        .unit(
            "sshd.service",
            "[Unit]\nAfter=network.target sshd-keygen.target\nWants=sshd-keygen.target\n[Service]\nType=notify\n\
             ExecStart=/usr/sbin/sshd -D $OPTIONS\n[Install]\nWantedBy=multi-user.target\n",
        )
        .unit("sshd-keygen.target", "[Unit]\nWants=sshd-keygen@rsa.service sshd-keygen@ecdsa.service sshd-keygen@ed25519.service\nPartOf=sshd.service\n")
        .unit(
            "sshd-keygen@.service",
            "[Unit]\nConditionFileNotEmpty=|!/etc/ssh/ssh_host_%i_key\n[Service]\nType=oneshot\n\
             ExecStart=/usr/libexec/openssh/sshd-keygen %i\n[Install]\nWantedBy=sshd-keygen.target\n",
        )
        .with("/usr/lib/systemd/system-preset/90-default.preset", "enable sshd.service\nenable systemd-firstboot.service\n")
        .with("/usr/lib/systemd/system-preset/99-default-disable.preset", "disable *\n")
        .with("/etc/ssh/sshd_config", "HostKey /etc/ssh/ssh_host_rsa_key\nHostKey /etc/ssh/ssh_host_ed25519_key\n")
        .enabled("multi-user.target", "sshd.service")
}

#[test]
fn rocky_makes_each_configured_key_where_it_is_missing_or_empty() {
    for state in [MachineIdFound::Empty, MachineIdFound::Absent, MachineIdFound::Uninitialized] {
        let told = rocky("10.0", 257).with("/etc/ssh/ssh_host_rsa_key", "").told_with(state);
        assert_eq!((told.verdict, told.ssh.comes_up), (Verdict::Pass, Answer::Yes), "{state:?} {:?}", told.reasons);
        assert_eq!(bringers(&told), ["sshd-keygen@ed25519.service", "sshd-keygen@rsa.service"]);
    }
}

#[test]
fn on_enterprise_linux_10_a_service_without_a_preset_is_stopped_by_the_first_boot() {
    let tree = rocky("10.0", 257)
        .unit("shop.service", "[Service]\nExecStart=/usr/bin/shop\n[Install]\nWantedBy=multi-user.target\n")
        .enabled("multi-user.target", "shop.service");
    let told = tree.told_with(MachineIdFound::Absent);
    assert_eq!(told.presets.mode, PresetMode::Full);
    let flip = told.presets.flips.iter().find(|flip| flip.unit == "shop.service").unwrap();
    assert_eq!((flip.enabled, flip.rule.as_str()), (false, "99-default-disable.preset: disable *"));
    assert_eq!(told.verdict, Verdict::Pass);
    // sshd itself goes the same way where its own rule is gone.
    let without_rule = tree.with("/usr/lib/systemd/system-preset/90-default.preset", "");
    let told = without_rule.told_with(MachineIdFound::Absent);
    assert_eq!((told.ssh.comes_up, told.verdict), (Answer::No, Verdict::Fail), "{:?}", told.reasons);
    assert_eq!(without_rule.told_with(MachineIdFound::Empty).verdict, Verdict::Pass);
}

#[test]
fn on_enterprise_linux_9_it_is_not_known_whether_presets_disable() {
    let tree = rocky("9.4", 252).with("/usr/lib/systemd/system-preset/90-default.preset", "");
    let told = tree.told_with(MachineIdFound::Absent);
    assert_eq!((told.presets.mode, told.verdict), (PresetMode::Unknown, Verdict::Unverified), "{:?}", told.reasons);
}

#[test]
fn cloud_init_may_take_the_keys_over_and_that_is_said_to_be_unverified() {
    let tree = rocky("9.4", 252).with(
        "/etc/systemd/system/sshd-keygen@.service.d/disable-sshd-keygen-if-cloud-init-active.conf",
        "[Unit]\nConditionPathExists=!/run/systemd/generator.early/multi-user.target.wants/cloud-init.target\n",
    );
    let told = tree.told(Question::default());
    assert_eq!((told.ssh.comes_up, told.verdict), (Answer::Unverified, Verdict::Unverified));
    assert!(told.reasons[0].contains("cloud-init.target"), "{:?}", told.reasons);
}

#[test]
fn a_key_unit_that_is_masked_for_one_type_leaves_the_others() {
    let tree = rocky("9.4", 252).link("/etc/systemd/system/sshd-keygen@rsa.service", "/dev/null");
    let told = tree.told(Question::default());
    let made: Vec<(&str, Answer)> = told.host_keys.iter().map(|key| (key.by.as_str(), key.comes_back)).collect();
    assert_eq!(made, [("sshd-keygen@ed25519.service", Answer::Yes), ("nobody", Answer::No)]);
    assert_eq!((told.verdict, told.masked), (Verdict::Pass, vec!["sshd-keygen@rsa.service".to_owned()]));
}

fn alpine() -> Tree {
    Tree::new("ID=alpine\nVERSION_ID=3.22.1\n")
        .with("/sbin/openrc", "")
        .with("/usr/sbin/sshd", "")
        .with("/usr/bin/ssh-keygen", "")
        .with(
            "/etc/init.d/sshd",
            "#!/sbin/openrc-run\nchecks() {\n\tyesno \"$sshd_disable_keygen\" || ssh-keygen -A\n}\n",
        )
        .with("/etc/conf.d/sshd", "#sshd_disable_keygen=\"yes\"\n")
        .link("/etc/runlevels/default/sshd", "/etc/init.d/sshd")
}

#[test]
fn alpine_makes_keys_at_every_start_unless_that_is_switched_off() {
    let told = alpine().told(Question::default());
    assert_eq!((told.system.init, told.first_boot, told.verdict), (Init::Openrc, Answer::No, Verdict::Pass));
    assert_eq!((bringers(&told), told.presets.mode), (vec!["/etc/init.d/sshd"], PresetMode::None));
    let off = alpine().with("/etc/conf.d/sshd", "sshd_disable_keygen=\"yes\"\n").told(Question::default());
    assert_eq!((bringers(&off), off.verdict), (vec!["nobody"], Verdict::Fail));
    let not_enabled = alpine().without("/etc/runlevels/default/sshd").told(Question::default());
    assert!(not_enabled.reasons[0].contains("rc-update add sshd default"), "{:?}", not_enabled.reasons);
}

#[test]
fn dropbear_gets_its_keys_when_they_are_first_needed() {
    let dropbear = |settings: &str| {
        Tree::new("ID=alpine\n")
            .with("/sbin/openrc", "")
            .with("/usr/sbin/dropbear", "")
            .with("/etc/init.d/dropbear", "#!/sbin/openrc-run\ncommand_args=\"$DROPBEAR_OPTS\"\n")
            .with("/etc/conf.d/dropbear", settings)
            .link("/etc/runlevels/default/dropbear", "/etc/init.d/dropbear")
            .told(Question::default())
    };
    assert_eq!(dropbear("DROPBEAR_OPTS=\"-R\"\n").verdict, Verdict::Pass);
    assert_eq!(dropbear("DROPBEAR_OPTS=\"-s\"\n").verdict, Verdict::Fail);
    let unit = |switches: &str| {
        let text = format!("[Service]\nExecStart=/usr/sbin/dropbear -F {switches}\n");
        let tree = Tree::systemd("ID=debian\n", 257).without("/usr/sbin/sshd").with("/usr/sbin/dropbear", "");
        tree.unit("dropbear.service", &text).enabled("multi-user.target", "dropbear.service").told(Question::default())
    };
    assert_eq!((unit("-R").verdict, unit("-W 65536").verdict), (Verdict::Pass, Verdict::Fail));
}

#[test]
fn what_starts_services_elsewhere_is_not_guessed() {
    let told = Tree::new("ID=void\n").with("/usr/sbin/sshd", "").told(Question::default());
    assert_eq!((told.system.init, told.verdict), (Init::Unknown, Verdict::Unverified));
    let nothing = Tree::new("ID=void\n").told(Question::default());
    assert_eq!((nothing.ssh.program, nothing.verdict), (None, Verdict::Pass));
    // Packages put unit files even where there is no systemd.
    let alpine = alpine().with(&format!("{VENDOR}/a.service"), "").told(Question::default());
    assert_eq!(alpine.system.init, Init::Openrc);
}
