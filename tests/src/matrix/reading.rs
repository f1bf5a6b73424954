//! What the reading script said, as values. Pure.

use std::collections::BTreeMap;

/// What one guest has of one application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// Its packages are not installed.
    Absent,
    /// They are.
    There {
        /// Whether the service works.
        works: bool,
        /// What it is known by; empty when it has nothing.
        identity: String,
    },
}

/// One guest's applications by name.
pub(super) type Reading = BTreeMap<String, Seen>;

/// The script's lines; a line of another form is none of ours.
pub(super) fn parse(text: &str) -> Reading {
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<(String, Seen)> {
    let mut fields = line.splitn(3, '\t');
    let (name, state) = (fields.next()?, fields.next()?);
    // The manifest keeps a check's output without the space at its end.
    let identity = fields.next().unwrap_or_default().trim().to_owned();
    let seen = match state {
        "absent" => Seen::Absent,
        "up" | "down" => Seen::There { works: state == "up", identity },
        _ => return None,
    };
    Some((name.to_owned(), seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_states_and_nothing_else() {
        let reading = parse("a\tup\tx y\nb\tdown\t\nc\tabsent\nnoise\nd\tmaybe\tz\n");
        assert_eq!(reading.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(reading["a"], Seen::There { works: true, identity: "x y".into() });
        assert_eq!(reading["b"], Seen::There { works: false, identity: String::new() });
        assert_eq!(reading["c"], Seen::Absent);
    }
}
