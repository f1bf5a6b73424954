//! From a path to the rows that mean it, in steps of the path's depth and not of the table's length.

use std::collections::HashMap;

use super::glob::{Glob, Tail};
use super::item::Item;
use super::rules::Reading;
use crate::wildcard::fits;

/// What the table says of one path.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// Items that have a place exactly there.
    pub at: Vec<&'static Item>,
    /// Where there are none: the item whose place holds the path, and how many of the path's components that place
    /// has. Of two such places, one inside the other, the inner counts: the journal lies below the logs, but is an
    /// item of its own.
    pub below: Option<(&'static Item, usize)>,
}

impl Claims {
    /// The item that the path belongs to.
    pub fn item(&self) -> Option<&'static Item> {
        self.at.first().copied().or(self.below.map(|(item, _)| item))
    }
}

/// All places of all items, component by component.
#[derive(Debug)]
pub(super) struct Index {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    named: HashMap<&'static [u8], usize>,
    wild: Vec<(&'static [u8], usize)>,
    /// Where to go on at every depth below.
    deep: Option<usize>,
    ends: Vec<(End, &'static Item)>,
}

/// What a pattern says at its end, the more particular the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Deep,
    Below,
    At,
    Except,
}

impl Index {
    pub(super) fn of(items: &[&'static Item]) -> Self {
        let mut index = Self { nodes: vec![Node::default()] };
        for item in items.iter().copied().filter(|item| item.in_tree()) {
            for glob in Glob::all(item.places) {
                index.insert(&glob, item, None);
            }
            for glob in Glob::all(item.except) {
                index.insert(&glob, item, Some(End::Except));
            }
        }
        index
    }

    fn insert(&mut self, glob: &Glob, item: &'static Item, as_end: Option<End>) {
        let mut at = self.path(0, &glob.head);
        let end = match &glob.tail {
            Tail::Here => End::At,
            Tail::Below => End::Below,
            Tail::Deep(ending) => {
                let deep = match self.nodes[at].deep {
                    Some(deep) => deep,
                    None => self.add(),
                };
                self.nodes[at].deep = Some(deep);
                at = self.path(deep, ending);
                End::Deep
            }
        };
        self.nodes[at].ends.push((as_end.unwrap_or(end), item));
    }

    fn path(&mut self, from: usize, parts: &[&'static [u8]]) -> usize {
        parts.iter().fold(from, |at, part| self.child(at, part))
    }

    fn child(&mut self, at: usize, part: &'static [u8]) -> usize {
        let wild = part.iter().any(|byte| b"*?".contains(byte));
        let known = if wild {
            self.nodes[at].wild.iter().find(|(pattern, _)| *pattern == part).map(|(_, node)| *node)
        } else {
            self.nodes[at].named.get(part).copied()
        };
        known.unwrap_or_else(|| {
            let node = self.add();
            if wild {
                self.nodes[at].wild.push((part, node));
            } else {
                self.nodes[at].named.insert(part, node);
            }
            node
        })
    }

    fn add(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    /// What is said of a path (a leading slash does not matter).
    pub(super) fn claims(&self, path: &[u8]) -> Claims {
        let path = path.strip_prefix(b"/").unwrap_or(path);
        let length = path.split(|byte| *byte == b'/').count();
        let mut found: Vec<(End, usize, &'static Item)> = Vec::new();
        let (mut here, mut deep) = (vec![0], Vec::new());
        for (index, part) in path.split(|byte| *byte == b'/').enumerate() {
            deep.extend(here.iter().filter_map(|node| self.nodes[*node].deep));
            if here.is_empty() && deep.is_empty() {
                break;
            }
            let next = here.iter().chain(&deep).flat_map(|node| self.nodes[*node].next(part)).collect();
            here = next;
            for node in &here {
                let ends = &self.nodes[*node].ends;
                // A tree is what is below it: its directory itself is not meant.
                let met = ends.iter().filter(|(end, _)| *end != End::Below || index + 1 < length);
                found.extend(met.map(|(end, item)| (*end, index + 1, *item)));
            }
        }
        settle(found, length)
    }
}

impl Node {
    fn next<'a>(&'a self, part: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let wild = self.wild.iter().filter(move |(pattern, _)| fits(pattern, part)).map(|(_, node)| *node);
        self.named.get(part).copied().into_iter().chain(wild)
    }
}

/// The most particular of what was found: a place of its own before a tree, an inner tree before an outer one, and a
/// pattern for any depth last.
fn settle(mut found: Vec<(End, usize, &'static Item)>, length: usize) -> Claims {
    let excepted: Vec<&str> =
        found.iter().filter(|(end, ..)| *end == End::Except).map(|(_, _, item)| item.id).collect();
    found.retain(|(_, _, item)| !excepted.contains(&item.id));
    let exactly = |wanted: End| {
        let mut at: Vec<&'static Item> = Vec::new();
        for (_, _, item) in found.iter().filter(|(end, depth, _)| *end == wanted && *depth == length) {
            if !at.iter().any(|known| known.id == item.id) {
                at.push(item);
            }
        }
        at
    };
    let at = exactly(End::At);
    if !at.is_empty() {
        return Claims { at, below: None };
    }
    let shallower = |wanted: fn(End) -> bool| {
        // What is read line by line is a file: a directory that is called so is not meant.
        let by_lines = |item: &Item| matches!(item.reading, Reading::Lines(_));
        let inside = found.iter().filter(|(end, depth, item)| wanted(*end) && *depth < length && !by_lines(item));
        inside.max_by_key(|(_, depth, _)| *depth).map(|(_, depth, item)| (*item, *depth))
    };
    if let Some(below) = shallower(|end| matches!(end, End::At | End::Below)) {
        return Claims { at: Vec::new(), below: Some(below) };
    }
    let at = exactly(End::Deep);
    let below = if at.is_empty() { shallower(|end| end == End::Deep) } else { None };
    Claims { at, below }
}
