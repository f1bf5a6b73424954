//! No core of this process: it holds an API token, and perhaps a CA's key, for as long as it runs.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// From here on no core is written, whatever the limits of who started this process; and no other process of its user
/// may read its memory or take hold of it (`ptrace(2)`), root aside.
///
/// # Errors
/// The kernel refuses.
pub fn forbid() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // A `core_pattern` that is a pipe asks no limit, but it does ask this.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}
