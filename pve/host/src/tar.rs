//! GNU tar as a reader of archives: it lists what it finds in a stream that it is fed.
//!
//! It is what Proxmox unpacks containers with, so what it sees in an archive is what a guest would get.

use std::process::{ChildStdin, ChildStdout};

use crate::process::{CommandError, Invocation, Piped};

/// Bytes of the pipe to it.
const PIPE_BYTES: usize = 1 << 20;

/// A tar that lists. Its listing must be read while it is fed.
#[derive(Debug)]
pub struct Lister {
    /// What it is: `GNU tar 1.35`.
    pub name: String,
    /// Where it takes the archive, not compressed.
    pub stdin: ChildStdin,
    /// Where it lists, one line a member: type and mode, owner in numbers, size, time, and the name quoted as in C.
    pub stdout: ChildStdout,
    /// The program.
    pub program: Piped,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum ListerError {
    /// It is not installed, or does not start.
    #[error("GNU tar cannot be run")]
    Run(#[from] CommandError),
    /// Another tar.
    #[error("`tar` is {0:?}, and not GNU tar, which Proxmox unpacks with")]
    AnotherTar(String),
}

/// Starts it.
pub fn lister() -> Result<Lister, ListerError> {
    let said = Invocation::new("tar").arg("--version").ok()?.stdout;
    let name =
        name(&said).ok_or_else(|| ListerError::AnotherTar(said.lines().next().unwrap_or_default().to_owned()))?;
    let list = ["--list", "--verbose", "--numeric-owner", "--quoting-style=c", "--utc", "--file=-"];
    // The largest records make the fewest system calls.
    let listing = Invocation::new("tar").args(list).arg("--blocking-factor=1024");
    let (program, stdin, stdout) = listing.piped()?;
    // A hint: a system that allows no such pipe has a smaller one, and more switches between the two.
    let _ = rustix::pipe::fcntl_setpipe_size(&stdin, PIPE_BYTES);
    Ok(Lister { name, stdin, stdout, program })
}

/// `GNU tar 1.35` from `tar (GNU tar) 1.35`.
fn name(version: &str) -> Option<String> {
    let number = version.lines().next()?.strip_prefix("tar (GNU tar) ")?;
    Some(format!("GNU tar {}", number.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_gnu_tar_is_gnu_tar() {
        assert_eq!(name("tar (GNU tar) 1.35\nCopyright").as_deref(), Some("GNU tar 1.35"));
        assert_eq!(name("bsdtar 3.7.4 - libarchive 3.7.4"), None);
        assert_eq!(name(""), None);
    }
}
