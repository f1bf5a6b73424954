//! What cloud-init says of itself, as `cloud-init status` reads it: from `status.json`, `result.json` and the marks of
//! its systemd generator, all of the present boot (they lie in `/run`).
//!
//! Source: `cloudinit/cmd/status.py` of cloud-init 25.1 (Debian 13).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where it writes how it stands.
pub const RUN: &str = "/run/cloud-init";
/// The program; where it is missing there is no cloud-init.
pub const PROGRAM: &str = "/usr/bin/cloud-init";

/// How cloud-init stands in a guest that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum CloudInit {
    /// It is enabled and has not begun.
    NotRun,
    /// It is at work.
    Running,
    /// It is through, without errors.
    Done {
        /// Where its data came from: `DataSourceNoCloud [seed=…]`.
        datasource: String,
    },
    /// It is through, with errors that it could live with.
    Degraded {
        /// Where its data came from.
        datasource: String,
        /// The errors, each with its level in front; `DEPRECATED` is one of them.
        why: Vec<String>,
    },
    /// It failed.
    Error {
        /// The errors.
        why: Vec<String>,
    },
    /// Its generator switched it off: no data source was found, or somebody said so.
    Disabled,
    /// What it wrote cannot be understood.
    Unreadable {
        /// Why not.
        why: String,
    },
}

/// What it wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Whether `enabled` is there.
    pub enabled: bool,
    /// `status.json`.
    pub status: Option<String>,
    /// `result.json`.
    pub result: Option<String>,
}

impl CloudInit {
    /// Reads how it stands.
    pub fn of(written: &Written) -> Self {
        match (&written.status, &written.result) {
            (None, _) if written.enabled => Self::NotRun,
            (None, _) => Self::Disabled,
            (Some(_), None) => Self::Running,
            (Some(status), Some(result)) => finished(status, result),
        }
    }
}

fn finished(status: &str, result: &str) -> CloudInit {
    let documents = [("status.json", status), ("result.json", result)].map(|(name, text)| {
        let document: Result<Value, _> = serde_json::from_str(text);
        let v1 = document.ok().and_then(|mut document| document.get_mut("v1").map(Value::take));
        v1.filter(Value::is_object).ok_or_else(|| format!("{name} is no record of version 1"))
    });
    let (status, result) = match documents {
        [Ok(status), Ok(result)] => (status, result),
        [Err(why), _] | [_, Err(why)] => return CloudInit::Unreadable { why },
    };
    // The stages of the one, and the other as a whole, tell their errors alike.
    let told: Vec<&Value> =
        status.as_object().into_iter().flat_map(|stages| stages.values()).chain([&result]).collect();
    let mut errors: Vec<String> = told.iter().flat_map(|part| texts(&part["errors"])).collect();
    errors.dedup();
    if !errors.is_empty() {
        return CloudInit::Error { why: errors };
    }
    let mut why: Vec<String> = told.iter().flat_map(|part| recoverable(&part["recoverable_errors"])).collect();
    why.sort();
    why.dedup();
    let datasource = status["datasource"].as_str().unwrap_or_default().to_owned();
    if why.is_empty() { CloudInit::Done { datasource } } else { CloudInit::Degraded { datasource, why } }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten();
    texts.map(|text| text.as_str().map_or_else(|| text.to_string(), str::to_owned)).collect()
}

fn recoverable(by_level: &Value) -> Vec<String> {
    let levels = by_level.as_object().into_iter().flatten();
    levels.flat_map(|(level, list)| texts(list).into_iter().map(move |text| format!("{level}: {text}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = r#"{"v1":{"datasource":"DataSourceNoCloud [seed=/var/lib/cloud/seed/nocloud]","init":
        {"errors":[],"finished":3.1,"recoverable_errors":{},"start":2.0},"stage":null}}"#;
    const RESULT: &str = r#"{"v1":{"datasource":"DataSourceNoCloud","errors":[],"recoverable_errors":{}}}"#;

    fn state(enabled: bool, status: Option<&str>, result: Option<&str>) -> CloudInit {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        CloudInit::of(&Written { enabled, status: owned(status), result: owned(result) })
    }

    #[test]
    fn s0_11_each_outcome_is_told_from_the_others() {
        assert_eq!(state(true, None, None), CloudInit::NotRun);
        assert_eq!(state(false, None, None), CloudInit::Disabled);
        assert_eq!(state(true, Some(DONE), None), CloudInit::Running);
        let done = state(true, Some(DONE), Some(RESULT));
        assert!(matches!(&done, CloudInit::Done { datasource } if datasource.contains("NoCloud")), "{done:?}");
        let failed = RESULT.replace("\"errors\":[]", "\"errors\":[\"('users', KeyError('x'))\"]");
        assert!(matches!(state(true, Some(DONE), Some(&failed)), CloudInit::Error { why } if why.len() == 1));
        let stage = DONE.replace("\"errors\":[]", "\"errors\":[\"x\"]");
        assert!(matches!(state(true, Some(&stage), Some(RESULT)), CloudInit::Error { .. }));
        let warned =
            RESULT.replace("\"recoverable_errors\":{}", "\"recoverable_errors\":{\"WARNING\":[\"invalid key\"]}");
        let degraded = state(true, Some(DONE), Some(&warned));
        assert!(
            matches!(&degraded, CloudInit::Degraded { why, .. } if why == &["WARNING: invalid key"]),
            "{degraded:?}"
        );
    }

    #[test]
    fn s0_11_what_cannot_be_understood_is_no_success() {
        for (status, result) in [("", RESULT), (DONE, ""), ("{}", RESULT), (DONE, "{\"v1\":7}"), (DONE, "[]")] {
            assert!(
                matches!(state(true, Some(status), Some(result)), CloudInit::Unreadable { .. }),
                "{status} {result}"
            );
        }
    }
}
