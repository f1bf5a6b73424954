//! Nothing of one site stands in the sources: nodes, storages, bridges, addresses and MAC prefixes come from
//! configuration and API.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

/// What programs are made of; tests and fixtures are not.
const SOURCES: [&str; 9] = [
    "reset-agent/src",
    "reset-agent/secrets/src",
    "image-builder/src",
    "firstboot-unit/src",
    "pve/client/src",
    "pve/helper/src",
    "pve/wire/src",
    "saga/src",
    "spec/src",
];

/// Names that a fresh Proxmox VE has, and the prefix of its vendor.
const OF_A_SITE: [&str; 6] = ["vmbr", "local-lvm", "\"local\"", "\"local:", "\"pve\"", "BC:24:11"];

/// Lines with something of a site in them. Comments, tests and what a message shows as an example are none.
fn of_a_site(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let example = |line: &str| ["like ", "for instance", "= { bridge = "].iter().any(|sign| line.contains(sign));
    lines.filter(|line| !example(line)).filter(|line| names_a_site(line) || has_an_address(line)).collect()
}

fn names_a_site(line: &str) -> bool {
    OF_A_SITE.iter().any(|name| line.to_lowercase().contains(&name.to_lowercase()))
}

/// An address other than this machine's own.
fn has_an_address(line: &str) -> bool {
    let words = line.split(|letter: char| !(letter.is_ascii_digit() || letter == '.'));
    let addresses = words.filter_map(|word| word.parse::<Ipv4Addr>().ok());
    addresses.into_iter().any(|address| !address.is_loopback() && !address.is_unspecified())
}

fn read(folder: &Path, found: &mut Vec<String>) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += read(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            count += 1;
            let text = fs::read_to_string(&path).unwrap();
            found.extend(of_a_site(&text).into_iter().map(|line| format!("{}: {line}", path.display())));
        }
    }
    count
}

#[test]
fn s1_18_no_node_storage_bridge_or_address_stands_in_the_sources() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in SOURCES {
        assert!(read(&repository.join(folder), &mut found) > 0, "{folder} has no sources");
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn s1_18_each_kind_of_a_sites_own_is_seen() {
    let of_one = [
        r#"let bridge = "vmbr0";"#,
        r#"const STORAGE: &str = "local-lvm";"#,
        r#"node: "pve".into()"#,
        r#"let volid = "local:backup/x";"#,
        r#"const PREFIX: &str = "bc:24:11";"#,
        r#"connect("10.66.0.7:22")"#,
    ];
    for line in of_one {
        assert_eq!(of_a_site(line), [line]);
    }
    for line in ["// the bridge is vmbr0", r#""write it like 10.66.0.0/24""#, r#"bind("127.0.0.1:0")"#, "version 1.2.3"]
    {
        assert_eq!(of_a_site(line), Vec::<&str>::new());
    }
    assert_eq!(of_a_site("#[cfg(test)]\nlet bridge = \"vmbr0\";"), Vec::<&str>::new());
}
