//! The arguments of `firstboot`, as values.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::{Long, Short, Value, ValueExt};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
firstboot - gives a guest an identity of its own

usage:
  firstboot boot                    what mintmark-firstboot.service runs at every boot
  firstboot status  [--root DIR]    print the completion record (JSON)
  firstboot observe [--root DIR]    print every identity item that was found (JSON)
  firstboot renew ITEM…             make identity items of this running guest anew (JSON)
  firstboot strip    --root DIR     put every identity item of a stopped image to sleep
        --keep ITEM                 leave an item of the identity catalog; may be given again
        --machine-id STATE          empty (default) or uninitialized
        --yes-this-is-an-image      allow --root /

exit codes: 0 done, 1 failed, 2 wrong usage
";

/// A command with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print the help.
    Help,
    /// Run a boot in `/`.
    Boot,
    /// Print the completion record.
    Status {
        /// The tree.
        root: PathBuf,
    },
    /// Print the observations.
    Observe {
        /// The tree.
        root: PathBuf,
    },
    /// Make items of this guest anew.
    Renew {
        /// Ids of the catalog.
        items: Vec<String>,
    },
    /// Strip an image.
    Strip {
        /// The tree.
        root: PathBuf,
        /// Items to leave.
        keep: Vec<String>,
        /// Whether the machine-id becomes `uninitialized`.
        uninitialized: bool,
    },
}

/// Why the arguments are no command.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    /// Something that lexopt refuses.
    #[error("{0}")]
    Argument(lexopt::Error),
    /// No verb, or one that does not exist.
    #[error("{given:?} is no command: boot, status, observe, renew or strip")]
    Verb {
        /// The word as given.
        given: String,
    },
    /// Renew of nothing.
    #[error("renew needs the ids of items, as the identity catalog has them")]
    NoItems,
    /// Strip without a tree.
    #[error("strip needs --root DIR, the mounted image")]
    NoRoot,
    /// Strip of the running system.
    #[error("--root {root:?} is this machine's own tree; with --yes-this-is-an-image it is stripped all the same")]
    OwnTree {
        /// The path as given.
        root: PathBuf,
    },
    /// An unknown state of the machine-id.
    #[error("--machine-id {given:?}: it is empty or uninitialized")]
    MachineId {
        /// The word as given.
        given: String,
    },
}

impl From<lexopt::Error> for UsageError {
    fn from(error: lexopt::Error) -> Self {
        Self::Argument(error)
    }
}

#[derive(Default)]
struct Options {
    root: Option<PathBuf>,
    items: Vec<String>,
    keep: Vec<String>,
    machine_id: Option<String>,
    is_image: bool,
}

/// Reads the arguments that follow the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Command, UsageError> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut verb = None;
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Command::Help),
            Value(word) if verb.is_none() => verb = Some(word.string()?),
            Value(word) if verb.as_deref() == Some("renew") => options.items.push(word.string()?),
            Long("root") => options.root = Some(parser.value()?.into()),
            Long("keep") => options.keep.push(parser.value()?.string()?),
            Long("machine-id") => options.machine_id = Some(parser.value()?.string()?),
            Long("yes-this-is-an-image") => options.is_image = true,
            other => return Err(other.unexpected().into()),
        }
    }
    command(&verb.unwrap_or_default(), options)
}

fn command(verb: &str, options: Options) -> Result<Command, UsageError> {
    let root = options.root.clone().unwrap_or_else(|| PathBuf::from("/"));
    match verb {
        "boot" => Ok(Command::Boot),
        "status" => Ok(Command::Status { root }),
        "observe" => Ok(Command::Observe { root }),
        "renew" if options.items.is_empty() => Err(UsageError::NoItems),
        "renew" => Ok(Command::Renew { items: options.items }),
        "strip" => strip(options),
        _ => Err(UsageError::Verb { given: verb.to_owned() }),
    }
}

fn strip(options: Options) -> Result<Command, UsageError> {
    let root = options.root.ok_or(UsageError::NoRoot)?;
    // By what it leads to, not by how it is written: `/.` and a link to `/` are `/` as well.
    let own = root.canonicalize().is_ok_and(|path| path.parent().is_none());
    if own && !options.is_image {
        return Err(UsageError::OwnTree { root });
    }
    let uninitialized = match options.machine_id.as_deref() {
        None | Some("empty") => false,
        Some("uninitialized") => true,
        Some(given) => return Err(UsageError::MachineId { given: given.to_owned() }),
    };
    Ok(Command::Strip { root, keep: options.keep, uninitialized })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_and_defaults() {
        assert_eq!(parse(["boot"]).unwrap(), Command::Boot);
        assert_eq!(parse(["observe"]).unwrap(), Command::Observe { root: "/".into() });
        assert_eq!(parse(["status", "--root", "/mnt"]).unwrap(), Command::Status { root: "/mnt".into() });
        let items = vec!["ssh-host-keys".into(), "munge-key".into()];
        assert_eq!(parse(["renew", "ssh-host-keys", "munge-key"]).unwrap(), Command::Renew { items });
        assert!(matches!(parse(["renew"]), Err(UsageError::NoItems)));
        assert_eq!(parse(["--help"]).unwrap(), Command::Help);
    }

    #[test]
    fn strip_never_takes_the_own_tree_by_accident() {
        assert!(matches!(parse(["strip"]), Err(UsageError::NoRoot)));
        for own in ["/", "//", "/.", "/usr/.."] {
            assert!(matches!(parse(["strip", "--root", own]), Err(UsageError::OwnTree { .. })), "{own}");
        }
        let command = parse(["strip", "--root=/", "--yes-this-is-an-image", "--keep", "logs"]).unwrap();
        assert_eq!(command, Command::Strip { root: "/".into(), keep: vec!["logs".into()], uninitialized: false });
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (arguments, word) in [
            (vec!["bot"], "bot"),
            (vec![], "is no command"),
            (vec!["boot", "extra"], "extra"),
            (vec!["strip", "--root", "/mnt", "--machine-id", "absent"], "absent"),
        ] {
            let error = parse(arguments.clone()).unwrap_err().to_string();
            assert!(error.contains(word), "{arguments:?}: {error}");
        }
    }
}
