//! Which processor a tree's programs are made for.

use super::Ostype;
use crate::error::Die;
use crate::setup::rooted::Root;

/// The architecture of the tree's shell. NixOS has none before its first boot; there init's interpreter is looked at.
pub(in crate::setup) fn architecture(tree: &Root, ostype: Ostype) -> Result<&'static str, Die> {
    if ostype != Ostype::NixOs {
        return of_program(tree, "/bin/sh");
    }
    let init = tree.need("/sbin/init")?;
    let interpreter = init.strip_prefix("#!").and_then(|rest| rest.lines().next()).map(str::trim_start);
    let interpreter = interpreter.and_then(|line| line.split_ascii_whitespace().next());
    of_program(tree, interpreter.ok_or_else(|| Die::text("could not find a shell"))?)
}

fn of_program(tree: &Root, path: &str) -> Result<&'static str, Die> {
    let bytes =
        tree.bytes(path)?.ok_or_else(|| Die::text(format!("open '{path}' failed: No such file or directory")))?;
    of_elf(&bytes, path)
}

/// By the machine in an ELF header (elf(5)).
fn of_elf(bytes: &[u8], path: &str) -> Result<&'static str, Die> {
    let class = bytes.strip_prefix(b"\x7fELF").and_then(|rest| rest.first());
    let (Some(class), Some([low, high])) = (class, bytes.get(18..20)) else {
        return Err(Die::text(format!("'{path}' does not resolve to an ELF!")));
    };
    match (u16::from_le_bytes([*low, *high]), class) {
        (0x03, _) => Ok("i386"),
        (0x3e, _) => Ok("amd64"),
        (0x28, _) => Ok("armhf"),
        (0xb7, _) => Ok("arm64"),
        (0xf3, 1) => Ok("riscv32"),
        (0xf3, 2) => Ok("riscv64"),
        (0xf3, class) => Err(Die::text(format!("'{path}' has invalid class '{class}'!"))),
        (machine, _) => Err(Die::text(format!("'{path}' has unknown ELF machine '{machine}'!"))),
    }
}

#[cfg(test)]
mod tests {
    use super::of_elf;

    fn elf(class: u8, machine: u8) -> Vec<u8> {
        let mut bytes = b"\x7fELF".to_vec();
        bytes.push(class);
        bytes.resize(18, 0);
        bytes.extend([machine, 0]);
        bytes
    }

    #[test]
    fn machines_are_named() {
        assert_eq!(of_elf(&elf(2, 0x3e), "/bin/sh").unwrap(), "amd64");
        assert_eq!(of_elf(&elf(1, 0xf3), "/bin/sh").unwrap(), "riscv32");
        assert_eq!(of_elf(&elf(2, 0xb7), "/bin/sh").unwrap(), "arm64");
        assert_eq!(of_elf(&elf(2, 1), "/bin/sh").unwrap_err().to_string(), "'/bin/sh' has unknown ELF machine '1'!");
        assert_eq!(of_elf(b"#!/bin/x", "/bin/sh").unwrap_err().to_string(), "'/bin/sh' does not resolve to an ELF!");
    }
}
