//! The doors: all that the configuration names, opened before the first request is taken.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use super::connection::{IDLE, serve};
use super::tls::{TlsError, acceptor};
use crate::config::ServeSettings;

/// Connections at once, of all doors together.
const MOST_CONNECTIONS: usize = 1024;
/// How long answers under way may take once the service was told to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Why a door does not open.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The socket cannot be made.
    #[error("cannot listen on the unix socket {path}")]
    Socket {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process listens there.
    #[error("another process listens on the unix socket {path}: stop it, or name another socket")]
    Taken {
        /// The socket.
        path: PathBuf,
    },
    /// There is no TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A place where callers come in.
enum Door {
    Unix(UnixListener),
    Tls(TcpListener, TlsAcceptor),
    Plain(TcpListener),
}

/// Somebody who came in.
enum Arrival {
    Unix(UnixStream),
    Tls(TcpStream, TlsAcceptor),
    Plain(TcpStream),
}

impl Door {
    async fn accept(&self) -> io::Result<Arrival> {
        Ok(match self {
            Self::Unix(door) => Arrival::Unix(door.accept().await?.0),
            Self::Tls(door, acceptor) => Arrival::Tls(door.accept().await?.0, acceptor.clone()),
            Self::Plain(door) => Arrival::Plain(door.accept().await?.0),
        })
    }

    fn place(&self) -> io::Result<String> {
        Ok(match self {
            Self::Unix(door) => {
                format!("unix:{}", door.local_addr()?.as_pathname().unwrap_or(Path::new("?")).display())
            }
            Self::Tls(door, _) => format!("https://{}", door.local_addr()?),
            Self::Plain(door) => format!("http://{} (insecure)", door.local_addr()?),
        })
    }
}

impl Arrival {
    async fn serve(self, router: Router, watcher: Watcher) {
        match self {
            Self::Unix(stream) => serve(stream, router, watcher).await,
            Self::Plain(stream) => serve(stream, router, watcher).await,
            Self::Tls(stream, acceptor) => match tokio::time::timeout(IDLE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => serve(stream, router, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                Err(_) => tracing::debug!("no TLS within its time"),
            },
        }
    }
}

/// The doors, open.
pub(in crate::serve) struct Doors(Vec<Door>);

impl Doors {
    /// Opens them.
    ///
    /// # Errors
    /// [`ListenError`] names the address.
    pub(in crate::serve) async fn open(settings: &ServeSettings) -> Result<Self, ListenError> {
        let mut doors = Vec::new();
        if let Some(tls) = &settings.tls {
            let acceptor = acceptor(tls)?;
            doors.push(Door::Tls(tcp(tls.listen).await?, acceptor));
        }
        if let Some(address) = settings.insecure_loopback {
            doors.push(Door::Plain(tcp(address).await?));
        }
        if let Some(path) = &settings.socket {
            doors.push(Door::Unix(socket(path)?));
        }
        Ok(Self(doors))
    }

    /// Where they are, in words.
    pub(in crate::serve) fn places(&self) -> Vec<String> {
        self.0.iter().filter_map(|door| door.place().ok()).collect()
    }

    /// Serves until told to stop, then lets the answers under way end.
    pub(in crate::serve) async fn serve(self, router: Router, mut stop: watch::Receiver<bool>) {
        let (graceful, room) = (GracefulShutdown::new(), Arc::new(Semaphore::new(MOST_CONNECTIONS)));
        let keep = |door| keep(door, &router, &graceful, &room);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => (),
            _ = futures_util::future::join_all(self.0.iter().map(keep)) => (),
        }
        for door in self.0 {
            if let Door::Unix(door) = &door
                && let Ok(Some(path)) = door.local_addr().map(|address| address.as_pathname().map(Path::to_owned))
            {
                // A socket without a listener would only puzzle the next caller.
                drop(std::fs::remove_file(path));
            }
        }
        drop(tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await);
    }
}

/// Takes callers in at one door, each once there is room.
async fn keep(door: &Door, router: &Router, graceful: &GracefulShutdown, room: &Arc<Semaphore>) {
    while let Ok(permit) = Arc::clone(room).acquire_owned().await {
        match door.accept().await {
            Ok(arrival) => {
                let (router, watcher) = (router.clone(), graceful.watcher());
                tokio::spawn(async move {
                    arrival.serve(router, watcher).await;
                    drop(permit);
                });
            }
            // The caller is gone again, or there are too many open files: the next may come.
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn tcp(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError::Address { address, source })
}

/// A socket that a killed service left behind is taken over; one that somebody listens on is not.
fn socket(path: &Path) -> Result<UnixListener, ListenError> {
    let failed = |source| ListenError::Socket { path: path.to_owned(), source };
    let is_left = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if is_left {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(ListenError::Taken { path: path.to_owned() });
        }
        std::fs::remove_file(path).map_err(failed)?;
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    // Owner and group may call; who they are, their tokens tell.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).map_err(failed)?;
    Ok(listener)
}
