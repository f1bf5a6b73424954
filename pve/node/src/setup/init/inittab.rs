//! Terminals in `/etc/inittab`.

use crate::error::Die;
use crate::setup::detect::Version;
use crate::setup::guest::Guest;

const PATH: &str = "/etc/inittab";

/// System V init: terminals, and the end when the node says that power fails.
pub(super) fn debian(guest: &Guest<'_>) -> Result<(), Die> {
    let Some(old) = guest.tree.read(PATH)? else { return Ok(()) };
    let options = if guest.system.version < Version(7, 0) { "-L" } else { "--noclear" };
    let tty = |n: u8| {
        let levels = if n == 1 { "2345" } else { "23" };
        format!("{n}:{levels}:respawn:/sbin/getty {options} 38400 tty{n}\n")
    };
    let kept = kept(&old, |line| starts_getty(line, "") || is_power(line));
    let ttys: String = (1..=guest.ttys()).map(tty).collect();
    guest.tree.write(PATH, &format!("{kept}p0::powerfail:/sbin/init 0\n{ttys}"))
}

/// Busybox init.
pub(super) fn alpine(guest: &Guest<'_>) -> Result<(), Die> {
    let Some(old) = guest.tree.read(PATH)? else { return Ok(()) };
    let kept = kept(&old, |line| starts_getty(line, "tty"));
    let ttys =
        (1..=guest.ttys()).map(|n| format!("tty{n}::respawn:/sbin/getty 38400 tty{n}\n")).collect::<Vec<_>>().concat();
    guest.tree.write(PATH, &(kept + &ttys))
}

/// System V init again, which must be there.
pub(super) fn gentoo(guest: &Guest<'_>) -> Result<(), Die> {
    let old = guest.tree.need(PATH)?;
    let kept = kept(&old, |line| starts_getty(line, "") || starts_getty(line, "c"));
    let ttys =
        (1..=guest.ttys()).map(|n| format!("{n}::respawn:/sbin/agetty 38400 tty{n}\n")).collect::<Vec<_>>().concat();
    guest.tree.write(PATH, &(kept + &ttys))
}

/// The lines that stay; empty ones at the end do not.
fn kept(text: &str, goes: impl Fn(&str) -> bool) -> String {
    let text = text.trim_end_matches('\n');
    text.split('\n').filter(|line| !goes(line)).collect::<Vec<_>>().join("\n") + "\n"
}

/// `<prefix>N:levels:action:…getty…`.
fn starts_getty(line: &str, prefix: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mut fields = line.trim_start().splitn(4, ':');
    let (Some(id), Some(levels), Some(_), Some(process)) = (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return false;
    };
    let id = id.strip_prefix(prefix).unwrap_or_default();
    !id.is_empty() && digits(id) && digits(levels) && process.contains("getty")
}

/// `pf:`, `pn:`, `po:`, `p0:`.
fn is_power(line: &str) -> bool {
    ["pf:", "pn:", "po:", "p0:"].iter().any(|id| line.trim_start().starts_with(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gettys_and_power_lines_are_told_from_others() {
        assert!(starts_getty("1:2345:respawn:/sbin/getty 38400 tty1", ""));
        assert!(starts_getty("tty1::respawn:/sbin/getty 38400 tty1", "tty"));
        assert!(starts_getty("c1:12345:respawn:/sbin/agetty 38400 tty1 linux", "c"));
        assert!(!starts_getty("#1:2345:respawn:/sbin/getty 38400 tty1", ""));
        assert!(!starts_getty("~~:S:wait:/sbin/sulogin", ""));
        assert!(is_power("pf::powerwait:/etc/init.d/powerfail start") && !is_power("px:"));
        assert_eq!(kept("a\n1:2:respawn:/sbin/getty\nb\n\n", |line| starts_getty(line, "")), "a\nb\n");
    }
}
