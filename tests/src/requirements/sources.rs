//! All tests of the workspace, read from its sources.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::tests::{Reader, Test};

/// Folders that hold no sources of ours.
const PASSED_BY: &[&str] = &["target", ".git", "node_modules"];

/// The repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All tests below `root`, in order of file and place.
///
/// # Errors
/// A file or folder cannot be read.
pub fn all_tests(root: &Path) -> Result<Vec<Test>> {
    let reader = Reader::new()?;
    let mut waiting = vec![root.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = waiting.pop() {
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let name = entry.file_name();
            if entry.file_type()?.is_dir() {
                let passed_by = PASSED_BY.iter().any(|passed| name == *passed);
                waiting.extend((!passed_by).then_some(path));
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut tests = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let file = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        tests.extend(reader.read(&file, &text));
    }
    Ok(tests)
}
