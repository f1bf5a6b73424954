//! What goes to stdout: the result and nothing else.

use std::io::{self, Write};

use serde::Serialize;

use super::agent::Stop;

/// Where results go, and in which form.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    /// One JSON object, or a text for people.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a result. A reader that went away (`| head`) is no error.
    ///
    /// # Errors
    /// stdout cannot be written for another reason.
    pub fn print(self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Stop> {
        let line = if self.json { serde_json::to_string(value).map_err(Stop::failed)? } else { text() };
        match writeln!(io::stdout().lock(), "{line}") {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(Stop::failed),
        }
    }
}
