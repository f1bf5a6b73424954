//! SSH: host keys and who may log in.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Need, Reading, Renewer};

pub(super) const ITEMS: &[Item] = &[
    Item::new("ssh-host-keys", "SSH host keys", &[21, 22, 23, 24])
        .at(&["/etc/ssh/ssh_host_*"])
        .applies(&[Applies::Binary("/usr/sbin/sshd")])
        .collides(1, "whoever holds one guest's key can pose as every other guest of the golden")
        .when_shared("each can pose as the other to every SSH client, and a leak of one key is a leak of both")
        .must_be()
        .unique(Reading::SshHostKey)
        .live("openssh-server")
        .by(Renewer::Firstboot)
        .stop(&["ssh.service", "sshd.service", "ssh.socket"])
        .derives(&["sshfp-records", "host-key-secrets"])
        .needs(&[Need::Program("ssh-keygen"), Need::Restart("ssh.service")]),
    Item::new("other-host-keys", "host keys of other SSH servers", &[34])
        .at(&["/etc/dropbear/initramfs/*host_key", "/etc/dropbear-initramfs/*host_key", "/etc/tinyssh/sshkeydir/**"])
        .applies(&[Applies::Binary("/usr/sbin/tinysshd"), Applies::Path("/etc/dropbear/initramfs")])
        .collides(1, "as SSH host keys, for tinyssh and for dropbear in an initramfs")
        .when_shared("each can pose as the other to every SSH client of this server")
        .unique_file()
        .by_owner("tinysshd-makekey; dropbear-initramfs"),
    // Debian's unit starts dropbear without `-R`, so a missing key stays missing.
    Item::new("dropbear-host-keys", "dropbear's host keys", &[34])
        .at(&["/etc/dropbear/*host_key"])
        .applies(&[Applies::Binary("/usr/sbin/dropbear")])
        .collides(1, "as SSH host keys, for dropbear")
        .when_shared("each can pose as the other to every SSH client of this server")
        .unique_file()
        .by(Renewer::Firstboot)
        .needs(&[Need::Program("dropbearkey")])
        .live("dropbear"),
    Item::new("authorized-keys", "authorised keys", &[26])
        .at(&["~/.ssh/authorized_keys*", "/etc/ssh/authorized_keys*/**", "/etc/ssh/authorized_keys"])
        .leaks(1, "the builder keeps access to every guest"),
    Item::new("user-key-pairs", "users' private keys", &[27])
        .at(&["~/.ssh/id_*", "~/.ssh/*.pem"])
        .leaks(1, "a private key that every customer can read")
        .forbidden(),
    Item::new("ssh-agent-sockets", "SSH agent sockets", &[27])
        .at(&["~/.ssh/agent/**", "~/.ssh/cm-*", "~/.ssh/control-*"])
        .leaks(4, "connections of the build's users"),
    Item::new("known-hosts", "known hosts", &[28])
        .at(&["~/.ssh/known_hosts*", "/etc/ssh/ssh_known_hosts*"])
        .leaks(3, "a map of the build network, with stale pins"),
    Item::new("ssh-client-config", "SSH client configuration", &[29])
        .at(&["~/.ssh/config", "/etc/ssh/ssh_config.d/*"])
        .leaks(3, "names and jump hosts of the build network")
        .reported(),
    Item::new("ssh-trust-anchors", "SSH trust anchors", &[25])
        .at(&[
            "/etc/ssh/*ca*.pub",
            "/etc/ssh/*_ca",
            "/etc/ssh/revoked_keys*",
            "/etc/ssh/auth_principals/**",
            "/etc/ssh/authorized_principals/**",
        ])
        .leaks(2, "whoever signs with the golden's CA enters every guest")
        .reported(),
    Item::new("ssh-moduli", "SSH moduli", &[30])
        .at(&["/etc/ssh/moduli"])
        .bloats(4, "public numbers, shared by design")
        .shared(),
    Item::new("sshd-enable-state", "how sshd is started", &[31])
        .at(&[
            "/etc/systemd/system/*.wants/ssh.service",
            "/etc/systemd/system/*.wants/sshd.service",
            "/etc/systemd/system/*.wants/ssh.socket",
            "/etc/systemd/system/ssh.service",
            "/etc/systemd/system/sshd.service",
            "/etc/systemd/system/ssh.socket",
        ])
        .breaks(1, "a first boot applies presets, and some of them stop sshd for good")
        .reported(),
    Item::new("sshfp-records", "SSHFP records of the golden", &[32])
        .collides(2, "DNS vouches for a key that no guest has")
        .derived("ssh-host-keys", "they lie in a zone outside guest and node"),
    Item::new("host-key-secrets", "secrets encrypted to the host key", &[33])
        .at(&["/etc/agenix/**", "/etc/secrets/*.age", "/etc/sops/*.yaml", "/etc/sops/*.json"])
        .breaks(1, "a new host key cannot decrypt them: encrypt them anew first")
        .reported(),
];
