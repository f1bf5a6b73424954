//! How long the judge takes and how much memory: `mintmark-fleets`, one process for each line, since memory is told by
//! the process's peak (`VmHWM` of proc(5)).
//!
//! `mintmark-fleets` prints the series; `mintmark-fleets SIZE PROFILE` judges one fleet; `mintmark-fleets primes COUNT`
//! searches COUNT moduli for three shared primes.

use std::process::{Command, ExitCode};
use std::time::Instant;

use fleets::{Fleet, Profile, found, judge, moduli};
use spec::audit::batch_gcd::shared_primes;

/// Sizes and profiles of the series.
const SERIES: [[&str; 2]; 5] =
    [["10000", "every"], ["10000", "usual"], ["100000", "every"], ["100000", "usual"], ["1000000", "usual"]];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => series(),
        ["primes", count] => count.parse().map_err(|error| format!("{count}: {error}")).and_then(primes),
        [size, profile] => one(size, profile),
        _ => Err("usage: mintmark-fleets [SIZE every|usual | primes COUNT]".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn series() -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    for words in SERIES {
        let status = Command::new(&own).args(words).status().map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("{words:?} ended with {status}"));
        }
    }
    Ok(())
}

fn one(size: &str, profile: &str) -> Result<(), String> {
    let of = match profile {
        "every" => Profile::Every,
        "usual" => Profile::Usual,
        other => return Err(format!("{other:?} is no profile: every or usual")),
    };
    let fleet = Fleet::new(1, size.parse().map_err(|error| format!("{size}: {error}"))?, of);
    // What the generator takes by itself, to be told apart.
    let began = Instant::now();
    let sightings: usize = (0..fleet.size()).flat_map(|place| fleet.at(place)).map(|made| made.sightings.len()).sum();
    let making = began.elapsed();
    let before = peak();
    let began = Instant::now();
    let report = judge(&fleet);
    let both = began.elapsed();
    let memory = peak();
    let (found, truth) = (found(&report), fleet.truth());
    let right = found == truth;
    let missed = truth.iter().filter(|(key, guests)| found.get(*key) != Some(*guests)).take(3);
    let invented = found.iter().filter(|(key, guests)| truth.get(*key) != Some(*guests)).take(3);
    for (what, (key, guests)) in missed.map(|one| ("missed", one)).chain(invented.map(|one| ("invented", one))) {
        println!("{what}: {key:?} {:?}", guests.iter().take(5).collect::<Vec<_>>());
    }
    println!(
        "{size:>8} guests, {profile}: {sightings} sightings judged in {:.2} s (made and judged in {:.2} s), \
         peak {memory} MiB ({before} before), {} findings, {}",
        both.saturating_sub(making).as_secs_f64(),
        both.as_secs_f64(),
        report.findings.len(),
        if right { "all planted found, none invented" } else { "NOT what was planted" },
    );
    if right { Ok(()) } else { Err("the report is not the truth".to_owned()) }
}

fn primes(count: usize) -> Result<(), String> {
    let began = Instant::now();
    let mut numbers = moduli::crowd(1, count.saturating_sub(2 * moduli::PAIRS));
    let mut wanted = Vec::new();
    for number in 0..moduli::PAIRS {
        let [one, other] = moduli::pair(number);
        numbers.insert(numbers.len() / (number + 2), one);
        numbers.push(other);
    }
    for number in 0..moduli::PAIRS {
        let places = moduli::pair(number).map(|modulus| numbers.iter().position(|known| *known == modulus));
        let mut places: Vec<usize> = places.into_iter().flatten().collect();
        places.sort_unstable();
        wanted.push(places);
    }
    wanted.sort();
    let making = began.elapsed();
    let began = Instant::now();
    let found = shared_primes(&numbers.iter().map(Vec::as_slice).collect::<Vec<_>>());
    println!(
        "{} RSA moduli of 2048 bits searched in {:.1} s (made in {:.1} s), peak {} MiB: {} shared primes found",
        numbers.len(),
        began.elapsed().as_secs_f64(),
        making.as_secs_f64(),
        peak(),
        found.len(),
    );
    if found == wanted { Ok(()) } else { Err(format!("wanted {wanted:?}, found {found:?}")) }
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
