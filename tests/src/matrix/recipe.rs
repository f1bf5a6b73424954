//! The recipe of a group, and the two scripts beside it. Pure.

use std::fmt::Write;

use super::app::{App, Group};

/// Installs the group's packages and prepares them, in the build guest.
pub(super) const PREPARE: &str = "prepare.sh";
/// Reads every application, in build guest and guests alike.
pub(super) const READ: &str = "read.sh";

/// The longest that one look at one application may take, seconds: Puppet draws an RSA key of 4096 bits.
const LOOK: u32 = 60;

/// The recipe. `bridge` is the node's.
pub(super) fn recipe(group: &Group, bridge: &str, user_ca: &str) -> String {
    let name = group.name;
    format!(
        r#"[golden]
name = "{name}"

[base]
bootstrap = {{ suite = "trixie", packages = [
    "ca-certificates", "dbus", "ifupdown", "iproute2", "isc-dhcp-client", "netbase", "openssh-server", "procps",
    "systemd-sysv",
] }}

[container]
unprivileged = true
features = ["nesting", "keyctl"]
cores = 2
memory = "2G"
rootfs = {{ storage = "local", size = "6G" }}
net0 = {{ bridge = "{bridge}", ip = "dhcp" }}

[access]
user_ca = "{user_ca}"

[[step]]
run = "systemctl mask --now systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service"

[[step]]
run = "./{PREPARE}"

[[check]]
run = "./{READ}"

[release]
storage = "local"
"#
    )
}

/// The script that installs what the archive has of the group, and prepares it. What the archive does not have is left
/// out: the reading says so.
pub(super) fn prepare(group: &Group) -> String {
    let mut script = String::from(
        "#!/bin/sh\nset -eu\napt-get update --error-on=any\nwanted=\n\
         offered() { for package; do apt-cache policy \"$package\" | grep -q 'Candidate: [^(]' || return 1; done; }\n",
    );
    for App { packages, .. } in group.apps {
        let packages = packages.join(" ");
        let _ = writeln!(script, "if offered {packages}; then wanted=\"$wanted {packages}\"; fi");
    }
    script.push_str("apt-get install --yes --no-install-recommends $wanted\n");
    for app in group.apps.iter().filter(|app| !app.prepare.is_empty()) {
        let _ = writeln!(script, "if {}; then {}; fi", installed(app), app.prepare);
    }
    script
}

/// The script that prints a line per application: its name, `absent`, `down` or `up`, and its identity.
pub(super) fn read(group: &Group) -> String {
    let mut script = format!(
        "#!/bin/sh\nexport HOME=/root LC_ALL=C.UTF-8\n\
         look() {{\n  identity=$(timeout {LOOK} sh -c \"$2\" 2>/dev/null | tr -s '\\n\\t ' '   ' | sed 's/ *$//; s/ -$//; s/ - / /g')\n  \
         if timeout {LOOK} sh -c \"$3\" >/dev/null 2>&1; then state=up; else state=down; fi\n  \
         printf '%s\\t%s\\t%s\\n' \"$1\" \"$state\" \"$identity\"\n}}\n"
    );
    for app in group.apps {
        let (name, identity, works) = (app.name, quoted(app.identity), quoted(app.works));
        let _ = writeln!(
            script,
            "if {}; then look {name} {identity} {works}; else printf '{name}\\tabsent\\t\\n'; fi",
            installed(app)
        );
    }
    script
}

fn installed(app: &App) -> String {
    format!("dpkg-query --show {} >/dev/null 2>&1", app.packages.join(" "))
}

/// A word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::apps::GROUPS;
    use super::*;

    #[test]
    fn both_scripts_of_every_group_are_sh() {
        for script in GROUPS.iter().flat_map(|group| [prepare(group), read(group)]) {
            let done = Command::new("sh").args(["-n", "-c", &script]).output().unwrap();
            assert!(done.status.success(), "{script}\n{}", String::from_utf8_lossy(&done.stderr));
        }
    }

    #[test]
    fn every_recipe_is_taken() {
        for group in GROUPS {
            let text = recipe(group, "vmbr9", "/etc/ca.pub");
            assert!(text.contains(&format!("name = \"{}\"", group.name)) && text.contains("vmbr9"));
            assert!(toml_is_a_recipe(&text), "{text}");
        }
    }

    fn toml_is_a_recipe(text: &str) -> bool {
        spec::recipe::Recipe::from_toml(text).is_ok()
    }

    #[test]
    fn the_reading_is_a_line_of_three_fields() {
        const ONE: &[App] = &[App::new("busy", &[1], &["no-such-package"], "echo it\\'s", "true")];
        let absent = run(&read(&Group { name: "g", apps: ONE }));
        assert_eq!(absent, "busy\tabsent\t\n");
        let present = read(&Group { name: "g", apps: ONE }).replace("dpkg-query --show no-such-package", "true");
        assert_eq!(run(&present), "busy\tup\tit's\n");
    }

    fn run(script: &str) -> String {
        String::from_utf8(Command::new("sh").args(["-c", script]).output().unwrap().stdout).unwrap()
    }
}
