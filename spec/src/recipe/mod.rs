//! A recipe: what a golden is made of, as a person writes it in `golden.toml` and keeps it in git.
//!
//! Two forms, and one way from the first to the second:
//!
//! - a [`Fragment`] is the recipe as written: every key optional, no key unknown;
//! - a [`Recipe`] is the recipe as accepted: every default filled in, every value of its type.
//!
//! [`Recipe::from_toml`] goes all the way and reports every mistake at once, each with the path of its key. Nothing
//! here touches a file: paths in a recipe are relative to it, and the builder reads them.

mod accepted;
mod check;
mod fragment;
mod golden_ref;
mod keys;
mod problem;
mod public_key;

pub use accepted::{
    Access, Base, Bootstrap, Check, Clean, Container, CopyFile, HostKeys, KeySource, Recipe, Release, RootFs, Script,
    Step,
};
pub use check::{NamedFile, named_files};
pub use fragment::Fragment;
pub use golden_ref::{GoldenRef, InvalidGoldenRef};
pub use problem::{Problem, RecipeError};
pub use public_key::{InvalidPublicKey, PublicKey};
