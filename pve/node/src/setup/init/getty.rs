//! systemd's gettys: as many as the guest has terminals.

use super::systemd::unit_directory;
use crate::error::Die;
use crate::setup::guest::Guest;

const WANTS: &str = "/etc/systemd/system/getty.target.wants";

/// Lets container-getty@.service find its terminals, and enables as many as are configured.
pub(super) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let tree = &guest.tree;
    let template = format!("{}/container-getty@.service", unit_directory(tree));
    if !tree.is_file(&template) {
        return Ok(());
    }
    let unit = tree.need(&template)?;
    if let Some(unit) = with_terminal(&unit, &format!("{}tty%I", guest.tty_directory())) {
        tree.write(&template, &unit)?;
    }
    for tty in 1..=6 {
        // Two gettys must never share a terminal.
        tree.remove(&format!("{WANTS}/getty@tty{tty}.service"))?;
        let wanted = format!("{WANTS}/container-getty@{tty}.service");
        tree.remove(&wanted)?;
        if tty <= guest.ttys() {
            tree.link_if_free(&template, &wanted)?;
        }
    }
    // It may have been masked.
    tree.remove("/etc/systemd/system/getty.target")
}

/// The unit with its terminal's name; none where it names none that is known.
fn with_terminal(unit: &str, terminal: &str) -> Option<String> {
    // The mark keeps a name that was put in from being taken for one that was there.
    let marked = unit.replace("lxc/tty%I", "\0").replace("pts/%I", "\0");
    marked.contains('\0').then(|| marked.replace('\0', terminal))
}

/// Before there was a container-getty, getty itself must not wait for a console that a container lacks.
pub(super) fn mend_old(guest: &Guest<'_>) -> Result<(), Die> {
    let directory = unit_directory(&guest.tree);
    let path = format!("{directory}/getty@.service");
    let Some(unit) = guest.tree.read(&path)? else { return Ok(()) };
    let has_own = guest.tree.is_file(&format!("{directory}/container-getty@.service"));
    let (from, to) = if has_own { ("/dev/tty", "/dev/tty0") } else { ("/dev/tty0", "/dev/tty") };
    let from = format!("ConditionPathExists={from}");
    let Some(at) = unit.split('\n').position(|line| line == from) else { return Ok(()) };
    let line = |(n, line): (usize, &str)| if n == at { format!("ConditionPathExists={to}") } else { line.to_owned() };
    let mended: Vec<String> = unit.split('\n').enumerate().map(line).collect();
    guest.tree.write(&path, &mended.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::with_terminal;

    #[test]
    fn the_terminal_is_named_wherever_it_stands() {
        let unit = "ConditionPathExists=/dev/pts/%I\nTTYPath=/dev/pts/%I\n";
        assert_eq!(with_terminal(unit, "tty%I").unwrap(), unit.replace("pts/%I", "tty%I"));
        let mine = "TTYPath=/dev/lxc/tty%I\n";
        assert_eq!(with_terminal(mine, "lxc/tty%I").unwrap(), mine);
        assert_eq!(with_terminal("TTYPath=/dev/tty%I\n", "tty%I"), None);
    }
}
