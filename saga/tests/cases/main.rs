//! All cases of the saga engine in one program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

mod endings;
mod laws;
mod notes;
mod ownership;
mod prefixes;
mod stopping;
mod toy;
