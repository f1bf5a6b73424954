//! One row of the table.

use super::rules::{Applies, Class, CloneRule, GuestRule, Harm, ImageRule, Need, Proof, Reading, Renewer};

/// An item's id: stable, lower case, used in recipes (`keep`), manifests and reports.
pub type ItemId = &'static str;

/// One row of the table. It is written with the builders of `build.rs`; what they leave out is as `Item::new` says.
#[derive(Debug, Clone)]
pub struct Item {
    /// Stable id (`ssh-host-keys`).
    pub id: ItemId,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Rows of the survey behind this entry; none in an entry of a drop-in.
    pub rows: &'static [u16],
    /// What sort of thing it is.
    pub class: Class,
    /// Where it lives: globs as [`Glob`](super::Glob) reads them, or keys of the guest's configuration where the
    /// reading is [`Reading::Configuration`].
    pub places: &'static [&'static str],
    /// Globs of what lies at these places and is not meant: what packages ship there.
    pub except: &'static [&'static str],
    /// When it is to be expected in a guest: one of these; none says that nothing in particular tells.
    pub applies: &'static [Applies],
    /// What goes wrong when two guests share it.
    pub harm: Harm,
    /// What it collides with or leaks, for the reader of a finding.
    pub because: &'static str,
    /// What follows when two guests share its value: which outage or impersonation. Empty where `because` says it all.
    pub when_shared: &'static str,
    /// 1 (credential, takeover) to 4 (cosmetic).
    pub severity: u8,
    /// What may be left of it in a golden.
    pub in_image: ImageRule,
    /// What a guest must have of it.
    pub in_guest: GuestRule,
    /// What becomes of it in a guest that was copied from another.
    pub in_clone: CloneRule,
    /// Whether its value must differ between any two guests.
    pub unique: bool,
    /// How a place is reduced to something comparable.
    pub reading: Reading,
    /// Who brings it back in a guest.
    pub renewed_by: Renewer,
    /// Items that are put to sleep before it, although they stand later in the table.
    pub after: &'static [ItemId],
    /// Units whose processes would write it again: they must not run while it is stripped or ended.
    pub stop_first: &'static [&'static str],
    /// Items from which it comes back as long as they are there.
    pub second_copies: &'static [ItemId],
    /// Items that are computed from it and follow when it changes.
    pub derives: &'static [ItemId],
    /// What its renewal takes besides a start.
    pub needs: &'static [Need],
    /// How the row is proven.
    pub proof: Proof,
}

impl Item {
    /// Whether it lives in the guest's tree. The others stand in its configuration, follow another item, or lie outside.
    pub fn in_tree(&self) -> bool {
        !matches!(self.reading, Reading::Configuration | Reading::Nothing)
    }

    /// Whether strip, observe and judge look at its places. What may be shared is not looked at.
    pub fn is_looked_at(&self) -> bool {
        self.in_tree() && self.in_image != ImageRule::Keep
    }

    /// The place by which findings name it where there is nothing to point at.
    pub fn first_place(&self) -> &'static str {
        self.places.first().copied().unwrap_or("-")
    }

    /// Why the judge gives no finding for it; none where it does.
    pub fn unjudged(&self) -> Option<String> {
        match (self.reading, self.renewed_by) {
            (Reading::Configuration, _) => Some("judged with the guest's configuration".to_owned()),
            (Reading::Nothing, Renewer::Derived(parent)) => Some(format!("follows {parent}")),
            (Reading::Nothing, _) => match self.proof {
                Proof::Cannot(why) => Some(why.to_owned()),
                _ => Some("nothing in a guest to look at".to_owned()),
            },
            _ if self.in_image == ImageRule::Keep => Some("the same in every guest, by design".to_owned()),
            _ => None,
        }
    }
}
