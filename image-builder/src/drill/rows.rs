//! The row that the catalog lacks, for a person to check and to put into a drop-in.

use std::path::Path;

/// A drop-in's row for a path that a drill found.
pub(super) fn row(path: &Path, because: &str) -> String {
    let path = path.to_string_lossy();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    format!(
        "[[item]]\nid = {}\ntitle = {}\nplaces = [{}]\nharm = \"collides\"\nbecause = {}\nseverity = 1\n\
         in_image = \"absent\"\nunique = true\n",
        quoted(&id(&path)),
        quoted(&format!("identity in {path}")),
        quoted(&path),
        quoted(because),
    )
}

/// An id from a path: its last two names.
fn id(path: &str) -> String {
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let last = names[names.len().saturating_sub(2)..].join("-");
    let plain = last.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let words = plain.collect::<String>();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_is_toml_whatever_the_path_is_called() {
        let text = row(Path::new("/var/lib/my\"daemon/ID.file"), "the twins share it");
        let read: toml::Table = text.parse().unwrap();
        let item = &read["item"].as_array().unwrap()[0];
        assert_eq!(item["places"].as_array().unwrap()[0].as_str(), Some("/var/lib/my\"daemon/ID.file"));
        assert_eq!(item["id"].as_str(), Some("my-daemon-id-file"));
    }
}
