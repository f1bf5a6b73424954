//! RSA moduli, thousands of them in seconds.
//!
//! Forty thousand primes of 1024 bits take a quarter of an hour to draw. What a search for shared primes does depends on
//! how many numbers there are, how long they are, and whether two have a common factor, and on nothing else. So the
//! crowd is made of numbers of exactly 2048 bits that are products of 32 primes of 64 bits, no prime used twice in the
//! whole crowd: pairwise coprime by construction, though no RSA keys. Those that share a prime are true RSA-2048 moduli,
//! products of two primes of 1024 bits each; these nine primes were drawn once (`primes.txt`, Miller–Rabin, 40 rounds).

use std::collections::BTreeSet;

use crate::draw::Draw;

/// Primes of 1024 bits, a line each.
const PRIMES: &str = include_str!("primes.txt");

/// The primes of 1024 bits, big-endian.
pub fn primes() -> Vec<Vec<u8>> {
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    PRIMES.lines().map(|line| line.as_bytes().chunks(2).filter_map(byte).collect()).collect()
}

/// So many pairs of moduli share a prime at most.
pub const PAIRS: usize = 3;

/// Two RSA-2048 moduli that share a prime, big-endian.
pub fn pair(number: usize) -> [Vec<u8>; 2] {
    let primes = primes();
    let [shared, one, other] = [0, 1, 2].map(|at| primes[(3 * number + at) % primes.len()].as_slice());
    [product(&[shared, one]), product(&[shared, other])]
}

/// So many pairwise coprime numbers of 2048 bits, big-endian.
pub fn crowd(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut draw = Draw::new(seed, 0, "moduli");
    let mut used = BTreeSet::new();
    let mut prime = || loop {
        // The top 1 % of 64 bits: 32 of them make 2048 bits, never fewer.
        let number = (u64::MAX - draw.below(u64::MAX / 100)) | 1;
        if is_prime(number) && used.insert(number) {
            return number.to_be_bytes();
        }
    };
    let mut modulus = || {
        let primes: Vec<[u8; 8]> = (0..32).map(|_| prime()).collect();
        product(&primes.iter().map(<[u8; 8]>::as_slice).collect::<Vec<_>>())
    };
    (0..count).map(|_| modulus()).collect()
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    spec::identity::reading::digest::hex(bytes)
}

/// The product of big-endian numbers.
fn product(factors: &[&[u8]]) -> Vec<u8> {
    let mut product: Vec<u32> = vec![1];
    for factor in factors {
        let limbs: Vec<u32> =
            factor.rchunks(4).map(|bytes| bytes.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte))).collect();
        let mut next = vec![0_u32; product.len() + limbs.len()];
        for (at, one) in product.iter().enumerate() {
            let mut carry = 0_u64;
            for (offset, other) in limbs.iter().enumerate() {
                let sum = u64::from(next[at + offset]) + u64::from(*one) * u64::from(*other) + carry;
                next[at + offset] = low(sum);
                carry = sum >> 32;
            }
            next[at + limbs.len()] = low(carry);
        }
        product = next;
    }
    let bytes: Vec<u8> = product.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}

/// The low half.
fn low(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// Miller–Rabin with bases that leave no composite below 2^64 (Sinclair 2011).
fn is_prime(number: u64) -> bool {
    if [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().any(|prime| number.is_multiple_of(*prime)) {
        return false;
    }
    let (odd, twos) = ((number - 1) >> (number - 1).trailing_zeros(), (number - 1).trailing_zeros());
    [2, 325, 9_375, 28_178, 450_775, 9_780_504, 1_795_265_022].into_iter().all(|base| {
        let mut power = power(base, odd, number);
        power == 1
            || (0..twos).any(|_| {
                let is_minus_one = power == number - 1;
                power = times(power, power, number);
                is_minus_one
            })
    })
}

fn times(one: u64, other: u64, modulus: u64) -> u64 {
    let rest = u128::from(one) * u128::from(other) % u128::from(modulus);
    u64::try_from(rest).unwrap_or_default()
}

fn power(base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let (mut square, mut result) = (base % modulus, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, square, modulus);
        }
        square = times(square, square, modulus);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use dashu_int::UBig;
    use dashu_int::fast_div::ConstDivisor;
    use dashu_int::ops::Gcd;

    use super::*;

    fn big(bytes: &[u8]) -> UBig {
        UBig::from_be_bytes(bytes)
    }

    #[test]
    fn the_primes_that_were_drawn_are_primes_of_1024_bits() {
        let primes = primes();
        assert_eq!(primes.len(), 3 * PAIRS);
        for prime in primes.iter().map(|prime| big(prime)) {
            assert_eq!(dashu_int::ops::BitTest::bit_len(&prime), 1024);
            // Fermat's test with a few bases; the drawing had forty rounds of Miller and Rabin.
            let ring = ConstDivisor::new(prime.clone());
            for base in [2_u8, 3, 5] {
                assert_eq!(ring.reduce(base).pow(&(&prime - UBig::ONE)).residue(), UBig::ONE);
            }
        }
    }

    #[test]
    fn products_and_pairs_are_what_they_are_called() {
        let [one, other] = pair(1);
        let primes = primes();
        assert_eq!(big(&one), big(&primes[3]) * big(&primes[4]));
        assert_eq!(big(&one).gcd(&big(&other)), big(&primes[3]));
        assert_eq!((one.len(), one[0] >> 7), (256, 1));
    }

    #[test]
    fn the_crowd_is_coprime_and_of_2048_bits() {
        let crowd = crowd(1, 12);
        for (at, one) in crowd.iter().enumerate() {
            assert_eq!((one.len(), one[0] >> 7), (256, 1));
            for other in &crowd[..at] {
                assert_eq!(big(one).gcd(&big(other)), UBig::ONE);
            }
        }
    }

    #[test]
    fn small_primes_are_told_from_composites() {
        assert!([18_446_744_073_709_551_557, 1_000_003].into_iter().all(is_prime));
        assert!(![18_446_744_073_709_551_555, 3_215_031_751, 1_000_001].into_iter().any(is_prime));
    }
}
