//! `mintmark/` beside `dump/`: where a golden's channels and log are, and its lock.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use spec::ids::{ChannelName, GoldenName};

use crate::releases::Release;

/// What the folder is called.
const NAME: &str = "mintmark";

/// Why the folder is of no use.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}")]
pub struct FolderError {
    /// What was tried, as it fits "cannot …".
    pub action: &'static str,
    /// The folder or file.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

/// A storage's `mintmark/`.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// Only who holds this writes. The kernel frees it when its holder's process ends, however it ends.
#[derive(Debug)]
pub struct Locked {
    _file: File,
}

impl Folder {
    /// The folder of the storage on which this archive lies.
    pub fn of_archive(archive: &Path) -> Self {
        let storage = archive.parent().and_then(Path::parent).unwrap_or(Path::new("."));
        Self { root: storage.join(NAME) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// A golden's log.
    pub fn log(&self, golden: &GoldenName) -> PathBuf {
        self.root.join("log").join(format!("{golden}.jsonl"))
    }

    /// A channel's document.
    pub fn channel(&self, golden: &GoldenName, channel: &ChannelName) -> PathBuf {
        self.channels_of(golden).join(format!("{channel}.json"))
    }

    fn channels_of(&self, golden: &GoldenName) -> PathBuf {
        self.root.join("channels").join(golden.as_str())
    }

    /// A golden's channels by name.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn channels(&self, golden: &GoldenName) -> Result<Vec<ChannelName>, FolderError> {
        let names = names(&self.channels_of(golden))?;
        Ok(names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect())
    }

    /// The goldens that have channels.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn goldens(&self) -> Result<Vec<GoldenName>, FolderError> {
        Ok(names(&self.root.join("channels"))?.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Makes the folder with a golden's places in it, and waits until nobody else writes there.
    ///
    /// # Errors
    /// It cannot be made, or not be locked.
    pub fn lock(&self, golden: &GoldenName) -> Result<Locked, FolderError> {
        for folder in [self.channels_of(golden), self.root.join("log")] {
            fs::create_dir_all(&folder).map_err(|source| FolderError { action: "make", path: folder, source })?;
        }
        let path = self.root.join("lock");
        let locked = || {
            let file = OpenOptions::new().create(true).write(true).truncate(false).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        match locked() {
            Ok(file) => Ok(Locked { _file: file }),
            Err(source) => Err(FolderError { action: "lock", path, source }),
        }
    }
}

/// The folders of the storages on which these releases lie.
pub fn folders(releases: &[Release]) -> Vec<Folder> {
    let folders: BTreeSet<PathBuf> =
        releases.iter().map(|release| Folder::of_archive(&release.archive()).root).collect();
    folders.into_iter().map(|root| Folder { root }).collect()
}

/// Names in a folder, sorted; none where there is no folder.
fn names(folder: &Path) -> Result<Vec<String>, FolderError> {
    let listed = || fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
    let listed: io::Result<Vec<String>> = listed();
    match listed {
        Ok(mut names) => {
            names.sort();
            Ok(names)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(FolderError { action: "list", path: folder.to_owned(), source }),
    }
}
