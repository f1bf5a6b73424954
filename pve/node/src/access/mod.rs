//! Who asks, and what they may do: users, tokens and tickets, privileges on paths.
//!
//! | question | answer |
//! |---|---|
//! | who is there, and what was granted to whom? | [`UserConfig`], written as [`text`] in Proxmox's own form |
//! | what proves who somebody is? | [`Secrets`]; a [`ticket`] for a while |
//! | where is it kept? | [`AccountStore`] |
//! | is this them? | [`login`] |
//! | what may they do here? | [`effective`]; anywhere: [`overview`] |
//! | may they make this call? | [`Principal`], by what the call [declares](declared) |
//! | what may be changed, and how is it refused? | [`changes`] |

pub mod changes;
mod declared;
pub mod effective;
mod login;
pub mod names;
pub mod overview;
pub mod path;
mod principal;
mod privileges;
mod secrets;
mod store;
mod text;
mod ticket;
mod users;

pub use login::now;
pub use principal::Principal;
pub use privileges::{ALL_PRIVILEGES, BUILT_IN_ROLES};
pub use secrets::Secrets;
pub use store::AccountStore;
pub use ticket::TicketKey;
pub use users::{Grants, Group, Pool, Roles, Token, User, UserConfig};
