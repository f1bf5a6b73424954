//! The table as a value: the built-in rows, and what drop-ins add.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use super::index::{Claims, Index};
use super::item::Item;
use super::rows::FAMILIES;
use super::rules::{ImageRule, Reading};
use crate::ids::Sha256Hex;

/// The rows that a program works by, in the order in which they are put to sleep: parents before what derives from
/// them.
#[derive(Debug)]
pub struct Catalog {
    items: Vec<&'static Item>,
    by_id: HashMap<&'static str, &'static Item>,
    index: Index,
    drop_ins: BTreeMap<String, Sha256Hex>,
}

static BUILTIN: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::of(FAMILIES.iter().flat_map(|family| family.items).collect()));

impl Catalog {
    /// The table as it is compiled in.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// A table of these rows, put in order.
    pub(super) fn of(items: Vec<&'static Item>) -> Self {
        let items = ordered(items);
        let by_id = items.iter().map(|item| (item.id, *item)).collect();
        let index = Index::of(&items);
        Self { items, by_id, index, drop_ins: BTreeMap::new() }
    }

    /// All rows, parents first.
    pub fn items(&self) -> impl DoubleEndedIterator<Item = &'static Item> + '_ {
        self.items.iter().copied()
    }

    /// The rows that strip, observe and judge look at in a tree.
    pub fn looked_at(&self) -> impl Iterator<Item = &'static Item> + '_ {
        self.items().filter(|item| item.is_looked_at())
    }

    /// The row with this id.
    pub fn item(&self, id: &str) -> Option<&'static Item> {
        self.by_id.get(id).copied()
    }

    /// What the table says of a path inside a guest, in time proportional to the path's depth.
    pub fn claims(&self, path: &[u8]) -> Claims {
        self.index.claims(path)
    }

    /// The row that answers for all of what stands at a path: strip ends it, an image that has it is refused, or it may
    /// be the same everywhere. Rows that look at single lines, or only tell, answer for nothing.
    pub fn covers(&self, path: &str) -> Option<&'static Item> {
        let claims = self.claims(path.as_bytes());
        let claimed = claims.at.into_iter().chain(claims.below.map(|(item, _)| item));
        let answers = |item: &&'static Item| {
            item.in_image != ImageRule::Report && !matches!(item.reading, Reading::Lines(_) | Reading::Names(_))
        };
        claimed.into_iter().find(answers)
    }

    /// Whether nothing in a directory, whatever it is called, belongs to `item`: it is another row's, or excepted, and so is
    /// the directory then.
    pub fn holds_nothing_of(&self, directory: &[u8], item: &Item) -> bool {
        let any_name = [directory, b"/\0"].concat();
        self.claims(&any_name).item().is_none_or(|of| of.id != item.id)
    }

    pub(super) fn dropped_in(self, drop_ins: BTreeMap<String, Sha256Hex>) -> Self {
        Self { drop_ins, ..self }
    }

    /// The drop-ins that it was made with, by name and content.
    pub fn drop_ins(&self) -> &BTreeMap<String, Sha256Hex> {
        &self.drop_ins
    }
}

/// Rows in their order, but each after those that it names: parents, and what must be asleep before it.
fn ordered(items: Vec<&'static Item>) -> Vec<&'static Item> {
    let ids: BTreeSet<&str> = items.iter().map(|item| item.id).collect();
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    let mut ordered = Vec::with_capacity(items.len());
    let mut waiting = items;
    while !waiting.is_empty() {
        let ready = |item: &&'static Item| {
            item.after.iter().all(|before| placed.contains(before) || !ids.contains(before) || *before == item.id)
        };
        let at = waiting.iter().position(ready);
        // Rows that wait for each other are a mistake that the table's tests refuse; the first of them goes first.
        let item = waiting.remove(at.unwrap_or(0));
        placed.insert(item.id);
        ordered.push(item);
    }
    ordered
}
