//! `[serve]`: where the API is served, and how much of it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::secret::SecretRef;
use super::setting::{BadSetting, accept};

/// `[serve]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// A unix socket.
    pub socket: Option<PathBuf>,
    /// `ADDRESS:PORT`, served with TLS.
    pub listen: Option<String>,
    /// PEM file of the certificate and its chain.
    pub certificate: Option<PathBuf>,
    /// `file:PATH` of the certificate's private key.
    pub key: Option<String>,
    /// `ADDRESS:PORT` of the loopback interface, served without TLS.
    pub insecure_loopback_listen: Option<String>,
    /// Requests that a token may make in a second.
    pub requests_per_second: Option<u32>,
    /// Runs carried out side by side.
    pub runs_at_once: Option<usize>,
    /// Seconds that a request may take.
    pub answer_within: Option<u64>,
    /// Seconds between two looks for guests that runs left behind; 0: never.
    pub orphans_every: Option<u64>,
    /// Whether those that nobody has touched are removed.
    #[serde(default)]
    pub remove_orphans: bool,
}

/// Where the API is served, and how much of it.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// A unix socket.
    pub socket: Option<PathBuf>,
    /// An address with TLS.
    pub tls: Option<TlsSettings>,
    /// An address of the loopback interface without TLS.
    pub insecure_loopback: Option<SocketAddr>,
    /// Requests that a token may make in a second.
    pub requests_per_second: u32,
    /// Runs carried out side by side; more wait for their turn.
    pub runs_at_once: usize,
    /// How long a request may take, streams and asked-for waits apart.
    pub answer_within: Duration,
    /// How often guests are looked for that runs left behind; never, where nothing is said.
    pub orphans_every: Option<Duration>,
    /// Whether those that nobody has touched are removed, or only told.
    pub remove_orphans: bool,
}

/// An address with TLS.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// The address.
    pub listen: SocketAddr,
    /// PEM file of the certificate and its chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: SecretRef,
}

/// Accepts the section.
pub(super) fn accepted(serve: Written) -> Result<ServeSettings, BadSetting> {
    let refuse = |key, value: String, why: &str| BadSetting { key, value, why: why.to_owned() };
    let tls = match (serve.listen, serve.certificate, serve.key) {
        (None, None, None) => None,
        (Some(listen), Some(certificate), Some(key)) => Some(TlsSettings {
            listen: address("serve.listen", &listen)?,
            certificate,
            key: accept("serve.key", &key)?,
        }),
        (listen, ..) => {
            let why = "TLS takes all three of serve.listen, serve.certificate and serve.key";
            return Err(refuse("serve.listen", listen.unwrap_or_default(), why));
        }
    };
    let insecure_loopback = match serve.insecure_loopback_listen {
        None => None,
        Some(text) => Some(loopback(&text)?),
    };
    if serve.socket.is_none() && tls.is_none() && insecure_loopback.is_none() {
        let why = "name a unix socket, or serve.listen with serve.certificate and serve.key";
        return Err(refuse("serve.socket", String::new(), why));
    }
    Ok(ServeSettings {
        socket: serve.socket,
        tls,
        insecure_loopback,
        requests_per_second: least_one("serve.requests_per_second", serve.requests_per_second.unwrap_or(10))?,
        runs_at_once: least_one("serve.runs_at_once", serve.runs_at_once.unwrap_or(8))?,
        orphans_every: Some(serve.orphans_every.unwrap_or(3600)).filter(|every| *every > 0).map(Duration::from_secs),
        remove_orphans: serve.remove_orphans,
        answer_within: Duration::from_secs(least_one("serve.answer_within", serve.answer_within.unwrap_or(10))?),
    })
}

fn address(key: &'static str, text: &str) -> Result<SocketAddr, BadSetting> {
    let why = || "write ADDRESS:PORT, like 192.0.2.7:8443 or [::]:8443".to_owned();
    text.parse().map_err(|_| BadSetting { key, value: text.to_owned(), why: why() })
}

fn loopback(text: &str) -> Result<SocketAddr, BadSetting> {
    let key = "serve.insecure_loopback_listen";
    let address = address(key, text)?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    let why = "tokens would cross a network in the clear: without TLS only a loopback address is served";
    Err(BadSetting { key, value: text.to_owned(), why: why.to_owned() })
}

fn least_one<T: PartialEq + Default>(key: &'static str, number: T) -> Result<T, BadSetting> {
    if number == T::default() {
        return Err(BadSetting { key, value: "0".to_owned(), why: "write 1 or more".to_owned() });
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> &'static str {
        accepted(toml::from_str(text).unwrap()).unwrap_err().key
    }

    #[test]
    fn without_tls_only_loopback_is_served_and_it_says_so_in_its_name() {
        assert_eq!(refused("insecure_loopback_listen = \"0.0.0.0:80\""), "serve.insecure_loopback_listen");
        assert_eq!(refused("listen = \"0.0.0.0:80\""), "serve.listen");
        assert_eq!(refused(""), "serve.socket");
        assert_eq!(refused("socket = \"/x\"\nruns_at_once = 0"), "serve.runs_at_once");
        let settings = accepted(toml::from_str("insecure_loopback_listen = \"[::1]:80\"").unwrap()).unwrap();
        assert!(settings.insecure_loopback.is_some() && settings.tls.is_none());
    }
}
