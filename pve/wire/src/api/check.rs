//! Parameters held against a call's table, with Proxmox's texts for what is wrong.

use std::collections::BTreeMap;

use super::given::{Given, Parameters, Params};
use super::method::Method;
use super::param::{Kind, Param};
use super::pattern;

/// What is wrong with which parameter.
pub type ParamErrors = BTreeMap<String, String>;

/// Checks everything that was given, path variables included.
///
/// # Errors
/// Every wrong, unknown or missing parameter with Proxmox's text for it, as its answer 400 lists them.
pub fn check(method: &Method, given: &Parameters) -> Result<Params, ParamErrors> {
    let mut errors = ParamErrors::new();
    let mut kept = BTreeMap::new();
    for param in method.params().filter(|param| !param.optional && !given.contains_key(param.name)) {
        errors.insert(param.name.to_owned(), "property is missing and it is not optional".to_owned());
    }
    for (key, value) in given {
        let Some(param) = method.param(key) else {
            let unknown = "property is not defined in schema and the schema does not allow additional properties";
            errors.insert(key.clone(), unknown.to_owned());
            continue;
        };
        if let Some(other) = param.requires.filter(|other| !given.contains_key(*other)) {
            errors.insert(other.to_owned(), format!("missing property required by '{key}'"));
        }
        match checked(param, key, value) {
            Ok(value) => drop(kept.insert(key.clone(), value)),
            Err(why) => drop(errors.insert(key.clone(), why)),
        }
    }
    if errors.is_empty() { Ok(Params::new(kept)) } else { Err(errors) }
}

fn checked(param: &Param, key: &str, given: &Given) -> Result<Given, String> {
    match (param.kind, given) {
        (Kind::List, Given::Many(_)) => Ok(given.clone()),
        (Kind::List, Given::One(_)) => Err("type check ('array') failed".to_owned()),
        // Several texts for one are a list as Proxmox writes lists.
        (_, Given::Many(list)) => value(param, key, &list.join(",")).map(Given::One),
        (_, Given::One(text)) => value(param, key, text).map(Given::One),
    }
}

/// The value as it is kept, or the first thing that is wrong with it: type, format, pattern, length, limits, words.
fn value(param: &Param, key: &str, text: &str) -> Result<String, String> {
    let kept = typed(param.kind, text)?;
    if let Some(format) = param.format {
        format.check(key, &kept).map_err(|why| format!("invalid format - {why}"))?;
    }
    if param.pattern.is_some_and(|wanted| !pattern::matches(wanted, &kept)) {
        return Err("value does not match the regex pattern".to_owned());
    }
    match param.kind {
        Kind::Text => length(param, &kept)?,
        Kind::Integer | Kind::Number => limits(param, &kept)?,
        Kind::Boolean | Kind::List => {}
    }
    match param.words.list() {
        Some(words) if !words.contains(&kept) => {
            Err(format!("value '{kept}' does not have a value in the enumeration '{}'", words.join(", ")))
        }
        _ => Ok(kept),
    }
}

fn typed(kind: Kind, text: &str) -> Result<String, String> {
    let (name, fits) = match kind {
        Kind::Boolean => ("boolean", matches!(text, "0" | "1")),
        Kind::Integer => ("integer", is_integer(text)),
        Kind::Number => ("number", text.parse::<f64>().is_ok_and(f64::is_finite)),
        Kind::Text | Kind::List => return Ok(text.to_owned()),
    };
    if fits { Ok(text.to_owned()) } else { Err(format!("type check ('{name}') failed - got '{text}'")) }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn length(param: &Param, text: &str) -> Result<(), String> {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    match (param.min, param.max) {
        (_, Some(most)) if length > most => Err(format!("value may only be {most} characters long")),
        (Some(least), _) if length < least => Err(format!("value must be at least {least} characters long")),
        _ => Ok(()),
    }
}

/// Numbers too large for 64 bits are beyond every limit, which rounding does not change.
#[expect(clippy::cast_precision_loss, reason = "limits are far below 2^53")]
fn limits(param: &Param, text: &str) -> Result<(), String> {
    let number: f64 = text.parse().unwrap_or_default();
    match (param.min, param.max) {
        (Some(least), _) if number < least as f64 => Err(format!("value must have a minimum value of {least}")),
        (_, Some(most)) if number > most as f64 => Err(format!("value must have a maximum value of {most}")),
        _ => Ok(()),
    }
}
