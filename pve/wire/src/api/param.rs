//! A parameter: its name, its type, its limits.

use super::format::Format;

/// A parameter's type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `0` or `1` (or `true`, `false` in JSON).
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Number,
    /// Text.
    Text,
    /// Several texts; one alone is taken for a list of one.
    List,
}

/// The words of which a value must be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Any will do.
    Any,
    /// These.
    These(&'static [&'static str]),
    /// A guest's disks: `rootfs`, `mp0` to `mp255`.
    Disks,
    /// A guest's volumes: its disks, and `unused0` to `unused255`.
    Volumes,
}

impl Words {
    /// The words in their order; nothing where any will do.
    pub fn list(self) -> Option<Vec<String>> {
        let disks = || std::iter::once("rootfs".to_owned()).chain((0..=255).map(|n| format!("mp{n}")));
        match self {
            Self::Any => None,
            Self::These(words) => Some(words.iter().map(|word| (*word).to_owned()).collect()),
            Self::Disks => Some(disks().collect()),
            Self::Volumes => Some(disks().chain((0..=255).map(|n| format!("unused{n}"))).collect()),
        }
    }
}

/// A parameter of a call. A name that ends with `[n]` means a family: `net[n]` is `net0`, `net1`, …
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be left out.
    pub optional: bool,
    /// The named format that its value must have.
    pub format: Option<Format>,
    /// A regular expression that the whole value must match.
    pub pattern: Option<&'static str>,
    /// The words of which its value must be one.
    pub words: Words,
    /// The least value of a number, the least length (characters) of a text.
    pub min: Option<i64>,
    /// The greatest value of a number, the greatest length (characters) of a text.
    pub max: Option<i64>,
    /// A parameter that must be given too.
    pub requires: Option<&'static str>,
}

const fn of(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        optional: false,
        format: None,
        pattern: None,
        words: Words::Any,
        min: None,
        max: None,
        requires: None,
    }
}

pub(super) const fn boolean(name: &'static str) -> Param {
    of(name, Kind::Boolean)
}

pub(super) const fn integer(name: &'static str) -> Param {
    of(name, Kind::Integer)
}

pub(super) const fn number(name: &'static str) -> Param {
    of(name, Kind::Number)
}

pub(super) const fn text(name: &'static str) -> Param {
    of(name, Kind::Text)
}

pub(super) const fn list(name: &'static str) -> Param {
    of(name, Kind::List)
}

impl Param {
    pub(super) const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub(super) const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    pub(super) const fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    pub(super) const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = Words::These(words);
        self
    }

    pub(super) const fn disks(mut self) -> Self {
        self.words = Words::Disks;
        self
    }

    pub(super) const fn volumes(mut self) -> Self {
        self.words = Words::Volumes;
        self
    }

    /// At least: a value, or a length.
    pub(super) const fn min(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    /// At most: a value, or a length.
    pub(super) const fn max(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    pub(super) const fn requires(mut self, other: &'static str) -> Self {
        self.requires = Some(other);
        self
    }

    /// Whether this parameter bears the name `key`.
    pub fn bears(&self, key: &str) -> bool {
        match self.name.strip_suffix("[n]") {
            None => self.name == key,
            Some(family) => spec::pct::family_index(family, key).is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_their_limits() {
        let net = text("net[n]");
        assert!(net.bears("net0") && net.bears("net31"));
        assert!(!net.bears("net32") && !net.bears("net01") && !net.bears("net") && !net.bears("network"));
        assert!(text("mp[n]").bears("mp255") && !text("mp[n]").bears("mp256"));
    }
}
