//! Two twins of one golden compared: what is equal in both and looks drawn is an identity that nobody listed.
//!
//! Restored from one archive and booted side by side, twins may have in common what the golden is made of, and nothing
//! that tells a machine from another. So: leave out what the package database vouches for and what the catalog lists
//! ([`reading`]), look in the rest for pieces that were drawn and not written ([`tokens`], [`randomness`]), inside of
//! SQLite databases too ([`sqlite`]), and ask of each piece that both twins hold where it comes from ([`explain`]). What
//! remains is [`mod@shared`]. The same readings, taken after two boots of one twin, tell what is drawn anew every time
//! ([`mod@unstable`]).

mod explain;
mod packages;
mod randomness;
mod reading;
mod shared;
mod sqlite;
mod tokens;
mod unstable;

#[cfg(test)]
mod tests;

pub use explain::Explained;
pub(crate) use explain::Explanations;
pub(crate) use reading::{Ownership, TreeReading};
pub(crate) use shared::{Shared, shared};
pub(crate) use tokens::Token;
pub use tokens::TokenKind;
pub(crate) use unstable::unstable;
