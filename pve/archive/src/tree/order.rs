//! The members as they stand in the archive, times and all.

use sha2::{Digest, Sha256};

use crate::digests::Sum;
use crate::member::Member;

/// Hashes members while they pass.
pub(crate) struct Order(Sha256);

impl Order {
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    /// `NAME ⇥ TYPE ⇥ MODE ⇥ UID ⇥ GID ⇥ SIZE ⇥ SECONDS ⇥ TARGET NUL`, the name as the archive gives it.
    pub(crate) fn note(&mut self, member: &Member) {
        let Member { mode, uid, gid, size, mtime, .. } = member;
        let kind = member.kind.letter();
        self.0.update(&member.name);
        self.0.update(format!("\t{kind}\t{mode:o}\t{uid}\t{gid}\t{size}\t{mtime}\t"));
        self.0.update(member.link.as_deref().unwrap_or_default());
        self.0.update([0]);
    }

    pub(crate) fn finish(self) -> Sum {
        self.0.finalize().into()
    }
}
