//! The tar of a recipe, header by header: a library that guards against odd names would not write these.

use std::io;

use tar::{Builder, EntryType, Header};

use super::recipe::{Extra, Form, Odd, Recipe};
use super::tree::{DIRECTORIES, FILES};

/// 14 November 2023.
const MTIME: u64 = 1_700_000_000;

/// The tar's bytes.
pub(super) fn made(recipe: &Recipe) -> io::Result<Vec<u8>> {
    let mut writer = Writer { recipe, builder: Builder::new(Vec::new()) };
    if !recipe.odds.contains(&Odd::ConfLast) {
        writer.configuration()?;
    }
    let kept = |name: &str| !recipe.dropped.iter().any(|dropped| dropped == name);
    for name in DIRECTORIES.iter().filter(|name| kept(name)) {
        let name = writer.prefixed(&format!("{name}/"));
        // Without a prefix the root has no name.
        if name.is_empty() {
            continue;
        }
        writer.member(&Member {
            kind: EntryType::Directory,
            mode: 0o755,
            owner: recipe.owner,
            ..Member::named(&name)
        })?;
    }
    for file in FILES.iter().filter(|file| kept(file.name)) {
        let name = writer.prefixed(file.name);
        let data = file.text.as_bytes();
        writer.member(&Member { mode: file.mode, owner: recipe.owner, data, ..Member::named(&name) })?;
    }
    for (name, extra) in &recipe.extras {
        writer.extra(name, extra)?;
    }
    if recipe.odds.contains(&Odd::ConfLast) {
        writer.configuration()?;
    }
    writer.builder.into_inner()
}

/// A member before its header is written.
#[derive(Clone, Copy)]
struct Member<'a> {
    name: &'a str,
    kind: EntryType,
    mode: u32,
    owner: u64,
    data: &'a [u8],
    target: &'a str,
}

impl<'a> Member<'a> {
    /// An empty file of root's.
    fn named(name: &'a str) -> Self {
        Self { name, kind: EntryType::Regular, mode: 0o644, owner: 0, data: b"", target: "" }
    }
}

struct Writer<'a> {
    recipe: &'a Recipe,
    builder: Builder<Vec<u8>>,
}

impl Writer<'_> {
    fn prefixed(&self, name: &str) -> String {
        let name = name.trim_start_matches('/');
        if self.recipe.odds.contains(&Odd::BareNames) { name.to_owned() } else { format!("./{name}") }
    }

    fn configuration(&mut self) -> io::Result<()> {
        let end = if self.recipe.odds.contains(&Odd::Crlf) { "\r\n" } else { "\n" };
        let files = [
            ("etc/vzdump/pct.conf", self.recipe.conf.as_ref().map(|lines| lines.join(end) + end)),
            (
                "etc/vzdump/pct.fw",
                self.recipe.odds.contains(&Odd::Firewall).then(|| "[OPTIONS]\n\nenable: 1\n".to_owned()),
            ),
        ];
        for (name, text) in files {
            if let Some(text) = text {
                let name = self.prefixed(name);
                self.member(&Member { owner: self.recipe.owner, data: text.as_bytes(), ..Member::named(&name) })?;
            }
        }
        Ok(())
    }

    fn extra(&mut self, name: &str, extra: &Extra) -> io::Result<()> {
        let plain = Member::named(name);
        self.member(&match extra {
            Extra::File(owner) => Member { owner: *owner, data: b"odd\n", ..plain },
            Extra::Device => Member { kind: EntryType::Char, mode: 0o666, ..plain },
            Extra::Fifo => Member { kind: EntryType::Fifo, ..plain },
            Extra::Symlink(target) => Member { kind: EntryType::Symlink, mode: 0o777, target, ..plain },
            Extra::Hardlink(target) => Member { kind: EntryType::Link, target, ..plain },
        })
    }

    fn member(&mut self, member: &Member<'_>) -> io::Result<()> {
        if self.recipe.form == Form::Pax {
            self.builder.append_pax_extensions([("mtime", b"1700000000.5".as_slice())])?;
        }
        let mut header = match self.recipe.form {
            Form::Gnu => Header::new_gnu(),
            Form::Pax | Form::Ustar => Header::new_ustar(),
        };
        // As it stands: the header's own setters refuse `..` and a leading slash.
        put(&mut header.as_old_mut().name, member.name)?;
        put(&mut header.as_old_mut().linkname, member.target)?;
        header.set_entry_type(member.kind);
        header.set_mode(member.mode);
        header.set_uid(member.owner);
        header.set_gid(member.owner);
        header.set_mtime(MTIME);
        header.set_size(member.data.len().try_into().unwrap_or_default());
        if member.kind == EntryType::Char {
            header.set_device_major(1)?;
            header.set_device_minor(3)?;
        }
        header.set_cksum();
        self.builder.append(&header, member.data)
    }
}

fn put(field: &mut [u8], text: &str) -> io::Result<()> {
    let place = field.get_mut(..text.len()).ok_or_else(|| io::Error::other(format!("{text} is too long for tar")))?;
    place.copy_from_slice(text.as_bytes());
    Ok(())
}
