//! A collection out of a Bitwarden vault, by the operator's `bw serve`: who unlocks the vault is the operator, and the
//! agent only reads.
//!
//! One fetch at a time, over one connection: what told which server the vault is of is what gives the items. The vault
//! is fetched anew from its server before it is read; of an old copy nobody would know that it is one.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use secrets::SecretSet;
use secrets::bitwarden::{self, AnswerError, CollectionError, ItemsError, Lock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Mutex;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::config::{BitwardenSettings, VaultPlace};

/// A customer's collection, and the names of all collections, are smaller.
const LONGEST: usize = 4 << 20;
/// The CLI asks its server meanwhile.
const DEADLINE: Duration = Duration::from_secs(30);
/// What `bw serve` takes for its own name where it listens on a socket.
const OWN_NAME: &str = "localhost:8087";
/// What the CLI reports of Bitwarden's own cloud, of which it names no server.
const CLOUD: &str = "https://vault.bitwarden.com";

/// The vault is asked for one collection after the other.
static TURN: Mutex<()> = Mutex::const_new(());

/// Why a vault did not give a collection. Nothing of its content is told.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Nobody listens.
    #[error("`bw serve` does not answer at {place}: is it running?")]
    Unreachable {
        /// Where it was looked for.
        place: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Others may ask it, too.
    #[error("{path} is open to others (mode {mode:04o}), who may read the vault by it: close it, or its folder")]
    Open {
        /// The socket.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The connection failed.
    #[error("`bw serve` broke off {asked}")]
    Http {
        /// What was asked.
        asked: &'static str,
        /// How.
        #[source]
        source: hyper::Error,
    },
    /// An answer's body broke off, or is too long.
    #[error("the answer of `bw serve` to {asked} is not whole: {why}")]
    Body {
        /// What was asked.
        asked: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It takes too long.
    #[error("`bw serve` did not answer {asked} within {} s", patience.as_secs())]
    Late {
        /// What was asked.
        asked: &'static str,
        /// How long it was waited for.
        patience: Duration,
    },
    /// It refuses.
    #[error("`bw serve` refuses {asked} ({status}); run the same with `bw` to see why")]
    Refused {
        /// What was asked.
        asked: &'static str,
        /// The HTTP status.
        status: StatusCode,
    },
    /// The answer is none of the CLI's.
    #[error("the answer to {asked} cannot be read")]
    Answer {
        /// What was asked.
        asked: &'static str,
        /// Why not.
        #[source]
        source: AnswerError,
    },
    /// The vault is of another server.
    #[error("the vault is of {found}, and `secrets.bitwarden.server` says {expected}: nothing was read")]
    OtherServer {
        /// What the configuration says.
        expected: String,
        /// What the CLI says.
        found: String,
    },
    /// The vault is closed.
    #[error("the vault is {state}: the operator opens it (`bw unlock`, then `bw serve` with its BW_SESSION)")]
    Closed {
        /// `locked`, or that nobody is logged in.
        state: &'static str,
    },
    /// The name means no collection.
    #[error("the name of the collection means none")]
    Collection(#[from] CollectionError),
    /// Its items are no secrets.
    #[error("its items are not as they must be")]
    Items(#[from] ItemsError),
}

/// Fetches the secrets of a collection.
///
/// # Errors
/// [`VaultError`].
pub(super) async fn fetch(settings: &BitwardenSettings, collection: &str) -> Result<SecretSet, VaultError> {
    let _turn = TURN.lock().await;
    let mut vault = Vault::open(&settings.place).await?;
    vault.must_be(&settings.server).await?;
    vault.ask("POST", "/sync").await?;
    let collections = vault.ask("GET", "/list/object/collections").await?;
    let id = bitwarden::collection(&collections, collection)?;
    let items = vault.ask_for("GET", "/list/object/items", &format!("?collectionId={}", id.as_str())).await?;
    Ok(bitwarden::items(&items, &id)?)
}

/// A connection to `bw serve`.
struct Vault {
    sender: SendRequest<Body>,
    host: String,
    /// How long one answer may take.
    patience: Duration,
}

impl Vault {
    async fn open(place: &VaultPlace) -> Result<Self, VaultError> {
        match place {
            VaultPlace::Loopback(address) => {
                let named = address.to_string();
                let stream = TcpStream::connect(address).await;
                let stream = stream.map_err(|source| VaultError::Unreachable { place: named.clone(), source })?;
                Self::over(stream, named).await
            }
            VaultPlace::Socket(path) => {
                let unreachable = |source| VaultError::Unreachable { place: path.display().to_string(), source };
                if let Some(mode) = open_to_others(path).map_err(unreachable)? {
                    return Err(VaultError::Open { path: path.clone(), mode });
                }
                let stream = UnixStream::connect(path).await.map_err(unreachable)?;
                Self::over(stream, OWN_NAME.to_owned()).await
            }
        }
    }

    async fn over<S>(stream: S, host: String) -> Result<Self, VaultError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let asked = "a connection";
        let shaken = handshake(TokioIo::new(stream)).await;
        let (sender, connection) = shaken.map_err(|source| VaultError::Http { asked, source })?;
        // It ends with the sender; what goes wrong with it, the sender is told.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, host, patience: DEADLINE })
    }

    /// Refuses a vault that is another server's, or closed.
    async fn must_be(&mut self, expected: &str) -> Result<(), VaultError> {
        let asked = "/status";
        let status = bitwarden::status(&self.ask("GET", asked).await?);
        let status = status.map_err(|source| VaultError::Answer { asked, source })?;
        let found = status.server.as_deref().unwrap_or(CLOUD).trim_end_matches('/');
        if found != expected {
            return Err(VaultError::OtherServer { expected: expected.to_owned(), found: found.to_owned() });
        }
        match status.lock {
            Lock::Unlocked => Ok(()),
            Lock::Locked => Err(VaultError::Closed { state: "locked" }),
            Lock::Unauthenticated => Err(VaultError::Closed { state: "closed, and nobody is logged in" }),
        }
    }

    async fn ask(&mut self, method: &str, path: &'static str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.ask_for(method, path, "").await
    }

    async fn ask_for(
        &mut self,
        method: &str,
        asked: &'static str,
        query: &str,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let patience = self.patience;
        let http = |source| VaultError::Http { asked, source };
        let request = Request::builder().method(method).uri(format!("{asked}{query}"));
        let request = request.header(header::HOST, &self.host).body(Body::empty());
        let request = request.map_err(|_| VaultError::Body { asked, why: "it cannot be asked for" })?;
        let exchange = async {
            self.sender.ready().await.map_err(http)?;
            let response = self.sender.send_request(request).await.map_err(http)?;
            let status = response.status();
            let body = whole(asked, response).await?;
            if status == StatusCode::OK { Ok(body) } else { Err(VaultError::Refused { asked, status }) }
        };
        timeout(patience, exchange).await.map_err(|_| VaultError::Late { asked, patience })?
    }
}

/// The permission bits of a socket that others may ask: its own bits and its folder's let them through.
fn open_to_others(socket: &Path) -> io::Result<Option<u32>> {
    let mode = std::fs::metadata(socket)?.mode() & 0o7777;
    let folder = std::fs::metadata(socket.parent().unwrap_or(socket))?.mode();
    Ok((mode & 0o002 != 0 && folder & 0o001 != 0).then_some(mode))
}

/// The whole body, wiped when dropped. A buffer that is too small is wiped, too.
async fn whole(asked: &'static str, response: Response<Incoming>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let broken = |why| VaultError::Body { asked, why };
    let mut body = Zeroizing::new(Vec::with_capacity(64 << 10));
    let mut chunks = Body::new(response.into_body()).into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| broken("it broke off"))?;
        let length = body.len() + chunk.len();
        if length > LONGEST {
            return Err(broken("it is longer than 4 MiB"));
        }
        if length > body.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * length));
            larger.extend_from_slice(&body);
            body = larger;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_vault_that_never_answers_is_given_up() {
        let (near, _far) = tokio::io::duplex(1024);
        let mut vault = Vault::over(near, OWN_NAME.to_owned()).await.unwrap();
        vault.patience = Duration::from_millis(20);
        let late = vault.must_be("https://vault.example.org").await.unwrap_err();
        assert!(matches!(late, VaultError::Late { asked: "/status", .. }), "{late:?}");
    }
}
