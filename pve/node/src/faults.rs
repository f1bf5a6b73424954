//! Faults that tests set, as files below `run/faults`. They apply only to tasks and answers of a server that was
//! started with `--test-faults`.
//!
//! | file | effect |
//! |---|---|
//! | `<task type>.hold` | a task of this type waits at its start until the file is gone; meanwhile `<task type>.held` holds its UPID |
//! | `<task type>.fail` | the task fails at its start with the file's text |
//! | `response.drop` | the answer to the next request whose `METHOD /path` begins with the file's text is dropped after it took effect |
//! | `response.delay` | `MILLISECONDS METHOD /path`: that answer is held back so long |

use std::fs;
use std::time::Duration;

use pve_wire::Upid;

use crate::error::Die;
use crate::state::Layout;
use crate::tasks;
use crate::wait;

/// How long a held task waits for its release.
const PATIENCE: Duration = Duration::from_mins(10);

/// What a task meets before it begins its work.
pub fn at_task_start(layout: &Layout, upid: &Upid) -> Result<(), Die> {
    let file = |ending: &str| layout.faults().join(format!("{}.{ending}", upid.kind()));
    let (hold, shown) = (file("hold"), file("held"));
    if hold.exists() {
        fs::write(&shown, upid.as_str()).map_err(Die::io("write", &shown))?;
        let released = || (!hold.exists() || tasks::interrupted()).then_some(());
        let result = wait::until(PATIENCE, Duration::from_millis(20), released);
        let _ = fs::remove_file(&shown);
        result.ok_or_else(|| Die::text("test fault: held too long"))?;
    }
    if tasks::interrupted() {
        return Err(Die::text("received interrupt"));
    }
    match fs::read_to_string(file("fail")) {
        Ok(text) => Err(Die::text(text.trim_end().to_owned())),
        Err(_) => Ok(()),
    }
}

/// What an answer meets on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFault {
    /// It never arrives.
    Drop,
    /// It arrives later.
    Delay(Duration),
}

/// The fault set for this request; a drop applies once.
pub fn for_answer(layout: &Layout, method: &str, path: &str) -> Option<AnswerFault> {
    let request = format!("{method} {path}");
    let drop = layout.faults().join("response.drop");
    if fs::read_to_string(&drop).is_ok_and(|text| request.starts_with(text.trim())) {
        let _ = fs::remove_file(&drop);
        return Some(AnswerFault::Drop);
    }
    let text = fs::read_to_string(layout.faults().join("response.delay")).ok()?;
    let (millis, prefix) = text.trim().split_once(' ')?;
    let delay = Duration::from_millis(millis.parse().ok()?);
    request.starts_with(prefix).then_some(AnswerFault::Delay(delay))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_applies_once_and_a_delay_by_prefix() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path().to_owned());
        fs::create_dir_all(layout.faults()).unwrap();
        fs::write(layout.faults().join("response.drop"), "POST /nodes/pve/lxc\n").unwrap();
        fs::write(layout.faults().join("response.delay"), "5 GET /version").unwrap();
        assert_eq!(for_answer(&layout, "POST", "/nodes/pve/lxc"), Some(AnswerFault::Drop));
        assert_eq!(for_answer(&layout, "POST", "/nodes/pve/lxc"), None);
        assert_eq!(for_answer(&layout, "GET", "/version"), Some(AnswerFault::Delay(Duration::from_millis(5))));
    }

    #[test]
    fn a_task_fails_with_the_given_text() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path().to_owned());
        fs::create_dir_all(layout.faults()).unwrap();
        let upid = Upid::new("pve", (1, 1), 1, "vzstart", "9101", "root@pam").unwrap();
        assert!(at_task_start(&layout, &upid).is_ok());
        fs::write(layout.faults().join("vzstart.fail"), "startup for container '9101' failed\n").unwrap();
        assert_eq!(at_task_start(&layout, &upid).unwrap_err().to_string(), "startup for container '9101' failed");
    }
}
