//! systemd's file syntax (systemd.syntax(7)): sections, assignments, comments, continued lines.

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    /// `Unit`, `Service`, `Install`, ….
    pub(super) section: String,
    /// The key as written.
    pub(super) key: String,
    /// The value; empty where the list so far is to be forgotten.
    pub(super) value: String,
}

/// The assignments of a file in their order. Lines that are none are left out, as systemd does.
pub(super) fn assignments(text: &str) -> Vec<Assignment> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in joined(text) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else if let Some((key, value)) = line.split_once('=') {
            let (key, value) = (key.trim_end().to_owned(), value.trim().to_owned());
            found.push(Assignment { section: section.clone(), key, value });
        }
    }
    found
}

/// Lines without comments; a backslash at the end joins a line to the next, comments in between do not end it.
fn joined(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open: Option<String> = None;
    for raw in text.lines() {
        let line = raw.trim();
        if line.starts_with('#') || line.starts_with(';') || (line.is_empty() && open.is_none()) {
            continue;
        }
        let (part, goes_on) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        let mut whole = open.take().unwrap_or_default();
        whole.push_str(part);
        if goes_on {
            whole.push(' ');
            open = Some(whole);
        } else {
            lines.push(whole);
        }
    }
    lines.extend(open);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_continued_lines_are_read_as_systemd_does() {
        let text = "# x\n[Unit]\nAfter=a.service \\\n# in between\n  b.service\n; y\nBefore = c.service\n\n[Service]\nnonsense\nExecStart=\n";
        let found = assignments(text);
        let seen: Vec<(&str, &str, &str)> =
            found.iter().map(|a| (a.section.as_str(), a.key.as_str(), a.value.as_str())).collect();
        assert_eq!(
            seen,
            [("Unit", "After", "a.service  b.service"), ("Unit", "Before", "c.service"), ("Service", "ExecStart", "")]
        );
    }
}
