//! Programs run for real: `sh` stands in for Proxmox's.

use std::time::{Duration, Instant};

use pve_host::process::{CommandError, Interrupt, Invocation, Stream};

fn sh(script: &str) -> Invocation {
    Invocation::new("sh").args(["-c", script])
}

#[test]
fn both_streams_are_captured_and_told_line_by_line() {
    let mut lines = Vec::new();
    let done = sh("echo one; echo two >&2; printf '10%%\\r20%%\\n'").follow(&mut |line| {
        lines.push((line.stream, line.text.to_owned()));
    });
    let done = done.unwrap().ok().unwrap();
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("one\n10%\r20%\n", "two\n"));
    let stdout: Vec<&str> = lines.iter().filter(|(s, _)| *s == Stream::Stdout).map(|(_, t)| t.as_str()).collect();
    assert_eq!(stdout, ["one", "10%", "20%"]);
}

#[test]
fn a_failure_names_command_status_and_last_words() {
    let error = sh("echo context; echo 'CT 9000 does not exist' >&2; exit 2").ok().unwrap_err();
    assert_eq!(error.said(), "CT 9000 does not exist");
    let text = error.to_string();
    assert!(text.starts_with("`sh -c ") && text.contains("exit status: 2"), "{text}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = Invocation::new("/nowhere/pct").arg("list").ok().unwrap_err();
    assert!(matches!(&error, CommandError::NotRun { command, .. } if command == "/nowhere/pct list"), "{error:?}");
}

#[test]
fn a_daemon_that_holds_the_streams_does_not_hold_us() {
    let begun = Instant::now();
    let done = sh("sleep 30 & echo started").ok().unwrap();
    assert_eq!(done.stdout, "started\n");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn past_its_time_it_is_killed() {
    let error = sh("echo working >&2; exec sleep 30").limit(Duration::from_millis(300)).ok().unwrap_err();
    assert!(matches!(&error, CommandError::TimedOut { tail, .. } if tail == "working"), "{error:?}");
}

#[test]
fn a_wish_ends_it_with_everything_that_it_started() {
    let interrupt = Interrupt::default();
    let begun = Instant::now();
    let mut grandchild = None;
    // The grandchild holds the lines' end: where it lived on, so would its number.
    let command = sh("sleep 600 & echo $!; wait").interrupted_by(Some(&interrupt));
    let error = command
        .follow(&mut |line| {
            grandchild = Some(line.text.to_owned());
            interrupt.raise();
        })
        .unwrap_err();
    assert!(matches!(error, CommandError::Interrupted { .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    // Its end of the pipe is closed before the kernel calls it dead.
    let stat = format!("/proc/{}/stat", grandchild.unwrap());
    let state = || std::fs::read_to_string(&stat).unwrap_or_default();
    while !(state().is_empty() || state().contains(") Z ")) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", state());
        std::thread::park_timeout(Duration::from_millis(10));
    }
    // With the wish made, nothing is begun.
    let marker = tempfile_name();
    let again = sh(&format!("touch {marker}")).interrupted_by(Some(&interrupt)).ok();
    assert!(matches!(again, Err(CommandError::Interrupted { .. })) && !std::path::Path::new(&marker).exists());
}

fn tempfile_name() -> String {
    std::env::temp_dir().join(format!("pve-host-{}", std::process::id())).display().to_string()
}

#[test]
fn more_output_than_is_kept_is_an_error_not_a_part() {
    let refused = matches!(sh("head -c 20000000 /dev/zero").ok(), Err(CommandError::TooMuchOutput { .. }));
    assert!(refused);
    let all = sh("head -c 10000000 /dev/zero").ok().unwrap();
    assert_eq!(all.stdout.len(), 10_000_000);
}

#[test]
fn a_file_goes_to_standard_input_and_without_one_there_is_nothing() {
    let manifest = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    let done = Invocation::new("cat").input(manifest).ok().unwrap();
    assert_eq!(done.stdout, std::fs::read_to_string(manifest).unwrap());
    assert_eq!(Invocation::new("cat").ok().unwrap().stdout, "");
    let error = Invocation::new("cat").input(std::path::Path::new("/nowhere")).ok().unwrap_err();
    assert!(matches!(&error, CommandError::NotRun { command, .. } if command == "cat </nowhere"), "{error:?}");
}
