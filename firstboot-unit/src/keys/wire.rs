//! The length-prefixed strings that SSH packs everything in (RFC 4251 §5).

/// Takes big-endian numbers and length-prefixed strings off the front of some bytes.
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

impl<'a> Wire<'a> {
    pub(super) fn number(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let mut ahead = Wire(self.0);
        let length = usize::try_from(ahead.number()?).ok()?;
        let (string, rest) = ahead.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    pub(super) fn name(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.string()?).ok()
    }
}
