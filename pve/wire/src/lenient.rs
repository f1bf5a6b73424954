//! Reading what Perl wrote: numbers as text, booleans as 0 and 1.

use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;

/// A scalar as text, the way Proxmox's own code would print it.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(if *flag { "1" } else { "0" }.to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn unsigned(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(u64::from(*flag)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number that arrived with a fraction, cut: sizes sometimes pass through Perl's floating point.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative and huge values are refused first"
)]
fn whole(number: f64) -> Option<u64> {
    (0.0..9.0e18).contains(&number).then_some(number as u64)
}

/// An unsigned number, also as text; absent, null and unreadable read as nought.
pub(crate) fn count<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    Ok(Option::<Value>::deserialize(input)?.as_ref().and_then(unsigned).unwrap_or_default())
}

/// An unsigned number, also as text.
pub(crate) fn optional_count<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<Value>::deserialize(input)?.as_ref().and_then(unsigned))
}

/// A number with a fraction, also as text.
pub(crate) fn fraction<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
    Ok(Option::<Value>::deserialize(input)?.as_ref().and_then(number).unwrap_or_default())
}

/// A boolean: 0, 1, "0", "1", true, false; absent reads as false.
pub(crate) fn flag<'de, D: Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    let value = Option::<Value>::deserialize(input)?;
    Ok(matches!(value.as_ref().and_then(scalar_text).as_deref(), Some("1" | "true" | "yes" | "on")))
}

/// A text that may arrive as a number (a hostname of digits does).
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Value>::deserialize(input)?.as_ref().and_then(scalar_text))
}

/// A text that may arrive as a number; absent reads as empty.
pub(crate) fn text<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    Ok(optional_text(input)?.unwrap_or_default())
}

/// A boolean as Proxmox writes it: 1 or 0.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn as_bit<S: Serializer>(flag: &bool, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_u8(u8::from(*flag))
}

/// A number as Proxmox writes it: whole ones without a fraction.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn as_number<S: Serializer>(number: &f64, out: S) -> Result<S::Ok, S::Error> {
    match whole(*number).filter(|_| number.fract() == 0.0) {
        Some(number) => out.serialize_u64(number),
        None => out.serialize_f64(*number),
    }
}

/// A number that Proxmox writes as text.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn as_text<S: Serializer>(number: &u64, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(number)
}

/// Whether a flag is unset, so that it is left out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) fn unset(flag: &bool) -> bool {
    !*flag
}
