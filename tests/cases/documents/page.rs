//! The pages, and what stands in their blocks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::words;

/// A page of the documentation.
pub(crate) struct Page {
    /// Its path in the repository.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All pages.
pub(crate) fn pages() -> Vec<Page> {
    let mut waiting = vec![PathBuf::from("docs"), PathBuf::from("README.md"), PathBuf::from("CONTRIBUTING.md")];
    let mut pages = Vec::new();
    while let Some(path) = waiting.pop() {
        let full = repository().join(&path);
        if full.is_dir() {
            waiting.extend(fs::read_dir(&full).unwrap().map(|entry| path.join(entry.unwrap().file_name())));
        } else if path.extension().is_some_and(|end| end == "md") {
            pages.push(Page { text: fs::read_to_string(full).unwrap(), path });
        }
    }
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    pages
}

impl Page {
    /// The commands in its blocks of shell, each with where it stands. Blocks without a language count as shell.
    pub(crate) fn commands(&self) -> Vec<(String, Vec<String>)> {
        let mut commands = Vec::new();
        let mut shell = None;
        let mut begun = String::new();
        for (index, line) in self.text.lines().enumerate() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                shell = if shell.is_some() { None } else { Some(matches!(language, "" | "sh")) };
                continue;
            }
            if shell != Some(true) {
                continue;
            }
            begun.push_str(line.trim().trim_start_matches("$ "));
            if let Some(part) = begun.strip_suffix('\\') {
                begun = format!("{part} ");
                continue;
            }
            let place = format!("{}:{}", self.path.display(), index + 1);
            let line = std::mem::take(&mut begun);
            commands.extend(words(&line).into_iter().map(|words| (place.clone(), words)));
        }
        commands
    }
}
