//! Residue in `/etc/hosts`: what tells of the build guest.

use super::content::present;
use crate::identity::Seen;

/// Proxmox's markers around the part that it writes at every start.
const PVE_BEGIN: &str = "# --- BEGIN PVE ---";
const PVE_END: &str = "# --- END PVE ---";

/// Names that every machine has.
const EVERYBODY: [&str; 10] = [
    "localhost",
    "localhost.localdomain",
    "localhost4",
    "localhost6",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
];

/// Splits a hosts file into what stays and how many lines are residue: Proxmox's block, the line by which Debian
/// names the machine (127.0.1.1), and lines that name the machine. Other lines are somebody's intention and stay.
pub fn without_residue(text: &str, names: &[String]) -> (String, usize) {
    let mut kept = String::new();
    let (mut residue, mut in_block) = (0, false);
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        in_block |= bare == PVE_BEGIN;
        if in_block || is_residue(bare, names) {
            residue += 1;
        } else {
            kept.push_str(line);
        }
        in_block &= bare != PVE_END;
    }
    (kept, residue)
}

fn is_residue(line: &str, names: &[String]) -> bool {
    let content = line.split_once('#').map_or(line, |(before, _)| before);
    let mut words = content.split_ascii_whitespace();
    match words.next() {
        None => line == PVE_END,
        Some("127.0.1.1") => true,
        Some(_) => words.any(|name| names_machine(&name.to_ascii_lowercase(), names)),
    }
}

/// Whether a word names the machine, alone or with a domain. What every machine is called does not.
pub(super) fn names_machine(name: &str, names: &[String]) -> bool {
    let short = name.split('.').next().unwrap_or(name);
    !EVERYBODY.contains(&name) && names.iter().any(|own| own == name || own.split('.').next() == Some(short))
}

/// Reads the content of a hosts file.
pub fn seen(text: &str, names: &[String]) -> Seen {
    match without_residue(text, names) {
        (_, 0) => Seen::Empty,
        (kept, lines) => present(text.len() - kept.len(), Some(format!("{lines} lines of this machine or of Proxmox"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "127.0.0.1\tlocalhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 golden.build golden\n\
        10.0.0.5 registry.internal\n10.0.0.9 other golden\n# --- BEGIN PVE ---\n192.0.2.7 golden.lan golden\n# --- END PVE ---\n";

    #[test]
    fn s4_14_the_machines_lines_go_and_intended_ones_stay() {
        let (kept, residue) = without_residue(TEXT, &["golden".into()]);
        assert_eq!(
            kept,
            "127.0.0.1\tlocalhost\n::1 localhost ip6-localhost ip6-loopback\n10.0.0.5 registry.internal\n"
        );
        assert_eq!(residue, 5);
        assert_eq!(without_residue(&kept, &["golden".into()]), (kept.clone(), 0));
        assert_eq!(seen(&kept, &["golden".into()]), Seen::Empty);
    }

    #[test]
    fn a_machine_called_localhost_keeps_its_loopback_lines() {
        let text = "127.0.0.1 localhost\n";
        assert_eq!(without_residue(text, &["localhost".into()]), (text.into(), 0));
    }

    #[test]
    fn each_kind_of_residue_is_seen_by_itself() {
        let names = ["golden.lan".to_owned()];
        assert_eq!(seen("127.0.0.1 localhost\n10.0.0.5 registry.lan\n", &names), Seen::Empty);
        let residue =
            ["127.0.1.1 x", "10.0.0.2 Golden.LAN", "10.0.0.2 golden", "# --- BEGIN PVE ---", "# --- END PVE ---"];
        for line in residue {
            let note = Some("1 lines of this machine or of Proxmox".into());
            assert_eq!(seen(line, &names), Seen::Present { bytes: line.len() as u64, note }, "{line}");
        }
    }

    #[test]
    fn a_block_without_an_end_goes_to_the_end() {
        assert_eq!(without_residue("a b\n# --- BEGIN PVE ---\n1.2.3.4 x", &[]), ("a b\n".into(), 2));
    }
}
