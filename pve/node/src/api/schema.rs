//! What parameters may be: kinds of values, each with Proxmox's text of refusal. Pure.

use std::str::FromStr;

use spec::pct::{MountPoint, Net, PropertyError};

/// What a parameter's value may be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// 0 or 1.
    Boolean,
    /// A whole number within limits, both included.
    Integer(i64, i64),
    /// A number with a fraction, within limits.
    Number(u32, u32),
    /// Text of a least and a greatest length.
    Text(usize, usize),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A guest's number.
    Vmid,
    /// Guests' numbers, separated by commas or blanks.
    VmidList,
    /// A DNS name.
    DnsName,
    /// A storage's id.
    StorageId,
    /// Configuration keys, separated by commas or blanks.
    KeyList,
    /// Addresses of name servers.
    AddressList,
    /// Tags.
    Tags,
    /// A time zone, or `host`.
    TimeZone,
    /// A disk's new size: `10G`, `+2G`.
    Size,
    /// `netN`.
    Net,
    /// `rootfs`.
    Rootfs,
    /// `mpN`.
    Mount,
    /// `unusedN`.
    Unused,
    /// `features`.
    Features,
}

/// A parameter: its name (of a family with `[n]` at the end: `net[n]`), its kind, whether it must be there.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
}

impl Param {
    /// A parameter that may be left out.
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false }
    }

    /// A parameter that must be there.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: true }
    }

    /// Whether this parameter bears the name `key`.
    pub(super) fn is(&self, key: &str) -> bool {
        let Some(family) = self.name.strip_suffix("[n]") else { return self.name == key };
        let count = if family == "net" { 32 } else { 256 };
        let index = key.strip_prefix(family).filter(|digits| *digits == "0" || !digits.starts_with(['0', '+']));
        index.and_then(|digits| digits.parse::<u16>().ok()).is_some_and(|index| index < count)
    }
}

/// The value as the node keeps it, or Proxmox's text for what is wrong with it.
pub(super) fn check(kind: Kind, key: &str, value: &str) -> Result<String, String> {
    match kind {
        Kind::Boolean if matches!(value, "0" | "1") => Ok(value.to_owned()),
        Kind::Boolean => Err(type_error("boolean", value)),
        Kind::Integer(least, most) => integer(value, least, most),
        Kind::Number(least, most) => number(value, least, most),
        Kind::Text(least, most) => length(value, least, most),
        Kind::OneOf(words) if words.contains(&value) => Ok(value.to_owned()),
        Kind::OneOf(words) => {
            Err(format!("value '{value}' does not have a value in the enumeration '{}'", words.join(", ")))
        }
        Kind::Vmid => vmid(value),
        Kind::VmidList => {
            let valid = list(value).all(|one| spec::ids::Vmid::from_str(one).is_ok());
            format(valid, value, "value does not look like a valid VM ID")
        }
        Kind::DnsName => format(is_dns_name(value), value, "value does not look like a valid DNS name")
            .and_then(|value| length(&value, 0, 255)),
        Kind::StorageId => storage_id(value),
        Kind::KeyList => match list(value).find(|key| !is_key(key)) {
            Some(key) => Err(format!("invalid format - invalid configuration ID '{key}'\n")),
            None => Ok(value.to_owned()),
        },
        Kind::AddressList => {
            let valid = list(value).all(|one| one == "host" || std::net::IpAddr::from_str(one).is_ok());
            format(valid && list(value).next().is_some(), value, "value does not look like a valid IP address")
        }
        Kind::Tags => tags(value),
        Kind::TimeZone => {
            let known = value == "host"
                || (!value.contains("..") && std::path::Path::new("/usr/share/zoneinfo").join(value).is_file());
            format(known, value, &format!("invalid time zone '{value}'"))
        }
        Kind::Size if is_size(value) => Ok(value.to_owned()),
        Kind::Size => Err("value does not match the regex pattern".to_owned()),
        Kind::Net => property(key, value.parse::<Net>()).map(|_| value.to_owned()),
        Kind::Rootfs => property(key, MountPoint::parse_rootfs(value)).map(|_| value.to_owned()),
        Kind::Mount => property(key, MountPoint::parse_mp(value)).map(|_| value.to_owned()),
        Kind::Unused => property(key, MountPoint::parse_unused(value)).map(|_| value.to_owned()),
        Kind::Features => property(key, value.trim().parse::<spec::pct::Features>()).map(|_| value.trim().to_owned()),
    }
}

fn type_error(name: &str, value: &str) -> String {
    format!("type check ('{name}') failed - got '{value}'")
}

fn format(valid: bool, value: &str, why: &str) -> Result<String, String> {
    if valid { Ok(value.to_owned()) } else { Err(format!("invalid format - {why}\n")) }
}

fn integer(value: &str, least: i64, most: i64) -> Result<String, String> {
    let number: i64 = value.parse().map_err(|_| type_error("integer", value))?;
    if number < least {
        return Err(format!("value must have a minimum value of {least}"));
    }
    if number > most {
        return Err(format!("value must have a maximum value of {most}"));
    }
    Ok(number.to_string())
}

fn number(value: &str, least: u32, most: u32) -> Result<String, String> {
    let number: f64 = value.parse().map_err(|_| type_error("number", value))?;
    if !number.is_finite() {
        return Err(type_error("number", value));
    }
    if number < f64::from(least) {
        return Err(format!("value must have a minimum value of {least}"));
    }
    if number > f64::from(most) {
        return Err(format!("value must have a maximum value of {most}"));
    }
    Ok(value.to_owned())
}

fn length(value: &str, least: usize, most: usize) -> Result<String, String> {
    match value.chars().count() {
        count if count < least => Err(format!("value must be at least {least} characters long")),
        count if count > most => Err(format!("value may only be {most} characters long")),
        _ => Ok(value.to_owned()),
    }
}

fn vmid(value: &str) -> Result<String, String> {
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(type_error("integer", value));
    }
    format(spec::ids::Vmid::from_str(value).is_ok(), value, "value does not look like a valid VM ID")
}

/// Labels of letters, digits and inner hyphens; unlike RFC 1035 without a limit of 63 characters each.
fn is_dns_name(value: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    value
        .split('.')
        .all(|label| !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-'))
}

fn storage_id(value: &str) -> Result<String, String> {
    if value.len() < 2 {
        return Err(format!("invalid format - storage ID '{value}' cannot be shorter than 2 characters\n"));
    }
    let legal = spec::ids::StorageId::from_str(value).is_ok();
    format(legal, value, &format!("storage ID '{value}' contains illegal characters"))
}

/// `[a-z][a-z0-9_-]+`, in either case.
fn is_key(value: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    value.len() > 1 && value.starts_with(|c: char| c.is_ascii_alphabetic()) && value.bytes().all(inner)
}

/// The parts of a `-list` value.
fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split([',', ';', ' ', '\t', '\n', '\0']).filter(|part| !part.is_empty())
}

/// Tags are kept in lower case, sorted, each once.
fn tags(value: &str) -> Result<String, String> {
    let valid = |tag: &&str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.');
        tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && tag.chars().all(inner)
    };
    if !list(value).all(|tag| valid(&tag)) {
        return Err("invalid format - invalid characters in tag\n".to_owned());
    }
    let mut tags: Vec<String> = list(value).map(str::to_ascii_lowercase).collect();
    tags.sort();
    tags.dedup();
    Ok(tags.join(";"))
}

/// `\+?\d+(\.\d+)?[KMGT]?`
fn is_size(value: &str) -> bool {
    let number = value.strip_prefix('+').unwrap_or(value);
    let number = number.strip_suffix(['K', 'M', 'G', 'T']).unwrap_or(number);
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    number.split_once('.').map_or_else(|| digits(number), |(whole, part)| digits(whole) && digits(part))
}

/// A property string's refusal, each wrong key named with the parameter before it.
fn property<T>(key: &str, parsed: Result<T, PropertyError>) -> Result<T, String> {
    parsed.map_err(|error| match &error {
        PropertyError::Syntax { .. } => format!("invalid format - {}", error.pve_text()),
        PropertyError::Fields(fields) => {
            let lines: Vec<String> = fields.iter().map(|f| format!("{key}.{}: {}\n", f.field, f.reason)).collect();
            let lines = lines.concat();
            format!("invalid format - format error\n{lines}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: Kind, key: &str, value: &str) -> String {
        check(kind, key, value).unwrap_err()
    }

    #[test]
    fn refusals_are_proxmox_texts() {
        assert_eq!(refused(Kind::Integer(16, i64::MAX), "memory", "15"), "value must have a minimum value of 16");
        assert_eq!(refused(Kind::Integer(16, i64::MAX), "memory", "abc"), "type check ('integer') failed - got 'abc'");
        assert_eq!(refused(Kind::Boolean, "onboot", "maybe"), "type check ('boolean') failed - got 'maybe'");
        assert_eq!(refused(Kind::Vmid, "vmid", "99"), "invalid format - value does not look like a valid VM ID\n");
        assert_eq!(
            refused(Kind::DnsName, "hostname", "-bad"),
            "invalid format - value does not look like a valid DNS name\n"
        );
        assert_eq!(
            refused(Kind::Net, "net0", "bridge=vmbr0"),
            "invalid format - format error\nnet0.name: property is missing and it is not optional\n"
        );
        assert_eq!(
            refused(Kind::Net, "net0", "name=eth0,hwaddr=01:00:00:00:00:01"),
            "invalid format - format error\nnet0.hwaddr: invalid format - value does not look like a valid unicast MAC address\n\n"
        );
        assert_eq!(refused(Kind::Size, "size", "10X"), "value does not match the regex pattern");
        assert_eq!(
            refused(Kind::TimeZone, "timezone", "Mars/Olympus"),
            "invalid format - invalid time zone 'Mars/Olympus'\n"
        );
    }

    #[test]
    fn values_are_kept_in_proxmox_form() {
        assert_eq!(check(Kind::Tags, "tags", "B;a,c d").unwrap(), "a;b;c;d");
        assert_eq!(refused(Kind::Boolean, "onboot", "yes"), "type check ('boolean') failed - got 'yes'");
        assert_eq!(check(Kind::Integer(0, 9), "x", "07").unwrap(), "7");
    }

    #[test]
    fn families_have_their_limits() {
        let net = Param::optional("net[n]", Kind::Net);
        assert!(net.is("net31") && !net.is("net32") && !net.is("net01") && !net.is("net") && !net.is("network"));
    }
}
