//! Every way in which a golden is refused, with what to do. Nothing of a refused golden has been restored.

use std::io;
use std::path::PathBuf;

use spec::ids::{ChannelName, GoldenName, Principal, Sha256Hex};
use spec::release::seal::BadSigners;
use spec::release::{DocumentError, LogError, Missing, NotCurrent, Withdrawn};

use crate::golden::shelf::ShelfError;

/// Why a golden is not restored.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The configuration does not say whose word counts.
    #[error(
        "the configuration has no [trust]: without it nobody's goldens are restored; name allowed_signers, builders, \
         verifiers, releasers and the folder of channels (docs/how-to/release.md)"
    )]
    NoTrust,
    /// The allowed signers are not accepted.
    #[error("the allowed signers {path} are refused")]
    Signers {
        /// The file.
        path: PathBuf,
        /// The line.
        #[source]
        source: BadSigners,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Endless data, or a pipe where a file should be.
    #[error("{path} is no file of at most {limit} bytes: it is not what its name says")]
    NotADocument {
        /// What was to be read.
        path: PathBuf,
        /// The most that it may have.
        limit: usize,
    },
    /// The manifests cannot be read.
    #[error("the golden's manifest is not to be had")]
    Shelf(#[from] ShelfError),
    /// There is no such channel.
    #[error("golden {golden} has no channel {channel} in {folder}: promote a release to it, or name another")]
    NoChannel {
        /// The golden.
        golden: GoldenName,
        /// The channel.
        channel: ChannelName,
        /// Where was looked.
        folder: PathBuf,
    },
    /// No channel of the golden counts, so nobody knows what was withdrawn.
    #[error("golden {golden} has no channel, so nobody knows what was withdrawn of it: promote a release of it")]
    NoWord {
        /// The golden.
        golden: GoldenName,
    },
    /// A document without a signature.
    #[error("{path} is not signed: there is no {path}.sig")]
    Unsigned {
        /// The document.
        path: PathBuf,
    },
    /// A document that does not count: a stranger's, one made for something else, one that was changed.
    #[error("{path} does not count")]
    Document {
        /// The document.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Box<DocumentError>,
    },
    /// A document by somebody who has another role.
    #[error("{path} is signed by {signer}, who is none of `trust.{role}` in the configuration")]
    Role {
        /// The document.
        path: PathBuf,
        /// Who signed it.
        signer: Principal,
        /// The role that is needed.
        role: &'static str,
    },
    /// A document in another one's place.
    #[error("{path} says that it is {says}: it was put in another's place")]
    WrongPlace {
        /// The document.
        path: PathBuf,
        /// What it says.
        says: String,
    },
    /// Frozen, not yet born, or at its end.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// A rollback.
    #[error(
        "channel {channel} has serial {offered}, and {seen} was seen before: somebody shows an old one; \
         the newest is where the releaser wrote it"
    )]
    OlderSerial {
        /// The channel.
        channel: ChannelName,
        /// What it shows now.
        offered: u64,
        /// The highest ever seen.
        seen: u64,
    },
    /// Two documents under one serial.
    #[error("channel {channel} has another content than before under the same serial {serial}: ask the releaser")]
    SameSerial {
        /// The channel.
        channel: ChannelName,
        /// The serial.
        serial: u64,
    },
    /// A fast-forward: a serial out of thin air.
    #[error("channel {channel} has serial {serial}, and the release log ends at line {lines}: nobody issued it")]
    NoLine {
        /// The channel.
        channel: ChannelName,
        /// Its serial.
        serial: u64,
        /// Lines that there are.
        lines: usize,
    },
    /// The log's line did not issue the channel.
    #[error("line {serial} of the release log did not issue this document of channel {channel}")]
    OtherLine {
        /// The channel.
        channel: ChannelName,
        /// The line.
        serial: u64,
    },
    /// The log is not whole.
    #[error("the release log {path} is not whole: `image-builder verify-log` tells more")]
    Log {
        /// The file.
        path: PathBuf,
        /// Which line, and why.
        #[source]
        source: Box<LogError>,
    },
    /// The log is not the one seen before.
    #[error("line {line} of golden {golden}'s release log is not the one seen before: it was rewritten or cut")]
    Rewritten {
        /// The golden.
        golden: GoldenName,
        /// The line that was seen.
        line: u64,
    },
    /// Withdrawn.
    #[error("{title} was {how}: {reason}; use another release")]
    Withdrawn {
        /// Golden and release.
        title: String,
        /// How.
        how: Withdrawn,
        /// Why.
        reason: String,
    },
    /// The channel's release is nowhere.
    #[error("channel {channel} points at {title}, whose manifest is in none of {folders:?}")]
    NotThere {
        /// The channel.
        channel: ChannelName,
        /// Golden and release.
        title: String,
        /// Where was looked.
        folders: Vec<PathBuf>,
    },
    /// Mix and match: a document of another build under the release's name.
    #[error("the {what} of {title} has SHA-256 {found}, and {by} means {expected}: they are of different releases")]
    Mixed {
        /// Which document.
        what: &'static str,
        /// Golden and release.
        title: String,
        /// Its digest.
        found: Sha256Hex,
        /// Who means another.
        by: &'static str,
        /// The other's digest.
        expected: Sha256Hex,
    },
    /// The verdict itself.
    #[error("the verdict of {title} is not a pass: it must not be restored")]
    NotClean {
        /// Golden and release.
        title: String,
    },
    /// Gates that were not passed.
    #[error("{title} has not passed every gate of `trust.gates`: {}", .missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Gates {
        /// Golden and release.
        title: String,
        /// All of them.
        missing: Vec<Missing>,
    },
}
