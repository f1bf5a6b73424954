//! Archives as nobody's vzdump makes them: other tar formats and packings, odd members, odd configurations.
//!
//! A [`Recipe`] tells how an archive differs from a plain one; [`made`] gives its bytes.

mod pack;
mod recipe;
mod tar;
mod tree;

pub(crate) use pack::made;
pub(crate) use recipe::Recipe;
