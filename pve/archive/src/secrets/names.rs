//! Files that hold credentials by their name, wherever they lie.

const NAMES: &[(&[u8], &str)] = &[
    (b".env", "an environment file"),
    (b".netrc", "passwords of network services (.netrc)"),
    (b".git-credentials", "git credentials"),
    (b".pgpass", "PostgreSQL passwords"),
    (b".my.cnf", "MySQL passwords"),
    (b".npmrc", "registry credentials (.npmrc)"),
    (b".pypirc", "registry credentials (.pypirc)"),
    (b".vault-token", "a Vault token"),
    (b".age-key.txt", "an age identity"),
];

/// What a file with this path holds, if its name tells.
pub(super) fn by_name(path: &[u8]) -> Option<&'static str> {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, what)| *what)
}
