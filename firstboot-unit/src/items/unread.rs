//! "Could not look" as an observation.

use std::error::Error;

use spec::identity::Seen;

use crate::root::RootError;

/// The whole chain of reasons in one line: an observation is where the chain ends.
pub(crate) fn unreadable(error: &RootError) -> Seen {
    let mut why = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        why = format!("{why}: {cause}");
        source = cause.source();
    }
    Seen::Unreadable { why }
}
