//! What goes to stdout: the result and nothing else.

use std::io::{self, Write};

use serde::Serialize;
use spec::exit::Exit;

use crate::render;
use crate::stop::Stop;
use crate::verbs::rehearse::Rehearsal;

/// Version of what `--json` prints: it rises when a field goes or changes its meaning, not when one is added.
const VERSION: u32 = 1;

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
        let line = if self.json { versioned(value)? } else { text() };
        match writeln!(io::stdout().lock(), "{line}") {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(Stop::failed),
        }
    }
}

impl Output {
    /// Prints a dry run. It was done as asked, whatever it tells.
    ///
    /// # Errors
    /// As [`Output::print`].
    pub fn rehearsed(self, rehearsal: &Rehearsal) -> Result<Exit, Stop> {
        self.print(rehearsal, || render::rehearsal(rehearsal)).map(|()| Exit::Done)
    }
}

/// A result as one JSON object with its version.
fn versioned(value: &impl Serialize) -> Result<String, Stop> {
    let mut object = serde_json::to_value(value).map_err(Stop::failed)?;
    if let Some(fields) = object.as_object_mut() {
        fields.entry("version").or_insert(VERSION.into());
    }
    Ok(object.to_string())
}
