//! Drop-ins: rows that a site adds to the table, and rows of the table that it makes stricter.
//!
//! A file is TOML with `[[item]]` tables. A new id is a new row; a known id tightens the row of that name: more
//! places, a greater severity, a stricter rule. What would loosen a row is refused by name, since a golden that passes
//! here must pass anywhere.

mod error;
mod fragment;
mod rows;
mod tighten;

use std::collections::BTreeMap;

pub use error::{DropInError, Fault};

use self::fragment::File;
use super::item::Item;
use super::rows::FAMILIES;
use super::table::Catalog;
use crate::ids::Sha256Hex;

/// A drop-in as it was read: file name and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropIn {
    /// The file's name, by which manifests know it.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Catalog {
    /// The built-in table with drop-ins, in the order given. Rows live as long as the program: it reads its drop-ins
    /// once.
    ///
    /// # Errors
    /// A drop-in is no TOML, names something unknown, lacks a field, or would loosen a row.
    pub fn with_drop_ins(drop_ins: &[DropIn]) -> Result<Self, DropInError> {
        let mut items: Vec<&'static Item> = FAMILIES.iter().flat_map(|family| family.items).collect();
        let mut digests = BTreeMap::new();
        for drop_in in drop_ins {
            let fault = |row: &str, fault| DropInError {
                file: drop_in.name.clone(),
                row: row.to_owned(),
                fault: Box::new(fault),
            };
            let file: File =
                toml::from_str(&drop_in.text).map_err(|error| fault("", Fault::NotToml(Box::new(error))))?;
            for fragment in file.item {
                let id = fragment.id.clone();
                match items.iter_mut().find(|item| item.id == id) {
                    Some(item) => *item = tighten::tightened(item, fragment).map_err(|it| fault(&id, it))?,
                    None => items.push(rows::row(fragment).map_err(|it| fault(&id, it))?),
                }
            }
            digests.insert(drop_in.name.clone(), Sha256Hex::of(drop_in.text.as_bytes()));
        }
        let unknown = |item: &&&Item| {
            let named =
                item.after.iter().chain(item.second_copies).find(|id| !items.iter().any(|item| item.id == **id));
            named.map(|id| (item.id, (*id).to_owned()))
        };
        if let Some((row, id)) = items.iter().find_map(|item| unknown(&item)) {
            return Err(DropInError {
                file: String::new(),
                row: row.to_owned(),
                fault: Box::new(Fault::UnknownItem { id }),
            });
        }
        Ok(Self::of(items).dropped_in(digests))
    }
}

#[cfg(test)]
mod tests;
