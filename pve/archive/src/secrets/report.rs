//! What was found: left behind, or shipped by a package and unchanged.

use serde::Serialize;

use super::names;
use crate::dpkg::Dpkg;
use crate::error::ArchiveError;
use crate::md5::Md5Sum;
use crate::member::shown;

/// Secrets that are listed; an image with more is not to be mended file by file.
const MOST: usize = 10_000;

/// A file that holds a secret. What it holds is never repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Secret {
    /// The path inside the guest.
    pub path: String,
    /// What kind of secret.
    pub what: &'static str,
}

/// A file that looks like one, but is what a package brings to everybody: an example, a test, a manual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shipped {
    /// The path inside the guest.
    pub path: String,
    /// What it looks like.
    pub what: &'static str,
    /// The package; its `md5sums` has the file as it is.
    pub package: String,
}

/// Collects what is found.
pub(crate) struct Report(Vec<Found>);

struct Found {
    path: Vec<u8>,
    what: &'static str,
    /// Of the whole file; nothing where that was too large to be read twice.
    sum: Option<Md5Sum>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes what a file that is not empty holds, by its content and by its name. `sum` is asked only then.
    pub(crate) fn note(
        &mut self,
        path: &[u8],
        content: Vec<&'static str>,
        sum: impl FnOnce() -> Option<Md5Sum>,
    ) -> Result<(), ArchiveError> {
        let mut all = content;
        all.extend(names::by_name(path).filter(|_| all.is_empty()));
        if all.is_empty() {
            return Ok(());
        }
        let sum = sum();
        self.0.extend(all.into_iter().map(|what| Found { path: path.to_owned(), what, sum }));
        if self.0.len() > MOST {
            return Err(ArchiveError::TooMuch { what: "secrets", limit: MOST as u64 });
        }
        Ok(())
    }

    /// Tells what packages ship from what was left behind.
    pub(crate) fn finish(self, dpkg: &Dpkg) -> (Vec<Secret>, Vec<Shipped>) {
        let (mut secrets, mut shipped) = (Vec::new(), Vec::new());
        for Found { path, what, sum } in self.0 {
            let package = sum.and_then(|sum| dpkg.vouches(&path, sum));
            let path = format!("/{}", shown(&path));
            match package {
                Some(package) => shipped.push(Shipped { path, what, package: package.to_owned() }),
                None => secrets.push(Secret { path, what }),
            }
        }
        (secrets, shipped)
    }
}
