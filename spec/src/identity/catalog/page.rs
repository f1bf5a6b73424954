//! The table as a page for people: `docs/reference/identity-catalog.md` is this text, and a test holds them together.

use std::fmt::Write;

use super::{GuestRule, Harm, ImageRule, Item, Renewer, Rewrite, VERSION, catalog};

/// The catalog as Markdown.
pub fn page() -> String {
    let mut text = format!(
        "# The identity catalog, version {VERSION}\n\n\
         Made from `spec/src/identity/catalog/`; `BLESS=1 cargo test -p spec` writes it anew.\n\n\
         | Item | Places | Why | Sev. | In a golden | In a guest | Must differ | Brought back by |\n\
         |---|---|---|---|---|---|---|---|\n"
    );
    for item in catalog() {
        row(&mut text, item);
    }
    text
}

fn row(text: &mut String, item: &Item) {
    let places: Vec<String> = item.places.iter().map(|place| format!("`{place}`")).collect();
    let unique = if item.unique { "yes" } else { "" };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "| **{}** `{}` | {} | {}: {} | {} | {} | {} | {unique} | {} |",
        item.title,
        item.id,
        places.join(" "),
        harm(item.harm),
        item.because,
        item.severity,
        in_image(item.in_image),
        in_guest(item.in_guest),
        renewer(item.renewed_by),
    );
}

fn harm(harm: Harm) -> &'static str {
    match harm {
        Harm::Collides => "collides",
        Harm::Leaks => "leaks",
        Harm::Breaks => "breaks",
        Harm::Bloats => "bloats",
    }
}

fn in_image(rule: ImageRule) -> String {
    match rule {
        ImageRule::Absent => "absent".into(),
        ImageRule::Empty => "empty (or `uninitialized`, by recipe)".into(),
        ImageRule::AbsentOrLink(target) => format!("absent, or a link to `{target}`"),
        ImageRule::DirectoriesOnly => "directories only, owner and mode kept".into(),
        ImageRule::Rewritten(Rewrite::HostsResidue) => "no line of the build guest".into(),
        ImageRule::Rewritten(Rewrite::PasswordsLocked) => "no usable hash".into(),
        ImageRule::Forbidden => "refused if there".into(),
        ImageRule::Recorded => "recorded as forbidden".into(),
    }
}

fn in_guest(rule: GuestRule) -> &'static str {
    match rule {
        GuestRule::Present => "must be there",
        GuestRule::MayExist => "may be there",
        GuestRule::Absent => "must not be there",
    }
}

fn renewer(renewer: Renewer) -> String {
    match renewer {
        Renewer::Systemd => "systemd, at boot".into(),
        Renewer::Firstboot => "`mintmark-firstboot`".into(),
        Renewer::Owner(owner) => owner.into(),
        Renewer::Proxmox => "Proxmox, at every start".into(),
        Renewer::Agent => "`reset-agent`, through the API".into(),
        Renewer::Nobody => "nobody".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_printed_page_is_the_table() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/identity-catalog.md");
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, page()).unwrap();
        }
        let printed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(printed == page(), "{} is not what the catalog says: BLESS=1 cargo test -p spec", file.display());
    }
}
