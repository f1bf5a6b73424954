//! The form of every answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `{"data": …}`, with the errors that stand beside it where something was refused.
///
/// The first line of `message` also stands in the status line's reason phrase. `message` exists since Proxmox VE 8.3;
/// older nodes speak through the reason phrase alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The answer itself; null where there is none.
    #[serde(default = "Option::default")]
    pub data: Option<T>,
    /// How many rows there are in all, where only a part was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The error's text, with its line break at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What is wrong with which parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<BTreeMap<String, String>>,
}

impl<T> Envelope<T> {
    /// An answer.
    pub fn of(data: T) -> Self {
        Self { data: Some(data), total: None, message: None, errors: None }
    }

    /// A refusal; the text gets the line break that Proxmox's texts end in.
    pub fn refusal(text: &str, errors: BTreeMap<String, String>) -> Self {
        let errors = (!errors.is_empty()).then_some(errors);
        Self { data: None, total: None, message: Some(format!("{text}\n")), errors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_refusals_have_proxmox_form() {
        assert_eq!(serde_json::to_string(&Envelope::of("UPID:x")).unwrap(), r#"{"data":"UPID:x"}"#);
        let refusal: Envelope<()> = Envelope::refusal("CT 9101 not running", BTreeMap::new());
        assert_eq!(serde_json::to_string(&refusal).unwrap(), r#"{"data":null,"message":"CT 9101 not running\n"}"#);
    }

    #[test]
    fn an_old_nodes_refusal_reads_too() {
        let read: Envelope<String> = serde_json::from_str(r#"{"data":null}"#).unwrap();
        assert_eq!(read, Envelope { data: None, total: None, message: None, errors: None });
        let read: Envelope<Vec<u8>> = serde_json::from_str(r#"{"total":2,"data":[1,2]}"#).unwrap();
        assert_eq!((read.total, read.data), (Some(2), Some(vec![1, 2])));
    }
}
