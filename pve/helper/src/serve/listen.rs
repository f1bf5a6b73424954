//! The socket file: made, given away, and taken over from a helper that died.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream as Probe;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// Root and the socket's group may connect.
const MODE: u32 = 0o660;

/// Why the socket is not there.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another helper answers on it.
    #[error("another helper serves {path:?}; stop it, or choose another --socket")]
    InUse {
        /// The socket.
        path: PathBuf,
    },
    /// Something that is no socket stands there.
    #[error("{path:?} exists and is no socket; choose another --socket")]
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {action} the socket {path:?}")]
    System {
        /// What was tried.
        action: &'static str,
        /// The socket.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Makes the socket with mode 0660, for a group if one is given. A socket on which nobody answers is replaced.
pub fn bind(path: &Path, group: Option<u32>) -> Result<UnixListener, ListenError> {
    let failed = |action: &'static str| {
        let path = path.to_owned();
        move |source| ListenError::System { action, path, source }
    };
    remove_abandoned(path)?;
    let listener = UnixListener::bind(path).map_err(failed("make"))?;
    if let Some(group) = group {
        chown(path, None, Some(group)).map_err(failed("give away"))?;
    }
    // Until here the umask has kept the group from connecting.
    fs::set_permissions(path, fs::Permissions::from_mode(MODE)).map_err(failed("set the mode of"))?;
    Ok(listener)
}

fn remove_abandoned(path: &Path) -> Result<(), ListenError> {
    match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(meta) if !meta.file_type().is_socket() => return Err(ListenError::NotASocket { path: path.to_owned() }),
        Ok(_) => {}
    }
    if Probe::connect(path).is_ok() {
        return Err(ListenError::InUse { path: path.to_owned() });
    }
    fs::remove_file(path).map_err(|source| ListenError::System { action: "replace", path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_socket_has_its_mode_and_is_taken_over_only_when_abandoned() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("helper.sock");
        let listener = bind(&path, None).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
        assert!(matches!(bind(&path, None), Err(ListenError::InUse { .. })));
        drop(listener);
        bind(&path, None).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        assert!(matches!(bind(&path, None), Err(ListenError::NotASocket { .. })));
    }
}
