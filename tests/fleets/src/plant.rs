//! What can be planted: every way to collide, and every way to seem to.

use spec::identity::IdentityKind;

use crate::clean::{Profile, kinds};

/// The other guest of a collision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Other {
    /// It runs.
    Running,
    /// It is stopped.
    Stopped,
    /// It is a backup of a guest that is gone.
    Backup,
}

/// One planted thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plant {
    /// One value of a kind at two guests.
    Shared(IdentityKind, Other),
    /// Everything of one guest at another that was restored from its backup.
    RawRestore,
    /// The host keys of a guest at its clone.
    Clone,
    /// One host key at three guests, one of which sleeps.
    Three,
    /// A machine-id at two guests, and the DHCP identity that is computed from it.
    DerivedDuid,
    /// A DHCP identity that was drawn, at two guests.
    DrawnDuid,
    /// A MAC at two guests, and the IPv6 address made of it.
    MacAddress,
    /// A MAC on two segments.
    MacApart,
    /// A machine-id that D-Bus's file of another guest has.
    DbusCopy,
    /// A golden's value of a kind at a guest.
    Leak(IdentityKind),
    /// A value that a golden's template holds unknown to its manifest, at its clone.
    UnknownLeak,
    /// A backup of an earlier guest of the same number, with a value of the present one.
    ReusedNumber,
    /// Zeros for a machine-id at two guests.
    Zeros,
    /// A DSA host key.
    Dsa,
    /// An RSA host key of 1024 bits.
    ShortRsa,
    /// A host key from before its guest.
    OldKey,
    /// A host key from after the audit.
    FutureKey,
    /// RSA host keys that share a prime: the pair of this number.
    SharedPrime(usize),
    /// A guest whose tree could not be read.
    Refused,
    /// A guest whose tree nobody looked at.
    Silent,

    /// A guest beside its own backup.
    OwnBackup,
    /// A guest with one MAC at two NICs.
    TwoNics,
    /// A golden's template with the golden's values.
    GoldenTemplate,
    /// One name in two clusters.
    NamesApart,
    /// One address on two segments.
    AddressesApart,
    /// One address in two clusters.
    AddressesInTwoClusters,
    /// Link-local addresses.
    LinkLocal,
    /// The address of Docker's bridge.
    Docker,
    /// One first label of two names.
    Labels,
    /// What a neighbour's cache remembers.
    Neighbour,
    /// A backup with the name of a guest.
    BackupName,
    /// Host keys of a guest that was restored from its own backup.
    Restored,
    /// A virtual machine whose tree is nobody's business.
    Qemu,
    /// A tree that one source could not read and another one did.
    SecondSource,
    /// One text as two kinds of identity.
    TwoKinds,
    /// A file that is the same in every guest by design.
    ByDesign,
}

impl Plant {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for other in [Other::Running, Other::Stopped, Other::Backup] {
            all.extend(kinds(Profile::Every).into_iter().map(|kind| Self::Shared(kind, other)));
        }
        all.extend(leakable().into_iter().map(Self::Leak));
        // Those that stand for one thing each come up more often than one kind of a hundred.
        for _ in 0..4 {
            all.extend(SINGLE.iter().cloned());
        }
        all
    }

    /// How many guests it takes.
    pub fn guests(&self) -> usize {
        match self {
            Self::Three => 3,
            Self::Leak(_)
            | Self::ReusedNumber
            | Self::Dsa
            | Self::ShortRsa
            | Self::OldKey
            | Self::FutureKey
            | Self::Refused
            | Self::Silent
            | Self::OwnBackup
            | Self::TwoNics
            | Self::GoldenTemplate
            | Self::Restored
            | Self::Qemu
            | Self::SecondSource => 1,
            _ => 2,
        }
    }
}

/// The kinds that the golden's manifest has.
pub(crate) fn leakable() -> Vec<IdentityKind> {
    vec![
        IdentityKind::Mac,
        IdentityKind::Hostname,
        IdentityKind::MachineId,
        IdentityKind::SshHostKey("ssh-ed25519".into()),
        IdentityKind::ContentOf("random-seed".into()),
    ]
}

const SINGLE: [Plant; 34] = [
    Plant::RawRestore,
    Plant::Clone,
    Plant::Three,
    Plant::DerivedDuid,
    Plant::DrawnDuid,
    Plant::MacAddress,
    Plant::MacApart,
    Plant::DbusCopy,
    Plant::UnknownLeak,
    Plant::ReusedNumber,
    Plant::Zeros,
    Plant::Dsa,
    Plant::ShortRsa,
    Plant::OldKey,
    Plant::FutureKey,
    Plant::SharedPrime(0),
    Plant::Refused,
    Plant::Silent,
    Plant::OwnBackup,
    Plant::TwoNics,
    Plant::GoldenTemplate,
    Plant::NamesApart,
    Plant::AddressesApart,
    Plant::AddressesInTwoClusters,
    Plant::LinkLocal,
    Plant::Docker,
    Plant::Labels,
    Plant::Neighbour,
    Plant::BackupName,
    Plant::Restored,
    Plant::Qemu,
    Plant::SecondSource,
    Plant::TwoKinds,
    Plant::ByDesign,
];
