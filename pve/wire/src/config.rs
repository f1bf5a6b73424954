//! A guest's configuration as the API shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use crate::lenient;

/// The answer to `GET /nodes/{node}/lxc/{vmid}/config`: keys and values as text, the digest, the raw `lxc.*` lines.
///
/// Written as Proxmox writes it: whole numbers and booleans as JSON numbers, everything else as text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "BTreeMap<String, Value>")]
pub struct GuestConfig {
    /// The SHA-1 of the configuration file's bytes, to send back with a change.
    pub digest: String,
    /// Every other key.
    pub values: BTreeMap<String, String>,
    /// Raw `lxc.*` lines, in their order.
    pub lxc: Vec<(String, String)>,
}

impl GuestConfig {
    /// A key's value.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// Whether a boolean key is set.
    pub fn flag(&self, key: &str) -> bool {
        self.get(key) == Some("1")
    }

    /// The values of a numbered family (`net`, `mp`, `unused`) by number.
    pub fn family<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (u16, &'a str)> {
        let mut found: Vec<(u16, &str)> = self
            .values
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.parse().ok()?, value.as_str())))
            .collect();
        found.sort_unstable();
        found.into_iter()
    }
}

impl From<BTreeMap<String, Value>> for GuestConfig {
    fn from(object: BTreeMap<String, Value>) -> Self {
        let mut config = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "digest" => config.digest = lenient::scalar_text(&value).unwrap_or_default(),
                "lxc" => config.lxc = serde_json::from_value(value).unwrap_or_default(),
                _ => config.values.extend(lenient::scalar_text(&value).map(|text| (key, text))),
            }
        }
        config
    }
}

/// The keys that Proxmox's schema holds as whole numbers or booleans, and that so leave as JSON numbers.
const NUMERIC: &[&str] = &[
    "console",
    "cores",
    "cpuunits",
    "debug",
    "memory",
    "onboot",
    "protection",
    "snaptime",
    "swap",
    "template",
    "tty",
    "unprivileged",
];

/// A key's value as Proxmox writes it: whole numbers and booleans as JSON numbers, everything else as text.
pub fn typed_value(key: &str, value: &str) -> Value {
    match value.parse::<u64>() {
        Ok(number) if NUMERIC.contains(&key) => number.into(),
        _ => value.into(),
    }
}

impl Serialize for GuestConfig {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        for (key, value) in &self.values {
            map.serialize_entry(key, &typed_value(key, value))?;
        }
        map.serialize_entry("digest", &self.digest)?;
        if !self.lxc.is_empty() {
            map.serialize_entry("lxc", &self.lxc)?;
        }
        map.end()
    }
}

/// A row of `GET /nodes/{node}/lxc/{vmid}/pending`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRow {
    /// The key.
    pub key: String,
    /// Its value now.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Its value after the next start.
    #[serde(default, deserialize_with = "lenient::optional_text", skip_serializing_if = "Option::is_none")]
    pub pending: Option<String>,
    /// 1 or 2 (forced) where it will be deleted.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub delete: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_config_reads_and_is_written_alike() {
        let text = r#"{"arch":"amd64","cores":2,"cpulimit":"0.5","digest":"05715c","features":"nesting=1","hostname":"42",
            "lxc":[["lxc.cap.drop","sys_rawio"]],"memory":1024,"net0":"name=eth0","net10":"name=b","net2":"name=a","onboot":1}"#;
        let config: GuestConfig = serde_json::from_str(text).unwrap();
        assert_eq!(
            (config.get("cores"), config.get("cpulimit"), config.flag("onboot")),
            (Some("2"), Some("0.5"), true)
        );
        let nets: Vec<_> = config.family("net").collect();
        assert_eq!(nets, [(0, "name=eth0"), (2, "name=a"), (10, "name=b")]);
        let written: Value = serde_json::to_value(&config).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(text).unwrap());
    }
}
