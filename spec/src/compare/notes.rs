//! A difference as release notes, in Markdown.

use std::fmt::Write as _;

use super::difference::{Changes, Difference};
use super::facts::Aspect;

/// Lines of one aspect; who wants more asks for the difference itself.
const MOST: usize = 100;

/// The notes.
pub fn notes(difference: &Difference) -> String {
    let mut text = format!("# {}\n\nSince {}.\n", difference.after, difference.before);
    let (before, after) = difference.archive_bytes;
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "\nArchive: {before} → {after} bytes; tree: {} → {} bytes.",
        difference.tree_bytes.0, difference.tree_bytes.1
    );
    for (aspect, changes) in difference.aspects.iter().filter(|(_, changes)| !changes.is_empty()) {
        let _ = writeln!(text, "\n## {}\n", aspect.title());
        text.push_str(&list(*aspect, changes));
    }
    if difference.is_empty() {
        text.push_str("\nNo difference was found.\n");
    }
    if !difference.unknown.is_empty() {
        let names: Vec<&str> = difference.unknown.iter().map(|aspect| aspect.title()).collect();
        let _ = writeln!(text, "\nNot known, one of the two was not looked at for it: {}.", names.join(", "));
    }
    text
}

fn list(aspect: Aspect, changes: &Changes) -> String {
    let lines = changes.lines();
    let more = lines.len().saturating_sub(MOST);
    let shown = lines.into_iter().take(MOST).map(|(what, key, value)| {
        // Digests say nothing to a reader.
        let value = if aspect == Aspect::Configuration { String::new() } else { format!(": {}", plain(&value)) };
        format!("- {what} `{}`{value}\n", plain(&key))
    });
    let mut text: String = shown.collect();
    if more > 0 {
        let _ = writeln!(text, "- and {more} more");
    }
    text
}

/// Names out of an archive must not become markup or control characters.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() || letter == '`' || letter == '<' { '?' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::difference::tests::facts;
    use super::*;

    #[test]
    fn notes_name_versions_and_say_what_is_not_known() {
        let before = facts("a@1", &[("bash", "5.1")], None);
        let after = facts("a@2", &[("bash", "5.2.1"), ("x`<script>", "1")], None);
        let text = notes(&Difference::of(&before, &after));
        assert!(text.starts_with("# a@2\n\nSince a@1.\n"), "{text}");
        assert!(text.contains("## Packages\n\n- added `x??script>`: 1\n- changed `bash`: 5.1 → 5.2.1\n"), "{text}");
        assert!(text.contains("Not known") && text.contains("Users"), "{text}");
        assert!(notes(&Difference::of(&after, &after)).contains("No difference was found."));
    }
}
