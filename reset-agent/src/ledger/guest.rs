//! A guest's row, and the states it may pass through.

use std::fmt;

use serde::{Deserialize, Serialize};
use spec::ids::{CustomerId, Hostname, NodeName, RunId, Vmid};

/// A guest's own number in the ledger: never used again, unlike a VMID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuestId(pub i64);

impl fmt::Display for GuestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// One guest, as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// Its number in the ledger.
    pub id: GuestId,
    /// Whom it is for.
    pub customer: CustomerId,
    /// Its number on the cluster.
    pub vmid: Vmid,
    /// The node it was made on.
    pub node: NodeName,
    /// Its hostname.
    pub hostname: Hostname,
    /// The golden it came from, as the reservation named it.
    pub golden: String,
    /// The run that reserved it; its mark stands in the guest's description.
    pub run: RunId,
    /// Where it is in its life.
    pub state: GuestState,
    /// When it was reserved, RFC 3339.
    pub created_at: String,
    /// When its row last changed, RFC 3339.
    pub updated_at: String,
}

/// Where a guest is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuestState {
    /// Names and addresses are taken; nothing may exist on the node yet.
    Reserved,
    /// It exists on the node and is not verified.
    Provisioned,
    /// Verified, recorded and handed over.
    Active,
    /// Off the wire, kept for a person to look at.
    Quarantined,
    /// Its run failed after it was recorded; what is on the node is being undone.
    Failed,
    /// The reservation was given back: its run was undone, nothing of it is on the node.
    Released,
    /// It was destroyed after it had lived.
    Destroyed,
}

impl GuestState {
    /// All states, in the order of a guest's life.
    pub const ALL: [Self; 7] = [
        Self::Reserved,
        Self::Provisioned,
        Self::Active,
        Self::Quarantined,
        Self::Failed,
        Self::Released,
        Self::Destroyed,
    ];

    /// Whether it still occupies its customer, VMID and hostname.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Released | Self::Destroyed)
    }

    /// The table of legal moves. Staying is always legal, so that a repeated operation is harmless.
    pub fn may_become(self, next: Self) -> bool {
        use GuestState::{Active, Destroyed, Failed, Provisioned, Quarantined, Released, Reserved};
        self == next
            || match self {
                // It cannot become `Reserved` again: what was begun is not unbegun.
                Reserved | Provisioned => next != Reserved,
                Active => matches!(next, Quarantined | Failed | Destroyed),
                Quarantined => matches!(next, Active | Failed | Destroyed),
                Failed => matches!(next, Quarantined | Released | Destroyed),
                Released | Destroyed => false,
            }
    }

    /// The word in the ledger's file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Provisioned => "provisioned",
            Self::Active => "active",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
            Self::Released => "released",
            Self::Destroyed => "destroyed",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for GuestState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_the_end() {
        for end in [GuestState::Released, GuestState::Destroyed] {
            assert!(!end.is_live());
            let ways_out = GuestState::ALL.into_iter().filter(|next| *next != end && end.may_become(*next)).count();
            assert_eq!(ways_out, 0, "{end}");
        }
    }

    #[test]
    fn a_handed_over_guest_is_never_simply_released() {
        assert!(!GuestState::Active.may_become(GuestState::Released));
        assert!(GuestState::Active.may_become(GuestState::Destroyed));
    }

    #[test]
    fn words_round_trip() {
        for state in GuestState::ALL {
            assert_eq!(GuestState::from_word(state.word()), Some(state));
        }
        assert_eq!(GuestState::from_word("gone"), None);
    }
}
