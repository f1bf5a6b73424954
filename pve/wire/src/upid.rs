//! The name of a task.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `UPID:<node>:<pid>:<pstart>:<starttime>:<type>:<id>:<user>:`, the colon at the end included.
///
/// Kept as it was written (`pstart` has eight or nine digits, in either case), since the text is the task's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upid {
    text: String,
    node: String,
    pid: u32,
    pstart: u64,
    starttime: u32,
    kind: String,
    id: String,
    user: String,
}

/// A text that is not a UPID; the words are Proxmox's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unable to parse worker upid '{text}'")]
pub struct BadUpid {
    /// The text as given.
    pub text: String,
}

impl Upid {
    /// The name of a task: who runs it (process id and its start in clock ticks since boot), since when (seconds since
    /// 1970), what kind it is, on what, for whom (`user@realm` or `user@realm!token`).
    ///
    /// # Errors
    /// A part holds a blank, a slash or a colon, or is empty where it may not be.
    pub fn new(
        node: &str,
        process: (u32, u64),
        starttime: u32,
        kind: &str,
        id: &str,
        user: &str,
    ) -> Result<Self, BadUpid> {
        let (pid, pstart) = process;
        format!("UPID:{node}:{pid:08X}:{pstart:08X}:{starttime:08X}:{kind}:{id}:{user}:").parse()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The node that runs it.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The worker's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// When the worker's process started, in clock ticks since the node booted.
    pub fn pstart(&self) -> u64 {
        self.pstart
    }

    /// When the task started, in seconds since 1970.
    pub fn starttime(&self) -> u32 {
        self.starttime
    }

    /// The task's type: `vzrestore`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it works on: a VMID, `110@local`, or nothing.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who asked, the token included: `prov@pve!agent`.
    pub fn auth_id(&self) -> &str {
        &self.user
    }

    /// Who asked, without a token: `prov@pve`.
    pub fn user(&self) -> &str {
        self.user.split('!').next().unwrap_or(&self.user)
    }

    /// The token that asked.
    pub fn token_name(&self) -> Option<&str> {
        self.user.split_once('!').map(|(_, name)| name)
    }
}

impl FromStr for Upid {
    type Err = BadUpid;

    fn from_str(text: &str) -> Result<Self, BadUpid> {
        parse(text).ok_or_else(|| BadUpid { text: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Upid> {
    let parts: Vec<&str> = text.split(':').collect();
    let &["UPID", node, pid, pstart, starttime, kind, id, user, ""] = parts.as_slice() else {
        return None;
    };
    let word = |part: &str| !part.contains(|c: char| c.is_whitespace() || c == '/');
    if !is_node(node) || ![kind, id, user].into_iter().all(word) || kind.is_empty() || user.is_empty() {
        return None;
    }
    Some(Upid {
        text: text.to_owned(),
        node: node.to_owned(),
        pid: u32::try_from(hex(pid, 8..=8)?).ok()?,
        pstart: hex(pstart, 8..=9)?,
        starttime: u32::try_from(hex(starttime, 8..=8)?).ok()?,
        kind: kind.to_owned(),
        id: id.to_owned(),
        user: user.to_owned(),
    })
}

fn is_node(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn hex(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u64> {
    let digits = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    digits.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

impl TryFrom<String> for Upid {
    type Error = BadUpid;

    fn try_from(text: String) -> Result<Self, BadUpid> {
        text.parse()
    }
}

impl From<Upid> for String {
    fn from(upid: Upid) -> Self {
        upid.text
    }
}

impl fmt::Display for Upid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "UPID:pve:0000133D:000573CD:6B0038D2:vzrestore:120:root@pam!ci:";

    #[test]
    fn a_upid_reads_and_is_made() {
        let upid: Upid = TEXT.parse().unwrap();
        assert_eq!((upid.pid(), upid.pstart(), upid.starttime()), (4925, 357_325, 1_795_176_658));
        assert_eq!(
            (upid.kind(), upid.id(), upid.user(), upid.token_name()),
            ("vzrestore", "120", "root@pam", Some("ci"))
        );
        let made = Upid::new("pve", (4925, 357_325), 1_795_176_658, "vzrestore", "120", "root@pam!ci").unwrap();
        assert_eq!(made.as_str(), TEXT);
        assert!(Upid::new("pve", (1, 1), 1, "a b", "", "root@pam").is_err());
    }

    #[test]
    fn what_proxmox_reads_reads_here() {
        for text in [
            "UPID:pve:0000133d:000573cd:6b0038d2:x::root@pam:",
            "UPID:pve:0000133D:0005730CD:6B0038D2:vzrestore:120:root@pam!ci:",
            "UPID:n-1:000A1B2C:F01234567:65AB12CD:imgdel:110@local:root@pam:",
        ] {
            assert_eq!(text.parse::<Upid>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_proxmox_refuses_is_refused_here() {
        for text in [
            "",
            "UPID:",
            "UPID:pve:0000133D:000573CD:6B0038D2:vzdump::root@pam",
            "UPID:pve:000133D:000573CD:6B0038D2:vzdump::root@pam:",
            "UPID:pve:0000133D:000573CD:6B038D2:vzdump::root@pam:",
            "UPID:pve:00Z0133D:000573CD:6B0038D2:vzdump::root@pam:",
            "UPID:-pve:0000133D:000573CD:6B0038D2:vzdump::root@pam:",
            "UPID:pve:0000133D:000573CD:6B0038D2:vz dump::root@pam:",
            "UPID:pve:0000133D:000573CD:6B0038D2:vzrestore:120:root@pam!ci/",
            "UPID:pve:0000133D:000573CD:6B0038D2:vzdump::root@pam:\n",
        ] {
            assert!(text.parse::<Upid>().is_err(), "{text:?}");
        }
    }
}
