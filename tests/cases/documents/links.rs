//! Links between pages.

use std::fs;
use std::path::Path;

use crate::page::{Page, repository};

impl Page {
    /// Links that lead nowhere: to no file, or to no heading of it.
    pub(crate) fn dead_links(&self) -> Vec<String> {
        links(&self.text).into_iter().filter_map(|link| self.dead(link)).collect()
    }

    fn dead(&self, link: &str) -> Option<String> {
        let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
        let target = self.path.parent().unwrap_or(Path::new("")).join(file);
        let target = if file.is_empty() { self.path.clone() } else { target };
        let full = repository().join(&target);
        let place = self.path.display();
        if !full.exists() {
            return Some(format!("{place}: {link} leads to no file"));
        }
        let wanted = heading.filter(|_| target.extension().is_some_and(|end| end == "md"))?;
        let text = fs::read_to_string(full).unwrap();
        let there = text.lines().filter_map(|line| line.strip_prefix('#')).any(|line| slug(line) == wanted);
        (!there).then(|| format!("{place}: {link} leads to no heading"))
    }
}

/// The targets of a text's links, those to elsewhere and those in code left out.
fn links(text: &str) -> Vec<&str> {
    let mut code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        code ^= line.trim_start().starts_with("```");
        let parts = line.split("](").skip(1).filter(|_| !code);
        found.extend(parts.filter_map(|part| part.split_once(')')).map(|(link, _)| link));
    }
    found.retain(|link| !link.contains("://") && !link.contains(' ') && !link.starts_with("mailto:"));
    found
}

/// A heading as its link names it.
fn slug(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_and_headings_are_read() {
    assert_eq!(links("[a](b.md#c) [x](https://y) `code`\n```\n[n](o)\n```\n[d](e)"), ["b.md#c", "e"]);
    assert_eq!(slug("## What it is, and `why`"), "what-it-is-and-why");
}
