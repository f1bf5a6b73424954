//! `pct list`.

use spec::ids::Vmid;

/// A row of `pct list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedGuest {
    /// Its number.
    pub vmid: Vmid,
    /// Whether it runs.
    pub running: bool,
    /// What holds it.
    pub lock: Option<String>,
    /// Its configured name.
    pub name: String,
}

/// Reads the table: columns VMID, Status, Lock (may be blank), Name. No guests, no header either.
pub(super) fn read(text: &str) -> Option<Vec<ListedGuest>> {
    let mut rows = text.lines().filter(|line| !line.trim().is_empty());
    if rows.next().is_some_and(|header| !header.starts_with("VMID")) {
        return None;
    }
    rows.map(read_row).collect()
}

fn read_row(line: &str) -> Option<ListedGuest> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (vmid, status, lock, name) = match words[..] {
        [vmid, status] => (vmid, status, None, ""),
        [vmid, status, name] => (vmid, status, None, name),
        [vmid, status, lock, name] => (vmid, status, Some(lock.to_owned()), name),
        _ => return None,
    };
    Some(ListedGuest { vmid: vmid.parse().ok()?, running: status == "running", lock, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_lock_is_no_lock() {
        let text = "VMID       Status     Lock         Name                \n\
                    101        running                 web1                \n\
                    102        stopped    backup       web2                \n";
        let guests = read(text).unwrap();
        assert_eq!(guests[0].vmid.get(), 101);
        assert_eq!((guests[0].running, guests[0].lock.as_deref(), guests[0].name.as_str()), (true, None, "web1"));
        assert_eq!(
            (guests[1].running, guests[1].lock.as_deref(), guests[1].name.as_str()),
            (false, Some("backup"), "web2")
        );
    }

    #[test]
    fn no_guests_is_no_output_and_other_output_is_no_list() {
        assert_eq!(read(""), Some(Vec::new()));
        assert_eq!(read("ipcc_send_rec failed\n"), None);
    }
}
