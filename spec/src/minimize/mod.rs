//! What an image can do without: rules as data, and which of them a recipe chose.
//!
//! | module | what it is |
//! |---|---|
//! | `pattern` | which paths are meant: `*` and `?` inside a component, `**` for any number of them |
//! | `rules` | the one table: what goes, what stays of it, who would need it, and why |
//! | `choice` | a recipe's `[minimize]`: profile, single rules, languages, paths to keep |
//! | `dpkg` | the drop-in that keeps dpkg from bringing back what went |
//!
//! Rules take files and links, never directories: a package finds its folders when it is upgraded or removed, and an
//! empty folder weighs nothing. Licences stay whatever a rule says.

mod choice;
mod dpkg;
mod pattern;
mod rules;

pub use choice::{Active, InvalidPercent, Minimize, Percent, Profile};
pub use dpkg::{DROP_IN, drop_in};
pub use pattern::{InvalidPattern, Pattern};
pub use rules::{LICENCES, RULES, Rule, rule};
