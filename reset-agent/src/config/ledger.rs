//! `[ledger]`: where it is remembered who owns which identity.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use sqlx::any::AnyConnectOptions;

use super::secret::{SecretError, SecretRef};
use super::setting::{BadSetting, accept};

/// `[ledger]`: one of `path` and `url`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The SQLite file, for one agent or several on one machine.
    pub path: Option<PathBuf>,
    /// `postgres://USER@HOST/DATABASE`, for agents of several machines; without a password.
    pub url: Option<String>,
    /// `file:PATH` of that user's password.
    pub password: Option<String>,
    /// On a server: seconds after which a run of an agent that was not heard of may be taken over.
    pub lease: Option<u64>,
}

/// Where the ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerPlace {
    /// In this SQLite file.
    File(PathBuf),
    /// On this PostgreSQL server.
    Server(LedgerServer),
}

/// A PostgreSQL server, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerServer {
    url: String,
    password: Option<SecretRef>,
    /// How long a run is its agent's after the agent was last heard of.
    pub lease: Duration,
}

/// How long a run stays its agent's unless the configuration says otherwise: longer than a server takes to restart.
const LEASE: u64 = 30;

impl LedgerPlace {
    /// Accepts the section.
    ///
    /// # Errors
    /// [`BadSetting`] names the key, its value and what to write.
    pub fn of(written: Written) -> Result<Self, BadSetting> {
        accepted(written)
    }
}

impl LedgerServer {
    /// How to reach it, the password included: never printed.
    ///
    /// # Errors
    /// [`SecretError`]: the password cannot be read.
    pub(crate) fn options(&self) -> Result<AnyConnectOptions, SecretError> {
        let mut options = parsed(&self.url).map_err(|why| SecretError::Reference(why.to_string()))?;
        if let Some(password) = &self.password {
            let password = password.read()?;
            options.database_url.query_pairs_mut().append_pair("password", password.trim_end_matches('\n'));
        }
        Ok(options)
    }
}

/// What a message may say of it: whose database on which host.
impl fmt::Display for LedgerServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.url.split('?').next().unwrap_or_default())
    }
}

fn accepted(ledger: Written) -> Result<LedgerPlace, BadSetting> {
    let refused = |key, value: &str, why: &str| Err(BadSetting { key, value: value.to_owned(), why: why.to_owned() });
    match (ledger.path, ledger.url) {
        (Some(path), None) => match (ledger.password, ledger.lease) {
            (Some(_), _) => refused("ledger.password", "…", "a file has none: leave it out, or write `url`"),
            (_, Some(lease)) => refused("ledger.lease", &lease.to_string(), "a file's locks need none: leave it out"),
            (None, None) => Ok(LedgerPlace::File(path)),
        },
        (None, Some(url)) => {
            let password = ledger.password.as_deref().map(|text| accept("ledger.password", text)).transpose()?;
            let lease = ledger.lease.unwrap_or(LEASE);
            if !(2..=600).contains(&lease) {
                return refused("ledger.lease", &lease.to_string(), "write 2 to 600 seconds");
            }
            server(url, password, Duration::from_secs(lease))
        }
        (Some(path), Some(_)) => refused("ledger.path", &path.to_string_lossy(), "write `path` or `url`, not both"),
        (None, None) => refused("ledger", "", "write `path = \"/file\"` or `url = \"postgres://USER@HOST/DATABASE\"`"),
    }
}

fn server(url: String, password: Option<SecretRef>, lease: Duration) -> Result<LedgerPlace, BadSetting> {
    let refused =
        |value: &str, why: &str| Err(BadSetting { key: "ledger.url", value: value.to_owned(), why: why.to_owned() });
    let options = match parsed(&url) {
        Ok(options) => options,
        Err(error) => return refused(&url, &error.to_string()),
    };
    let parts = &options.database_url;
    let said = |name: &str| parts.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if parts.password().is_some() || said("password").is_some() {
        return refused("postgres://USER:…", "no password here: put it into a file and name it as `password`");
    }
    if !matches!(parts.scheme(), "postgres" | "postgresql") {
        return refused(&url, "write postgres://USER@HOST/DATABASE; a file's name goes under `path`");
    }
    if parts.path().len() < 2 && said("dbname").is_none() {
        return refused(&url, "name the database: postgres://USER@HOST/DATABASE");
    }
    let host = said("host").or_else(|| parts.host_str().map(ToOwned::to_owned)).unwrap_or_default();
    let verified = matches!(said("sslmode").as_deref(), Some("verify-full" | "verify-ca"));
    if !is_here(&host) && !verified {
        return refused(
            &url,
            "over a network the server must show who it is: add ?sslmode=verify-full, and \
                              &sslrootcert=/path where its authority is your own",
        );
    }
    Ok(LedgerPlace::Server(LedgerServer { url, password, lease }))
}

fn parsed(url: &str) -> Result<AnyConnectOptions, sqlx::Error> {
    url.parse()
}

/// On this machine: a socket's folder, or the loopback.
fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.is_empty()
        || host.starts_with('/')
        || host.to_ascii_lowercase().starts_with("%2f")
        || host == "localhost"
        || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<LedgerPlace, BadSetting> {
        accepted(toml::from_str(text).unwrap())
    }

    #[test]
    fn a_file_or_a_server() {
        assert_eq!(of("path = \"/x/ledger.db\"").unwrap(), LedgerPlace::File("/x/ledger.db".into()));
        let server = of("url = \"postgres://mint@db.example/fleet?sslmode=verify-full\"\nlease = 10").unwrap();
        let LedgerPlace::Server(server) = server else { panic!("{server:?}") };
        assert_eq!((server.to_string().as_str(), server.lease.as_secs()), ("`postgres://mint@db.example/fleet`", 10));
    }

    #[test]
    fn what_is_refused_names_its_key_and_never_a_password() {
        let cases = [
            ("", "ledger"),
            ("path = \"a\"\nurl = \"postgres://u@localhost/d\"", "ledger.path"),
            ("path = \"a\"\nlease = 5", "ledger.lease"),
            ("path = \"a\"\npassword = \"file:/x\"", "ledger.password"),
            ("url = \"postgres://u@localhost/d\"\nlease = 1", "ledger.lease"),
            ("url = \"postgres://u@localhost/d\"\npassword = \"hunter2\"", "ledger.password"),
            ("url = \"postgres://u:hunter2@localhost/d\"", "ledger.url"),
            ("url = \"postgres://u@localhost/d?password=hunter2\"", "ledger.url"),
            ("url = \"postgres://u@localhost\"", "ledger.url"),
            ("url = \"mysql://u@localhost/d\"", "ledger.url"),
            ("url = \"fleet\"", "ledger.url"),
            ("url = \"postgres://u@db.example/d\"", "ledger.url"),
            ("url = \"postgres://u@db.example/d?sslmode=require\"", "ledger.url"),
        ];
        for (text, key) in cases {
            let refused = of(text).unwrap_err();
            assert_eq!(refused.key, key, "{text}");
            if key == "ledger.url" {
                assert!(!refused.to_string().contains("hunter2"), "{refused}");
            }
        }
    }

    #[test]
    fn this_machine_needs_no_tls() {
        for host in ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpostgresql"] {
            let text = format!("url = \"postgres://u@{host}:5433/d\"");
            assert!(of(&text).is_ok(), "{text}: {:?}", of(&text));
        }
        assert!(of("url = \"postgres://u@localhost/d?host=/run/postgresql\"").is_ok());
        assert!(of("url = \"postgres://u@localhost/d?host=db.example\"").is_err(), "the parameter is what counts");
    }
}
