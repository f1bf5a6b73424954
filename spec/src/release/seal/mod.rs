//! Signatures over exact bytes: OpenSSH's `sshsig`, trusted by an `allowed_signers` file. Files that this makes are taken
//! by `ssh-keygen -Y verify`, and the other way round.
//!
//! | module | what it is |
//! |---|---|
//! | `signature` | what is signed, and the armored file that comes of it |
//! | `signers` | an `allowed_signers` file: who may sign what, and when |

mod signature;
mod signers;

pub use signature::{SEAL_LIMIT, armored, sign, to_be_signed};
pub use signers::{AllowedSigners, BadSigners, SealError};
