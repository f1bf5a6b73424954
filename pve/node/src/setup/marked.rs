//! Proxmox's own block in a file that is otherwise the guest's. Pure, but for [`place`].

use super::rooted::Root;
use crate::error::Die;

const BEGIN: &str = "# --- BEGIN PVE ---\n";
const END: &str = "# --- END PVE ---\n";

/// Where a block goes in a file that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fresh {
    /// Behind what is there.
    Behind,
    /// Before what is there.
    Before,
    /// In place of all that is there.
    Instead,
}

/// Puts a block with these lines into a file of the tree. Without lines a block that is there is emptied, and a file
/// that held nothing else is removed where `removable`. `mode` is for a file without a block.
pub(super) fn place(tree: &Root, path: &str, lines: &str, fresh: Fresh, mode: u32, removable: bool) -> Result<(), Die> {
    if tree.ignored(path) {
        return Ok(());
    }
    let old = if tree.is_file(path) { tree.read(path)? } else { None };
    match placed(old.as_deref(), lines, fresh) {
        Placed::Updated(text) => tree.write(path, &text),
        Placed::New(text) => tree.write_with_mode(path, &text, mode),
        Placed::Nothing if removable => tree.remove(path),
        Placed::Nothing | Placed::Unchanged => Ok(()),
    }
}

/// What becomes of a file.
#[derive(Debug, PartialEq, Eq)]
enum Placed {
    /// It stays as it is.
    Unchanged,
    /// Its block has new lines.
    Updated(String),
    /// It gets a block.
    New(String),
    /// It held an empty block and nothing else.
    Nothing,
}

fn placed(old: Option<&str>, lines: &str, fresh: Fresh) -> Placed {
    let end = if lines.is_empty() || lines.ends_with('\n') { "" } else { "\n" };
    let block = format!("{BEGIN}{lines}{end}{END}");
    let Some(old) = old else {
        return if lines.is_empty() { Placed::Unchanged } else { Placed::New(block) };
    };
    let old = old.trim_end_matches('\n');
    let rows: Vec<&str> = if old.is_empty() { Vec::new() } else { old.split('\n').collect() };
    let begin = rows.iter().position(|row| is_marker(row, "BEGIN"));
    let end = begin.and_then(|from| rows.iter().skip(from).position(|row| is_marker(row, "END")).map(|n| from + n));
    match (begin, end) {
        (Some(0), Some(end)) if lines.is_empty() && end + 1 == rows.len() => Placed::Nothing,
        (Some(begin), Some(end)) => {
            let line = |row: &&str| format!("{row}\n");
            let before: String = rows.iter().take(begin).map(line).collect();
            let after: String = rows.iter().skip(end + 1).map(line).collect();
            Placed::Updated(format!("{before}{block}{after}"))
        }
        _ if lines.is_empty() => Placed::Unchanged,
        _ => Placed::New(match fresh {
            Fresh::Behind => format!("{old}\n{block}"),
            Fresh::Before => format!("{block}{old}\n"),
            Fresh::Instead => block,
        }),
    }
}

/// Blanks around the words of a marker are the guest's own business.
fn is_marker(row: &str, word: &str) -> bool {
    let rest = row.strip_prefix('#').map(str::trim_start).and_then(|rest| rest.strip_prefix("---"));
    let rest = rest.map(str::trim_start).and_then(|rest| {
        let head = rest.get(..word.len())?;
        let same = if word == "END" { head.eq_ignore_ascii_case(word) } else { head == word };
        same.then(|| rest.get(word.len()..))?
    });
    rest.map(str::trim_start).is_some_and(|rest| {
        rest.starts_with("PVE") || (word == "END" && rest.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("PVE")))
    })
}

/// A text without what stands between the first mark and the last.
pub(super) fn outside(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let marks =
        |mark: &'static str| move |line: &&str| line.trim_start_matches([' ', '\t']).starts_with(mark.trim_end());
    let begin = lines.iter().position(marks(BEGIN));
    let end = lines.iter().rposition(marks(END));
    match begin.zip(end) {
        Some((begin, end)) if begin < end => {
            let kept = lines.iter().take(begin).chain(&[""]).chain(lines.iter().skip(end + 1));
            kept.copied().collect::<Vec<_>>().join("\n")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_made_updated_and_emptied() {
        let block = "# --- BEGIN PVE ---\nx\n# --- END PVE ---\n";
        assert_eq!(placed(None, "x\n", Fresh::Behind), Placed::New(block.into()));
        assert_eq!(placed(None, "", Fresh::Behind), Placed::Unchanged);
        assert_eq!(placed(Some("a\n\n\n"), "x", Fresh::Behind), Placed::New(format!("a\n{block}")));
        assert_eq!(placed(Some("a\n"), "x", Fresh::Before), Placed::New(format!("{block}a\n")));
        assert_eq!(placed(Some("a\n"), "x", Fresh::Instead), Placed::New(block.into()));
        assert_eq!(placed(Some("a\n"), "", Fresh::Instead), Placed::Unchanged);
        let old = "a\n#  --- BEGIN PVE --- mine\nold\n# --- end pve ---\nb\n";
        assert_eq!(placed(Some(old), "x\n", Fresh::Instead), Placed::Updated(format!("a\n{block}b\n")));
        assert_eq!(placed(Some(block), "", Fresh::Before), Placed::Nothing);
    }

    #[test]
    fn what_is_outside_is_the_guests() {
        let text = "a\n# --- BEGIN PVE ---\n127.0.0.1 x\n# --- END PVE ---\nb\n";
        assert_eq!(outside(text), "a\n\nb\n");
        assert_eq!(outside("a\n# --- BEGIN PVE ---\nb\n"), "a\n# --- BEGIN PVE ---\nb\n");
    }
}
