//! What a listener is told.

use super::phase::Phase;

/// Somebody who is told how a build goes.
pub trait Progress {
    /// A phase begins; the one before it, if any, is done.
    fn begin(&self, phase: Phase);
    /// Something within the phase begins, or is worth knowing.
    fn say(&self, text: &str);
    /// A program that runs for the phase printed a line.
    fn output(&self, line: &str);
    /// Something is not as it should be, but the build goes on.
    fn warn(&self, text: &str);
    /// The build is over.
    fn end(&self, done: bool);
}
