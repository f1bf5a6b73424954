//! A fragment with a new id → a row.

use super::error::Fault;
use super::fragment::Fragment;
use crate::identity::catalog::glob::fault as place_fault;
use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{GuestRule, Harm, ImageRule, Lines, Reading, Renewer, Rewrite};

pub(super) fn row(fragment: Fragment) -> Result<&'static Item, Fault> {
    let missing = |field, hint| Fault::Missing { field, hint };
    if fragment.id.is_empty() || !fragment.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err(invalid("id", &fragment.id, "lower-case letters, digits and -"));
    }
    let title = fragment.title.ok_or_else(|| missing("title", "say what it is in a few words"))?;
    let because = fragment.because.ok_or_else(|| missing("because", "say what two guests with one value do"))?;
    let places = fragment.places.filter(|places| !places.is_empty());
    let places = places.ok_or_else(|| missing("places", "places = [\"/var/lib/daemon/id\"]"))?;
    let rule = fragment.in_image.ok_or_else(|| missing("in_image", "in_image = \"absent\""))?;
    let severity = fragment.severity.ok_or_else(|| missing("severity", "1 (credential, takeover) to 4 (cosmetic)"))?;
    let mut item = Item::new(leak(fragment.id), leak(title), &[]);
    item.because = leak(because);
    item.severity = severity_of(severity)?;
    item.places = places_of("places", places)?;
    item.except = places_of("except", fragment.except.unwrap_or_default())?;
    item.harm = harm(fragment.harm.as_deref())?;
    item = with_unique(item, fragment.unique == Some(true));
    if let Some(keys) = fragment.lines {
        item.reading = Reading::Lines(Lines::Keys(leak_all(keys)));
    }
    item.in_image = image_rule(&rule, &item)?;
    item.in_guest = guest_rule(fragment.in_guest.as_deref())?;
    item.renewed_by = match fragment.renewed_by {
        Some(program) => Renewer::Owner(leak(program)),
        None if item.unique => Renewer::Procedure("its owner; the drop-in does not say how"),
        None => Renewer::Nobody,
    };
    item.after = leak_all(fragment.after.unwrap_or_default());
    item.stop_first = leak_all(fragment.stop_first.unwrap_or_default());
    item.second_copies = leak_all(fragment.second_copies.unwrap_or_default());
    by_file(&item)?;
    Ok(Box::leak(Box::new(item)))
}

/// A value that must differ is compared by its content.
pub(super) fn with_unique(item: Item, unique: bool) -> Item {
    if unique && !item.unique { item.unique_file().stays_in_clones() } else { item }
}

/// What is read or changed line by line is read file by file.
pub(super) fn by_file(item: &Item) -> Result<(), Fault> {
    let lines = matches!(item.reading, Reading::Lines(_)) || matches!(item.in_image, ImageRule::Rewritten(_));
    match item.places.iter().find(|place| lines && place.ends_with("/**")) {
        Some(place) => {
            Err(invalid("places", place, "a row of lines names files: end it with /**/*.conf, or leave lines out"))
        }
        None => Ok(()),
    }
}

pub(super) fn image_rule(text: &str, item: &Item) -> Result<ImageRule, Fault> {
    let lines = matches!(item.reading, Reading::Lines(_));
    match text {
        "absent" => Ok(ImageRule::Absent),
        "directories-only" => Ok(ImageRule::DirectoriesOnly),
        "links-only" => Ok(ImageRule::LinksOnly),
        "emptied" => Ok(ImageRule::Rewritten(Rewrite::Emptied)),
        "without-lines" if lines => Ok(ImageRule::Rewritten(Rewrite::LinesDropped)),
        "without-lines" => Err(Fault::Missing { field: "lines", hint: "lines = [\"the keys that go\"]" }),
        "forbidden" => Ok(ImageRule::Forbidden),
        "report" => Ok(ImageRule::Report),
        _ => Err(invalid(
            "in_image",
            text,
            "write absent, directories-only, links-only, emptied, without-lines, forbidden or report",
        )),
    }
}

pub(super) fn guest_rule(text: Option<&str>) -> Result<GuestRule, Fault> {
    match text {
        None | Some("may-exist") => Ok(GuestRule::MayExist),
        Some("present") => Ok(GuestRule::Present),
        Some("absent") => Ok(GuestRule::Absent),
        Some(other) => Err(invalid("in_guest", other, "write may-exist, present or absent")),
    }
}

pub(super) fn severity_of(severity: u8) -> Result<u8, Fault> {
    match severity {
        1..=4 => Ok(severity),
        _ => Err(invalid("severity", &severity.to_string(), "1 (credential, takeover) to 4 (cosmetic)")),
    }
}

pub(super) fn places_of(field: &'static str, places: Vec<String>) -> Result<&'static [&'static str], Fault> {
    match places.iter().find_map(|place| place_fault(place).map(|hint| (place, hint))) {
        Some((place, hint)) => Err(invalid(field, place, hint)),
        None => Ok(leak_all(places)),
    }
}

fn harm(text: Option<&str>) -> Result<Harm, Fault> {
    match text {
        None | Some("leaks") => Ok(Harm::Leaks),
        Some("collides") => Ok(Harm::Collides),
        Some("breaks") => Ok(Harm::Breaks),
        Some("bloats") => Ok(Harm::Bloats),
        Some(other) => Err(invalid("harm", other, "write collides, leaks, breaks or bloats")),
    }
}

fn invalid(field: &'static str, value: &str, hint: &'static str) -> Fault {
    Fault::Invalid { field, value: value.to_owned(), hint }
}

/// A program reads its drop-ins once, and its rows live as long as it does.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

pub(super) fn leak_all(texts: Vec<String>) -> &'static [&'static str] {
    Box::leak(texts.into_iter().map(leak).collect::<Vec<_>>().into_boxed_slice())
}
