//! The words of the table in words for people: the printed page and `catalog show`.

use super::rules::{Class, GuestRule, Harm, ImageRule, Need, Proof, Renewer, Rewrite};

impl Class {
    /// The class as one word.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Residue => "residue",
            Self::Derived => "derived",
            Self::Assigned => "assigned",
            Self::Shared => "shared",
        }
    }
}

impl Harm {
    /// What it does.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Collides => "collides",
            Self::Leaks => "leaks",
            Self::Breaks => "breaks",
            Self::Bloats => "bloats",
        }
    }
}

impl ImageRule {
    /// What may be left in a golden.
    pub fn in_words(self) -> String {
        match self {
            Self::Absent => "absent".into(),
            Self::Empty => "empty (or `uninitialized`, by recipe)".into(),
            Self::AbsentOrLink(target) => format!("absent, or a link to `{target}`"),
            Self::LinksOnly => "absent, or links".into(),
            Self::DirectoriesOnly => "directories only, owner and mode kept".into(),
            Self::Rewritten(Rewrite::HostsResidue) => "no line of the build guest".into(),
            Self::Rewritten(Rewrite::PasswordsLocked) => "no usable hash".into(),
            Self::Rewritten(Rewrite::LinesDropped) => "without these lines".into(),
            Self::Rewritten(Rewrite::Emptied) => "empty or absent, owner and mode kept".into(),
            Self::Rewritten(Rewrite::NamesDropped) => "without the build guest's name".into(),
            Self::Rewritten(Rewrite::ClusterAsleep) => "asleep: no identifier, no WAL, the databases kept".into(),
            Self::Forbidden => "refused if there".into(),
            Self::Recorded => "recorded as forbidden".into(),
            Self::Report => "told, never refused".into(),
            Self::Keep => "may be there".into(),
        }
    }
}

impl GuestRule {
    /// What a guest must have.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Present => "must be there",
            Self::MayExist => "may be there",
            Self::Absent => "must not be there",
        }
    }
}

impl Renewer {
    /// Who brings it back.
    pub fn in_words(self) -> String {
        match self {
            Self::Systemd => "systemd, at boot".into(),
            Self::Firstboot => "`mintmark-firstboot`".into(),
            Self::Owner(owner) => owner.into(),
            Self::Proxmox => "Proxmox, at every start".into(),
            Self::Agent => "`reset-agent`, through the API".into(),
            Self::Derived(parent) => format!("follows `{parent}`"),
            Self::Procedure(procedure) => procedure.into(),
            Self::Nobody => "nobody".into(),
        }
    }
}

impl Need {
    /// What it takes.
    pub fn in_words(self) -> String {
        match self {
            Self::Network => "a network".into(),
            Self::Credential => "an account or token".into(),
            Self::Program(program) => format!("the program {program}"),
            Self::Restart(unit) => format!("a restart of {unit}"),
        }
    }
}

impl Proof {
    /// How the row is proven.
    pub fn in_words(self) -> String {
        match self {
            Self::Planted => "planted".into(),
            Self::Live(package) => format!("planted, and made by {package}"),
            Self::Configuration => "the configuration's rules".into(),
            Self::Cannot(why) => format!("none: {why}"),
        }
    }
}
