//! The identity catalog: the one table of what an image must not carry and what a guest must have of its own.
//!
//! One row is one [`Item`], written in one of the family files of `rows/`: a new row is one entry there, and strip,
//! renew, observe, judge, the archive's reader, `catalog check` and the printed page pick it up. The rows' numbers are
//! those of the survey the table was drawn from. Who works by the table is given a [`Catalog`]: the built-in rows, and
//! on a machine with drop-ins those too.

mod build;
mod drop_in;
mod glob;
mod index;
mod item;
mod page;
mod rows;
mod rules;
mod sample;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use drop_in::{DropIn, DropInError, Fault as DropInFault};
pub use glob::{Glob, Search, fault as place_fault};
pub use index::Claims;
pub use item::{Item, ItemId};
pub use page::page;
pub use rows::{FAMILIES, Family};
pub use rules::{
    Applies, Class, CloneRule, Distro, GuestRule, Harm, ImageRule, Lines, MachineIdState, Need, Proof, Reading,
    Renewer, Rewrite,
};
pub use table::Catalog;

/// The table's version: raised when a row changes what a golden may carry. Manifests and reports name it.
pub const VERSION: u32 = 2;

/// The built-in row with this id.
pub fn item(id: &str) -> Option<&'static Item> {
    Catalog::builtin().item(id)
}
