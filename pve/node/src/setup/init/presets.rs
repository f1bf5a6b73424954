//! Without a machine-id systemd takes a boot for the first, and enables what its presets say (systemd.preset(5)).

use std::collections::BTreeMap;

use crate::error::Die;
use crate::setup::guest::Guest;

/// Units that have no place in a container, and the getty that has.
const ALWAYS: &[(&str, bool)] = &[
    ("container-getty@.service", true),
    ("getty@.service", false),
    ("sys-kernel-config.mount", false),
    ("sys-kernel-debug.mount", false),
];

/// Writes the presets, with a distribution's own.
pub(super) fn write(guest: &Guest<'_>, own: &[(&str, bool)]) -> Result<(), Die> {
    guest.tree.make_directory("/etc/systemd/system-preset")?;
    guest.tree.write("/etc/systemd/system-preset/00-pve.preset", &text(own))
}

fn text(own: &[(&str, bool)]) -> String {
    let units: BTreeMap<&str, bool> = ALWAYS.iter().chain(own).copied().collect();
    let line = |(unit, on): (&str, bool)| format!("{} {unit}\n", if on { "enable" } else { "disable" });
    let lines: String = units.into_iter().map(line).collect();
    format!("# Added by PVE at create-time for first-boot configuration.\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_recorded_file_comes_out() {
        assert_eq!(
            text(&[("systemd-networkd.service", false)]),
            "# Added by PVE at create-time for first-boot configuration.\nenable container-getty@.service\n\
             disable getty@.service\ndisable sys-kernel-config.mount\ndisable sys-kernel-debug.mount\n\
             disable systemd-networkd.service\n"
        );
    }
}
