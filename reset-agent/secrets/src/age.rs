//! age identities, and what they open: files in the age format, binary or armoured.

use std::fmt;
use std::io::Read;

use age::armor::ArmoredReader;
use zeroize::Zeroizing;

/// A customer's secrets fit in far less.
const LONGEST: u64 = 1 << 20;

/// The operator's age identities, from an identity file (`age-keygen`).
pub struct Identities(Vec<age::x25519::Identity>);

/// Why a file is no identity file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// A line is no identity.
    #[error("line {0} is no age identity: they begin with AGE-SECRET-KEY-1 (age-keygen makes them)")]
    Line(usize),
    /// There is none.
    #[error("there is no age identity: age-keygen makes one")]
    None,
}

/// Why something was not opened.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    /// Not in the age format, damaged, or for somebody else.
    #[error("it cannot be decrypted: is it whole, and was it encrypted for this identity?")]
    Locked(#[source] age::DecryptError),
    /// Reading broke off: it was changed or cut.
    #[error("it cannot be decrypted to its end: it was changed or cut off")]
    Broken(#[source] std::io::Error),
    /// Too long.
    #[error("it is longer than 1 MiB: that is no customer's secrets")]
    TooLong,
    /// Not text.
    #[error("what it holds is no UTF-8 text")]
    NotText,
}

impl Identities {
    /// Reads an identity file's text: an identity a line, comments and empty lines between.
    ///
    /// # Errors
    /// [`IdentityError`] with the line's number.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let keys = keys.map(|(number, line)| line.parse().map_err(|_| IdentityError::Line(number)));
        let keys: Vec<age::x25519::Identity> = keys.collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(IdentityError::None) } else { Ok(Self(keys)) }
    }

    /// Opens an age file.
    ///
    /// # Errors
    /// [`AgeError`], without any of the content.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, AgeError> {
        let decryptor = age::Decryptor::new(ArmoredReader::new(sealed)).map_err(AgeError::Locked)?;
        let keys = self.0.iter().map(|key| key as &dyn age::Identity);
        let mut reader = decryptor.decrypt(keys).map_err(AgeError::Locked)?.take(LONGEST + 1);
        // Ciphertext is longer than what it holds: with this room the vector never moves.
        let mut content = Zeroizing::new(Vec::with_capacity(sealed.len().max(64)));
        reader.read_to_end(&mut content).map_err(AgeError::Broken)?;
        if content.len() as u64 > LONGEST { Err(AgeError::TooLong) } else { Ok(content) }
    }

    /// Opens an age file that holds a text.
    ///
    /// # Errors
    /// As [`Identities::open`], or it is none.
    pub fn open_text(&self, sealed: &[u8]) -> Result<Zeroizing<String>, AgeError> {
        let content = self.open(sealed)?;
        let text = str::from_utf8(&content).map_err(|_| AgeError::NotText)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({}, …)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use age::secrecy::ExposeSecret;

    use super::*;

    fn sealed(text: &[u8]) -> (Identities, Vec<u8>) {
        let key = age::x25519::Identity::generate();
        let sealed = age::encrypt(&key.to_public(), text).unwrap();
        let file = format!("# created: today\n{}\n", key.to_string().expose_secret());
        (Identities::parse(&file).unwrap(), sealed)
    }

    #[test]
    fn opens_what_is_meant_for_it_and_nothing_else() {
        let (identities, file) = sealed(b"A=1");
        assert_eq!(identities.open_text(&file).unwrap().as_str(), "A=1");
        let (stranger, _) = sealed(b"");
        assert!(matches!(stranger.open(&file), Err(AgeError::Locked(_))));
        assert!(matches!(identities.open(b"A=1"), Err(AgeError::Locked(_))));
        let mut changed = file.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(matches!(identities.open(&changed), Err(AgeError::Broken(_))));
        assert_eq!(format!("{identities:?}"), "Identities(1, …)");
    }

    #[test]
    fn an_identity_file_is_told_by_its_line_never_by_its_content() {
        let error = Identities::parse("# c\nAGE-SECRET-KEY-1canary").unwrap_err();
        assert_eq!(error, IdentityError::Line(2));
        assert!(!format!("{error} {error:?}").contains("canary"));
        assert_eq!(Identities::parse("# nothing\n").unwrap_err(), IdentityError::None);
    }
}
