//! Tokens of a known shape. Lengths and alphabets are those that the services document, or that their tokens have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keys::member;
use super::values::is_placeholder;

/// A run of characters behind a prefix.
struct Shape {
    prefix: usize,
    least: usize,
    most: usize,
    takes: fn(u8) -> bool,
}

impl Shape {
    /// The run, if the prefix begins a word and the run has a fitting length and looks drawn at random.
    fn run<'a>(&self, text: &'a [u8], at: usize) -> Option<&'a [u8]> {
        if at > 0 && is_word(text[at - 1]) {
            return None;
        }
        let rest = text.get(at + self.prefix..)?;
        let length = rest.iter().take_while(|byte| (self.takes)(**byte)).count();
        let run = &rest[..length];
        ((self.least..=self.most).contains(&length) && !is_placeholder(run)).then_some(run)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn upper_or_digit(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn dotted(byte: u8) -> bool {
    url_safe(byte) || byte == b'.'
}

fn found(shape: &Shape, text: &[u8], at: usize, what: &'static str) -> Option<&'static str> {
    shape.run(text, at).map(|_| what)
}

pub(super) fn aws(text: &[u8], at: usize) -> Option<&'static str> {
    let run = Shape { prefix: 4, least: 16, most: 16, takes: upper_or_digit }.run(text, at)?;
    // A random id of sixteen has digits; a word in capitals has not.
    run.iter().any(u8::is_ascii_digit).then_some("an AWS access key")
}

pub(super) fn github(text: &[u8], at: usize) -> Option<&'static str> {
    found(&Shape { prefix: 4, least: 36, most: 255, takes: alphanumeric }, text, at, "a GitHub token")
}

pub(super) fn github_fine(text: &[u8], at: usize) -> Option<&'static str> {
    found(&Shape { prefix: 11, least: 60, most: 255, takes: is_word }, text, at, "a GitHub token")
}

pub(super) fn gitlab(text: &[u8], at: usize) -> Option<&'static str> {
    found(&Shape { prefix: 6, least: 20, most: 300, takes: dotted }, text, at, "a GitLab token")
}

pub(super) fn slack(text: &[u8], at: usize) -> Option<&'static str> {
    let run = Shape { prefix: 5, least: 20, most: 255, takes: url_safe }.run(text, at)?;
    run.first().is_some_and(u8::is_ascii_digit).then_some("a Slack token")
}

pub(super) fn slack_hook(text: &[u8], at: usize) -> Option<&'static str> {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'/';
    let run = Shape { prefix: 25, least: 40, most: 80, takes }.run(text, at)?;
    (run.starts_with(b"T") && run.split(|byte| *byte == b'/').count() == 3).then_some("a Slack webhook")
}

pub(super) fn stripe(text: &[u8], at: usize) -> Option<&'static str> {
    found(&Shape { prefix: 8, least: 24, most: 255, takes: alphanumeric }, text, at, "a Stripe key")
}

pub(super) fn google(text: &[u8], at: usize) -> Option<&'static str> {
    let run = Shape { prefix: 4, least: 35, most: 35, takes: url_safe }.run(text, at)?;
    run.iter().any(u8::is_ascii_digit).then_some("a Google API key")
}

pub(super) fn npm(text: &[u8], at: usize) -> Option<&'static str> {
    let run = Shape { prefix: 4, least: 36, most: 36, takes: alphanumeric }.run(text, at)?;
    run.iter().any(u8::is_ascii_digit).then_some("an npm token")
}

pub(super) fn pypi(text: &[u8], at: usize) -> Option<&'static str> {
    found(&Shape { prefix: 5, least: 66, most: 512, takes: url_safe }, text, at, "a PyPI token")
}

/// Docker's `config.json`: `"auths": {"HOST": {"auth": "base64 of user:password"}}`.
pub(super) fn docker(text: &[u8], at: usize) -> Option<&'static str> {
    let auth = member(text.get(at..)?, "\"auth\"")?;
    let pair = STANDARD.decode(auth).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    (colon > 0 && pair.len() > colon + 1).then_some("registry credentials (Docker)")
}

/// Three parts of base64url; the second is JSON too.
pub(super) fn jwt(text: &[u8], at: usize) -> Option<&'static str> {
    let run = Shape { prefix: 0, least: 60, most: 8192, takes: dotted }.run(text, at)?;
    let mut parts = run.split(|byte| *byte == b'.');
    let (_, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    (claims.starts_with(b"eyJ") && signature.len() >= 20).then_some("a JSON web token")
}

/// `PVEAPIToken=user@realm!name=uuid`; PBS separates by a colon.
pub(super) fn proxmox(text: &[u8], at: usize) -> Option<&'static str> {
    let rest = text.get(at + b"APIToken=".len()..)?;
    let end = rest.iter().position(|byte| !(is_word(*byte) || b"@!=:.-".contains(byte))).unwrap_or(rest.len());
    let (name, secret) = rest[..end].split_at_checked(end.checked_sub(37)?)?;
    let uuid = secret[1..].iter().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    let named = name.contains(&b'@') && name.contains(&b'!') && matches!(secret[0], b'=' | b':');
    (named && uuid && !is_placeholder(&secret[1..])).then_some("a Proxmox API token")
}

pub(super) fn tailscale(text: &[u8], at: usize) -> Option<&'static str> {
    let run = Shape { prefix: 6, least: 20, most: 255, takes: url_safe }.run(text, at)?;
    let kinds = [&b"auth-"[..], b"api-", b"client-", b"scim-", b"webhook-"];
    kinds.iter().any(|kind| run.starts_with(kind)).then_some("a Tailscale key")
}

pub(super) fn vault(text: &[u8], at: usize) -> Option<&'static str> {
    let run = Shape { prefix: 4, least: 24, most: 512, takes: url_safe }.run(text, at)?;
    run.iter().any(u8::is_ascii_digit).then_some("a Vault token")
}

pub(super) fn digitalocean(text: &[u8], at: usize) -> Option<&'static str> {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    found(&Shape { prefix: 7, least: 64, most: 64, takes: hexadecimal }, text, at, "a DigitalOcean token")
}

pub(super) fn azure(text: &[u8], at: usize) -> Option<&'static str> {
    let takes = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    found(&Shape { prefix: 11, least: 88, most: 88, takes }, text, at, "an Azure storage key")
}

pub(super) fn sendgrid(text: &[u8], at: usize) -> Option<&'static str> {
    let run = Shape { prefix: 3, least: 66, most: 66, takes: dotted }.run(text, at)?;
    (run.get(22) == Some(&b'.') && run.split(|byte| *byte == b'.').count() == 2).then_some("a SendGrid key")
}
