//! Accounts: passwords, who was let in, what is left of the people who built.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Lines, Reading, Rewrite};

pub(super) const ITEMS: &[Item] = &[
    Item::new("root-password", "password hashes", &[66])
        .at(&["/etc/shadow"])
        .leaks(1, "one password opens every guest of the golden")
        .rewritten(Rewrite::PasswordsLocked)
        .read_as(Reading::PasswordHashes)
        .copies(&["account-backups"]),
    Item::new("account-backups", "account file back-ups", &[67])
        .at(&[
            "/etc/passwd-",
            "/etc/shadow-",
            "/etc/group-",
            "/etc/gshadow-",
            "/etc/subuid-",
            "/etc/subgid-",
            "/var/backups/*",
        ])
        .leaks(1, "the old password hash survives the lock"),
    Item::new("account-lock", "account lock file", &[67])
        .at(&["/etc/.pwd.lock"])
        .bloats(4, "left by every change of an account"),
    Item::new("provisioner-accounts", "accounts of build tools", &[65])
        .at(&["/etc/passwd"])
        .leaks(1, "a user with a password that everybody knows")
        .forbids(Lines::Keys(&["packer", "vagrant"])),
    Item::new("provisioner-sudo", "sudo rules of build tools", &[65])
        .at(&[
            "/etc/sudoers.d/*packer*",
            "/etc/sudoers.d/*vagrant*",
            "/etc/sudoers.d/90-cloud-init-users",
            "/etc/sudoers.d/waagent",
        ])
        .leaks(1, "a user of the build becomes root without a password"),
    Item::new("sudo-state", "sudo, screen and tmux state", &[86])
        .at(&[
            "/var/lib/sudo/lectured/*",
            "/var/db/sudo/lectured/*",
            "/run/sudo/ts/*",
            "/run/screen/**",
            "~/.screen/**",
            "~/.tmux/resurrect/**",
        ])
        .leaks(4, "who worked in the build guest"),
    Item::new("pam-data", "PAM's records", &[121])
        .at(&["/run/faillock/*", "/var/lib/faillock/*", "/run/console/*"])
        .leaks(3, "who failed to log in to the build guest"),
    Item::new("fido-maps", "FIDO key maps", &[121])
        .at(&["~/.config/Yubico/u2f_keys", "/etc/Yubico/u2f_keys", "/etc/u2f_mappings"])
        .leaks(3, "tokens of the builders that open every guest"),
    Item::new("build-homes", "what builders leave in their homes", &[74])
        .at(&["~/*.deb", "~/*.rpm", "~/*.apk", "~/*.tar", "~/*.tar.*", "~/*.tgz", "~/*.zip", "~/*.run", "~/*.iso"])
        .leaks(3, "installers and archives of the build")
        .reported(),
    Item::new("user-caches", "caches in homes", &[74])
        .at(&["~/.cache/**", "~/.local/share/Trash/**"])
        .leaks(3, "downloads and traces of the build's users"),
];
