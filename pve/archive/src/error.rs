//! Why an archive is not taken.

use std::fmt;
use std::io;
use std::time::Duration;

/// Why an archive could not be read, or may not be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file could not be read.
    #[error("the archive could not be read")]
    Read(#[source] io::Error),
    /// Compressed in a way that is not taken.
    #[error("the archive is compressed with {0}; use zstd, or none: vzdump --compress zstd")]
    Compression(&'static str),
    /// No tar archive inside.
    #[error("this is no vzdump archive: {0}")]
    NotAnArchive(String),
    /// The compressed stream is broken, or ends before its time.
    #[error("the compressed stream is broken or cut off after {at} bytes of tar")]
    Inflate {
        /// Bytes of tar that were read before.
        at: u64,
        /// What the decoder says.
        #[source]
        source: io::Error,
    },
    /// The tar stream ends before its end marker.
    #[error("the archive is cut off after {at} bytes of tar")]
    Truncated {
        /// Bytes of tar that were read.
        at: u64,
    },
    /// Something follows the end marker.
    #[error("the archive goes on after its end, at byte {at} of tar")]
    TrailingData {
        /// Where, in bytes of tar.
        at: u64,
    },
    /// More than a cap allows.
    #[error("the archive has more than {limit} {what}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How much would be taken.
        limit: u64,
    },
    /// A header that does not read.
    #[error("a header at byte {at} of tar does not read")]
    Header {
        /// Where, in bytes of tar.
        at: u64,
        /// What the parser says.
        #[source]
        source: Box<tar_core::parse::ParseError>,
    },
    /// A member that breaks a rule.
    #[error("member {member}: {refusal}")]
    Refused {
        /// Its name, escaped where it is not plain text.
        member: String,
        /// The rule.
        refusal: Refusal,
    },
    /// No configuration inside.
    #[error("the archive holds no ./etc/vzdump/pct.conf: it is no container backup")]
    NoConfiguration,
    /// The two parsers read the archive differently.
    #[error("two readers disagree about member {number}: {what}")]
    Disagreement {
        /// The member's number, from 1.
        number: u64,
        /// What each of them saw.
        what: String,
    },
    /// The second reader came to no good end.
    #[error("the second reader, {name}, does not take the archive: {said}")]
    SecondReader {
        /// What it is.
        name: String,
        /// What it said.
        said: String,
    },
    /// It took longer than it may.
    #[error("the archive was not inspected within {} s", limit.as_secs())]
    Overdue {
        /// The time it had.
        limit: Duration,
    },
    /// A thread of the inspection could not be started, or broke down.
    #[error("the archive could not be inspected")]
    Thread(#[source] io::Error),
}

/// The rule that a member breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A name that begins with a slash.
    AbsoluteName,
    /// A name with `..`.
    ParentInName,
    /// A name with a NUL byte or a line break, or none at all.
    UnusableName,
    /// A name that stood before.
    Duplicate,
    /// A name below a member that is no directory: `link/file`.
    ThroughNonDirectory {
        /// The member on the way.
        parent: String,
    },
    /// A second configuration, or one that is no plain file.
    SecondConfiguration,
    /// A hard link to something that did not come before, or that is a directory.
    HardLinkTarget {
        /// Where it leads.
        target: String,
    },
    /// A device node, FIFO or socket outside `./dev`.
    SpecialFile,
    /// An owner that an unprivileged container cannot have.
    Owner {
        /// User and group.
        ids: (u64, u64),
    },
    /// A type of member that vzdump does not write.
    Type(u8),
    /// A member that has no content by its type, with content.
    ContentWithoutFile,
    /// A sparse file whose map and size do not fit.
    SparseMap,
    /// A PAX record that vzdump does not write, or that stands twice.
    PaxRecord {
        /// Its key.
        key: String,
    },
    /// A size in its header and another in its PAX records.
    TwoSizes {
        /// In the header.
        header: u64,
        /// In the records.
        record: u64,
    },
    /// An attribute that is not what it should be.
    Attribute {
        /// Its name.
        name: String,
    },
    /// Attributes for all members (`pax_global_header`), which readers treat differently.
    GlobalHeader,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AbsoluteName => f.write_str("its name is absolute"),
            Self::ParentInName => f.write_str("its name holds .."),
            Self::UnusableName => f.write_str("its name is empty or holds a NUL byte or a line break"),
            Self::Duplicate => f.write_str("it stands twice"),
            Self::ThroughNonDirectory { parent } => {
                write!(f, "it would be written through {parent}, which is no directory")
            }
            Self::SecondConfiguration => f.write_str("there may be one plain file ./etc/vzdump/pct.conf and no other"),
            Self::HardLinkTarget { target } => write!(f, "it is a hard link to {target}, which is no file before it"),
            Self::SpecialFile => f.write_str("it is a device, FIFO or socket outside ./dev"),
            Self::Owner { ids: (uid, gid) } => {
                write!(f, "its owner is {uid}:{gid}, beyond the 65535 of an unprivileged container")
            }
            Self::Type(byte) => write!(f, "its type {:?} is none that vzdump writes", char::from(*byte)),
            Self::ContentWithoutFile => f.write_str("it has content although it is no file"),
            Self::SparseMap => f.write_str("its sparse map does not fit its size"),
            Self::PaxRecord { key } => write!(f, "it has a PAX record that vzdump does not write: {key}"),
            Self::TwoSizes { header, record } => {
                write!(f, "its header says {header} bytes and its PAX record {record}: readers take one or the other")
            }
            Self::Attribute { name } => write!(f, "its attribute {name} is not well-formed"),
            Self::GlobalHeader => f.write_str("it sets attributes of all members (a PAX global header)"),
        }
    }
}
