//! What lies in files about releases: documents beside archives, channels and log in `mintmark/` beside `dump/`.
//!
//! | module | what it is |
//! |---|---|
//! | `read` | a file read whole, unless it is longer than it may be |
//! | `sealed` | a document with its signature: `X` and `X.sig` |
//! | `beside` | everything signed that lies beside a release's archive |
//! | `folder` | `mintmark/`: where a golden's channels and log are, and its lock |
//! | `log_file` | a golden's log: read, and one more line |
//! | `testify` | what a principal says of a gate: its record, then its line |
//! | `issue` | a channel issued: its line, then its document |
//! | `standing` | a release with everything that is said of it |

mod beside;
mod folder;
mod issue;
mod log_file;
mod read;
mod sealed;
mod standing;
mod testify;

pub use beside::{BesideError, RecordError, Recorded, Signed, evidence_path};
pub use folder::{Folder, FolderError, Locked, folders};
pub use issue::{Issue, IssueError, Why, issue};
pub use log_file::{Log, LogFileError};
pub use read::ReadError;
pub use sealed::{SealedError, WriteSealedError, seal_path};
pub use standing::{Stands, StandsError};
pub use testify::{TestifyError, testify};

pub(crate) use beside::unsigned;
pub(crate) use read::capped;
pub(crate) use sealed::{open_file, seal_bytes, write_sealed};
