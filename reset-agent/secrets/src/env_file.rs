//! The env file that a guest gets: one line a secret, read alike by systemd's `EnvironmentFile=`, by a POSIX shell and
//! by Docker Compose's `env_file:`.
//!
//! Plain values stand as they are. Others stand in double quotes, with `"`, `\`, `$` and `` ` `` escaped: what POSIX
//! and systemd.exec(5) agree on. (`docker run --env-file` takes quotes for part of the value.)

use zeroize::Zeroizing;

use crate::set::SecretSet;

/// The file's content, names rising.
pub fn render(secrets: &SecretSet) -> Zeroizing<Vec<u8>> {
    // Grown in one piece: a vector that moves leaves its old bytes behind.
    let room = secrets.iter().map(|(name, value)| name.as_str().len() + 2 * value.expose().len() + 4).sum();
    let mut file = Zeroizing::new(Vec::with_capacity(room));
    for (name, value) in secrets.iter() {
        file.extend_from_slice(name.as_str().as_bytes());
        file.push(b'=');
        write_value(&mut file, value.expose());
        file.push(b'\n');
    }
    file
}

fn write_value(file: &mut Vec<u8>, value: &str) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+,".contains(&byte);
    if !value.is_empty() && value.bytes().all(plain) {
        return file.extend_from_slice(value.as_bytes());
    }
    file.push(b'"');
    for byte in value.bytes() {
        if matches!(byte, b'"' | b'\\' | b'$' | b'`') {
            file.push(b'\\');
        }
        file.push(byte);
    }
    file.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const HARD: &[(&str, &str)] = &[
        ("A", "plain-1.0"),
        ("B", "it's \"so\" $HOME `id` \\n"),
        ("C", ""),
        ("D", " leading # and ; trailing "),
        ("E", "ä$(id)"),
    ];

    fn set() -> SecretSet {
        let mut set = SecretSet::default();
        for (name, value) in HARD {
            set.add(name, Zeroizing::new((*value).to_owned())).unwrap();
        }
        set
    }

    #[test]
    fn s3_10_a_shell_reads_exactly_what_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("env");
        std::fs::write(&file, render(&set()).as_slice()).unwrap();
        let script = ". \"$0\"; printf '%s\\0' \"$A\" \"$B\" \"$C\" \"$D\" \"$E\"";
        let said = Command::new("sh").args(["-c", script, file.to_str().unwrap()]).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let read: Vec<&str> = said.trim_end_matches('\0').split('\0').collect();
        assert_eq!(read, HARD.iter().map(|(_, value)| *value).collect::<Vec<_>>());
    }

    #[test]
    fn never_grows_beyond_its_first_piece() {
        let mut set = SecretSet::default();
        set.add("A", Zeroizing::new("\"".repeat(1000))).unwrap();
        let room = render(&set);
        assert!(room.len() == 2000 + 5 && room.capacity() < 3000);
    }
}
