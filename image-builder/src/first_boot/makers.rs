//! Who makes host keys: the units of a boot that run something which does.

use firstboot_unit::bake;
use spec::release::Answer;

use super::boot::Boot;
use super::condition::{World, all_hold};
use super::facts::SshFacts;
use super::names::kind;
use super::unit::Unit;

/// A unit of a boot that makes host keys, or may.
#[derive(Debug, Clone)]
pub(super) struct Maker {
    pub(super) unit: String,
    pub(super) keys: Keys,
    /// Whether it will.
    pub(super) answer: Answer,
    /// Why.
    pub(super) why: String,
}

/// Which keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keys {
    /// Every key that sshd's configuration names.
    Configured,
    /// OpenSSH's default keys.
    Defaults,
    /// One.
    At(String),
    /// A tree does not tell.
    Unknown,
}

/// What OpenSSH reads where nothing is configured, and what `ssh-keygen -A` makes.
const DEFAULT_START: &str = "/etc/ssh/ssh_host_";

impl Maker {
    /// Whether it makes the key at that path.
    pub(super) fn makes(&self, path: &str) -> bool {
        match &self.keys {
            Keys::Configured | Keys::Unknown => true,
            Keys::Defaults => ["rsa", "ecdsa", "ed25519"].iter().any(|kind| path == default_key(kind)),
            Keys::At(at) => at == path,
        }
    }
}

fn default_key(kind: &str) -> String {
    format!("{DEFAULT_START}{kind}_key")
}

/// The makers among the units of a boot; `server` are the units that start the SSH server.
pub(super) fn makers(boot: &Boot, server: &[String], ssh: &SshFacts, world: &World<'_>) -> Vec<Maker> {
    boot.pulled().filter_map(|unit| maker(boot, unit, server, ssh, world)).collect()
}

fn maker(boot: &Boot, unit: &Unit, server: &[String], ssh: &SshFacts, world: &World<'_>) -> Option<Maker> {
    if kind(&unit.name) != Some("service") {
        return None;
    }
    let by = boot.pulled_by(&unit.name).unwrap_or_default();
    let (keys, hindrance) = if unit.programs.iter().any(|program| program.contains(bake::PROGRAM)) {
        (Keys::Configured, baked_hindrance(ssh))
    } else if let Some(keys) = unit.programs.iter().find_map(|program| keys_of(program)) {
        (keys, (!ssh.keygen).then(|| (Answer::No, "ssh-keygen is not installed".to_owned())))
    } else if comes_before_ssh(boot, unit, server) {
        (Keys::Unknown, Some(stranger(unit, ssh)))
    } else {
        return None;
    };
    let (answer, why) = match (all_hold(&unit.conditions, world), hindrance) {
        ((Answer::No, Some(condition)), _) => (Answer::No, format!("{condition} is not met")),
        (_, Some((answer, why))) => (answer, why),
        ((Answer::Unverified, Some(condition)), None) => {
            (Answer::Unverified, format!("a tree does not tell whether {condition} is met"))
        }
        _ => (Answer::Yes, format!("{by} pulls it in, and nothing keeps it from running")),
    };
    Some(Maker { unit: unit.name.clone(), keys, answer, why })
}

/// Which keys a command line makes.
fn keys_of(program: &str) -> Option<Keys> {
    let words: Vec<&str> = program.split(|c: char| c.is_whitespace() || "'\";&|".contains(c)).collect();
    let runs = |name: &str| words.iter().position(|word| word.rsplit('/').next() == Some(name));
    if let Some(at) = runs("ssh-keygen") {
        let rest = &words[at + 1..];
        if rest.iter().any(|word| word.starts_with('-') && word.contains('A') && !word.starts_with("--")) {
            return Some(Keys::Defaults);
        }
        let file = rest.iter().position(|word| *word == "-f").and_then(|at| rest.get(at + 1));
        return file.map(|file| Keys::At((*file).to_owned()));
    }
    if let Some(at) = runs("sshd-keygen") {
        // Fedora's script takes the key's type.
        return Some(words.get(at + 1).map_or(Keys::Defaults, |kind| Keys::At(default_key(kind))));
    }
    let reconfigures = runs("dpkg-reconfigure").is_some() && words.contains(&"openssh-server");
    reconfigures.then_some(Keys::Defaults)
}

fn baked_hindrance(ssh: &SshFacts) -> Option<(Answer, String)> {
    if ssh.baked_off {
        return Some((Answer::No, "/etc/mintmark/firstboot.disabled switches it off".to_owned()));
    }
    if let Some(lack) = ssh.baked_lacks.first() {
        return Some((Answer::No, format!("it is not whole: {lack:?} is missing or in the way")));
    }
    (!ssh.keygen).then(|| (Answer::No, "ssh-keygen is not installed".to_owned()))
}

/// Whether somebody ordered it before the SSH server on purpose.
fn comes_before_ssh(boot: &Boot, unit: &Unit, server: &[String]) -> bool {
    let is_server = |name: &String| server.contains(&boot.units().canonical(name));
    !server.contains(&unit.name) && !unit.programs.is_empty() && unit.before.iter().any(is_server)
}

/// What is said of a unit whose program the compiler does not know.
fn stranger(unit: &Unit, ssh: &SshFacts) -> (Answer, String) {
    if unit.name.starts_with("cloud-") {
        return if ssh.cloud_init_off {
            (Answer::No, "/etc/cloud/cloud-init.disabled switches cloud-init off".to_owned())
        } else {
            (Answer::Unverified, "cloud-init makes host keys only in a guest that has a data source".to_owned())
        };
    }
    (Answer::Unverified, "it is ordered before the SSH server and may make keys; its program was not run".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_make_keys_are_known_by_their_words() {
        let at = |path: &str| Some(Keys::At(path.to_owned()));
        for (program, expected) in [
            ("ssh-keygen -A", Some(Keys::Defaults)),
            ("/bin/sh -c 'test -f /x || ssh-keygen -qA'", Some(Keys::Defaults)),
            ("-/usr/bin/ssh-keygen -q -t rsa -N  -f /etc/ssh/ssh_host_rsa_key", at("/etc/ssh/ssh_host_rsa_key")),
            ("/usr/libexec/openssh/sshd-keygen ed25519", at("/etc/ssh/ssh_host_ed25519_key")),
            ("/usr/sbin/dpkg-reconfigure -f noninteractive openssh-server", Some(Keys::Defaults)),
            ("/usr/bin/ssh-keygen -lf /etc/x", None),
            ("/usr/sbin/sshd -D", None),
        ] {
            assert_eq!(keys_of(program), expected, "{program}");
        }
    }
}
