//! The wrappings of an archive: formats, compressions, a pipe, a slow pipe.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::crafted::{CONF, Crafted, filtered, put};
use crate::machine::Machine;

#[test]
#[ignore = "needs root: disk images are mounted"]
fn every_wrapping_that_tar_and_zstd_know_restores() {
    let machine = Machine::new();
    let plain = || Crafted::backup(CONF).bytes();
    let zstd = |bytes: &[u8]| filtered("zstd", &["-q", "-c"], bytes);
    let whole = plain();
    let (head, tail) = whole.split_at(4096);
    let two_frames = [zstd(head), zstd(tail)].concat();
    let gzip = filtered("gzip", &["-c"], &plain());
    let late = Crafted::empty().tree().file("./etc/vzdump/pct.conf", CONF).bytes();
    for (ending, bytes) in
        [("tar", plain()), ("tar", late), ("tar.zst", zstd(&plain())), ("tar.zst", two_frames), ("tar.gz", gzip)]
    {
        let volid = put(&machine, ending, &bytes);
        machine.ok(&["pct", "restore", "900", &volid]);
        assert_eq!(machine.conf(), CONF, "{ending}");
        machine.destroy();
    }
    let long = put(&machine, "tar.zst", &filtered("zstd", &["-q", "-c", "--ultra", "-22", "--long=31"], &plain()));
    let text = machine.refused(&["pct", "restore", "900", &long]);
    assert_eq!(text, "unable to restore CT 900 - ERROR: archive contains no configuration file");
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_pipe_is_restored_into_a_given_root_file_system() {
    let machine = Machine::new();
    assert_eq!(machine.refused(&["pct", "restore", "900", "-"]), "pipe requires rootfs parameter");
    let mut child = Command::new(env!("CARGO_BIN_EXE_pve-node"))
        .arg("--state")
        .arg(machine.path(""))
        .args(["pct", "restore", "900", "-", "--rootfs", "local:0.02"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), &Crafted::backup(CONF).bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && log.contains("extracting archive from STDIN\n"), "{log}");
    assert!(!log.contains("recovering") && !log.contains("restoring"), "{log}");
    // Nobody has looked into the archive before: whether its guest was privileged is not known.
    assert_eq!(machine.conf(), CONF.replace("unprivileged: 1\n", ""));
}

#[test]
#[ignore = "needs root: disk images are mounted"]
fn a_limited_restore_takes_its_time() {
    let machine = Machine::new();
    Crafted::backup(CONF).file("./big", &"x".repeat(400_000)).put(&machine);
    let started = Instant::now();
    machine.restore(&["--bwlimit", "200"]);
    assert!(started.elapsed() > Duration::from_millis(1900), "{:?}", started.elapsed());
    assert_eq!(machine.conf(), CONF);
}
