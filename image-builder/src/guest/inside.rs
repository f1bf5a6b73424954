//! Commands inside a running scratch guest.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pve_host::Host;
use pve_host::pct::GuestCommand;
use pve_host::process::{CommandError, Finished};
use spec::ids::Vmid;
use spec::recipe::Script;

use crate::progress::Progress;

/// The longest that one command may take: a package installation on a slow line, not more.
const LIMIT: Duration = Duration::from_hours(1);
/// The longest that a question may take.
const ASK_LIMIT: Duration = Duration::from_secs(20);
/// Where scripts lie while they run; gone with the guest's `/run`.
const SCRIPT: &str = "/run/mintmark-step";
/// What every command finds in its environment before the recipe's own variables.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("HOME", "/root"),
    ("LANG", "C.UTF-8"),
    ("DEBIAN_FRONTEND", "noninteractive"),
];

/// Writes standard input to the file `$1` with mode `$2`, in a directory that need not be there.
const COPY: &str = r#"umask 022; mkdir -p "${1%/*}/" && cat >"$1" && chmod "$2" "$1""#;
/// The same with a text instead of standard input.
const WRITE: &str = r#"umask 022; mkdir -p "${1%/*}/" && printf '%s' "$3" >"$1" && chmod "$2" "$1""#;

/// Why something could not be done inside the guest.
#[derive(Debug, thiserror::Error)]
pub enum InsideError {
    /// A command did not succeed.
    #[error("a command failed in the guest")]
    Command(#[from] CommandError),
    /// A file beside the recipe could not be read.
    #[error("cannot read {path}, which the recipe names")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// The way in.
pub struct Inside<'g> {
    host: &'g Host,
    vmid: Vmid,
    progress: &'g dyn Progress,
    variables: BTreeMap<String, String>,
}

impl<'g> Inside<'g> {
    pub(super) fn new(host: &'g Host, vmid: Vmid, progress: &'g dyn Progress) -> Self {
        Self { host, vmid, progress, variables: BTreeMap::new() }
    }

    /// Sets variables for the commands that follow.
    pub(crate) fn set(&mut self, variables: &BTreeMap<String, String>) {
        self.variables.extend(variables.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    /// Runs a command; any exit code is an answer.
    pub(crate) fn run(&self, command: &[&str]) -> Result<Finished, CommandError> {
        self.run_within(LIMIT, command, None, true)
    }

    /// Asks for something that is no news to anybody: nothing of it is told.
    pub(crate) fn ask(&self, command: &[&str]) -> Result<Finished, CommandError> {
        self.run_within(ASK_LIMIT, command, None, false)
    }

    fn run_within(
        &self,
        limit: Duration,
        command: &[&str],
        input: Option<&Path>,
        tell: bool,
    ) -> Result<Finished, CommandError> {
        let environment = environment(&self.variables);
        let command = GuestCommand { words: command, environment: &environment, input, limit };
        self.host.pct().exec(self.vmid, &command, &mut |line| {
            if tell {
                self.progress.output(line.text);
            }
        })
    }

    /// Runs a script of the recipe; any exit code is an answer. A file with `#!` is run by what it names, else by sh.
    pub(crate) fn script(&self, script: &Script, recipe_dir: &Path) -> Result<Finished, InsideError> {
        match script {
            Script::Command(line) => Ok(self.run(&["sh", "-c", line])?),
            Script::File(file) => {
                let path = recipe_dir.join(file);
                let content =
                    std::fs::read(&path).map_err(|source| InsideError::File { path: path.clone(), source })?;
                self.copy(&path, SCRIPT, 0o700)?;
                let own_interpreter = content.starts_with(b"#!");
                let done = if own_interpreter { self.run(&[SCRIPT])? } else { self.run(&["sh", SCRIPT])? };
                self.run(&["rm", "-f", SCRIPT])?.ok()?;
                Ok(done)
            }
        }
    }

    /// Runs a script that is known by its text; any exit code is an answer.
    pub(crate) fn text(&self, script: &str) -> Result<Finished, CommandError> {
        self.write(SCRIPT, script, 0o700)?;
        let done = if script.starts_with("#!") { self.run(&[SCRIPT])? } else { self.run(&["sh", SCRIPT])? };
        self.run(&["rm", "-f", SCRIPT])?.ok()?;
        Ok(done)
    }

    /// Copies a file into the guest; root owns it.
    pub(crate) fn copy(&self, from: &Path, to: &str, mode: u32) -> Result<(), InsideError> {
        if let Err(source) = std::fs::File::open(from) {
            return Err(InsideError::File { path: from.to_owned(), source });
        }
        let command = ["sh", "-c", COPY, "sh", to, &format!("{mode:o}")];
        Ok(self.run_within(LIMIT, &command, Some(from), true)?.ok().map(drop)?)
    }

    /// Writes a short public text into the guest; root owns it. It is visible in the node's process list.
    pub(crate) fn write(&self, path: &str, text: &str, mode: u32) -> Result<(), CommandError> {
        self.run(&["sh", "-c", WRITE, "sh", path, &format!("{mode:o}"), text])?.ok().map(drop)
    }
}

/// A command's whole environment; the recipe's own variables win.
fn environment(variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let fixed = ENVIRONMENT.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    fixed.chain(variables.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipes_variable_wins_over_the_fixed_one() {
        let variables = BTreeMap::from([("LANG".to_owned(), "de_DE.UTF-8".to_owned())]);
        let environment = environment(&variables);
        assert_eq!(environment["LANG"], "de_DE.UTF-8");
        assert_eq!(environment.len(), ENVIRONMENT.len());
    }
}
