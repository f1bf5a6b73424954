//! The table as a page for people: `docs/reference/identity-catalog.md` is this text, and a test holds them together.

use std::fmt::Write;

use super::{FAMILIES, Item, VERSION};

/// The catalog as Markdown.
pub fn page() -> String {
    let rows = FAMILIES.iter().map(|family| family.items.len()).sum::<usize>();
    let mut text = format!(
        "# The identity catalog, version {VERSION}\n\n\
         Made from `spec/src/identity/catalog/rows/`; `BLESS=1 cargo test -p spec` writes it anew. {rows} rows. \
         *Rows* are those of the survey behind the table.\n"
    );
    for family in FAMILIES {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n## {}\n\n| Item | Places | Why | Sev. | In a golden | In a guest | Must differ | Brought back by | Proof | Rows |\n\
             |---|---|---|---|---|---|---|---|---|---|\n",
            family.title
        );
        family.items.iter().for_each(|item| row(&mut text, item));
    }
    text
}

fn row(text: &mut String, item: &Item) {
    let code = |texts: &[&str]| texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" ");
    let mut places = code(item.places);
    if !item.except.is_empty() {
        let _ = write!(places, " but {}", code(item.except));
    }
    let rows: Vec<String> = item.rows.iter().map(u16::to_string).collect();
    let _ = writeln!(
        text,
        "| **{}** `{}` | {places} | {}: {} | {} | {} | {} | {} | {} | {} | {} |",
        item.title,
        item.id,
        item.harm.in_words(),
        item.because,
        item.severity,
        item.in_image.in_words(),
        item.in_guest.in_words(),
        if item.unique { "yes" } else { "" },
        item.renewed_by.in_words(),
        item.proof.in_words(),
        rows.join(", "),
    );
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
