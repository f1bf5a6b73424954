//! The lines of `/etc/resolv.conf`. Pure.

use super::Dns;

pub(super) fn lines(dns: &Dns) -> String {
    let search = if dns.search.is_empty() { String::new() } else { format!("search {}\n", dns.search.join(" ")) };
    dns.servers.iter().fold(search, |text, server| format!("{text}nameserver {server}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_come_before_servers() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        let dns = Dns { servers: words("10.0.0.53 10.0.0.54"), search: words("x.test y.test") };
        assert_eq!(lines(&dns), "search x.test y.test\nnameserver 10.0.0.53\nnameserver 10.0.0.54\n");
        assert_eq!(lines(&Dns { servers: Vec::new(), search: Vec::new() }), "");
    }
}
