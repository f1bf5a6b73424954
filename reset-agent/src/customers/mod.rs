//! Customers and their secrets: who is registered with which collection, and how its secrets reach the guest.
//!
//! Secrets follow identity: nothing is written to a guest that was not verified, that is not the one the registration
//! is bound to, or whose host key nobody vouches for. What is journaled or printed are names and counts.
//!
//! | module | job |
//! |---|---|
//! | `reference` | where a customer's secrets lie: `age:acme` |
//! | `fetch` | from there to a set of secrets in memory |
//! | `vault` | a collection of a Bitwarden vault, over `bw serve` |
//! | `binding` | whether the live guest is the one that the registration is bound to |
//! | `route` | the way into the guest: the helper's, or SSH's |
//! | `delivery` | all of it in order, for a run's step and for `customers deliver` |

mod binding;
mod delivery;
mod fetch;
mod reference;
mod route;
mod vault;

pub use binding::{Mismatch, mismatch};
pub use delivery::{Delivery, DeliveryError, deliver, withdraw};
pub use fetch::{FetchError, fetch};
pub use reference::{BadSecretsRef, SecretsRef};
pub use route::{Reachable, Route, RouteError};
pub use vault::VaultError;
