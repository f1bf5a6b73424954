//! DHCP and DNS for the bridge: one dnsmasq.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::bridge::outer_mtu;
use crate::error::Die;
use crate::exec::Program;
use crate::state::Node;
use crate::wait;

fn pid_file(node: &Node) -> PathBuf {
    node.layout.run().join("dnsmasq.pid")
}

/// The process id of this node's dnsmasq; none when it does not run. The pid file alone proves nothing after a reboot,
/// so the process must also name it on its command line.
fn running(node: &Node) -> Option<Pid> {
    let path = pid_file(node);
    let pid: i32 = fs::read_to_string(&path).ok()?.trim().parse().ok()?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let named = String::from_utf8_lossy(&command).contains(&*path.to_string_lossy());
    Pid::from_raw(pid).filter(|_| named)
}

/// Starts dnsmasq unless it runs.
pub(super) fn serve(node: &Node) -> Result<(), Die> {
    if running(node).is_some() {
        return Ok(());
    }
    let (first, last) = node.config.subnet.dhcp_range();
    let option = |name: &str, value: &dyn std::fmt::Display| format!("--{name}={value}");
    let file = |name: &str| node.layout.run().join(name);
    Program::new("dnsmasq")
        .args([
            "--conf-file=/dev/null",
            "--bind-interfaces",
            "--except-interface=lo",
            "--no-hosts",
            "--dhcp-authoritative",
        ])
        .arg(option("interface", &node.config.bridge))
        .arg(option("listen-address", &node.config.subnet.address))
        .arg(option("dhcp-range", &format!("{first},{last},12h")))
        .arg(option("dhcp-option", &format!("option:mtu,{}", outer_mtu())))
        .arg(option("dhcp-leasefile", &file("dnsmasq.leases").display()))
        .arg(option("pid-file", &pid_file(node).display()))
        .read()
        .map(drop)
}

/// Ends dnsmasq and waits until it is gone.
pub(super) fn stop(node: &Node) -> Result<(), Die> {
    let Some(pid) = running(node) else { return Ok(()) };
    kill_process(pid, Signal::TERM).map_err(Die::sys("stop", pid_file(node)))?;
    let gone = || running(node).is_none().then_some(());
    wait::until(Duration::from_secs(5), Duration::from_millis(20), gone)
        .ok_or_else(|| Die::text("dnsmasq did not stop"))
}
