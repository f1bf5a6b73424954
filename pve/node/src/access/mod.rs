//! Who asks, and what they may do: API tokens, and privileges on paths.

mod principal;
mod tokens;

pub use principal::{ALL_PRIVILEGES, Grants, Principal};
pub use tokens::{TokenError, TokenStore};
