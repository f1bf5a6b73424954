//! Lines of a text that matter: the ones a golden must not have in a file that otherwise stays.

use super::content::present;
use crate::identity::Seen;
use crate::identity::catalog::Lines;
use crate::wildcard::fits;

/// Splits a text into what stays and how many lines matter. A YAML key that held nothing but such lines goes with
/// them: `match:` without its `macaddress:` would be no netplan any more.
pub fn without(text: &str, lines: Lines) -> (String, usize) {
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    let mut goes: Vec<bool> = all.iter().map(|line| matters(line, lines)).collect();
    if goes.iter().any(|goes| *goes) {
        widow(&all, &mut goes);
    }
    let count = goes.iter().filter(|goes| **goes).count();
    (all.iter().zip(&goes).filter(|(_, goes)| !**goes).map(|(line, _)| *line).collect(), count)
}

/// Reads the content of such a text; what the lines say may be secret and is not repeated.
pub fn seen(text: &str, lines: Lines) -> Seen {
    match without(text, lines) {
        (_, 0) => Seen::Empty,
        (kept, count) => present(text.len() - kept.len(), Some(format!("{count} lines of this kind"))),
    }
}

fn matters(line: &str, lines: Lines) -> bool {
    let bare = line.trim();
    if let Lines::PrivateKeys = lines {
        return bare.contains("PRIVATE KEY-----");
    }
    if bare.is_empty() || bare.starts_with(['#', ';']) || bare.starts_with("//") {
        return false;
    }
    match lines {
        Lines::Keys(keys) => values(bare, keys).next().is_some(),
        Lines::SetKeys(keys) => values(bare, keys).any(is_secret),
        Lines::UrlPasswords => has_password(bare),
        Lines::PrivateKeys => false,
    }
}

/// What follows the key, for each way to read one of the keys at the line's start.
fn values<'a>(bare: &'a str, keys: &'static [&'static str]) -> impl Iterator<Item = &'a str> {
    let marks = ["- ", "export ", "set ", "\"", "'", "Environment="];
    let mut start = bare;
    while let Some(rest) = marks.iter().find_map(|mark| start.strip_prefix(mark)) {
        start = rest.trim_start();
    }
    let separator = |byte: u8| matches!(byte, b'=' | b':' | b' ' | b'\t' | b'"' | b'\'' | b',');
    let ends = start.bytes().enumerate().filter(move |(_, byte)| separator(*byte)).map(|(at, _)| at);
    ends.chain([start.len()]).filter_map(move |end| {
        let key = start.get(..end)?.to_ascii_lowercase();
        let known = keys.iter().any(|wanted| fits(wanted.to_ascii_lowercase().as_bytes(), key.as_bytes()));
        known.then(|| start[end..].trim_matches(|c: char| c.is_whitespace() || "=:\"',;".contains(c)))
    })
}

/// Neither empty nor a variable nor what examples put there.
fn is_secret(value: &str) -> bool {
    const NOTHING: [&str; 10] =
        ["null", "none", "true", "false", "yes", "no", "changeme", "password", "secret", "example"];
    let lower = value.to_ascii_lowercase();
    let stands_for_one = value.starts_with(['$', '<', '{', '%', '/', '@']) || lower.contains("xxxx");
    !value.is_empty() && !stands_for_one && !NOTHING.contains(&lower.as_str())
}

/// `scheme://user:password@host`.
fn has_password(line: &str) -> bool {
    line.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', ' ', '\t', '"', '\'', '>']).next().unwrap_or(rest);
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.and_then(|user| user.split_once(':')).is_some_and(|(_, password)| is_secret(password))
    })
}

/// Marks the keys that lose everything below them.
fn widow(all: &[&str], goes: &mut [bool]) {
    let depth = |line: &str| line.len() - line.trim_start().len();
    for at in (0..all.len()).rev() {
        let bare = all[at].trim_end();
        if goes[at] || !bare.ends_with(':') || bare.trim_start().starts_with('#') {
            continue;
        }
        let below = |next: &usize| all[*next].trim().is_empty() || depth(all[*next]) > depth(all[at]);
        let children: Vec<usize> = (at + 1..all.len()).take_while(below).collect();
        let mut lines = children.iter().filter(|child| !all[**child].trim().is_empty()).peekable();
        goes[at] = lines.peek().is_some() && lines.all(|child| goes[*child]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: Lines = Lines::Keys(&["macaddress", "set-name", "HWADDR", "hwaddress", "*.stable_secret"]);

    #[test]
    fn keys_are_found_whatever_separates_them() {
        for line in [
            "HWADDR=00:11",
            "hwaddr = 00:11",
            "  hwaddress ether 00:11",
            "macaddress: 00:11",
            "- macaddress: 00:11",
            "net.ipv6.conf.eth0.stable_secret = ::1",
        ] {
            assert_eq!(without(line, MAC), (String::new(), 1), "{line}");
            assert!(matches!(seen(line, MAC), Seen::Present { .. }));
        }
        for line in ["# HWADDR=00:11", "HWADDRESSES=1", "x HWADDR=1", "", ";HWADDR=1"] {
            assert_eq!(without(line, MAC), (line.to_owned(), 0), "{line}");
            assert_eq!(seen(line, MAC), Seen::Empty);
        }
    }

    #[test]
    fn a_netplan_without_its_mac_is_still_a_netplan() {
        let text = "network:\n  ethernets:\n    eth0:\n      match:\n        macaddress: aa:bb\n      set-name: eth0\n      dhcp4: true\n";
        let (after, lines) = without(text, MAC);
        assert_eq!((after.as_str(), lines), ("network:\n  ethernets:\n    eth0:\n      dhcp4: true\n", 3));
        assert_eq!(without(&after, MAC), (after.clone(), 0));
        let named = text.replace("match:\n", "match:\n        name: eth*\n");
        assert!(without(&named, MAC).0.contains("match:\n        name: eth*\n"));
    }

    #[test]
    fn only_values_that_are_one_are_secrets() {
        let keys = Lines::SetKeys(&["*PASSWORD", "*_TOKEN"]);
        for line in
            ["DB_PASSWORD=hunter2", "export API_TOKEN='abc'", "Environment=\"DB_PASSWORD=hunter2\"", "password: x1"]
        {
            assert_eq!(without(line, keys).1, 1, "{line}");
            assert!(!seen(line, keys).in_words().contains("hunter2"));
        }
        for line in
            ["DB_PASSWORD=", "DB_PASSWORD=${X}", "DB_PASSWORD=changeme", "DB_PASSWORD_FILE=/run/x", "#DB_PASSWORD=a"]
        {
            assert_eq!(without(line, keys).1, 0, "{line}");
        }
    }

    #[test]
    fn passwords_in_addresses_and_private_keys_are_seen() {
        let url = Lines::UrlPasswords;
        assert_eq!(without("deb https://ann:s3cret@deb.example/ trixie main\n", url).1, 1);
        for line in ["deb http://deb.debian.org/debian trixie main", "x ssh://git@host/x", "deb http://h:8080/a@b x"] {
            assert_eq!(without(line, url).1, 0, "{line}");
        }
        assert_eq!(without("a\n-----BEGIN RSA PRIVATE KEY-----\n", Lines::PrivateKeys).1, 1);
        assert_eq!(without("-----BEGIN CERTIFICATE-----\n", Lines::PrivateKeys).1, 0);
    }
}
