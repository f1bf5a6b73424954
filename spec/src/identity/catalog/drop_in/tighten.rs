//! A fragment with a known id → the row, made stricter.

use super::error::Fault;
use super::fragment::Fragment;
use super::rows::{by_file, guest_rule, image_rule, leak_all, places_of, severity_of, with_unique};
use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{GuestRule, ImageRule};

pub(super) fn tightened(item: &'static Item, fragment: Fragment) -> Result<&'static Item, Fault> {
    let mut strict = item.clone();
    fixed(item, &fragment)?;
    if let Some(places) = fragment.places {
        let more = places_of("places", places)?;
        let all = item.places.iter().chain(more.iter().filter(|place| !item.places.contains(place)));
        strict.places = leak_all(all.map(|place| (*place).to_owned()).collect());
    }
    if let Some(severity) = fragment.severity {
        strict.severity = severity_of(severity)?;
        if severity > item.severity {
            return Err(loosens("severity", severity.to_string(), item.severity.to_string()));
        }
    }
    strict = match fragment.unique {
        Some(false) if item.unique => return Err(loosens("unique", "false".into(), "true".into())),
        unique => with_unique(strict, unique == Some(true)),
    };
    if let Some(text) = fragment.in_image {
        strict.in_image = stricter_rule(item, image_rule(&text, item)?, text)?;
    }
    if let Some(text) = fragment.in_guest {
        let rule = guest_rule(Some(&text))?;
        if item.in_guest != GuestRule::MayExist && rule != item.in_guest {
            return Err(loosens("in_guest", text, item.in_guest.in_words().to_owned()));
        }
        strict.in_guest = rule;
    }
    by_file(&strict)?;
    Ok(Box::leak(Box::new(strict)))
}

/// Fields of a built-in row that a drop-in cannot change at all.
fn fixed(item: &Item, fragment: &Fragment) -> Result<(), Fault> {
    let exceptions = fragment.except.as_ref().map(|except| ("except", except.join(" "), item.except.join(" ")));
    let lines = fragment.lines.as_ref().map(|lines| ("lines", lines.join(" "), "the table's".to_owned()));
    let owner = fragment.renewed_by.as_ref().map(|owner| ("renewed_by", owner.clone(), item.renewed_by.in_words()));
    let order = fragment.after.as_ref().map(|after| ("after", after.join(" "), item.after.join(" ")));
    let copies =
        fragment.second_copies.as_ref().map(|copies| ("second_copies", copies.join(" "), item.second_copies.join(" ")));
    let outside = fragment.places.as_ref().filter(|_| !item.in_tree());
    let outside = outside.map(|places| ("places", places.join(" "), "outside the guest's tree".to_owned()));
    match [exceptions, lines, owner, order, copies, outside].into_iter().flatten().next() {
        Some((field, given, built_in)) => Err(loosens(field, given, built_in)),
        None => Ok(()),
    }
}

/// Only a rule that allows less takes another's place, and only where the row's own way to sleep is a plain one.
fn stricter_rule(item: &Item, rule: ImageRule, text: String) -> Result<ImageRule, Fault> {
    if rule == item.in_image || (strictness(item.in_image) < strictness(rule) && strictness(item.in_image) < OWN_WAY) {
        return Ok(rule);
    }
    Err(loosens("in_image", text, item.in_image.in_words()))
}

/// Rules that only their row knows how to keep.
const OWN_WAY: u8 = 5;

fn strictness(rule: ImageRule) -> u8 {
    match rule {
        ImageRule::Keep => 0,
        ImageRule::Report => 1,
        ImageRule::DirectoriesOnly | ImageRule::LinksOnly | ImageRule::Rewritten(_) => 2,
        ImageRule::Absent => 3,
        ImageRule::Forbidden => 4,
        ImageRule::Empty | ImageRule::AbsentOrLink(_) | ImageRule::Recorded => OWN_WAY,
    }
}

fn loosens(field: &'static str, given: String, built_in: String) -> Fault {
    Fault::Loosens { field, given, built_in }
}
