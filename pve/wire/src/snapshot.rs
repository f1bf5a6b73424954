//! A guest's snapshots.

use serde::{Deserialize, Serialize};

use crate::lenient;

/// A row of `GET …/snapshot`. The last one is `current`: the guest as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRow {
    /// Its name.
    pub name: String,
    /// What was noted with it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: String,
    /// The snapshot before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// When it was taken, seconds since 1970; none for `current`.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub snaptime: Option<u64>,
    /// Whether the guest runs; only in `current`.
    #[serde(default, deserialize_with = "lenient::optional_count", skip_serializing_if = "Option::is_none")]
    pub running: Option<u64>,
    /// The configuration's digest; only in `current`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_rows_read_and_are_written_alike() {
        for text in [
            r#"{"description":"first\n","name":"s1","snaptime":1795178061}"#,
            r#"{"description":"You are here!","digest":"596979","name":"current","parent":"s1","running":1}"#,
        ] {
            let row: SnapshotRow = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_value(&row).unwrap(), serde_json::from_str::<serde_json::Value>(text).unwrap());
        }
    }
}
