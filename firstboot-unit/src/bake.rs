//! Program and unit put into an image, and the proof that they are there.

use std::path::Path;

use crate::root::{NewFile, Root, RootError};

/// Where the program lies in an image.
pub const PROGRAM: &str = "/usr/lib/mintmark/firstboot";
/// Where the unit lies in an image.
pub const UNIT: &str = "/usr/lib/systemd/system/mintmark-firstboot.service";
/// The link that makes systemd start it. It lies beside the vendor's units, not in `/etc`: a first boot applies the
/// distribution's presets to `/etc`, and on some of them that would take the link away.
pub const WANTED_BY: &str = "/usr/lib/systemd/system/multi-user.target.wants/mintmark-firstboot.service";
/// [`WANTED_BY`]'s target.
pub const WANTED_BY_TARGET: &str = "../mintmark-firstboot.service";
/// The unit's text.
pub const UNIT_TEXT: &str = include_str!("../units/mintmark-firstboot.service");

/// The most that is read of an installed program; it is well below 2 MiB.
const PROGRAM_CAP: u64 = 16 * 1024 * 1024;

/// What to bake.
#[derive(Debug, Clone, Copy)]
pub struct BakeOptions<'a> {
    /// The `firstboot` program: a static ELF executable.
    pub program: &'a [u8],
}

/// Why nothing, or not all, was baked.
#[derive(Debug, thiserror::Error)]
pub enum BakeError {
    /// The program is not what an image of any distribution can run.
    #[error("the first-boot program {why}; build it for x86_64-unknown-linux-musl with --profile firstboot")]
    Program {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The image has no systemd to start the unit.
    #[error("the image has no /usr/lib/systemd/system: install systemd-sysv, or choose host_keys = \"guest-exec\"")]
    NoSystemd,
    /// A file could not be put in its place.
    #[error("cannot put the first-boot unit into the image")]
    Tree(#[from] RootError),
}

/// What an image lacks of the first-boot unit; nothing when it is baked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// [`PROGRAM`] is missing, or no executable static program.
    Program,
    /// [`UNIT`] is missing or says something else.
    Unit,
    /// [`WANTED_BY`] is no link to the unit.
    WantedBy,
    /// A mask or an override in `/etc/systemd/system` keeps the unit from starting.
    Masked,
}

/// Installs program, unit and link, and removes a mask of the unit. Twice the same.
pub fn bake(root: &Root, options: &BakeOptions<'_>) -> Result<(), BakeError> {
    if let Some(why) = unfit(options.program) {
        return Err(BakeError::Program { why });
    }
    if root.list("/usr/lib/systemd/system")?.is_none() {
        return Err(BakeError::NoSystemd);
    }
    for directory in [PROGRAM, WANTED_BY].iter().filter_map(|path| Path::new(path).parent()) {
        root.make_directories(directory, 0o755)?;
    }
    root.write(PROGRAM, options.program, NewFile::mode(0o755))?;
    root.write(UNIT, UNIT_TEXT.as_bytes(), NewFile::mode(0o644))?;
    root.symlink(WANTED_BY_TARGET, WANTED_BY)?;
    root.remove(OVERRIDE)?;
    Ok(())
}

/// A file of this name in `/etc` wins over the unit; a link to `/dev/null` there masks it.
const OVERRIDE: &str = "/etc/systemd/system/mintmark-firstboot.service";

/// What the tree lacks of what [`bake`] installs.
pub fn lacks(root: &Root) -> Result<Vec<Lack>, RootError> {
    let mut lacks = Vec::new();
    let executable = root.stat(PROGRAM)?.is_some_and(|stat| stat.mode & 0o111 == 0o111);
    let program = root.read(PROGRAM, PROGRAM_CAP)?;
    if !executable || program.is_none_or(|program| unfit(&program).is_some()) {
        lacks.push(Lack::Program);
    }
    if root.read(UNIT, PROGRAM_CAP)?.as_deref() != Some(UNIT_TEXT.as_bytes()) {
        lacks.push(Lack::Unit);
    }
    if !root.same(WANTED_BY, UNIT)? {
        lacks.push(Lack::WantedBy);
    }
    if root.stat(OVERRIDE)?.is_some() {
        lacks.push(Lack::Masked);
    }
    Ok(lacks)
}

/// Whether the tree has all that [`bake`] installs.
pub fn is_baked(root: &Root) -> Result<bool, RootError> {
    Ok(lacks(root)?.is_empty())
}

/// Why some bytes are no program for any image: not 64-bit x86, or in need of a loader (`PT_INTERP`), which would tie
/// it to one C library.
fn unfit(program: &[u8]) -> Option<&'static str> {
    const X86_64: [u8; 2] = [0x3e, 0];
    const PT_INTERP: [u8; 4] = [3, 0, 0, 0];
    if !program.starts_with(b"\x7fELF\x02\x01") || program.get(18..20) != Some(&X86_64[..]) {
        return Some("is no 64-bit x86 ELF executable");
    }
    // ELF-64 header: table offset at 32 (8 bytes), entry size at 54, count at 56 (2 bytes each).
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let field = program.get(at..at + bytes)?;
        usize::try_from(field.iter().rev().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte))).ok()
    };
    let table = (number(32, 8), number(54, 2), number(56, 2));
    let (Some(offset), Some(size), Some(count)) = table else { return Some("has a cut header") };
    for index in 0..count {
        let entry = index.checked_mul(size).and_then(|skip| skip.checked_add(offset));
        match entry.and_then(|entry| program.get(entry..entry.checked_add(4)?)) {
            None => return Some("has a cut header"),
            Some(kind) if kind == PT_INTERP => return Some("is linked dynamically"),
            Some(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with one program header of this kind.
    fn elf(kind: u8) -> Vec<u8> {
        let mut bytes = vec![0u8; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[18] = 0x3e;
        bytes[32] = 64;
        bytes[54] = 56;
        bytes[56] = 1;
        bytes[64] = kind;
        bytes
    }

    #[test]
    fn only_static_programs_fit() {
        assert_eq!(unfit(&elf(1)), None);
        assert_eq!(unfit(&elf(3)), Some("is linked dynamically"));
        assert_eq!(unfit(&elf(1)[..70]), None);
        assert_eq!(unfit(&elf(1)[..60]), Some("has a cut header"));
        assert_eq!(unfit(b"#!/bin/sh\n"), Some("is no 64-bit x86 ELF executable"));
    }

    #[test]
    fn baking_is_seen_and_repeatable_and_lifts_a_mask() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(dir.path()).unwrap();
        let options = BakeOptions { program: &elf(1) };
        assert!(matches!(bake(&root, &options), Err(BakeError::NoSystemd)));
        root.make_directories("/usr/lib/systemd/system", 0o755).unwrap();
        root.make_directories("/etc/systemd/system", 0o755).unwrap();
        root.symlink("/dev/null", OVERRIDE).unwrap();
        assert_eq!(lacks(&root).unwrap(), [Lack::Program, Lack::Unit, Lack::WantedBy, Lack::Masked]);
        bake(&root, &options).unwrap();
        bake(&root, &options).unwrap();
        assert!(is_baked(&root).unwrap());
        root.remove(WANTED_BY).unwrap();
        assert_eq!(lacks(&root).unwrap(), [Lack::WantedBy]);
    }
}
