//! The tree's normal form: one record for each name, sorted as bytes, hashed.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use spec::identity::reading::digest::hex;

use super::nodes::{Node, Nodes, What};
use crate::digests::Sum;
use crate::member::MemberKind;

impl Nodes {
    /// The digest of the tree. `contents` are the digests of files' contents, by number.
    pub(crate) fn digest(&self, contents: &[Sum]) -> Sum {
        let mut digest = Sha256::new();
        self.records(contents, &mut |record| digest.update(record));
        digest.finalize().into()
    }

    /// Each record with its closing NUL, in order.
    fn records(&self, contents: &[Sum], take: &mut dyn FnMut(&[u8])) {
        let mut sorted = self.sorted();
        let groups = self.groups(&sorted);
        let name = |index: usize| self.name(&self.all[index].name);
        let record = |index: usize| {
            let mut record = Vec::new();
            self.render(index, &groups, contents, &mut record);
            record
        };
        sorted.sort_by(|first, second| {
            let (one, other) = (name(*first), name(*second));
            by_record(one, other).unwrap_or_else(|| record(*first).cmp(&record(*second)))
        });
        for index in sorted {
            take(&record(index));
        }
    }

    /// The nodes' numbers by name; of a directory that stands twice the later, which is the one that unpacking leaves.
    fn sorted(&self) -> Vec<usize> {
        let mut sorted: Vec<usize> = (0..self.all.len()).collect();
        let name = |index: usize| self.name(&self.all[index].name);
        // Stable, so that of equal names the later one comes last.
        sorted.sort_by_key(|index| name(*index));
        sorted.reverse();
        sorted.dedup_by(|later, kept| name(*later) == name(*kept));
        sorted.reverse();
        sorted
    }

    /// Files with more names than one: the node's number to the number of the file itself and the first of its names.
    fn groups(&self, sorted: &[usize]) -> BTreeMap<usize, (usize, usize)> {
        let at = |name: &[u8]| {
            let found = sorted.binary_search_by_key(&name, |index| self.name(&self.all[*index].name));
            found.ok().map(|place| sorted[place])
        };
        let mut files = BTreeMap::new();
        // A link leads to a member before it, so in the archive's order its target's own file is known already.
        for (index, node) in self.all.iter().enumerate() {
            if let What::SameAs(target) = &node.what
                && let Some(target) = at(self.name(target))
            {
                let file = files.get(&target).copied().unwrap_or(target);
                files.insert(index, file);
                files.insert(file, file);
            }
        }
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        for index in sorted {
            if let Some(file) = files.get(index) {
                first.entry(*file).or_insert(*index);
            }
        }
        files.into_iter().map(|(index, file)| (index, (file, first.get(&file).copied().unwrap_or(file)))).collect()
    }

    /// `NAME ⇥ TYPE ⇥ MODE ⇥ UID ⇥ GID ⇥ SIZE ⇥ CONTENT ⇥ ATTRIBUTES ⇥ SAME NUL`.
    fn render(&self, index: usize, groups: &BTreeMap<usize, (usize, usize)>, contents: &[Sum], record: &mut Vec<u8>) {
        let group = groups.get(&index);
        let name = self.name(&self.all[index].name);
        let node = &self.all[group.map_or(index, |(file, _)| *file)];
        shown_name(name, record);
        record.extend_from_slice(fields(node, contents).as_bytes());
        match group {
            Some((_, first)) => shown_name(self.name(&self.all[*first].name), record),
            None => record.push(b'-'),
        }
        record.push(0);
    }
}

/// The order of two records as far as their names decide it: a name ends with a tab, and may have one.
fn by_record(one: &[u8], other: &[u8]) -> Option<Ordering> {
    let ended = |name: &[u8], longer: &[u8]| longer.strip_prefix(name).and_then(<[u8]>::first).copied();
    match (ended(one, other), ended(other, one)) {
        (Some(b'\t'), _) | (_, Some(b'\t')) => None,
        (Some(next), _) => Some(b'\t'.cmp(&next)),
        (_, Some(next)) => Some(next.cmp(&b'\t')),
        (None, None) => Some(one.cmp(other)),
    }
}

/// As `find .` prints it.
fn shown_name(name: &[u8], record: &mut Vec<u8>) {
    record.push(b'.');
    if !name.is_empty() {
        record.push(b'/');
        record.extend_from_slice(name);
    }
}

/// What stands between the name and the last field, tabs at both ends.
fn fields(node: &Node, contents: &[Sum]) -> String {
    let Node { mode, uid, gid, .. } = node;
    let (kind, size, content) = match &node.what {
        What::Content(number) => {
            let sum = contents.get(*number as usize).map(|sum| hex(sum)).unwrap_or_default();
            ('f', node.size.to_string(), sum)
        }
        What::Target(sum) => ('l', "-".to_owned(), hex(&**sum)),
        What::Device(major, minor) => {
            let kind = if node.kind == MemberKind::BlockDevice { 'b' } else { 'c' };
            (kind, "-".to_owned(), format!("{major}:{minor}"))
        }
        What::SameAs(_) | What::Nothing => {
            (if node.kind == MemberKind::Fifo { 'p' } else { 'd' }, "-".to_owned(), "-".to_owned())
        }
    };
    let attributes = node.attributes.as_deref().map_or_else(|| "-".to_owned(), |sum| hex(sum));
    let mut fields = String::new();
    // Writing to a string does not fail.
    let _ = write!(fields, "\t{kind}\t{mode:o}\t{uid}\t{gid}\t{size}\t{content}\t{attributes}\t");
    fields
}
