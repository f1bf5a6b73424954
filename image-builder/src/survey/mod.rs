//! An archive's tree without unpacking it: every entry, and the text of the few files that tell what the rest is.
//!
//! | module | what it is |
//! |---|---|
//! | `read` | one pass over the archive |
//! | `facts` | what is compared with another golden |
//! | `licences` | what the copyright files say |
//! | `wanted` | which files are read, and how |
//! | `software` | packages and their files, out of the texts |
//!
//! The inspection has judged the archive before; this pass only counts and compares.

mod facts;
mod licences;
mod read;
mod software;
mod wanted;

pub use read::{Entry, Survey, SurveyError, survey};
