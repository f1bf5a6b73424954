//! A guest's place in its network, seen from inside of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// How long a server may take to answer.
const LIMIT: Duration = Duration::from_secs(10);
/// The longest line that a server may begin with (RFC 4253, 4.2).
const LINE: u64 = 255;

/// The first line that a server says to whoever connects from the network namespace of a process on this node.
pub(super) fn banner(process: u32, server: SocketAddr) -> io::Result<String> {
    let namespace = File::open(Path::new("/proc").join(process.to_string()).join("ns/net"))?;
    let ask = move || {
        // A thread of its own: the namespace is the thread's, and ends with it.
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
        let stream = TcpStream::connect_timeout(&server, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        let mut line = String::new();
        BufReader::new(stream.take(LINE)).read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    };
    thread::spawn(ask).join().map_err(|_| io::Error::other("the connection's thread ended"))?
}

/// The address in `ip -o -4 address show`.
pub(super) fn address(shown: &str) -> Option<Ipv4Addr> {
    let words: Vec<&str> = shown.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "inet")?;
    words.get(at + 1)?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_address_is_read_from_its_line() {
        let shown = "2: eth0    inet 10.64.1.197/24 brd 10.64.1.255 scope global dynamic eth0\\  valid_lft 43188sec\n";
        assert_eq!(address(shown), Some(Ipv4Addr::new(10, 64, 1, 197)));
        assert_eq!(address(""), None);
    }

    #[test]
    fn a_banner_is_one_line_of_limited_length() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let answering = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"SSH-2.0-OpenSSH_10.0p2\r\nmore").unwrap();
        });
        // Entering a namespace needs root; without it the error says so, and nothing else is to be seen.
        match banner(std::process::id(), server) {
            Ok(line) => assert_eq!(line, "SSH-2.0-OpenSSH_10.0p2"),
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{error}");
                drop(TcpStream::connect(server).unwrap());
            }
        }
        answering.join().unwrap();
    }
}
