//! A golden's channels and log, held against each other and against what was seen before.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use spec::ids::{ChannelName, GoldenName, Sha256Hex};
use spec::release::{Action, Channel, LOG_LIMIT, ReleaseLog, Sealed, Withdrawn};

use super::files::{capped, sealed};
use super::refusal::Refusal;
use super::roles::Roles;
use crate::ledger::Seen;

/// A golden's log, and the folder of its channels.
pub(super) struct Pointers<'a> {
    folder: &'a Path,
    golden: &'a GoldenName,
    pub(super) log: ReleaseLog,
}

impl<'a> Pointers<'a> {
    /// Reads the log, which must be the one seen before, or that one with more lines.
    pub(super) fn read(folder: &'a Path, golden: &'a GoldenName, seen: &Seen) -> Result<Self, Refusal> {
        let path = folder.join("log").join(format!("{golden}.jsonl"));
        let text = capped(&path, LOG_LIMIT)?.unwrap_or_default();
        let log = ReleaseLog::read(&text).map_err(|error| Refusal::Log { path, source: Box::new(error) })?;
        if let Some((line, sha256)) = &seen.log
            && log.line(*line).is_none_or(|found| found.sha256 != *sha256)
        {
            return Err(Refusal::Rewritten { golden: golden.clone(), line: *line });
        }
        Ok(Self { folder, golden, log })
    }

    fn folder_of_channels(&self) -> PathBuf {
        self.folder.join("channels").join(self.golden.as_str())
    }

    /// One channel, whose word must count now.
    pub(super) fn channel(
        &self,
        channel: &ChannelName,
        roles: &Roles<'_>,
        seen: &Seen,
    ) -> Result<Sealed<Channel>, Refusal> {
        let path = self.folder_of_channels().join(format!("{channel}.json"));
        let found = sealed::<Channel>(&path, &roles.signers, seen.now)?;
        let found = found.ok_or_else(|| Refusal::NoChannel {
            golden: self.golden.clone(),
            channel: channel.clone(),
            folder: self.folder.to_owned(),
        })?;
        let found = roles.by_releaser(&path, found)?;
        let says = &found.document;
        if says.golden != *self.golden || says.channel != *channel {
            return Err(Refusal::WrongPlace { path, says: format!("{}/{}", says.golden, says.channel) });
        }
        says.current(seen.now)?;
        not_older(channel, &found, seen)?;
        self.issued(says)?;
        Ok(found)
    }

    /// Its serial is the number of the line that issued it.
    fn issued(&self, document: &Channel) -> Result<(), Refusal> {
        let Channel { channel, serial, log, target, .. } = document;
        let Some(line) = self.log.line(*serial) else {
            let lines = self.log.lines().len();
            return Err(Refusal::NoLine { channel: channel.clone(), serial: *serial, lines });
        };
        let issued = line.entry.action.issued() == Some(channel) && line.entry.manifest == target.manifest;
        if line.sha256 == *log && issued {
            return Ok(());
        }
        Err(Refusal::OtherLine { channel: channel.clone(), serial: *serial })
    }

    /// Every channel of the golden whose word counts now, and why the others' does not.
    pub(super) fn all(&self, roles: &Roles<'_>, seen: &Seen) -> Result<(Vec<Sealed<Channel>>, Vec<Refusal>), Refusal> {
        let mut counting = Vec::new();
        let mut refused = Vec::new();
        for channel in self.names()? {
            match self.channel(&channel, roles, seen) {
                Ok(found) => counting.push(found),
                Err(refusal) => refused.push(refusal),
            }
        }
        Ok((counting, refused))
    }

    fn names(&self) -> Result<Vec<ChannelName>, Refusal> {
        let folder = self.folder_of_channels();
        let listed =
            || fs::read_dir(&folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
        let listed: io::Result<Vec<String>> = listed();
        match listed {
            Ok(names) => Ok(names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(Refusal::Unreadable { path: folder, source }),
        }
    }

    /// How the release with this manifest was withdrawn: by any channel that counts, or by a releaser's line that no
    /// channel has told yet.
    pub(super) fn withdrawal(
        &self,
        manifest: &Sha256Hex,
        channels: &[Sealed<Channel>],
        roles: &Roles<'_>,
    ) -> Option<(Withdrawn, String)> {
        let told = channels.iter().find_map(|channel| channel.document.withdrawal(manifest));
        if let Some(told) = told {
            return Some((told.how, told.reason.clone()));
        }
        let lines = self.log.lines().iter().rev().filter(|line| line.entry.manifest == *manifest);
        let mut lines = lines.filter(|line| roles.may_withdraw(&line.entry.principal));
        lines.find_map(|line| {
            let withdrawal = match &line.entry.action {
                Action::Revoked { reason } => (Withdrawn::Revoked, reason.clone()),
                Action::Retired { reason } => (Withdrawn::Retired, reason.clone()),
                _ => return None,
            };
            line.verify_seal(&roles.signers).is_ok().then_some(withdrawal)
        })
    }
}

/// Never a lower serial than one seen before, and never two documents under one.
fn not_older(channel: &ChannelName, found: &Sealed<Channel>, seen: &Seen) -> Result<(), Refusal> {
    let Some((serial, sha256)) = seen.channels.get(channel) else { return Ok(()) };
    let offered = found.document.serial;
    if offered < *serial {
        return Err(Refusal::OlderSerial { channel: channel.clone(), offered, seen: *serial });
    }
    if offered == *serial && found.sha256 != *sha256 {
        return Err(Refusal::SameSerial { channel: channel.clone(), serial: *serial });
    }
    Ok(())
}
