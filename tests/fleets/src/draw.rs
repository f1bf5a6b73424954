//! Numbers from a seed: SplitMix64 (Steele, Lea, Flood 2014), the same on every machine for ever.

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    /// The stream of a seed, a place and a purpose.
    pub(crate) fn new(seed: u64, place: u64, purpose: &str) -> Self {
        let purpose = purpose
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        let mut draw = Self(seed ^ purpose);
        let mixed = draw.next().wrapping_add(place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        Self(mixed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// 32 hex digits.
    pub(crate) fn hex32(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }
}
