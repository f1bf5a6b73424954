//! `[minimize]`: what the golden does without.

use crate::minimize::{Minimize, Pattern, Profile};
use crate::recipe::fragment::MinimizeFragment;
use crate::recipe::keys::Problems;

/// Programs speak English without any translation; what there is of it stays.
const ENGLISH: &str = "en";

pub(super) fn minimize(fragment: MinimizeFragment, problems: &mut Problems) -> Minimize {
    let growth = fragment.growth.and_then(|text| problems.accept("minimize.growth", text.parse()));
    let max_growth = fragment.max_growth.and_then(|text| problems.accept("minimize.max_growth", text.parse()));
    if let (Some(warn), Some(most)) = (growth, max_growth)
        && warn > most
    {
        problems.add("minimize.growth", format!("{warn} warns later than max_growth = {most} refuses"));
    }
    Minimize {
        profile: profile(fragment.profile.as_deref(), problems),
        rules: fragment.rules,
        languages: languages(fragment.languages.unwrap_or_default(), problems),
        keep: keep(fragment.keep.unwrap_or_default(), problems),
        growth,
        max_growth,
    }
}

fn profile(word: Option<&str>, problems: &mut Problems) -> Profile {
    match word {
        None | Some("none") => Profile::None,
        Some("standard") => Profile::Standard,
        Some("small") => Profile::Small,
        Some(other) => {
            problems
                .add("minimize.profile", format!("{other:?} is unknown; write \"none\", \"standard\" or \"small\""));
            Profile::None
        }
    }
}

fn languages(mut languages: Vec<String>, problems: &mut Problems) -> Vec<String> {
    for language in &languages {
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_@.-".contains(letter);
        if !language.starts_with(|letter: char| letter.is_ascii_alphabetic()) || !language.chars().all(is_name) {
            problems.add(
                "minimize.languages",
                format!("{language:?} is no locale; write for instance \"de\" or \"pt_BR\""),
            );
        }
    }
    languages.push(ENGLISH.to_owned());
    languages.sort();
    languages.dedup();
    languages
}

fn keep(texts: Vec<String>, problems: &mut Problems) -> Vec<Pattern> {
    let numbered = texts.into_iter().enumerate();
    numbered
        .filter_map(|(index, text)| problems.accept(&format!("minimize.keep[{}]", index + 1), text.parse()))
        .collect()
}
