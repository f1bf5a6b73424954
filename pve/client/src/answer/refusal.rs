//! A refusal as the node words it: in the status line, and since pve-http-server 5.2 also in the body.

use std::collections::BTreeMap;
use std::fmt;

use super::class::Class;
use super::meaning::Meaning;

/// An answer with a status of 400 or above.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The HTTP status, Proxmox's own 595 to 599 included.
    pub status: u16,
    /// The text: the body's `message` where there is one, else the reason phrase.
    pub text: String,
    /// Refused parameters, by name.
    pub errors: BTreeMap<String, String>,
}

#[derive(serde::Deserialize, Default)]
struct Body {
    message: Option<String>,
    errors: Option<BTreeMap<String, serde_json::Value>>,
}

impl Refusal {
    /// Reads a refusal. Older nodes send the reason phrase only, a 401 has no body, and the body may be any text.
    pub fn read(status: u16, reason: &str, body: &[u8]) -> Self {
        let parsed: Body = serde_json::from_slice(body).unwrap_or_default();
        let message = parsed.message.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let as_text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        Self {
            status,
            text: message.unwrap_or(reason.trim()).to_owned(),
            errors: parsed.errors.unwrap_or_default().into_iter().map(|(key, value)| (key, as_text(value))).collect(),
        }
    }

    /// What the node means.
    pub fn meaning(&self) -> Meaning {
        Meaning::of(self.status, &self.text, &self.errors)
    }

    /// What follows from it.
    pub fn class(&self) -> Class {
        self.meaning().class()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the node answers {} {}", self.status, self.text)?;
        for (i, (parameter, why)) in self.errors.iter().enumerate() {
            write!(f, "{}{parameter}: {}", if i == 0 { " " } else { "; " }, why.replace('\n', " "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_old_and_new_nodes_alike() {
        let body = br#"{"data":null,"message":"CT is locked (backup)\n"}"#;
        assert_eq!(Refusal::read(500, "CT is locked (backup)", b"").text, "CT is locked (backup)");
        assert_eq!(Refusal::read(500, "Internal Server Error", body).text, "CT is locked (backup)");
        assert_eq!(Refusal::read(401, "No ticket", b"").text, "No ticket");
        assert_eq!(Refusal::read(502, "Bad Gateway", b"<html>").text, "Bad Gateway");
    }

    #[test]
    fn names_refused_parameters() {
        let body =
            br#"{"data":null,"message":"Parameter verification failed.\n","errors":{"vmid":"VM 100 already exists"}}"#;
        let refusal = Refusal::read(400, "Parameter verification failed.", body);
        assert_eq!(
            refusal.to_string(),
            "the node answers 400 Parameter verification failed. vmid: VM 100 already exists"
        );
    }
}
