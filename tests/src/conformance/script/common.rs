//! What several scenarios have in common: named lines (`common.lines`) and whole sections (`NAME.part`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::lines::{Block, blocks};

/// The file of the named lines.
const LINES: &str = "common.lines";

/// The folder of the scenarios, with what they share.
#[derive(Debug, Default)]
pub(crate) struct Common {
    folder: PathBuf,
    /// Name to lines, which may name others in turn.
    lines: BTreeMap<String, Vec<String>>,
}

impl Common {
    /// Reads the named lines of a folder; a folder without them has none.
    pub(crate) fn read(folder: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(folder.join(LINES)).unwrap_or_default();
        let blocks = blocks(&text).map_err(|line| format!("{LINES}:{line}: indent by four blanks below a name"))?;
        let named =
            |block: &Block<'_>| (block.head.to_owned(), block.body.iter().map(|line| (*line).to_owned()).collect());
        Ok(Self { folder: folder.to_owned(), lines: blocks.iter().map(named).collect() })
    }

    /// The text of a part.
    pub(super) fn part(&self, name: &str) -> Result<String, String> {
        let file = self.folder.join(format!("{name}.part"));
        fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// Lines with every `@name` and `@name WORD` replaced by what it stands for; there, `{it}` is the word.
    pub(super) fn expanded(&self, body: &[&str]) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        for line in body {
            let Some(call) = line.strip_prefix('@') else {
                lines.push((*line).to_owned());
                continue;
            };
            let (name, word) = call.split_once(' ').unwrap_or((call, "{it}"));
            let named = self.lines.get(name).ok_or_else(|| format!("no lines are called `{name}`"))?;
            let filled: Vec<String> = named.iter().map(|line| line.replace("{it}", word)).collect();
            lines.extend(self.expanded(&filled.iter().map(String::as_str).collect::<Vec<_>>())?);
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_lines_are_put_in_with_their_word() {
        let lines = [("disk", vec!["disk of {it}", "@end"]), ("end", vec!["done"])];
        let own = |(name, lines): (&str, Vec<&str>)| (name.to_owned(), lines.into_iter().map(str::to_owned).collect());
        let common = Common { folder: PathBuf::new(), lines: lines.into_iter().map(own).collect() };
        assert_eq!(common.expanded(&["a", "@disk {vm1}"]).unwrap(), ["a", "disk of {vm1}", "done"]);
        assert!(common.expanded(&["@nosuch"]).is_err());
    }
}
