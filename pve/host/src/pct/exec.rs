//! What runs inside of a guest.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// A command for a running container.
#[derive(Debug, Clone, Copy)]
pub struct GuestCommand<'a> {
    /// Its words.
    pub words: &'a [&'a str],
    /// Its whole environment: nothing of the node's or the guest's reaches it. Values are never shown in messages.
    pub environment: &'a BTreeMap<String, String>,
    /// A file of the node for its standard input.
    pub input: Option<&'a Path>,
    /// The time it has.
    pub limit: Duration,
}
