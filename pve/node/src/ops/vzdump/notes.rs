//! Notes of a backup, from a template. Pure.

/// What a template may name.
pub(super) struct NoteFacts<'a> {
    /// The guest's name.
    pub(super) guestname: &'a str,
    /// The node's name.
    pub(super) node: &'a str,
    /// The guest's number.
    pub(super) vmid: String,
}

const VARIABLES: [&str; 4] = ["cluster", "guestname", "node", "vmid"];

/// Refuses a template that says what nobody will fill in.
pub(super) fn verify(template: &str) -> Result<(), String> {
    if template.contains('\n') {
        return Err("contains a line feed\n".to_owned());
    }
    let mut unknown = Vec::new();
    let characters: Vec<char> = template.chars().collect();
    let mut at = 0;
    while at + 1 < characters.len() {
        if characters[at] != '\\' {
            at += 1;
            continue;
        }
        let escaped = characters[at + 1];
        if !matches!(escaped, 'n' | '\\') {
            unknown.push(format!("escape sequence '\\{escaped}' at char {at}"));
        }
        at += 2;
    }
    for (at, name) in variables(template).filter(|(_, name)| !VARIABLES.contains(name)) {
        unknown.push(format!("variable '{name}' at char {at}"));
    }
    if unknown.is_empty() { Ok(()) } else { Err(format!("found unknown: {}\n", unknown.join(", "))) }
}

/// The names between double braces. Proxmox counts a place from the end of the braces backwards by the name alone, so
/// that it names the second character of the variable's own name.
fn variables(template: &str) -> impl Iterator<Item = (usize, &str)> {
    template.match_indices("{{").filter_map(move |(start, _)| {
        let inner = &template[start + 2..];
        let name = &inner[..inner.find("}}")?];
        let plain = !name.is_empty() && !name.contains(['{', '}']) && !name.contains(char::is_whitespace);
        plain.then(|| (template[..start].chars().count() + 4, name))
    })
}

/// A template with its escapes and variables filled in.
pub(super) fn notes(template: &str, facts: &NoteFacts<'_>) -> String {
    let mut text = String::new();
    let mut characters = template.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    text.replace("{{cluster}}", "standalone node")
        .replace("{{node}}", facts.node)
        .replace("{{vmid}}", &facts.vmid)
        .replace("{{guestname}}", facts.guestname)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_filled_in() {
        let facts = NoteFacts { guestname: "web", node: "pve", vmid: "110".to_owned() };
        assert_eq!(
            notes("{{guestname}} on {{node}} ({{vmid}}) {{cluster}}\\nback\\\\slash", &facts),
            "web on pve (110) standalone node\nback\\slash"
        );
    }

    #[test]
    fn unknown_words_are_named() {
        assert!(verify("{{guestname}} {{ spaced }} \\n \\\\").is_ok());
        assert_eq!(verify("a\nb").unwrap_err(), "contains a line feed\n");
        assert_eq!(
            verify("x \\t {{who}}").unwrap_err(),
            "found unknown: escape sequence '\\t' at char 2, variable 'who' at char 9\n"
        );
    }
}
