//! Fleets made from a seed, with planted collisions, near-misses, and the truth about both.
//!
//! A guest is a function of the fleet's seed and the guest's place, so a fleet of a million is never in memory: it is
//! made while it is judged.
//!
//! | module | job |
//! |---|---|
//! | `draw` | numbers and hex from a seed |
//! | `clean` | a guest that shares nothing with anybody |
//! | `plant` | what can be planted: every way to collide, and every way to seem to |
//! | `effect` | what a plant does to its guests, and what is to be found then |
//! | `fleet` | guests and truth of a seed and a size |
//! | `trial` | a fleet judged, and held against its truth |
//! | [`moduli`] | RSA moduli, thousands of them in seconds, some with shared primes |

mod clean;
mod draw;
mod effect;
mod fleet;
pub mod moduli;
mod plant;
mod trial;

pub use clean::Profile;
pub use fleet::{Fleet, Made, Truth};
pub use plant::Plant;
pub use trial::{found, judge};
