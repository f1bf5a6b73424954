//! `[secrets]`: where customers' secrets lie, and what opens them.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::secret::SecretRef;
use super::setting::{BadSetting, accept};
use crate::customers::SecretsRef;

/// `[secrets]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Folder with a file for each collection.
    pub folder: Option<PathBuf>,
    /// `file:PATH` of the age identity that opens them.
    pub identity: Option<String>,
    /// A Bitwarden vault.
    pub bitwarden: Option<WrittenBitwarden>,
    /// Whether secrets may go over a connection whose host key nobody vouched for.
    #[serde(default)]
    pub over_first_contact: bool,
}

/// `[secrets.bitwarden]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenBitwarden {
    /// `http://ADDRESS:PORT` of the loopback interface, where `bw serve` answers.
    pub url: Option<String>,
    /// The unix socket where it answers.
    pub socket: Option<PathBuf>,
    /// The server that the vault must be of.
    pub server: String,
}

/// Where customers' secrets lie: in files, in a vault, or in both.
#[derive(Debug, Clone)]
pub struct SecretsSettings {
    /// Encrypted files.
    pub files: Option<SealedFiles>,
    /// A Bitwarden vault.
    pub bitwarden: Option<BitwardenSettings>,
    /// Whether secrets may go over a connection whose host key nobody vouched for.
    pub over_first_contact: bool,
}

/// Files that age and sops write.
#[derive(Debug, Clone)]
pub struct SealedFiles {
    /// Folder with a file for each collection.
    pub folder: PathBuf,
    /// Where the age identity lies that opens them.
    pub identity: SecretRef,
}

/// A Bitwarden vault, as the operator's `bw serve` gives it.
#[derive(Debug, Clone)]
pub struct BitwardenSettings {
    /// Where `bw serve` answers.
    pub place: VaultPlace,
    /// The server that the vault must be of, without a slash at its end.
    pub server: String,
}

/// Where `bw serve` answers: whoever reaches it reads the vault, so it is never further than this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultPlace {
    /// A port of the loopback interface.
    Loopback(SocketAddr),
    /// A unix socket.
    Socket(PathBuf),
}

/// Accepts the section.
pub(super) fn accepted(secrets: Written) -> Result<SecretsSettings, BadSetting> {
    let files = match (secrets.folder, secrets.identity) {
        (None, None) => None,
        (Some(folder), Some(identity)) => {
            let folder = absolute("secrets.folder", folder)?;
            Some(SealedFiles { folder, identity: accept("secrets.identity", &identity)? })
        }
        (Some(folder), None) => {
            let why = "files take both of secrets.folder and secrets.identity";
            return Err(refused("secrets.identity", folder.display().to_string(), why));
        }
        (None, Some(identity)) => {
            return Err(refused("secrets.folder", identity, "files take both of secrets.folder and secrets.identity"));
        }
    };
    let bitwarden = secrets.bitwarden.map(vault).transpose()?;
    if files.is_none() && bitwarden.is_none() {
        return Err(refused("secrets.folder", "", "name secrets.folder and secrets.identity, or [secrets.bitwarden]"));
    }
    Ok(SecretsSettings { files, bitwarden, over_first_contact: secrets.over_first_contact })
}

fn vault(written: WrittenBitwarden) -> Result<BitwardenSettings, BadSetting> {
    let place = match (written.url, written.socket) {
        (Some(url), None) => VaultPlace::Loopback(loopback(&url)?),
        (None, Some(socket)) => VaultPlace::Socket(absolute("secrets.bitwarden.socket", socket)?),
        (url, _) => {
            let why = "write one of secrets.bitwarden.url and secrets.bitwarden.socket";
            return Err(refused("secrets.bitwarden.url", url.unwrap_or_default(), why));
        }
    };
    let server = written.server.trim_end_matches('/');
    if server.strip_prefix("https://").is_none_or(|host| host.is_empty() || host.contains(char::is_whitespace)) {
        let why = "write the server as `bw config server` tells it, like https://vault.example.org";
        return Err(refused("secrets.bitwarden.server", written.server, why));
    }
    Ok(BitwardenSettings { place, server: server.to_owned() })
}

fn loopback(url: &str) -> Result<SocketAddr, BadSetting> {
    let refuse = |why| refused("secrets.bitwarden.url", url, why);
    let address = url.strip_prefix("http://").map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let address: Option<SocketAddr> = address.and_then(|address| address.parse().ok());
    let address = address.ok_or_else(|| refuse("write http://ADDRESS:PORT, like http://127.0.0.1:8087"))?;
    let why = "`bw serve` asks nobody who they are: only a loopback address of this machine is asked";
    if address.ip().is_loopback() { Ok(address) } else { Err(refuse(why)) }
}

fn absolute(key: &'static str, path: PathBuf) -> Result<PathBuf, BadSetting> {
    if path.is_absolute() { Ok(path) } else { Err(refused(key, path.display().to_string(), "write an absolute path")) }
}

fn refused(key: &'static str, value: impl Into<String>, why: &str) -> BadSetting {
    BadSetting { key, value: value.into(), why: why.to_owned() }
}

impl SecretsSettings {
    /// The key that is not set and would be needed for this reference.
    pub fn missing_for(&self, reference: &SecretsRef) -> Option<&'static str> {
        match reference {
            SecretsRef::Age(_) | SecretsRef::Sops(_) => self.files.is_none().then_some("secrets.folder"),
            SecretsRef::Bitwarden(_) => self.bitwarden.is_none().then_some("secrets.bitwarden"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Result<SecretsSettings, &'static str> {
        accepted(toml::from_str(text).unwrap()).map_err(|bad| bad.key)
    }

    const VAULT: &str = "[bitwarden]\nserver = \"https://vault.example.org/\"\n";

    #[test]
    fn a_vault_is_asked_on_this_machine_only() {
        for (url, place) in [("http://127.0.0.1:8087", "127.0.0.1:8087"), ("http://[::1]:80/", "[::1]:80")] {
            let settings = taken(&format!("{VAULT}url = \"{url}\"")).unwrap().bitwarden.unwrap();
            assert_eq!(settings.place, VaultPlace::Loopback(place.parse().unwrap()));
            assert_eq!(settings.server, "https://vault.example.org");
        }
        for url in [
            "http://192.0.2.7:8087",
            "https://127.0.0.1:8087",
            "http://localhost:8087",
            "http://127.0.0.1:8087/list",
            "http://user@127.0.0.1:8087",
        ] {
            assert_eq!(taken(&format!("{VAULT}url = \"{url}\"")).unwrap_err(), "secrets.bitwarden.url", "{url}");
        }
    }

    #[test]
    fn half_a_section_is_none() {
        assert_eq!(taken("").unwrap_err(), "secrets.folder");
        assert_eq!(taken("folder = \"/s\"").unwrap_err(), "secrets.identity");
        assert_eq!(taken("identity = \"file:/k\"").unwrap_err(), "secrets.folder");
        assert_eq!(taken(VAULT).unwrap_err(), "secrets.bitwarden.url");
        let both = format!("{VAULT}url = \"http://127.0.0.1:1\"\nsocket = \"/s\"");
        assert_eq!(taken(&both).unwrap_err(), "secrets.bitwarden.url");
        assert_eq!(taken(&format!("{VAULT}socket = \"s\"")).unwrap_err(), "secrets.bitwarden.socket");
        let other = "[bitwarden]\nserver = \"vault.example.org\"\nsocket = \"/s\"";
        assert_eq!(taken(other).unwrap_err(), "secrets.bitwarden.server");
        let files = taken("folder = \"/s\"\nidentity = \"file:/k\"").unwrap();
        let missing = |reference: &str| files.missing_for(&reference.parse().unwrap());
        assert_eq!((missing("age:acme"), missing("bitwarden:acme")), (None, Some("secrets.bitwarden")));
    }
}
