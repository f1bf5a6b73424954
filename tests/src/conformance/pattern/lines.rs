//! Many lines with blanks: a task's log, a program's output. A line `...` stands for any number of lines.

use super::json::Differences;
use super::text::{Captures, TextPattern};

/// Compares line by line. Blanks at a line's end do not count; `\t` is written for a tab.
pub(crate) fn compare(expected: &[String], actual: &[String], captures: &mut Captures) -> Differences {
    let patterns: Result<Vec<_>, _> = expected.iter().map(|line| Line::read(line)).collect();
    let patterns = match patterns {
        Ok(patterns) => patterns,
        Err(error) => return vec![error.to_string()],
    };
    match fit(&patterns, actual) {
        Some(kept) => {
            captures.extend(kept);
            Vec::new()
        }
        None => vec![format!("expected:\n{}\ngot:\n{}", indented(expected), indented(actual))],
    }
}

enum Line {
    Any,
    Text(TextPattern),
}

impl Line {
    fn read(text: &str) -> Result<Self, super::text::UnknownBlank> {
        if text == "..." {
            return Ok(Self::Any);
        }
        TextPattern::read(text.replace("\\t", "\t").trim_end()).map(Self::Text)
    }
}

fn fit(patterns: &[Line], actual: &[String]) -> Option<Captures> {
    match patterns.split_first() {
        None => actual.is_empty().then(Captures::new),
        Some((Line::Any, rest)) => (0..=actual.len()).find_map(|skipped| fit(rest, &actual[skipped..])),
        Some((Line::Text(pattern), rest)) => {
            let (first, others) = actual.split_first()?;
            let mut kept = pattern.fit(first.trim_end())?;
            kept.extend(fit(rest, others)?);
            Some(kept)
        }
    }
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("      | {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(expected: &[&str], actual: &[&str]) -> bool {
        let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        compare(&own(expected), &own(actual), &mut Captures::new()).is_empty()
    }

    #[test]
    fn every_line_counts_but_what_dots_stand_for() {
        assert!(fits(&["a", "\\t{digits}", "c"], &["a", "\t12", "c "]));
        assert!(!fits(&["a", "c"], &["a", "b", "c"]));
        assert!(!fits(&["a"], &["a", "b"]));
        assert!(fits(&["a", "...", "c"], &["a", "b", "b", "c"]));
        assert!(fits(&["a", "...", "c"], &["a", "c"]));
        assert!(!fits(&["a", "...", "c"], &["a", "c", "d"]));
    }
}
