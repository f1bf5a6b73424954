//! SSH keys as bytes and text: nothing here opens a file.
//!
//! Only structure is looked at (OpenSSH's `PROTOCOL.key` and RFC 4253 §6.6): enough to tell a whole key from an
//! empty, cut or foreign file and to know its public half. No secret part is kept or shown.

mod algorithm;
mod private;
mod public;
#[cfg(test)]
pub(crate) mod sample;
mod wire;

pub use algorithm::KeyAlgorithm;
pub use private::{KeyFault, PrivateHalf, examine_private};
pub use public::{NotAPublicKey, PublicHalf};
