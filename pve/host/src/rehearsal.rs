//! A rehearsal: calls are written down instead of made, and answered as a node answers whose guest comes up at once.
//!
//! It shows what would be called, by the very code that calls; it proves nothing of what would come of it.

use std::sync::{Arc, Mutex, PoisonError};

/// Calls that were written down. Clones are the same rehearsal.
#[derive(Debug, Clone, Default)]
pub struct Rehearsal {
    state: Arc<Mutex<State>>,
    /// Words before the tool's name, which an embedded node's program needs.
    prefix: usize,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<String>,
    guest: Option<Guest>,
}

/// The guest that would have been made.
#[derive(Debug)]
struct Guest {
    vmid: String,
    description: String,
}

impl PartialEq for Rehearsal {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }
}

impl Eq for Rehearsal {}

impl Rehearsal {
    pub(crate) fn new(prefix: usize) -> Self {
        Self { state: Arc::default(), prefix }
    }

    /// The calls so far, in their order, and forgets them.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    /// Writes a call down and answers it; none where it only looks and is to be made.
    pub(crate) fn answer(&self, words: &[String], shown: &str) -> Option<String> {
        let call: Vec<&str> = words.iter().skip(self.prefix).map(String::as_str).collect();
        let mut state = self.state();
        let answer = match call[..] {
            ["pvesm", ..] => return None,
            // Which numbers are free is the node's to say; once there is a guest, it is the only one of interest.
            ["pct", "list"] => match &state.guest {
                None => return None,
                Some(guest) => format!("VMID Status Lock Name\n{} stopped rehearsed\n", guest.vmid),
            },
            ["pct", "create" | "restore", vmid, ..] => {
                let description = after(&call, "--description").unwrap_or_default().to_owned();
                state.guest = Some(Guest { vmid: vmid.to_owned(), description });
                String::new()
            }
            ["pct", "config", _] => state.guest.as_ref().map_or_else(String::new, config),
            ["pct", "status", ..] => "status: stopped\n".to_owned(),
            ["pct", "mount", vmid] => format!("mounted CT {vmid} in '/var/lib/lxc/{vmid}/rootfs'\n"),
            ["pct", "exec", ..] => said_inside(&call).to_owned(),
            ["vzdump", vmid, ..] => format!("INFO: creating vzdump archive '/vzdump-lxc-{vmid}-rehearsed.tar.zst'\n"),
            _ => String::new(),
        };
        state.calls.push(shown.to_owned());
        Some(answer)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn after<'c>(call: &[&'c str], key: &str) -> Option<&'c str> {
    let at = call.iter().position(|word| *word == key)?;
    call.get(at + 1).copied()
}

/// As `pct config` prints it: the description on one line, its line breaks encoded.
fn config(guest: &Guest) -> String {
    format!("description: {}%0A\n", guest.description.replace('\n', "%0A"))
}

/// What a guest says whose system and network are up.
fn said_inside(call: &[&str]) -> &'static str {
    if call.contains(&"is-system-running") {
        "running\n"
    } else if call.ends_with(&["route", "show", "default"]) {
        "default via 192.0.2.1 dev eth0\n"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use crate::Host;
    use crate::pct::{CreateGuest, DestroyOptions};

    #[test]
    fn calls_are_written_down_and_not_made() {
        let (host, rehearsal) = Host::embedded("/no/such/program", "/state").rehearsing();
        let vmid = "9000".parse().unwrap();
        let mut guest = CreateGuest::new(vmid, "local:vztmpl/x.tar.zst");
        guest.description = Some("first\nsecond".into());
        host.pct().create(&guest, &mut |_| {}).unwrap();
        assert_eq!(host.pct().config(vmid).unwrap().description(), Some("first\nsecond\n"));
        assert_eq!(host.pct().list().unwrap()[0].vmid, vmid);
        host.pct().destroy(vmid, DestroyOptions::default()).unwrap();
        let calls = rehearsal.take();
        assert!(
            calls[0].starts_with("/no/such/program --state /state pct create 9000 local:vztmpl/x.tar.zst"),
            "{calls:?}"
        );
        assert_eq!(calls[calls.len() - 1], "/no/such/program --state /state pct destroy 9000");
        // What only looks is asked of the node itself.
        assert!(host.pvesm().status().is_err());
    }
}
