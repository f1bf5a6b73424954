//! Which rules a recipe chose.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use super::rules::{LICENCES, RULES, Rule};
use crate::wildcard::fits;

/// A set of rules with a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Nothing goes.
    #[default]
    None,
    /// Caches, and what only people read.
    Standard,
    /// And what only builds, shells and hardware need.
    Small,
}

impl Profile {
    /// The word in recipes and manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Standard => "standard",
            Self::Small => "small",
        }
    }
}

/// A recipe's `[minimize]` as accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Minimize {
    /// The rules to start from.
    pub profile: Profile,
    /// Single rules switched on or off.
    pub rules: BTreeMap<String, bool>,
    /// Languages whose translations stay, as locale names: `de`, `pt_BR`.
    pub languages: Vec<String>,
    /// Paths that stay whatever a rule says.
    pub keep: Vec<Pattern>,
    /// Growth since the release before from which on a build warns.
    pub growth: Option<Percent>,
    /// Growth from which on it makes no release.
    pub max_growth: Option<Percent>,
}

/// A rule that applies, with all that stays of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// The rule.
    pub rule: &'static Rule,
    goes: Vec<Pattern>,
    stays: Vec<Pattern>,
}

impl Minimize {
    /// The rules that apply, in the table's order.
    pub fn active(&self) -> Vec<Active> {
        let chosen = RULES.iter().filter(|rule| self.has(rule));
        chosen.map(|rule| Active { rule, goes: patterns(rule.goes), stays: self.stays(rule) }).collect()
    }

    fn has(&self, rule: &Rule) -> bool {
        let by_profile = rule.profile.is_some_and(|least| least <= self.profile);
        self.rules.get(rule.name).copied().unwrap_or(by_profile)
    }

    fn stays(&self, rule: &Rule) -> Vec<Pattern> {
        let (by_language, plain): (Vec<&str>, Vec<&str>) = rule.stays.iter().partition(|text| text.contains("LANG"));
        let languages = by_language.into_iter().flat_map(|text| self.languages.iter().map(|l| text.replace("LANG", l)));
        let languages = languages.filter_map(|text| text.parse().ok());
        patterns(LICENCES).into_iter().chain(patterns(&plain)).chain(languages).chain(self.keep.clone()).collect()
    }
}

impl Active {
    /// Whether the rule means this path at all.
    pub fn covers(&self, path: &str) -> bool {
        self.goes.iter().any(|pattern| pattern.matches(path))
    }

    /// Whether a file at this path goes.
    pub fn takes(&self, path: &str) -> bool {
        self.covers(path) && !self.stays.iter().any(|pattern| pattern.matches(path))
    }

    /// Whether something below this directory may be meant.
    pub fn may_cover_below(&self, directory: &str) -> bool {
        self.goes.iter().any(|pattern| pattern.may_match_below(directory))
    }

    /// The directories to walk, each once and none below another.
    pub fn bases(&self) -> Vec<String> {
        let mut bases: Vec<String> = self.goes.iter().map(Pattern::base).collect();
        bases.sort();
        let mut outer: Vec<String> = Vec::new();
        for base in bases {
            if !outer.iter().any(|above| base == *above || base.starts_with(&format!("{above}/"))) {
                outer.push(base);
            }
        }
        outer
    }

    /// The first of these packages that needs what the rule takes.
    pub fn needed_by<'a>(&self, packages: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let needs = |name: &str| self.rule.needed_by.iter().any(|wanted| fits(wanted.as_bytes(), name.as_bytes()));
        packages.into_iter().find(|name| needs(name))
    }

    pub(super) fn goes(&self) -> &[Pattern] {
        &self.goes
    }

    pub(super) fn stays(&self) -> &[Pattern] {
        &self.stays
    }
}

/// The table's own patterns; a test holds that each of them is one.
fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// A share, as `10%` or `2.5%`: in thousandths, so that it compares exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Percent {
    /// Tenths of a percent.
    per_mille: u32,
}

/// Why a text is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no share; write a number up to 1000 with a percent sign, like \"10%\" or \"2.5%\"")]
pub struct InvalidPercent {
    /// The text as given.
    pub text: String,
}

impl Percent {
    /// Whether `after` is more than `before` by more than this share.
    pub fn is_exceeded(self, before: u64, after: u64) -> bool {
        let most = u128::from(before) * (1000 + u128::from(self.per_mille));
        u128::from(after) * 1000 > most
    }
}

impl FromStr for Percent {
    type Err = InvalidPercent;

    fn from_str(text: &str) -> Result<Self, InvalidPercent> {
        let invalid = || InvalidPercent { text: text.to_owned() };
        let number = text.strip_suffix('%').ok_or_else(invalid)?;
        let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, 4) || !digits(tenth, 1) {
            return Err(invalid());
        }
        let read = |text: &str| text.parse::<u32>().map_err(|_| invalid());
        let per_mille = read(whole)? * 10 + read(tenth)?;
        if per_mille > 10_000 { Err(invalid()) } else { Ok(Self { per_mille }) }
    }
}

impl TryFrom<String> for Percent {
    type Error = InvalidPercent;

    fn try_from(text: String) -> Result<Self, InvalidPercent> {
        text.parse()
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> Self {
        percent.to_string()
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.per_mille / 10, self.per_mille % 10) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, tenth) => write!(f, "{whole}.{tenth}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(minimize: &Minimize, name: &str) -> Option<Active> {
        minimize.active().into_iter().find(|active| active.rule.name == name)
    }

    #[test]
    fn profiles_grow_and_single_rules_are_switched() {
        let names = |profile| -> Vec<&str> {
            let minimize = Minimize { profile, ..Minimize::default() };
            minimize.active().iter().map(|active| active.rule.name).collect()
        };
        assert!(names(Profile::None).is_empty());
        let (standard, small) = (names(Profile::Standard), names(Profile::Small));
        assert!(standard.contains(&"man-pages") && !standard.contains(&"headers"));
        assert!(standard.iter().all(|name| small.contains(name)) && small.len() > standard.len());
        assert!(!small.contains(&"time-zones"));
        let rules = [("man-pages".to_owned(), false), ("time-zones".to_owned(), true)].into();
        let chosen = Minimize { profile: Profile::Standard, rules, ..Minimize::default() };
        assert!(active(&chosen, "man-pages").is_none() && active(&chosen, "time-zones").is_some());
    }

    #[test]
    fn licences_languages_and_what_is_kept_stay() {
        let minimize = Minimize {
            profile: Profile::Small,
            languages: vec!["de".into()],
            keep: vec!["/usr/share/doc/foo/**".parse().unwrap()],
            ..Minimize::default()
        };
        let docs = active(&minimize, "documentation").unwrap();
        for path in ["/usr/share/doc/bash/copyright", "/usr/share/doc/foo/x", "/usr/share/doc/libx", "/etc/passwd"] {
            assert!(!docs.takes(path), "{path}");
        }
        assert!(docs.takes("/usr/share/doc/bash/changelog.Debian.gz"));
        let locales = active(&minimize, "translations").unwrap();
        assert!(!locales.takes("/usr/share/locale/de/LC_MESSAGES/x.mo"));
        assert!(locales.takes("/usr/share/locale/fr/LC_MESSAGES/x.mo"));
    }

    #[test]
    fn a_rule_gives_way_to_a_package_that_needs_it() {
        let minimize = Minimize { profile: Profile::Small, ..Minimize::default() };
        let headers = active(&minimize, "headers").unwrap();
        assert_eq!(headers.needed_by(["bash", "gcc-14"]), Some("gcc-14"));
        assert_eq!(headers.needed_by(["bash", "gcc-14-base"]), None);
    }

    #[test]
    fn walks_do_not_overlap() {
        let minimize = Minimize { profile: Profile::Small, ..Minimize::default() };
        assert_eq!(active(&minimize, "headers").unwrap().bases(), ["/usr/include", "/usr/lib"]);
    }

    #[test]
    fn shares_read_print_and_compare_exactly() {
        for text in ["10%", "2.5%", "0%", "1000%"] {
            assert_eq!(text.parse::<Percent>().unwrap().to_string(), text);
        }
        for text in ["10", "%", "-1%", "1.25%", "1001%", "x%"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        let tenth: Percent = "10%".parse().unwrap();
        assert!(!tenth.is_exceeded(100, 110) && tenth.is_exceeded(100, 111) && !tenth.is_exceeded(100, 50));
    }
}
