//! Whoever signs: a key from a file, an ssh-agent or a systemd credential, and the principal whose key it is.
//!
//! | module | what it is |
//! |---|---|
//! | `source` | what `--key` says |
//! | `key` | the key itself, at hand or in an agent |
//! | `agent` | ssh-agent's protocol, as far as signing goes |
//! | `signatory` | the key's principal, and the one place where documents are signed |

mod agent;
mod key;
mod signatory;
mod source;

pub use agent::AgentError;
pub use key::KeyError;
pub use signatory::{Signatory, SignatoryError, SignersError, read_signers};
pub use source::{BadSource, KeySource};
