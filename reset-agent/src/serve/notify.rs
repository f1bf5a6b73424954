//! Telling systemd how the service is: sd_notify(3), which is one datagram.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Tells the state (`READY=1`, `STOPPING=1`) to whoever started us, if it asked to be told.
pub(super) fn tell(state: &str) {
    let Some(place) = std::env::var_os("NOTIFY_SOCKET") else { return };
    if let Err(error) = send(place.as_encoded_bytes(), state) {
        tracing::warn!(%error, "systemd was not told {state}");
    }
}

fn send(place: &[u8], state: &str) -> std::io::Result<()> {
    let address = match place {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        path => {
            SocketAddr::from_pathname(std::path::Path::new(std::str::from_utf8(path).map_err(std::io::Error::other)?))?
        }
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(|_| ())
}
