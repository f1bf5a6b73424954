//! What the first boot of a guest will do, told from the golden's tree without booting it.

use serde::{Deserialize, Serialize};

use crate::identity::Verdict;

/// The report of the first-boot compiler: which units wait for a first boot, what presets would change, who brings
/// the host keys back, and whether SSH comes up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstBoot {
    /// The system in the tree.
    pub system: System,
    /// What `/etc/machine-id` holds.
    pub machine_id: MachineIdFound,
    /// Whether systemd takes the next start for a first boot (machine-id(5)).
    pub first_boot: Answer,
    /// Units with a condition on the first boot or on the system's update, by name.
    pub gated: Vec<GatedUnit>,
    /// What the distribution's presets would change.
    pub presets: Presets,
    /// Host keys that the SSH server reads, and where they come from.
    pub host_keys: Vec<HostKeyOrigin>,
    /// The SSH server.
    pub ssh: Ssh,
    /// What systemd-firstboot would ask for on the console, in the form `timezone: /etc/localtime is missing`.
    pub prompts: Vec<String>,
    /// Units that are masked in `/etc`.
    pub masked: Vec<String>,
    /// Generators that make further units at boot; they are programs and were not run.
    pub generators: Vec<String>,
    /// What else was found that stops services from being started (`policy-rc.d`, a diverted `initctl`).
    pub leftovers: Vec<String>,
    /// What could not be read.
    pub unread: Vec<String>,
    /// The verdict over all of it.
    pub verdict: Verdict,
    /// Why, one sentence each.
    pub reasons: Vec<String>,
}

/// The system in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// `ID` of os-release; `linux` where it says none (os-release(5)).
    pub id: String,
    /// `VERSION_ID` of os-release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What starts the services.
    pub init: Init,
    /// systemd's version, where it is systemd and tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub systemd: Option<u32>,
}

/// What starts the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// systemd.
    Systemd,
    /// OpenRC.
    Openrc,
    /// Something that the compiler does not read.
    Unknown,
}

/// What `/etc/machine-id` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MachineIdFound {
    /// There is no such file.
    Absent,
    /// Nothing, or white space.
    Empty,
    /// The word `uninitialized`.
    Uninitialized,
    /// An id.
    Set,
    /// Something else.
    Malformed,
}

impl MachineIdFound {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Empty => "empty",
            Self::Uninitialized => "uninitialized",
            Self::Set => "set",
            Self::Malformed => "malformed",
        }
    }
}

/// A prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It will.
    Yes,
    /// It will not.
    No,
    /// A tree does not tell.
    Unverified,
}

impl Answer {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unverified => "unverified",
        }
    }
}

/// A unit whose start depends on the boot being the first, or the first after an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatedUnit {
    /// Its name.
    pub unit: String,
    /// The conditions that gate it, as written.
    pub gates: Vec<String>,
    /// The unit that pulls it in at boot; none when nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulled_by: Option<String>,
    /// Whether it will be started.
    pub fires: Answer,
    /// Why.
    pub why: String,
}

/// What presets do at a first boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presets {
    /// How systemd of this distribution applies them.
    pub mode: PresetMode,
    /// Whether they are applied at the next start.
    pub applied: Answer,
    /// Units that they change, by name; told for every golden, since a first boot may still come.
    pub flips: Vec<Flip>,
}

/// How systemd applies presets at a first boot: a build option of systemd, `first-boot-full-preset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PresetMode {
    /// It only enables (Debian, Ubuntu).
    EnableOnly,
    /// It enables and disables (Fedora, Enterprise Linux 10).
    Full,
    /// It is not known for this distribution.
    Unknown,
    /// There is no systemd.
    None,
}

/// A unit that presets change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flip {
    /// Its name.
    pub unit: String,
    /// Whether it is enabled afterwards; it is the opposite now.
    pub enabled: bool,
    /// The rule, as `file: line`, or that no rule names the unit, which means enable (systemd.preset(5)).
    pub rule: String,
    /// Whether it is pulled in at boot without that, by a link of its vendor.
    pub pulled_in_anyway: bool,
}

/// Where a host key comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKeyOrigin {
    /// The private key's path.
    pub path: String,
    /// Who brings it: a unit, `the image` where the key is baked in, or `nobody`.
    pub by: String,
    /// Whether it will be there before the SSH server reads it.
    pub comes_back: Answer,
    /// Why.
    pub why: String,
}

/// The SSH server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ssh {
    /// Its program; none when no server is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The units that start it at boot: a service, a socket, or both.
    pub units: Vec<String>,
    /// Whether it answers after the first boot.
    pub comes_up: Answer,
    /// Why.
    pub why: String,
}
