//! The release log: everything that was ever done to a golden's releases, one signed line each, every line holding the
//! digest of the one before. Whoever knows its head knows whether anything before it was changed, moved or left out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::channel::EvidenceRef;
use super::document::Namespace;
use super::evidence::Gate;
use super::seal::{AllowedSigners, SealError};
use crate::identity::Verdict;
use crate::ids::{ChannelName, GoldenName, Principal, Sha256Hex};

/// Bytes that a log may have: some fifteen thousand lines.
pub const LOG_LIMIT: usize = 16 << 20;

/// The one version of its lines that this program knows.
pub const ENTRY_VERSION: u32 = 1;

/// What the first line holds for the one before it.
pub fn no_line() -> Sha256Hex {
    Sha256Hex::of(b"")
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The form's version.
    pub version: u32,
    /// Its number, from 1.
    pub seq: u64,
    /// SHA-256 of the line before it.
    pub prev: Sha256Hex,
    /// When; never before the line before it.
    pub at: Timestamp,
    /// Who did it; the line's signature must be this principal's.
    pub principal: Principal,
    /// The golden: a log has one.
    pub golden: GoldenName,
    /// The release.
    pub release: String,
    /// SHA-256 of its manifest.
    pub manifest: Sha256Hex,
    /// What was done.
    pub action: Action,
}

/// What can be done to a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// A gate's record was made.
    Recorded {
        /// The gate.
        gate: Gate,
        /// What it says.
        result: Verdict,
        /// SHA-256 of the record.
        evidence: Sha256Hex,
    },
    /// A channel was pointed at it.
    Promoted {
        /// The channel.
        channel: ChannelName,
        /// The evidence that it passed the channel's gates.
        evidence: Vec<EvidenceRef>,
    },
    /// A channel that pointed at it was issued again and still does: to renew it, or because a release was withdrawn.
    Reissued {
        /// The channel.
        channel: ChannelName,
    },
    /// It is bad.
    Revoked {
        /// Why.
        reason: String,
    },
    /// It is old.
    Retired {
        /// Why.
        reason: String,
    },
}

impl Action {
    /// The channel that the line issued.
    pub fn issued(&self) -> Option<&ChannelName> {
        match self {
            Self::Promoted { channel, .. } | Self::Reissued { channel } => Some(channel),
            _ => None,
        }
    }
}

/// A line of the log.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it says.
    pub entry: Entry,
    /// SHA-256 of the line's bytes, its end not among them.
    pub sha256: Sha256Hex,
    /// The entry as it was signed.
    signed: String,
    /// The armored signature.
    seal: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    entry: Box<RawValue>,
    seal: String,
}

/// A log whose chain holds.
#[derive(Debug, Clone, Default)]
pub struct ReleaseLog {
    lines: Vec<Line>,
}

/// Why a log is none.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Endless data.
    #[error("the log has more than {LOG_LIMIT} bytes: it is none")]
    TooLong,
    /// A line is of no such form.
    #[error("line {line} is no entry")]
    Form {
        /// Its number, from 1.
        line: u64,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// The last line has no end: it was cut.
    #[error("the last line, {line}, has no end: the log was cut")]
    Cut {
        /// Its number, from 1.
        line: u64,
    },
    /// A line is not the one that belongs there.
    #[error("line {line} does not follow the one before it: {why}")]
    Chain {
        /// Its number, from 1.
        line: u64,
        /// What does not fit.
        why: &'static str,
    },
    /// A line's signature does not count.
    #[error("line {line} is not {principal}'s")]
    Seal {
        /// Its number, from 1.
        line: u64,
        /// Who is said to have written it.
        principal: Principal,
        /// Why not.
        #[source]
        source: SealError,
    },
    /// Another principal's signature.
    #[error("line {line} says that it is {said}'s and is signed by {signer}")]
    Signer {
        /// Its number, from 1.
        line: u64,
        /// Who is said to have written it.
        said: Principal,
        /// Who did.
        signer: Principal,
    },
}

impl ReleaseLog {
    /// Reads a log and follows its chain. Signatures are not looked at: the head's digest, taken from a signed channel,
    /// vouches for all of it; [`Self::verify_seals`] asks each line.
    ///
    /// # Errors
    /// [`LogError`] for the first line that does not belong there.
    pub fn read(bytes: &[u8]) -> Result<Self, LogError> {
        if bytes.len() > LOG_LIMIT {
            return Err(LogError::TooLong);
        }
        let mut log = Self::default();
        for (number, text) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            let text = text.strip_suffix(b"\n").ok_or(LogError::Cut { line: number })?;
            let line = Line::read(text).map_err(|source| LogError::Form { line: number, source })?;
            log.follows(&line.entry).map_err(|why| LogError::Chain { line: number, why })?;
            log.lines.push(line);
        }
        Ok(log)
    }

    /// Whether an entry is the next one, or what does not fit.
    fn follows(&self, entry: &Entry) -> Result<(), &'static str> {
        let (seq, prev) = self.next();
        if entry.version != ENTRY_VERSION {
            return Err("it has another version");
        }
        if entry.seq != seq {
            return Err("its number is not the next one");
        }
        if entry.prev != prev {
            return Err("it names another line as the one before it");
        }
        let Some(last) = self.lines.last() else { return Ok(()) };
        if entry.golden != last.entry.golden {
            return Err("it is about another golden");
        }
        if entry.at < last.entry.at { Err("its time is before that line's") } else { Ok(()) }
    }

    /// Number and predecessor's digest of the next line.
    pub fn next(&self) -> (u64, Sha256Hex) {
        self.lines.last().map_or_else(|| (1, no_line()), |line| (line.entry.seq + 1, line.sha256.clone()))
    }

    /// All lines, oldest first.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The newest line.
    pub fn head(&self) -> Option<&Line> {
        self.lines.last()
    }

    /// The line of that number.
    pub fn line(&self, seq: u64) -> Option<&Line> {
        usize::try_from(seq.checked_sub(1)?).ok().and_then(|index| self.lines.get(index))
    }

    /// Asks every line's signature, at the time that the line says: a key may have ended since.
    ///
    /// # Errors
    /// [`LogError`] for the first that does not count.
    pub fn verify_seals(&self, signers: &AllowedSigners) -> Result<(), LogError> {
        self.lines.iter().try_for_each(|line| line.verify_seal(signers))
    }

    /// The text of a further line, and the line itself.
    ///
    /// # Errors
    /// The entry is not the next one.
    pub fn append(&mut self, signed: String, seal: String) -> Result<(String, &Line), LogError> {
        let (number, _) = self.next();
        let form = |source| LogError::Form { line: number, source };
        let entry = RawValue::from_string(signed).map_err(form)?;
        let mut text = serde_json::to_string(&Written { entry, seal }).map_err(form)?;
        let line = Line::read(text.as_bytes()).map_err(form)?;
        self.follows(&line.entry).map_err(|why| LogError::Chain { line: number, why })?;
        text.push('\n');
        self.lines.push(line);
        Ok((text, &self.lines[self.lines.len() - 1]))
    }
}

impl Line {
    fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let Written { entry, seal } = serde_json::from_slice(text)?;
        let signed = entry.get().to_owned();
        Ok(Self { entry: serde_json::from_str(&signed)?, sha256: Sha256Hex::of(text), signed, seal })
    }

    /// Asks the line's signature, at the time that the line says.
    ///
    /// # Errors
    /// It does not count, or is another principal's.
    pub fn verify_seal(&self, signers: &AllowedSigners) -> Result<(), LogError> {
        let Entry { seq: line, ref principal, at, .. } = self.entry;
        let signer = signers
            .verify(Namespace::Log, self.signed.as_bytes(), self.seal.as_bytes(), at)
            .map_err(|source| LogError::Seal { line, principal: principal.clone(), source })?;
        if signer == *principal { Ok(()) } else { Err(LogError::Signer { line, said: principal.clone(), signer }) }
    }
}
