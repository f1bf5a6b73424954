//! From a recipe to a golden: an archived container without an identity, and a manifest that says what it is.
//!
//! ```text
//! recipe → Fetched → Created → Customized → Checked → Stopped → Minimized → Stripped → Baked → Packed → Inspected → Published
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | [`pipeline`] | the line above as a function: each phase takes the value of the one before it |
//! | `parent` | the golden that a layered golden is built on |
//! | [`phases`] | one phase a file, each with its own error |
//! | [`rehearsal`] | the same line without a node: every call written down |
//! | [`guest`] | the build guest: made under a record, removed whatever happens, found again after a crash |
//! | [`bootstrap`] | a Debian tree as a template, by mmdebstrap |
//! | [`first_boot`] | what a first boot will do, told from a tree |
//! | [`preflight`] | whether the node can carry a build, before anything is made |
//! | [`difference`] | where two archives unpack to different trees, and why |
//! | [`batch`] | several recipes at once: which, and in which order |
//! | [`cadence`] | what has changed since a golden's last release |
//! | `dossier` | what a build has learnt on its way, for the manifest |
//! | `dump` | an archive's file and everything that lies beside it |
//! | `durable` | files that are there whole or not at all |
//! | [`workshop`] | what all phases of one build share |
//! | [`recipe_file`] | a recipe from its file, with what the command line changes |
//! | [`lock`] | what a build was given and what is installed, so that it can be made again |
//! | `settle` | what differs between two builds of the same, removed at its root |
//! | [`recipe_lint`] | everything that is wrong with a recipe, at once |
//! | [`login`] | the public keys that open guests |
//! | [`minimize`] | what guests can do without, taken out of the tree |
//! | [`bill`] | bills of materials, out of a survey |
//! | [`debris`] | what interrupted work left beside archives |
//! | [`distribute`] | a release at another place |
//! | [`prune`] | which old releases go |
//! | [`survey`] | an archive's entries, packages and sizes |
//! | [`catalog_check`] | every row of the identity catalog planted, seen, refused and stripped |
//! | [`examination`] | an archive read as a stranger would, and judged |
//! | `second_reader` | GNU tar beside the inspector's own reader |
//! | [`archive_lint`] | a release read back and held against its own documents |
//! | [`signing`] | whoever signs: the key, and the principal whose it is |
//! | [`registry`] | documents beside archives, channels and log, and how they are written |
//! | [`releases`] | the manifests on a storage |
//! | [`signals`] | SIGINT and SIGTERM as a wish that the build ends, its guest removed |
//! | [`progress`] | what is told while it runs: bars, lines or JSON, always on stderr |
//! | [`cli`] | the commands |
//!
//! A build guest is thrown away in the end, well or not, so phases need no undo of their own: what they leave outside
//! of the guest, they remove themselves.

pub mod archive_lint;
pub mod batch;
pub mod bill;
pub mod bootstrap;
pub mod cadence;
pub mod catalog_check;
pub mod cli;
pub mod debris;
pub mod difference;
mod digest;
pub mod distribute;
mod dossier;
pub mod drill;
mod dump;
mod durable;
pub mod examination;
pub mod first_boot;
pub mod guest;
pub mod lock;
pub mod login;
pub mod minimize;
mod parent;
pub mod phases;
pub mod pipeline;
pub mod preflight;
mod printable;
pub mod progress;
pub mod prune;
pub mod recipe_file;
pub mod recipe_lint;
pub mod registry;
pub mod rehearsal;
pub mod releases;
mod second_reader;
mod settle;
pub mod signals;
pub mod signing;
pub mod survey;
mod wait;
pub mod workshop;
