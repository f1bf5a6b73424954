//! What two builds of the same would have different, removed at its root: dates, and caches that hold this machine's
//! inode numbers. Everything here is right for a guest too; what only a comparison would want left out is left out
//! there.

use std::path::Path;

use firstboot_unit::root::{Kind, NewFile, Root, RootError};

/// Longer ones are no file of a system's own.
const CAP: u64 = 8 << 20;
const DAY: u64 = 24 * 60 * 60;
/// Passwords and the day they were changed on, and dpkg's-style backup of the same.
const SHADOWS: [&str; 2] = ["/etc/shadow", "/etc/shadow-"];
/// systemd writes the time of `/usr` into these at each update, and at a boot looks whether `/usr` is newer.
const UPDATED: [&str; 2] = ["/etc/.updated", "/var/.updated"];
const UPDATED_KEY: &str = "TIMESTAMP_NSEC=";
/// ldconfig's cache of inode numbers and times; without it the next ldconfig reads the libraries again.
const LDCONFIG: &str = "/var/cache/ldconfig/aux-cache";

/// Why a tree could not be settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// A file does not read or write.
    #[error("a file cannot be settled")]
    File(#[from] RootError),
}

/// Settles the tree of a stopped build guest. Twice the same.
pub(crate) fn settle(root: &Root, epoch: u64) -> Result<(), SettleError> {
    for shadow in SHADOWS {
        rewrite(root, shadow, |text| changed_on(text, epoch / DAY))?;
    }
    for updated in UPDATED {
        rewrite(root, updated, |text| updated_at(text, epoch))?;
    }
    if root.stat(LDCONFIG)?.is_some_and(|stat| stat.kind == Kind::File) {
        root.remove(LDCONFIG)?;
    }
    Ok(())
}

/// Rewrites a text in place; a file that is not there, or is no text, is left.
fn rewrite(root: &Root, path: impl AsRef<Path>, change: impl Fn(&str) -> String) -> Result<(), SettleError> {
    let path = path.as_ref();
    let Some(stat) = root.stat(path)?.filter(|stat| stat.kind == Kind::File) else { return Ok(()) };
    let Some(Ok(text)) = root.read(path, CAP)?.map(String::from_utf8) else { return Ok(()) };
    let changed = change(&text);
    if changed != text {
        root.write(path, changed.as_bytes(), NewFile::like(&stat))?;
    }
    Ok(())
}

/// `shadow` with every password changed on one day; the days that mean something (none, and 0 for "must change") stay.
fn changed_on(shadow: &str, day: u64) -> String {
    let line = |line: &str| {
        let mut fields: Vec<&str> = line.split(':').collect();
        let day = day.to_string();
        if let Some(field) = fields.get_mut(2).filter(|field| field.parse::<u64>().is_ok_and(|day| day > 0)) {
            *field = &day;
        }
        fields.join(":")
    };
    shadow.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// systemd's note with another time in it.
fn updated_at(note: &str, epoch: u64) -> String {
    let line = |line: &str| match line.strip_prefix(UPDATED_KEY) {
        Some(_) => format!("{UPDATED_KEY}{epoch}000000000"),
        None => line.to_owned(),
    };
    note.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_were_all_changed_on_one_day_but_those_that_must_change_still_must() {
        let shadow = "root:*:20413:0:99999:7:::\nnew:!:20414::::::\nmust:x:0:0:99999:7:::\nnone:*::0:::::\n";
        let expected = "root:*:20000:0:99999:7:::\nnew:!:20000::::::\nmust:x:0:0:99999:7:::\nnone:*::0:::::\n";
        assert_eq!(changed_on(shadow, 20000), expected);
        assert_eq!(changed_on(expected, 20000), expected);
    }

    #[test]
    fn systemds_note_keeps_its_words() {
        let note = "# This file was created by systemd-update-done.\nTIMESTAMP_NSEC=1795279694123456789\n";
        let expected = "# This file was created by systemd-update-done.\nTIMESTAMP_NSEC=1795000000000000000\n";
        assert_eq!(updated_at(note, 1_795_000_000), expected);
    }

    #[test]
    fn s2_12_two_trees_that_differ_by_their_day_and_machine_are_equal_once_settled() {
        let settled = |day: u64, inode: &str| {
            let folder = tempfile::tempdir().unwrap();
            let write = |path: &str, text: &str| {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            };
            write("etc/shadow", &format!("root:*:{day}:0:99999:7:::\n"));
            write("etc/.updated", &format!("TIMESTAMP_NSEC={day}\n"));
            write("var/cache/ldconfig/aux-cache", inode);
            let root = Root::open(folder.path()).unwrap();
            settle(&root, 1_795_000_000).unwrap();
            settle(&root, 1_795_000_000).unwrap();
            let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).ok();
            ["etc/shadow", "etc/.updated", "var/cache/ldconfig/aux-cache"].map(read)
        };
        assert_eq!(settled(20413, "7"), settled(20999, "8"));
        assert!(settled(20413, "7")[1].as_deref().is_some_and(|text| text.contains("1795000000")));
    }
}
