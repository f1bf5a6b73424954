//! Terminals that root may log in at (securetty(5)).

use crate::error::Die;
use crate::setup::guest::Guest;

/// Adds the guest's terminals where there is such a list.
pub(in crate::setup) fn write(guest: &Guest<'_>) -> Result<(), Die> {
    let names = ["console", "tty1", "tty2", "tty3", "tty4"];
    let own: Vec<String> = names.iter().map(|name| format!("{}{name}", guest.tty_directory())).collect();
    add(guest, &own)
}

/// Adds these terminals.
pub(in crate::setup) fn add(guest: &Guest<'_>, terminals: &[String]) -> Result<(), Die> {
    match guest.tree.read("/etc/securetty")? {
        Some(old) => guest.tree.write("/etc/securetty", &with(&old, terminals)),
        None => Ok(()),
    }
}

fn with(old: &str, terminals: &[String]) -> String {
    let mut text = old.strip_suffix('\n').unwrap_or(old).to_owned() + "\n";
    for terminal in terminals {
        if !text.lines().any(|line| line.trim_end() == terminal) {
            text.extend([terminal.as_str(), "\n"]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::with;

    #[test]
    fn only_what_is_missing_is_added() {
        let terminals = ["console", "tty1"].map(str::to_owned);
        assert_eq!(with("console \nother\n", &terminals), "console \nother\ntty1\n");
        assert_eq!(with("", &terminals), "\nconsole\ntty1\n");
    }
}
