//! The drop-in that keeps dpkg from bringing back what went.
//!
//! dpkg reads its filters in order and the last one that matches wins, so what stays follows what goes. Without it the
//! first upgrade of a package would unpack its documentation again. `dpkg --verify` knows nothing of filters: it calls
//! filtered files missing here as on every image with such a drop-in.

use std::collections::BTreeSet;

use super::choice::Active;
use super::pattern::Pattern;

/// Where the drop-in lies; the number is high, since the last filter that matches wins.
pub const DROP_IN: &str = "/etc/dpkg/dpkg.cfg.d/90-mintmark-minimize";

const HEADING: &str = "# What Mintmark took out of this image, so that upgrades leave it out too.";

/// The drop-in for these rules; nothing where none of them takes files of packages.
pub fn drop_in<'a>(active: impl IntoIterator<Item = &'a Active>) -> Option<String> {
    let active: Vec<&Active> = active.into_iter().filter(|active| active.rule.from_packages).collect();
    let goes: BTreeSet<String> = active.iter().flat_map(|active| active.goes()).map(Pattern::as_fnmatch).collect();
    // In fnmatch a pattern for one component takes everything below too: such a one would undo its own exclusion.
    // It is not needed either: dpkg keeps directories and links where something below them is included again.
    let stays: BTreeSet<String> = active.iter().flat_map(|active| active.stays()).map(Pattern::as_fnmatch).collect();
    let stays = stays.difference(&goes);
    let lines = goes.iter().map(|pattern| format!("path-exclude={pattern}\n"));
    let lines: Vec<String> = lines.chain(stays.map(|pattern| format!("path-include={pattern}\n"))).collect();
    (!goes.is_empty()).then(|| format!("{HEADING}\n{}", lines.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::minimize::{Minimize, Profile};

    #[test]
    fn what_stays_follows_what_goes() {
        let text = drop_in(&Minimize { profile: Profile::Standard, ..Minimize::default() }.active()).unwrap();
        let at =
            |wanted: &str| text.lines().position(|line| line == wanted).unwrap_or_else(|| panic!("{wanted}\n{text}"));
        assert!(at("path-exclude=/usr/share/doc/*") < at("path-include=/usr/share/doc/*/copyright"));
        assert!(at("path-exclude=/usr/share/locale/*") < at("path-include=/usr/share/locale/locale.alias"));
        assert!(!text.contains("/usr/share/doc/*\npath-include=/usr/share/doc/*\n"), "{text}");
        assert!(!text.contains("/var/cache"), "{text}");
    }

    #[test]
    fn without_rules_there_is_no_drop_in() {
        assert_eq!(drop_in(&Minimize::default().active()), None);
    }
}
