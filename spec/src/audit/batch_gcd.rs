//! Numbers that share a factor, out of many, without comparing each with each (Bernstein, *How to find smooth parts of
//! integers*; Heninger et al., *Mining your Ps and Qs*).
//!
//! A tree of products goes up, remainders of the whole product go down it. For each number `n` with the product of all
//! `P`, `gcd(n, (P mod n²) / n)` is 1 unless it shares a factor with another.

use std::collections::BTreeMap;

use dashu_int::UBig;
use dashu_int::ops::Gcd;

/// Places of numbers (big-endian) that share a factor, in groups that hang together. Equal numbers and zeros are left
/// out: an equal number is a shared key, which is told as that.
pub fn shared_primes(numbers: &[&[u8]]) -> Vec<Vec<usize>> {
    let mut places: BTreeMap<UBig, usize> = BTreeMap::new();
    for (place, bytes) in numbers.iter().enumerate() {
        let number = UBig::from_be_bytes(bytes);
        if number > UBig::ONE {
            places.entry(number).or_insert(place);
        }
    }
    let (numbers, places): (Vec<UBig>, Vec<usize>) = places.into_iter().unzip();
    let factors = common_factors(&numbers);
    let suspects: Vec<usize> = (0..numbers.len()).filter(|at| factors[*at] != UBig::ONE).collect();
    let groups = groups(&numbers, &suspects);
    let mut groups: Vec<Vec<usize>> = groups
        .into_iter()
        .map(|group| {
            let mut group: Vec<usize> = group.into_iter().map(|at| places[at]).collect();
            group.sort_unstable();
            group
        })
        .collect();
    groups.sort();
    groups
}

/// Of each number the factor that it shares with the others; 1 for most.
fn common_factors(numbers: &[UBig]) -> Vec<UBig> {
    let tree = products(numbers);
    let Some(top) = tree.last().and_then(|level| level.first()) else { return Vec::new() };
    let mut remainders = vec![top.clone()];
    for level in tree.iter().rev().skip(1) {
        remainders = level.iter().enumerate().map(|(at, number)| &remainders[at / 2] % number.sqr()).collect();
    }
    // A single number is its own product, and shares nothing.
    let shared = numbers.iter().zip(&remainders).map(|(number, rest)| number.gcd(&(rest / number)));
    if numbers.len() > 1 { shared.collect() } else { vec![UBig::ONE; numbers.len()] }
}

/// Levels of products, the numbers first, the product of all last.
fn products(numbers: &[UBig]) -> Vec<Vec<UBig>> {
    let mut tree = vec![numbers.to_vec()];
    while let Some(level) = tree.last().filter(|level| level.len() > 1) {
        let pairs = level.chunks(2).map(|pair| match pair {
            [one, other] => one * other,
            rest => rest.iter().cloned().product(),
        });
        let above = pairs.collect();
        tree.push(above);
    }
    tree
}

/// Few are left: each is compared with each.
fn groups(numbers: &[UBig], suspects: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for suspect in suspects {
        let meets = |group: &Vec<usize>| group.iter().any(|at| (&numbers[*at]).gcd(&numbers[*suspect]) != UBig::ONE);
        let (met, mut apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(meets);
        apart.push(met.into_iter().flatten().chain([*suspect]).collect());
        groups = apart;
    }
    groups.retain(|group| group.len() > 1);
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(numbers: &[u64]) -> Vec<Vec<usize>> {
        let bytes: Vec<[u8; 8]> = numbers.iter().map(|number| number.to_be_bytes()).collect();
        shared_primes(&bytes.iter().map(<[u8; 8]>::as_slice).collect::<Vec<_>>())
    }

    #[test]
    fn a_shared_prime_is_found_and_equal_numbers_are_not() {
        assert_eq!(of(&[7 * 11, 13 * 17, 11 * 19]), [[0, 2]]);
        assert_eq!(of(&[7 * 11, 13 * 17, 7 * 11]), [] as [Vec<usize>; 0]);
        assert_eq!(of(&[]), [] as [Vec<usize>; 0]);
        assert_eq!(of(&[15, 0, 1]), [] as [Vec<usize>; 0]);
    }

    #[test]
    fn both_primes_shared_with_two_others_is_one_group() {
        assert_eq!(of(&[3 * 5, 7 * 11, 5 * 7, 13 * 17]), [[0, 1, 2]]);
    }

    fn gcd(a: u64, b: u64) -> u64 {
        if b == 0 { a } else { gcd(b, a % b) }
    }

    proptest! {
        #[test]
        fn it_finds_what_comparing_each_with_each_finds(numbers in prop::collection::vec(2_u64..5_000, 0..40)) {
            let mut found = of(&numbers).concat();
            found.sort_unstable();
            let first = |at: usize| !numbers[..at].contains(&numbers[at]);
            let shares = |at: &usize| {
                let number = numbers[*at];
                first(*at) && numbers.iter().any(|other| *other != number && gcd(number, *other) > 1)
            };
            prop_assert_eq!(found, (0..numbers.len()).filter(shares).collect::<Vec<_>>());
        }
    }
}
