//! SSH: host keys and who may log in.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Need, Reading, Renewer};

pub(super) const ITEMS: &[Item] = &[
    Item::new("ssh-host-keys", "SSH host keys", &[21, 22, 23, 24])
        .at(&["/etc/ssh/ssh_host_*"])
        .collides(1, "whoever holds one guest's key can pose as every other guest of the golden")
        .must_be()
        .unique(Reading::SshHostKey)
        .by(Renewer::Firstboot),
    Item::new("other-host-keys", "host keys of other SSH servers", &[34])
        .at(&["/etc/tinyssh/sshkeydir/**"])
        .collides(1, "as SSH host keys, for tinyssh")
        .unique_file()
        .by_owner("tinysshd-makekey"),
    // Debian's unit starts dropbear without `-R`, so a missing key stays missing.
    Item::new("dropbear-host-keys", "dropbear's host keys", &[34])
        .at(&["/etc/dropbear/*host_key"])
        .collides(1, "as SSH host keys, for dropbear")
        .unique_file()
        .by(Renewer::Firstboot)
        .needs(&[Need::Program("dropbearkey")])
        .live("dropbear"),
    Item::new("authorized-keys", "authorised keys", &[26])
        .at(&[
            "/root/.ssh/authorized_keys",
            "/root/.ssh/authorized_keys2",
            "/home/*/.ssh/authorized_keys",
            "/home/*/.ssh/authorized_keys2",
        ])
        .leaks(1, "the builder keeps access to every guest"),
    Item::new("user-key-pairs", "users' private keys", &[27])
        .at(&["/root/.ssh/id_*", "/home/*/.ssh/id_*"])
        .leaks(1, "a private key that every customer can read")
        .forbidden(),
    Item::new("known-hosts", "known hosts", &[28])
        .at(&[
            "/root/.ssh/known_hosts",
            "/root/.ssh/known_hosts.old",
            "/home/*/.ssh/known_hosts",
            "/home/*/.ssh/known_hosts.old",
            "/etc/ssh/ssh_known_hosts",
        ])
        .leaks(3, "a map of the build network"),
];
