//! The packing of a tar, the wrong ones too.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use super::recipe::{Packing, Recipe};
use super::tar;

/// The level that vzdump uses.
const LEVEL: i32 = 1;

/// The archive's bytes.
pub(crate) fn made(recipe: &Recipe) -> io::Result<Vec<u8>> {
    let tar = tar::made(recipe)?;
    let zstd = |part: &[u8]| zstd::encode_all(part, LEVEL);
    match recipe.packing {
        Packing::Zstd => zstd(&tar),
        Packing::Gzip => gzip(&tar),
        Packing::Plain => Ok(tar),
        Packing::Frames => {
            let (first, second) = tar.split_at(tar.len() / 2);
            Ok([zstd(first)?, zstd(second)?].concat())
        }
        Packing::Window => Ok(wide(&tar)),
        Packing::Cut => zstd(&tar).map(|packed| packed[..packed.len() / 2].to_vec()),
        Packing::Broken => zstd(&tar).map(broken),
        Packing::Empty => Ok(Vec::new()),
        Packing::Words => Ok(b"this is no archive\n".repeat(40)),
    }
}

/// The first block, behind six bytes of frame header, gets a type that does not exist.
fn broken(mut packed: Vec<u8>) -> Vec<u8> {
    packed.iter_mut().skip(6).take(1).for_each(|byte| *byte |= 0b110);
    packed
}

/// A zstd frame of raw blocks that asks for a window of 2 GiB, as `--long=31` does.
fn wide(tar: &[u8]) -> Vec<u8> {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    const DESCRIPTOR: u8 = 0;
    const WINDOW_31: u8 = (31 - 10) << 3;
    const BLOCK: usize = 128 << 10;
    let mut frame = [&MAGIC[..], &[DESCRIPTOR, WINDOW_31]].concat();
    let mut blocks = tar.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let last = usize::from(blocks.peek().is_none());
        let header = (block.len() << 3) | last;
        frame.extend(header.to_le_bytes().iter().take(3));
        frame.extend(block);
    }
    frame
}

fn gzip(tar: &[u8]) -> io::Result<Vec<u8>> {
    let mut child = Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().ok_or_else(|| io::Error::other("gzip takes no input"))?;
    // What comes out is far smaller than a pipe holds.
    input.write_all(tar)?;
    drop(input);
    let output = child.wait_with_output()?;
    if output.status.success() { Ok(output.stdout) } else { Err(io::Error::other("gzip failed")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(lines: &[&str]) -> Vec<u8> {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        made(&Recipe::read("x.tar.zst", &["arch: amd64".to_owned()], &lines).unwrap()).unwrap()
    }

    #[test]
    fn sound_packings_hold_the_configuration_and_the_others_do_not_unpack() {
        for lines in [&["form pax"][..], &["packed frames"], &["form ustar", "conf last"]] {
            let tar = zstd::decode_all(archive(lines).as_slice()).unwrap();
            let text = String::from_utf8_lossy(&tar).into_owned();
            assert!(text.contains("./etc/vzdump/pct.conf") && text.contains("arch: amd64\n"), "{lines:?}");
        }
        for lines in [&["packed cut"], &["packed broken"], &["packed words"], &["packed window"]] {
            assert!(zstd::decode_all(archive(lines).as_slice()).is_err(), "{lines:?}");
        }
        assert_eq!(archive(&["packed gzip"])[..2], [0x1f, 0x8b]);
    }

    #[test]
    fn names_stand_as_they_were_written() {
        let tar = archive(&["packed none", "file ./../../../../tmp/escape", "names bare"]);
        let text = String::from_utf8_lossy(&tar).into_owned();
        assert!(text.contains("./../../../../tmp/escape") && text.contains("etc/hosts"));
        assert!(!text.contains("./etc/hosts"));
    }
}
