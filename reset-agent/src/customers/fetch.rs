//! From a reference to the secrets, in memory.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrets::age::{AgeError, Identities, IdentityError};
use secrets::sops::{self, Format, SopsError};
use secrets::{SecretSet, plain};

use super::reference::SecretsRef;
use super::vault::{self, VaultError};
use crate::config::{SealedFiles, SecretError, SecretsSettings};

/// A customer's secrets, encrypted, are smaller.
const LONGEST: u64 = 4 << 20;

/// Why secrets are not to be had. Nothing of them is told, only where they lie.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The source is not configured.
    #[error("{reference} cannot be fetched: `{key}` is not set in the configuration")]
    NotConfigured {
        /// What was to be fetched.
        reference: SecretsRef,
        /// What is missing.
        key: &'static str,
    },
    /// The operator's age identity cannot be read.
    #[error("the age identity of `secrets.identity` cannot be read")]
    Identity(#[source] SecretError),
    /// It is none.
    #[error("{path} is no age identity file")]
    NoIdentity {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: IdentityError,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file cannot be opened with the identity.
    #[error("{path} stays closed")]
    Closed {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: AgeError,
    },
    /// What it holds are no secrets.
    #[error("{path} does not hold secrets as they must be")]
    Content {
        /// The file.
        path: PathBuf,
        /// Which line, and why.
        #[source]
        source: plain::PlainError,
    },
    /// There is no file for the collection, or more than one.
    #[error("{folder} holds {found} of {collection}.env, .json and .yaml: there must be one")]
    Files {
        /// The folder.
        folder: PathBuf,
        /// How many there are.
        found: usize,
        /// The collection.
        collection: String,
    },
    /// What sops wrote cannot be opened.
    #[error("{path} gives no secrets")]
    Sops {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: SopsError,
    },
    /// The vault does not give the collection.
    #[error("{reference} gives no secrets")]
    Vault {
        /// The collection.
        reference: SecretsRef,
        /// Why not.
        #[source]
        source: VaultError,
    },
    /// There is nothing in it.
    #[error("{0} holds no secret")]
    Empty(SecretsRef),
    /// The work was stopped.
    #[error("reading the secrets was stopped")]
    Stopped(#[source] tokio::task::JoinError),
}

/// Fetches the secrets that a reference means.
///
/// # Errors
/// [`FetchError`].
pub async fn fetch(settings: Option<&SecretsSettings>, reference: &SecretsRef) -> Result<SecretSet, FetchError> {
    let missing = |key| FetchError::NotConfigured { reference: reference.clone(), key };
    let settings = settings.ok_or_else(|| missing("secrets.folder"))?;
    let files = || settings.files.clone().ok_or_else(|| missing("secrets.folder"));
    let secrets = match reference {
        SecretsRef::Age(collection) => read(files()?, collection, age_file).await?,
        SecretsRef::Sops(collection) => read(files()?, collection, sops_file).await?,
        SecretsRef::Bitwarden(collection) => {
            let bitwarden = settings.bitwarden.as_ref().ok_or_else(|| missing("secrets.bitwarden"))?;
            let fetched = vault::fetch(bitwarden, collection).await;
            fetched.map_err(|source| FetchError::Vault { reference: reference.clone(), source })?
        }
    };
    if secrets.is_empty() { Err(FetchError::Empty(reference.clone())) } else { Ok(secrets) }
}

/// How a kind of file is read.
type Reader = fn(&SealedFiles, &str) -> Result<SecretSet, FetchError>;

async fn read(files: SealedFiles, collection: &str, reader: Reader) -> Result<SecretSet, FetchError> {
    let collection = collection.to_owned();
    tokio::task::spawn_blocking(move || reader(&files, &collection)).await.map_err(FetchError::Stopped)?
}

fn age_file(settings: &SealedFiles, collection: &str) -> Result<SecretSet, FetchError> {
    let path = settings.folder.join(format!("{collection}.age"));
    let sealed = sealed(&path)?;
    let text = identities(settings)?.open_text(&sealed);
    let text = text.map_err(|source| FetchError::Closed { path: path.clone(), source })?;
    plain::parse(&text).map_err(|source| FetchError::Content { path, source })
}

fn sops_file(settings: &SealedFiles, collection: &str) -> Result<SecretSet, FetchError> {
    let formats = [("env", Format::Dotenv), ("json", Format::Json), ("yaml", Format::Yaml)];
    let files = formats.map(|(end, format)| (settings.folder.join(format!("{collection}.{end}")), format));
    let there: Vec<_> = files.into_iter().filter(|(path, _)| path.exists()).collect();
    let [(path, format)] = there.as_slice() else {
        let (folder, collection) = (settings.folder.clone(), collection.to_owned());
        return Err(FetchError::Files { folder, found: there.len(), collection });
    };
    let failed = |source| FetchError::Sops { path: path.clone(), source };
    let bytes = sealed(path)?;
    let text = str::from_utf8(&bytes).map_err(|_| failed(SopsError::NotText))?;
    sops::open(text, *format, &identities(settings)?).map_err(failed)
}

fn identities(settings: &SealedFiles) -> Result<Identities, FetchError> {
    let text = settings.identity.read().map_err(FetchError::Identity)?;
    let path = || settings.identity.path().to_owned();
    Identities::parse(&text).map_err(|source| FetchError::NoIdentity { path: path(), source })
}

fn sealed(path: &Path) -> Result<Vec<u8>, FetchError> {
    let unreadable = |source| FetchError::Unreadable { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LONGEST {
        return Err(unreadable(io::Error::other("it is longer than 4 MiB")));
    }
    Ok(bytes)
}
