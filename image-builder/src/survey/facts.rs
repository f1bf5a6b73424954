//! What of an archive is compared with another.

use std::collections::BTreeMap;

use pve_archive::MemberKind;
use spec::compare::{Aspect, Facts, capabilities};
use spec::software::DpkgError;

use super::read::{Entry, Survey};

/// Set-user-id and set-group-id.
const SET_ID: u32 = 0o6000;
/// Made anew by a program whenever something else changes, so that it says nothing itself.
const DERIVED: [&str; 3] = ["/etc/.updated", "/etc/ld.so.cache", "/etc/ssl/certs/ca-certificates.crt"];

impl Survey {
    /// Everything that is compared but what listened, which no archive tells.
    pub fn facts(&self, title: String, archive_bytes: u64) -> Result<Facts, DpkgError> {
        let attribution = self.attribution(&[]);
        let packages = self.packages()?.into_iter().map(|package| (package.name, package.version));
        let tables = BTreeMap::from([
            (Aspect::SetId, self.table(set_id)),
            (Aspect::Capabilities, self.table(capable)),
            (Aspect::Users, self.accounts("/etc/passwd", 2..7)),
            (Aspect::Groups, self.accounts("/etc/group", 2..4)),
            (Aspect::Sockets, self.sockets()),
            (Aspect::Units, self.table(unit)),
            (Aspect::Packages, packages.collect()),
            (Aspect::Configuration, self.table(configuration)),
        ]);
        Ok(Facts { title, archive_bytes, tree_bytes: attribution.bytes, tables, weights: attribution.packages })
    }

    fn table(&self, row: fn(&Entry) -> Option<(String, String)>) -> BTreeMap<String, String> {
        self.entries.iter().filter_map(row).collect()
    }

    /// `name:x:…` lines by name; the passwords' column is never told.
    fn accounts(&self, path: &str, columns: std::ops::Range<usize>) -> BTreeMap<String, String> {
        let lines = self.texts.get(path).into_iter().flat_map(|text| text.lines());
        let rows = lines.filter_map(|line| {
            let parts: Vec<&str> = line.split(':').collect();
            Some(((*parts.first()?).to_owned(), parts.get(columns.clone())?.join(":")))
        });
        rows.collect()
    }

    /// What the socket units that are enabled listen on.
    fn sockets(&self) -> BTreeMap<String, String> {
        let enabled =
            self.entries.iter().filter_map(unit).filter(|(link, target)| {
                link.ends_with(".socket") && link.contains(".wants/") && target != "/dev/null"
            });
        let names = enabled.filter_map(|(link, _)| Some(link.rsplit_once('/')?.1.to_owned()));
        names.map(|name| (name.clone(), self.listens(&name))).collect()
    }

    fn listens(&self, unit: &str) -> String {
        let folders = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
        let text = folders.iter().find_map(|folder| self.texts.get(&format!("{folder}/{unit}")));
        let lines = text.map(String::as_str).unwrap_or_default().lines().map(str::trim);
        lines.filter(|line| line.starts_with("Listen")).collect::<Vec<_>>().join(" ")
    }
}

fn set_id(entry: &Entry) -> Option<(String, String)> {
    let has = entry.kind == MemberKind::File && entry.mode & SET_ID != 0;
    has.then(|| (entry.path.clone(), format!("{:04o} {}:{}", entry.mode, entry.uid, entry.gid)))
}

fn capable(entry: &Entry) -> Option<(String, String)> {
    Some((entry.path.clone(), capabilities(entry.capability.as_ref()?)))
}

/// A link that enables a unit, or masks it.
fn unit(entry: &Entry) -> Option<(String, String)> {
    let folders = ["/etc/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/"];
    let below = folders.iter().find_map(|folder| entry.path.strip_prefix(folder))?;
    let target = entry.link.as_ref()?;
    let enables = below.contains(".wants/") || below.contains(".requires/");
    (enables || target == "/dev/null").then(|| (entry.path.clone(), target.clone()))
}

fn configuration(entry: &Entry) -> Option<(String, String)> {
    let digest = entry.sha256.as_ref().filter(|_| entry.path.starts_with("/etc/"))?;
    (!DERIVED.contains(&entry.path.as_str())).then(|| (entry.path.clone(), digest.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, mode: u32, link: Option<&str>) -> Entry {
        Entry {
            path: path.into(),
            kind: if link.is_some() { MemberKind::Symlink } else { MemberKind::File },
            bytes: 1,
            mode,
            uid: 0,
            gid: 0,
            link: link.map(str::to_owned),
            sha256: None,
            capability: None,
        }
    }

    #[test]
    fn rights_accounts_units_and_sockets_are_read_out_of_a_tree() {
        let entries = vec![
            entry("/usr/bin/su", 0o4755, None),
            entry("/usr/bin/ls", 0o755, None),
            entry(
                "/etc/systemd/system/sockets.target.wants/docker.socket",
                0o777,
                Some("/usr/lib/systemd/system/docker.socket"),
            ),
            entry("/etc/systemd/system/x.service", 0o777, Some("/dev/null")),
        ];
        let mut survey = Survey { entries, ..Survey::default() };
        survey.entries.push(Entry {
            capability: Some(vec![1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ..entry("/usr/bin/ping", 0o755, None)
        });
        survey.texts.insert("/etc/passwd".into(), "root:secret:0:0:root:/root:/bin/bash\n".into());
        let socket = "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\n";
        survey.texts.insert("/usr/lib/systemd/system/docker.socket".into(), socket.into());
        let facts = survey.facts("a@1".into(), 5).unwrap();
        let rows = |aspect| -> Vec<(&str, &str)> {
            facts.tables[&aspect].iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
        };
        assert_eq!(rows(Aspect::SetId), [("/usr/bin/su", "4755 0:0")]);
        assert_eq!(rows(Aspect::Capabilities), [("/usr/bin/ping", "cap_net_raw=ep")]);
        assert_eq!(rows(Aspect::Users), [("root", "0:0:root:/root:/bin/bash")]);
        assert_eq!(rows(Aspect::Sockets), [("docker.socket", "ListenStream=/run/docker.sock")]);
        assert_eq!(rows(Aspect::Units).len(), 2);
        assert!(!facts.tables.contains_key(&Aspect::Listening));
    }
}
