//! What a file is to hold: maybe a secret, so it is wiped when it goes and never shown.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes that cross the socket as base64.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Content(Vec<u8>);

impl Content {
    /// These bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.0.len())
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(STANDARD.encode(&self.0)))
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        // The decoder's own words would tell a byte of what may be a secret.
        STANDARD.decode(text.as_bytes()).map(Self).map_err(|_| de::Error::custom("content is not base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_never_shown_and_comes_back_whole() {
        let content = Content::new(b"CANARY".to_vec());
        assert_eq!(format!("{content:?}"), "Content(6 bytes)");
        let json = serde_json::to_string(&content).unwrap();
        assert_eq!(serde_json::from_str::<Content>(&json).unwrap(), content);
        let error = serde_json::from_str::<Content>("\"CANARY!\"").unwrap_err().to_string();
        assert!(error.contains("not base64") && !error.contains("CANARY"), "{error}");
    }
}
