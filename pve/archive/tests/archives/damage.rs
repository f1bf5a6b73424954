//! Damaged archives: whatever is changed, the reading ends with an answer, and both readers stand behind it.

use proptest::prelude::*;

use crate::making::{Tar, inspected};

/// A small archive with one member of each kind.
fn sound() -> Vec<u8> {
    Tar::vzdump()
        .directory("./etc/")
        .file("./etc/machine-id", b"")
        .pax(&[("path", "./etc/a-long-name"), ("mtime", "1700000000.5")])
        .file("./etc/short", &[b'x'; 700])
        .hard_link("./etc/again", "./etc/machine-id")
        .symlink("./etc/link", "machine-id")
        .end()
}

proptest! {
    #[test]
    fn changed_bytes_are_answered(at in 0_usize..9000, byte in any::<u8>(), more in prop::collection::vec((0_usize..9000, any::<u8>()), 0..4)) {
        let mut archive = sound();
        for (at, byte) in more.into_iter().chain([(at, byte)]) {
            archive[at] = byte;
        }
        if let Ok(seen) = inspected(&archive) {
            // Checksums guard the headers; what is accepted has the same members, or fewer behind an early end.
            prop_assert!(seen.members <= 8, "{} members", seen.members);
        }
    }

    #[test]
    fn any_bytes_are_answered(mut bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        prop_assert!(inspected(&bytes).is_err());
        if bytes.len() > 262 {
            bytes[257..262].copy_from_slice(b"ustar");
            prop_assert!(inspected(&bytes).is_err());
        }
        let mut zstd = vec![0x28, 0xb5, 0x2f, 0xfd];
        zstd.extend_from_slice(&bytes);
        prop_assert!(inspected(&zstd).is_err());
    }
}
