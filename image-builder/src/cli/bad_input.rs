//! Failures before anything was touched: they end with an exit code of their own.

use std::error::Error;
use std::fmt;

use spec::exit::Exit;

/// What was given cannot be worked with, and nothing has been touched. It reads as the error that it holds.
#[derive(Debug)]
pub(super) struct BadInput(anyhow::Error);

impl BadInput {
    /// Marks whatever went wrong while the input was looked at.
    pub(super) fn of(error: impl Into<anyhow::Error>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for BadInput {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// The exit code of a command that failed.
pub fn exit(error: &anyhow::Error) -> Exit {
    if error.is::<BadInput>() { Exit::Usage } else { Exit::Failed }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn bad_input_reads_as_what_was_wrong_and_has_its_own_exit_code() {
        let wrong = anyhow!("no such file").context("cannot read the recipe");
        let told = format!("{wrong:#}");
        let marked = anyhow::Error::from(BadInput::of(wrong));
        assert_eq!((format!("{marked:#}"), exit(&marked)), (told, Exit::Usage));
        assert_eq!(exit(&marked.context("as asked")), Exit::Usage);
        assert_eq!(exit(&anyhow!("the disk is full")), Exit::Failed);
    }
}
