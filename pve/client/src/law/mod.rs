//! The retry law: of every call, whether it may be sent again, when it is done already, and where to look when nobody
//! knows. Callers ask [`CallError::next`](crate::CallError::next); `docs/reference/retry-law.md` is this table printed.
//!
//! | module | job |
//! |---|---|
//! | `rule` | what a rule says, and what follows from it |
//! | `table` | the rules |
//! | `page` | the table for people |

#[cfg(test)]
mod page;
mod rule;
mod table;

pub use rule::{Look, Next, Rule, Twice};
pub use table::RULES;
pub(crate) use table::rule_of;
