//! What a run logs in to its guest with, as the configuration says.

use saga::StepError;

use crate::config::LoginSettings;
use crate::context::Context;
use crate::guest::ssh::credential::{Credential, issue};

/// The run's login; none where none is configured.
///
/// # Errors
/// The CA cannot be read or used.
pub(crate) fn credential(ctx: &Context, run: &str) -> Result<Option<Credential>, StepError> {
    let ssh = &ctx.settings.ssh;
    let reference = match &ssh.login {
        None => return Ok(None),
        Some(LoginSettings::Agent(key)) => return Ok(Some(Credential::Agent(key.clone()))),
        Some(LoginSettings::UserCa(reference)) => reference,
    };
    let authority = reference.read().map_err(|error| StepError::from_error(&error))?;
    let pair = issue(&authority, &ssh.user, &format!("mintmark run {run}"));
    pair.map(|pair| Some(Credential::Certified(Box::new(pair)))).map_err(|error| StepError::from_error(&error))
}
