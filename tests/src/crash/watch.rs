//! A look at every configuration all the time: no guest shows the golden's address or name, not for an instant.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow};
use spec::identity::IdentityKind;
use spec::release::Manifest;

/// Somebody who looks, until asked.
pub(super) struct Watch {
    ended: Arc<AtomicBool>,
    looks: JoinHandle<Seen>,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How often there was a guest's configuration to look at.
    pub(super) looks: u64,
    /// What must not be seen.
    pub(super) broken: Vec<String>,
}

impl Watch {
    /// Begins to look at a folder of configurations.
    pub(super) fn over(folder: PathBuf, golden: &Manifest) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let marks = marks(golden);
        let stop = Arc::clone(&ended);
        let looks = thread::spawn(move || {
            let mut seen = Seen::default();
            while !stop.load(Ordering::Relaxed) {
                look(&folder, &marks, &mut seen);
                thread::park_timeout(Duration::from_millis(2));
            }
            seen
        });
        Self { ended, looks }
    }

    /// Ends it.
    pub(super) fn end(self) -> Result<Seen> {
        self.ended.store(true, Ordering::Relaxed);
        self.looks.thread().unpark();
        self.looks.join().map_err(|_| anyhow!("the watch over the guests' configurations broke off"))
    }
}

/// What is the golden's, as a configuration would show it.
fn marks(golden: &Manifest) -> Vec<String> {
    let shown = |kind: &IdentityKind, value: &str| match kind {
        IdentityKind::Mac => Some(value.to_ascii_lowercase()),
        IdentityKind::Hostname => Some(format!("hostname: {}\n", value.to_ascii_lowercase())),
        _ => None,
    };
    golden.forbidden.iter().filter_map(|identity| shown(&identity.kind, &identity.value)).collect()
}

fn look(folder: &Path, marks: &[String], seen: &mut Seen) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let text = fs::read_to_string(entry.path()).unwrap_or_default().to_ascii_lowercase();
        seen.looks += u64::from(text.contains("net0:"));
        if seen.broken.is_empty() && marks.iter().any(|mark| text.contains(mark)) {
            seen.broken.push(format!("I1: {} shows what is the golden's: {text}", entry.path().display()));
        }
    }
}
