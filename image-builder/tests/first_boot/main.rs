//! The first-boot compiler over fixture trees: the systems that goldens are made of, with the directives that their
//! packages have. What it says of trees that packages made, and what really happened in guests booted from them, is in
//! `docs/decisions/0004-releases.md` and in the story of the same name.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod debian;
mod elsewhere;
mod refused;
mod tree;
