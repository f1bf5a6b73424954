//! Lines of SSH's known hosts that name certain hosts, hashed names too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Line numbers, counted from 1, with the host that each of them names.
pub(super) fn lines_of(text: &str, hosts: &[String]) -> Vec<(usize, String)> {
    let named = |line: &str| -> Option<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        // A marker (`@cert-authority`) may come first.
        let names = words.iter().find(|word| !word.starts_with('@'))?;
        hosts.iter().find(|host| names.split(',').any(|name| is(name, host))).cloned()
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
    lines.filter_map(|(index, line)| Some((index + 1, named(line)?))).collect()
}

/// Whether a name of a line is this host's: plain, with a port (`[host]:22`), or hashed (`|1|salt|digest`, sshd(8)).
fn is(name: &str, host: &str) -> bool {
    match name.strip_prefix("|1|").and_then(|hashed| hashed.split_once('|')) {
        Some((salt, digest)) => is_hashed(salt, digest, host).unwrap_or(false),
        None => name == host || name.strip_prefix('[').and_then(|name| name.split(']').next()) == Some(host),
    }
}

fn is_hashed(salt: &str, digest: &str, host: &str) -> Option<bool> {
    let (salt, digest) = (STANDARD.decode(salt).ok()?, STANDARD.decode(digest).ok()?);
    let mut hash = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    hash.update(host.as_bytes());
    Some(hash.verify_slice(&digest).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_hashed_and_ported_names_are_found() {
        // Made by `ssh-keygen -H` from a line for mintmark-drill-9101.
        let hashed = "|1|5gN1zZQcLBH9l+ToZCZ/Tv6Ipb0=|fu4wI0y9f+VJwQGCG6USD2FW68E=";
        let text = format!(
            "# mintmark-drill-9100 in a comment\nother ssh-ed25519 AAAA\nmintmark-drill-9100,10.0.0.1 ssh-ed25519 AAAA\n\
             @cert-authority [mintmark-drill-9102]:22 ssh-ed25519 AAAA\n{hashed} ssh-ed25519 AAAA\n|1|bad|bad x y\n"
        );
        let hosts: Vec<String> = (9100..9103).map(|vmid| format!("mintmark-drill-{vmid}")).collect();
        let found = lines_of(&text, &hosts);
        let expected = [(3, "mintmark-drill-9100"), (4, "mintmark-drill-9102"), (5, "mintmark-drill-9101")];
        assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
    }
}
