//! What a running guest listened on, as `ss -H -lntup` prints it.

use std::collections::BTreeMap;

/// Protocol and address to program: `tcp *:22` to `sshd`. The guest's own addresses are left out: they are a lease's.
pub fn listening(text: &str) -> BTreeMap<String, String> {
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<(String, String)> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let (protocol, local) = (columns.first()?, columns.get(4)?);
    let (address, port) = local.rsplit_once(':')?;
    let address = match address.split_once('%').map_or(address, |(address, _)| address) {
        "0.0.0.0" | "[::]" | "*" => "*",
        loopback if loopback.starts_with("127.") || loopback == "[::1]" => loopback,
        _ => "own address",
    };
    let program = columns.get(6).and_then(|users| users.split('"').nth(1)).unwrap_or("unknown");
    Some((format!("{protocol} {address}:{port}"), program.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_read_with_what_they_listen_on() {
        let text = "tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*    users:((\"sshd\",pid=1,fd=3))\n\
            tcp   LISTEN 0      128             [::]:22           [::]:*    users:((\"sshd\",pid=1,fd=4))\n\
            udp   UNCONN 0      0      10.0.0.7%eth0:68        0.0.0.0:*    users:((\"dhclient\",pid=9,fd=7))\n\
            tcp   LISTEN 0      4096      127.0.0.1:33333     0.0.0.0:*\n";
        let found: Vec<(String, String)> = listening(text).into_iter().collect();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            found,
            [pair("tcp *:22", "sshd"), pair("tcp 127.0.0.1:33333", "unknown"), pair("udp own address:68", "dhclient")]
        );
        assert!(listening("").is_empty());
    }
}
