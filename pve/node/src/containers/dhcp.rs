//! DHCP for a bridge, and DNS where it has a way out: one dnsmasq.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::bridge::{Network, outer_mtu};
use crate::error::Die;
use crate::exec::Program;
use crate::state::Node;
use crate::wait;

const PID_FILE: &str = "dnsmasq.pid";

/// The process id of this network's dnsmasq; none when it does not run. The pid file alone proves nothing after a reboot,
/// so the process must also name it on its command line.
fn running(path: &Path) -> Option<Pid> {
    let pid: i32 = fs::read_to_string(path).ok()?.trim().parse().ok()?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let named = String::from_utf8_lossy(&command).contains(&*path.to_string_lossy());
    Pid::from_raw(pid).filter(|_| named)
}

/// Starts dnsmasq unless it runs.
pub(super) fn serve(node: &Node, network: &Network<'_>) -> Result<(), Die> {
    let pid_file = network.file(node, PID_FILE);
    if running(&pid_file).is_some() {
        return Ok(());
    }
    let (first, last) = network.subnet.dhcp_range();
    let option = |name: &str, value: &dyn std::fmt::Display| format!("--{name}={value}");
    // Empty options are not sent: no router, no name server, and nobody who answers as one.
    let closed: &[&str] = if network.way_out {
        &[]
    } else {
        &["--dhcp-option=option:router", "--dhcp-option=option:dns-server", "--port=0"]
    };
    Program::new("dnsmasq")
        .args([
            "--conf-file=/dev/null",
            "--bind-interfaces",
            "--except-interface=lo",
            "--no-hosts",
            "--dhcp-authoritative",
        ])
        .args(closed)
        .arg(option("interface", &network.bridge))
        .arg(option("listen-address", &network.subnet.address))
        .arg(option("dhcp-range", &format!("{first},{last},12h")))
        .arg(option("dhcp-option", &format!("option:mtu,{}", outer_mtu())))
        .arg(option("dhcp-leasefile", &network.file(node, "dnsmasq.leases").display()))
        .arg(option("pid-file", &pid_file.display()))
        .read()
        .map(drop)
}

/// Ends dnsmasq and waits until it is gone.
pub(super) fn stop(node: &Node, network: &Network<'_>) -> Result<(), Die> {
    let pid_file = network.file(node, PID_FILE);
    let Some(pid) = running(&pid_file) else { return Ok(()) };
    kill_process(pid, Signal::TERM).map_err(Die::sys("stop", &pid_file))?;
    let gone = || running(&pid_file).is_none().then_some(());
    wait::until(Duration::from_secs(5), Duration::from_millis(20), gone)
        .ok_or_else(|| Die::text("dnsmasq did not stop"))
}
