//! Listening: a unix socket, TLS, or plain loopback; one way to serve a connection, whatever it came through.

mod connection;
mod doors;
mod tls;

pub(super) use doors::Doors;
pub use doors::ListenError;
