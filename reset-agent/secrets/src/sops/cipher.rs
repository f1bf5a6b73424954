//! One value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`, AES-256-GCM with a nonce of 32 bytes, bound to its place.

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce, Tag};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

type Aes256Gcm32 = AesGcm<Aes256, U32>;

/// A data key in use.
pub(super) struct Cipher(Aes256Gcm32);

/// What a value was before it was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bool,
    Other,
}

/// Why a value stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// The data key has another length.
    #[error("its data key is not 32 bytes long")]
    Key,
    /// Not in sops's form.
    #[error("it should be encrypted, and is not: run sops on the file again")]
    Form,
    /// The tag does not fit.
    #[error("it was changed, or moved to another key, after sops wrote it")]
    Changed,
    /// It is no text.
    #[error("it is no UTF-8 text")]
    NotText,
}

impl Cipher {
    pub(super) fn new(key: &[u8]) -> Result<Self, CipherError> {
        Aes256Gcm32::new_from_slice(key).map(Self).map_err(|_| CipherError::Key)
    }

    /// Opens a value that stands at `place`: the keys on the way to it, each followed by a colon.
    pub(super) fn open(&self, sealed: &str, place: &str) -> Result<(Zeroizing<String>, Kind), CipherError> {
        // sops leaves an empty value as it is.
        if sealed.is_empty() {
            return Ok((Zeroizing::new(String::new()), Kind::Text));
        }
        let parts = Parts::of(sealed).ok_or(CipherError::Form)?;
        let mut bytes = Zeroizing::new(parts.data);
        let nonce = Nonce::<U32>::try_from(parts.nonce.as_slice()).map_err(|_| CipherError::Form)?;
        let tag = Tag::try_from(parts.tag.as_slice()).map_err(|_| CipherError::Form)?;
        self.0
            .decrypt_inout_detached(&nonce, place.as_bytes(), bytes.as_mut_slice().into(), &tag)
            .map_err(|_| CipherError::Changed)?;
        let text = str::from_utf8(&bytes).map_err(|_| CipherError::NotText)?;
        Ok((Zeroizing::new(text.to_owned()), parts.kind))
    }
}

/// A sealed value, taken apart.
struct Parts {
    data: Vec<u8>,
    nonce: Vec<u8>,
    tag: Vec<u8>,
    kind: Kind,
}

impl Parts {
    fn of(sealed: &str) -> Option<Self> {
        let inner = sealed.strip_prefix("ENC[AES256_GCM,")?.strip_suffix(']')?;
        let mut fields = inner.split(',');
        let mut field = |name: &str| fields.next()?.strip_prefix(name)?.strip_prefix(':').map(str::to_owned);
        let mut decoded = |name| STANDARD.decode(field(name)?).ok();
        let (data, nonce, tag) = (decoded("data")?, decoded("iv")?, decoded("tag")?);
        let kind = match field("type")?.as_str() {
            "str" => Kind::Text,
            "bool" => Kind::Bool,
            _ => Kind::Other,
        };
        Some(Self { data, nonce, tag, kind })
    }
}
