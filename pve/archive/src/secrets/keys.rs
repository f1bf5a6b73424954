//! Private keys: a header, and a body behind it. Texts that only speak of such headers have none.

const KEY: &str = "a private key";

/// PEM and OpenSSH: the header's line, then base64; in JSON and shell scripts the line end may be written `\n`.
pub(super) fn pem(text: &[u8], at: usize) -> Option<&'static str> {
    let begins = text[..at].rsplit(|byte| *byte == b'\n' || *byte == b'"').next()?;
    let begins = begins.windows(11).rev().take(40).any(|window| window == b"-----BEGIN ");
    let after = text.get(at + b"PRIVATE KEY-----".len()..)?;
    let mut lines = lines(after);
    // What is left of the header's own line.
    if !begins || !lines.next()?.is_empty() {
        return None;
    }
    // Old encrypted keys have `Proc-Type:` and `DEK-Info:` between header and body.
    let body = lines.find(|line| !line.is_empty() && !line.contains(&b':'))?;
    is_base64(body).then_some(KEY)
}

/// `-----BEGIN PGP PRIVATE KEY BLOCK-----`, perhaps `Version:` lines, then base64.
pub(super) fn pgp(text: &[u8], at: usize) -> Option<&'static str> {
    let after = text[..at].ends_with(b"-----BEGIN ").then(|| &text[at..])?;
    let mut lines = lines(after).skip(1);
    let body = lines.find(|line| !line.is_empty() && !line.contains(&b':'))?;
    is_base64(body).then_some("a PGP private key")
}

/// `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----`, `Comment:` lines, then base64.
pub(super) fn ssh_com(text: &[u8], at: usize) -> Option<&'static str> {
    let after = text[..at].ends_with(b"---- BEGIN ").then(|| &text[at..])?;
    let mut lines = lines(after).skip(1);
    let body = lines.find(|line| !line.is_empty() && !line.contains(&b':') && !line.ends_with(b"\\"))?;
    is_base64(body).then_some(KEY)
}

/// `PuTTY-User-Key-File-3: ssh-ed25519`, and `Encryption:` on the line behind it.
pub(super) fn putty(text: &[u8], at: usize) -> Option<&'static str> {
    let mut lines = lines(&text[at..]);
    let names_a_type =
        lines.next()?.split(|byte| *byte == b':').nth(1).is_some_and(|kind| !kind.trim_ascii().is_empty());
    (names_a_type && lines.next()?.starts_with(b"Encryption:")).then_some("a PuTTY private key")
}

/// `AGE-SECRET-KEY-1` and 58 characters of upper-case bech32.
pub(super) fn age(text: &[u8], at: usize) -> Option<&'static str> {
    let body = text.get(at + b"AGE-SECRET-KEY-".len()..)?;
    let length = body.iter().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count();
    (body.first() == Some(&b'1') && length == 59).then_some("an age identity")
}

/// A JSON web key with its private part: `"d"`, or `"k"` of a symmetric one.
pub(super) fn jwk(text: &[u8], at: usize) -> Option<&'static str> {
    let begin = text[..at].iter().rposition(|byte| *byte == b'{').map_or(0, |brace| brace + 1);
    let end = text[at..].iter().position(|byte| *byte == b'}').map_or(text.len(), |brace| at + brace);
    let object = &text[begin..end];
    let private = ["\"d\"", "\"k\""].iter().any(|name| member(object, name).is_some_and(|value| value.len() >= 22));
    private.then_some("a private key (JWK)")
}

/// A string's value in a JSON object.
pub(super) fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let at = object.windows(name.len()).position(|window| window == name.as_bytes())?;
    let rest = object[at + name.len()..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let value = rest.strip_prefix(b"\"")?;
    let end = value.iter().position(|byte| *byte == b'"')?;
    Some(&value[..end])
}

/// Lines, whether their ends are line ends or only written as such.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let real = text.iter().position(|byte| *byte == b'\n').map(|at| (at, 1));
        let written = text.windows(2).position(|pair| pair == b"\\n").map(|at| (at, 2));
        let end = [real, written].into_iter().flatten().min();
        rest = end.map(|(at, length)| &text[at + length..]);
        Some(end.map_or(text, |(at, _)| &text[..at]).trim_ascii())
    })
}

fn is_base64(line: &[u8]) -> bool {
    line.len() >= 16 && line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}
