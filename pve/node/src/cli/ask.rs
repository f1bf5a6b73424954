//! Asking the person at the terminal.

use std::io::{IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::error::Die;

/// A password, asked for twice.
pub(super) fn password() -> Result<String, Die> {
    let (first, second) = (secret("Enter password: ")?, secret("Retype password: ")?);
    if first == second { Ok(first) } else { Err(Die::text("Passwords do not match.")) }
}

/// A new password of a user, asked for twice.
pub(super) fn new_password() -> Result<String, Die> {
    let (first, second) = (secret_line("Enter new password: ")?, secret_line("Retype new password: ")?);
    if first == second { Ok(first) } else { Err(Die::text("passwords do not match")) }
}

/// The password that a user has.
pub(super) fn known_password() -> Result<String, Die> {
    secret_line("Enter password: ")
}

/// The same as [`secret`], but a pipe is read without a word, and must not be at its end.
fn secret_line(prompt: &str) -> Result<String, Die> {
    let line = if std::io::stdin().is_terminal() { secret(prompt) } else { secret("") }?;
    if line.is_empty() { Err(Die::text("EOF while reading password")) } else { Ok(line) }
}

/// A line of standard input that a terminal does not show.
fn secret(prompt: &str) -> Result<String, Die> {
    let input = std::io::stdin();
    let fails = Die::sys("ask at", "/dev/stdin");
    let shown = if input.is_terminal() { Some(tcgetattr(&input).map_err(fails)?) } else { None };
    if let Some(shown) = &shown {
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&input, OptionalActions::Flush, &hidden).map_err(Die::sys("ask at", "/dev/stdin"))?;
    }
    eprint!("{prompt}");
    let _ = std::io::stderr().flush();
    let mut line = String::new();
    let read = input.read_line(&mut line);
    if let Some(shown) = &shown {
        let _ = tcsetattr(&input, OptionalActions::Flush, shown);
        eprintln!();
    }
    read.map_err(Die::io("read", "/dev/stdin"))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
