//! SSH keys as bytes and text: nothing here opens a file. The public half is read where every identity is, in
//! [`spec::identity::reading`].
//!
//! Only structure is looked at (OpenSSH's `PROTOCOL.key` and RFC 4253 §6.6): enough to tell a whole key from an
//! empty, cut or foreign file and to know its public half. No secret part is kept or shown.

mod algorithm;
mod private;
#[cfg(test)]
pub(crate) mod sample;

pub use algorithm::KeyAlgorithm;
pub use private::{KeyFault, PrivateHalf, examine_private};
pub use spec::identity::reading::{NotAPublicKey, PublicHalf};
