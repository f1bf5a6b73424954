//! The length-prefixed strings that SSH packs everything in (RFC 4251 §5).

/// Takes big-endian numbers and length-prefixed strings off the front of some bytes. No `Debug`: they may be secret.
pub struct Wire<'a>(pub &'a [u8]);

impl<'a> Wire<'a> {
    /// The next four bytes as a number; nothing is taken where they are not there.
    pub fn number(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    /// The next string; nothing is taken where it is cut.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let mut ahead = Wire(self.0);
        let length = usize::try_from(ahead.number()?).ok()?;
        let (string, rest) = ahead.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    /// The next string as text.
    pub fn name(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.string()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_off_the_front_and_cut_ones_stay() {
        let mut wire = Wire(b"\0\0\0\x02hi\0\0\0\x07\0\0\0\x03cu");
        assert_eq!((wire.name(), wire.number()), (Some("hi"), Some(7)));
        assert_eq!(wire.string(), None);
        assert_eq!(wire.0, b"\0\0\0\x03cu");
    }
}
