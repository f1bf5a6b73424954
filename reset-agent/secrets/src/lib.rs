//! A customer's secrets: read where they lie encrypted, checked, and written as one env file. Nothing here talks to a
//! guest, and nothing is ever shown: values are wiped when dropped and have no readable `Debug`.
//!
//! ```text
//! age file ──────────────► plain (NAME=value lines) ──┐
//! sops file ─► data key ─► values, MAC ───────────────┼──► SecretSet ──► env_file::render
//! answers of `bw serve` ──► items ────────────────────┘
//! ```
//!
//! | module | job |
//! |---|---|
//! | [`name`], [`value`], [`set`] | what may be a secret's name, its value, and all of a customer's |
//! | [`age`] | identities, and what they open |
//! | [`plain`] | `NAME=value` lines, as an age file holds them |
//! | [`sops`] | files as sops writes them for age |
//! | [`bitwarden`] | answers of the Bitwarden CLI's REST mode |
//! | [`env_file`] | the one file that a guest gets |

pub mod age;
pub mod bitwarden;
pub mod env_file;
pub mod name;
pub mod plain;
pub mod set;
pub mod sops;
pub mod value;

pub use name::SecretName;
pub use set::SecretSet;
pub use value::SecretValue;
