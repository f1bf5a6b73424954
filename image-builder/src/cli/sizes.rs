//! Sizes as tables: for `show`, `inspect --sizes` and the end of a build.

use spec::release::Sizes;
use spec::software::Attribution;

use super::print;

/// Rows of each table.
const MOST: usize = 12;

/// A release's sizes: what went, and where the rest is.
pub(super) fn print(sizes: &Sizes) -> anyhow::Result<()> {
    let unminimized = sizes.unminimized_bytes.map_or("not measured".to_owned(), print::mebibytes);
    let before = sizes.before.as_ref();
    print::pairs([
        ("minimized by profile", sizes.minimized.profile.as_str().to_owned()),
        ("taken out, unpacked", print::mebibytes(sizes.minimized.removed_bytes())),
        ("tar | zstd without that", unminimized),
        (
            "release before",
            before.map_or("none".to_owned(), |b| format!("{} ({})", b.release, print::mebibytes(b.bytes))),
        ),
    ])?;
    let rules = sizes.minimized.rules.iter().map(|rule| {
        let left_out = rule.needed_by.as_ref().map(|package| format!("left out: {package} needs it"));
        [
            rule.rule.clone(),
            print::mebibytes(rule.bytes_before),
            print::mebibytes(rule.bytes_after),
            left_out.unwrap_or_else(|| rule.files_removed.to_string()),
        ]
    });
    print::table(["RULE", "BEFORE", "AFTER", "FILES GONE"], rules)?;
    print_attribution(&sizes.attribution)
}

/// Where a tree's bytes are.
pub(super) fn print_attribution(attribution: &Attribution) -> anyhow::Result<()> {
    let rows = |sums: Vec<(&str, u64)>| -> Vec<[String; 2]> {
        sums.into_iter().map(|(name, bytes)| [name.to_owned(), print::mebibytes(bytes)]).collect()
    };
    print::table(["PACKAGE", "UNPACKED"], rows(attribution.greatest_packages(MOST)))?;
    print::table(["DIRECTORY", "UNPACKED"], rows(attribution.greatest_directories(MOST)))?;
    let made = attribution.made.iter().map(|(maker, bytes)| [maker.clone(), print::mebibytes(*bytes)]);
    print::table(["IN NO PACKAGE, MADE BY", "UNPACKED"], made)?;
    print::pairs([(
        "in no package and by nobody known",
        format!("{} files, {}", attribution.unexplained_files, print::mebibytes(attribution.unexplained_bytes)),
    )])?;
    let unexplained = attribution.unexplained.iter().take(MOST);
    print::table(["FILE", "BYTES"], unexplained.map(|file| [file.path.clone(), file.bytes.to_string()]))
}
