//! The unix socket: who may ask, one question per line, and an orderly end.

mod listen;
mod peers;
mod server;
mod talk;

pub use listen::{ListenError, bind};
pub use peers::AllowedPeers;
pub use server::Server;
