//! Whether the SSH server comes up under OpenRC (Alpine). There is no first boot here: a service's script makes missing
//! keys whenever it starts.

use spec::release::{Answer, HostKeyOrigin, Ssh};

use super::facts::{Facts, Server};
use super::ssh::{Told, is_r, no_server};
use super::unit::is_yes;

/// Tells whether the server of an OpenRC guest comes up.
pub(super) fn ssh(facts: &Facts) -> Told {
    let Some(server) = &facts.ssh.server else { return no_server() };
    let service = if server.is_dropbear { "dropbear" } else { "sshd" };
    let told = |units, comes_up, why, keys| Told {
        ssh: Ssh { program: Some(server.program.clone()), units, comes_up, why },
        keys,
    };
    let (made, how) = makes_keys(facts, server, service);
    let keys: Vec<HostKeyOrigin> = facts
        .ssh
        .keys
        .iter()
        .map(|key| {
            let (by, comes_back, why) = if key.whole {
                ("the image".to_owned(), Answer::Yes, "it is in the tree: every guest would share it".to_owned())
            } else {
                let by = if made == Answer::No { "nobody".to_owned() } else { format!("/etc/init.d/{service}") };
                (by, made, how.clone())
            };
            HostKeyOrigin { path: key.path.clone(), by, comes_back, why }
        })
        .collect();
    let Some(runlevel) = facts.openrc.enabled.get(service) else {
        let why = format!("{service} is in no runlevel; run: rc-update add {service} default");
        return told(Vec::new(), Answer::No, why, keys);
    };
    let unit = vec![format!("{service} (runlevel {runlevel})")];
    match keys.iter().map(|key| key.comes_back).max_by_key(|answer| *answer == Answer::Yes) {
        Some(Answer::Yes) => told(unit, Answer::Yes, format!("{service} is in runlevel {runlevel}, and {how}"), keys),
        Some(Answer::Unverified) => told(unit, Answer::Unverified, how, keys),
        _ => told(unit, Answer::No, format!("no host key comes back ({how})"), keys),
    }
}

/// Whether the service's script makes keys, and how that is known.
fn makes_keys(facts: &Facts, server: &Server, service: &str) -> (Answer, String) {
    let settings = facts.openrc.settings.get(service).map(String::as_str).unwrap_or_default();
    let Some(script) = facts.openrc.scripts.get(service) else {
        return (Answer::No, format!("/etc/init.d/{service} is missing"));
    };
    if server.is_dropbear {
        let starts_with_r = settings.split(|c: char| c.is_whitespace() || "\"'=".contains(c)).any(is_r);
        return if starts_with_r || script.contains("dropbearkey") || script.split_whitespace().any(is_r) {
            (Answer::Yes, "dropbear gets missing keys at its start".to_owned())
        } else {
            (Answer::No, "neither its script nor its settings (-R) make keys".to_owned())
        };
    }
    if ["sshd_disable_keygen", "SSHD_DISABLE_KEYGEN"]
        .iter()
        .any(|name| setting(settings, name).is_some_and(|value| is_yes(&value)))
    {
        return (Answer::No, "/etc/conf.d/sshd says sshd_disable_keygen=yes".to_owned());
    }
    if !script.contains("ssh-keygen") {
        return (Answer::Unverified, "its script names no ssh-keygen; it was not run".to_owned());
    }
    if !facts.ssh.keygen {
        return (Answer::No, "ssh-keygen is not installed".to_owned());
    }
    (Answer::Yes, "its script makes missing keys before it starts".to_owned())
}

/// The last value that a shell fragment gives a variable; commented lines give none.
fn setting(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim).filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    lines.next_back().map(|value| value.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_uncommented_setting_counts() {
        let text = "#sshd_disable_keygen=\"no\"\nsshd_disable_keygen=no\n sshd_disable_keygen=\"yes\"\n";
        assert_eq!(setting(text, "sshd_disable_keygen").as_deref(), Some("yes"));
        assert_eq!(setting("# a=1\n", "a"), None);
    }
}
