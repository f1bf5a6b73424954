//! How a verb stops short: why, and with which exit code.

use std::error::Error;

use spec::exit::Exit;

/// A command that stopped short: why, and with which exit code.
#[derive(Debug)]
pub struct Stop {
    /// The exit code.
    pub exit: Exit,
    /// Why.
    pub error: anyhow::Error,
}

impl Stop {
    /// Bad input; nothing was touched.
    pub fn usage(error: impl Error + Send + Sync + 'static) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// Bad input, told in a sentence.
    pub fn bad_input(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, error: anyhow::Error::msg(sentence.into()) }
    }

    /// Bad input, found out by an error that tells why.
    pub fn unusable(error: impl Error + Send + Sync + 'static) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// It did not work.
    pub fn failed(error: impl Error + Send + Sync + 'static) -> Self {
        Self { exit: Exit::Failed, error: error.into() }
    }
}
