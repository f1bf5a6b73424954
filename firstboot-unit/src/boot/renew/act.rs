//! Sleeping identities made anew, one after the other.

use spec::identity::reading::hostname::hostname;

use super::super::programs::{GuestPrograms, ProgramError, ProgramRun};
use super::content::{Content, Source};
use super::list::How;
use super::postgres::wake;
use super::sleeping::{Sleeping, sleeping};
use crate::items::plain::TEXT_CAP;
use crate::root::{NewFile, Root, RootError};

/// Why one identity could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum RenewError {
    /// A file of the guest.
    #[error("the guest's files do not allow it")]
    Tree(#[from] RootError),
    /// A program of the guest.
    #[error("a program of the guest failed")]
    Program(#[from] ProgramError),
    /// A program that should be there.
    #[error("{program} of version {version:?} is not installed")]
    NoProgram {
        /// The program.
        program: &'static str,
        /// The version that is needed.
        version: String,
    },
    /// The program ended well and made nothing.
    #[error("{program} made no {file}")]
    NotMade {
        /// The program.
        program: &'static str,
        /// The file that it was to make.
        file: String,
    },
}

/// What was made, and what was not.
#[derive(Debug, Default)]
pub(in crate::boot) struct Renewed {
    /// Catalog items that are new.
    pub(in crate::boot) made: Vec<String>,
    /// Catalog items that could not be made, with the reason.
    pub(in crate::boot) failed: Vec<(String, String)>,
}

/// Makes what sleeps. With `only`, no more than those items.
pub(in crate::boot) fn renew(
    root: &Root,
    only: Option<&[String]>,
    programs: &dyn GuestPrograms,
) -> Result<Renewed, RootError> {
    let mut renewed = Renewed::default();
    let wanted = |id: &str| only.is_none_or(|only| only.iter().any(|item| item == id));
    let mut all = sleeping(root)?;
    all.retain(|sleeping| wanted(sleeping.renewal.item));
    if all.is_empty() {
        return Ok(renewed);
    }
    let source = source(root, programs);
    for sleeping in all {
        let item = sleeping.renewal.item.to_owned();
        let made = match &source {
            Ok(source) => one(root, &sleeping, source, programs),
            Err(why) => Err(why.clone()),
        };
        match made {
            Ok(()) if renewed.made.contains(&item) => {}
            Ok(()) => renewed.made.push(item),
            Err(why) => renewed.failed.push((item, why)),
        }
    }
    renewed.made.retain(|item| !renewed.failed.iter().any(|(failed, _)| failed == item));
    Ok(renewed)
}

fn source(root: &Root, programs: &dyn GuestPrograms) -> Result<Source, String> {
    let mut host = [0; 16];
    programs.random(&mut host).map_err(|error| crate::boot::chain(&error))?;
    let text = root.read_text("/etc/hostname", TEXT_CAP).map_err(|error| crate::boot::chain(&error))?;
    let hostname = text.and_then(|text| hostname(&text)).unwrap_or_else(|| "localhost".to_owned());
    Ok(Source { hostname, host })
}

fn one(root: &Root, sleeping: &Sleeping, source: &Source, programs: &dyn GuestPrograms) -> Result<(), String> {
    let made = match sleeping.renewal.how {
        How::Fill(content) => fill(root, sleeping, content, source, programs),
        How::Run { program, arguments, .. } => run(root, sleeping, program, arguments, programs),
        How::WakeClusters => wake(root, &sleeping.place, programs),
    };
    made.map_err(|error| crate::boot::chain(&error))
}

fn fill(
    root: &Root,
    sleeping: &Sleeping,
    content: Content,
    source: &Source,
    programs: &dyn GuestPrograms,
) -> Result<(), RenewError> {
    let mut random = vec![0; content.appetite()];
    programs.random(&mut random)?;
    // Behind a link, the file that the link leads to.
    let place = root.chain(&sleeping.place)?.pop().unwrap_or_else(|| sleeping.place.clone());
    let Some(stat) = root.stat(&place)? else { return Ok(()) };
    let before = root.read_text(&place, TEXT_CAP)?.unwrap_or_default();
    Ok(root.write(&place, &content.bytes(&random, source, &before), NewFile::like(&stat))?)
}

fn run(
    root: &Root,
    sleeping: &Sleeping,
    program: &'static str,
    arguments: &[&str],
    programs: &dyn GuestPrograms,
) -> Result<(), RenewError> {
    let file = sleeping.place.to_string_lossy().into_owned();
    // A program that finds an empty file takes it for a key.
    root.remove(&sleeping.place)?;
    let arguments = arguments.iter().map(|argument| argument.replace("{}", &file)).collect();
    programs.run(&ProgramRun { program: program.to_owned(), arguments, user: None })?;
    match root.stat_followed(&sleeping.place)? {
        Some(stat) if stat.size > 0 => Ok(()),
        _ => Err(RenewError::NotMade { program, file }),
    }
}
