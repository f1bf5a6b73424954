use super::*;
use crate::identity::catalog::{ImageRule, Reading};

fn catalog(text: &str) -> Result<Catalog, DropInError> {
    Catalog::with_drop_ins(&[DropIn { name: "site.toml".into(), text: text.into() }])
}

fn refusal(text: &str) -> String {
    let error = catalog(text).unwrap_err();
    format!("{error}: {}", error.fault)
}

const ROW: &str = "[[item]]\nid = \"acme-id\"\ntitle = \"Acme's id\"\nplaces = [\"/var/lib/acme/id\"]\nharm = \"collides\"\n\
    because = \"the twins share it\"\nseverity = 1\nin_image = \"absent\"\nunique = true\n";

#[test]
fn a_row_of_a_drill_is_a_row_of_the_table() {
    let catalog = catalog(ROW).unwrap();
    let item = catalog.covers("/var/lib/acme/id").unwrap();
    assert_eq!((item.id, item.unique, item.reading), ("acme-id", true, Reading::ContentDigest));
    assert_eq!(catalog.items().count(), Catalog::builtin().items().count() + 1);
    assert_eq!(catalog.drop_ins()["site.toml"], Sha256Hex::of(ROW.as_bytes()));
    assert!(Catalog::builtin().drop_ins().is_empty() && Catalog::builtin().item("acme-id").is_none());
}

#[test]
fn a_known_row_becomes_stricter() {
    let text =
        "[[item]]\nid = \"guest-firewall\"\nplaces = [\"/etc/acme-fw/**\"]\nseverity = 2\nin_image = \"forbidden\"\n";
    let catalog = catalog(text).unwrap();
    let item = catalog.item("guest-firewall").unwrap();
    assert_eq!((item.in_image, item.severity), (ImageRule::Forbidden, 2));
    assert_eq!(catalog.covers("/etc/acme-fw/rules").map(|item| item.id), Some("guest-firewall"));
    assert!(item.places.contains(&"/etc/nftables.conf"), "{:?}", item.places);
}

#[test]
fn what_would_loosen_a_row_is_refused_by_name() {
    for (field, given, built_in) in [
        ("in_image = \"report\"", "\"report\"", "absent"),
        ("in_image = \"directories-only\"", "\"directories-only\"", "absent"),
        ("severity = 4", "\"4\"", "\"1\""),
        ("unique = false", "\"false\"", "\"true\""),
        ("except = [\"/var/lib/docker/engine-id\"]", "/var/lib/docker/engine-id", "except"),
        ("renewed_by = \"nobody\"", "nobody", "dockerd"),
    ] {
        let text = refusal(&format!("[[item]]\nid = \"docker-engine-id\"\n{field}\n"));
        for word in ["site.toml", "docker-engine-id", given, built_in, "loosen"] {
            assert!(text.contains(word), "{field}: {text}");
        }
    }
    let text = refusal("[[item]]\nid = \"machine-id\"\nin_image = \"absent\"\n");
    assert!(text.contains("loosen") && text.contains("empty"), "{text}");
    assert!(refusal("[[item]]\nid = \"nic-mac\"\nplaces = [\"/etc/x\"]\n").contains("outside the guest's tree"));
}

#[test]
fn what_is_wrong_is_named_with_field_value_and_cure() {
    for (from, to, words) in [
        ("id = \"acme-id\"", "id = \"Acme\"", ["id", "Acme", "lower-case"]),
        ("places = [\"/var/lib/acme/id\"]", "places = [\"var/x\"]", ["places", "var/x", "starts with"]),
        ("places = [\"/var/lib/acme/id\"]", "", ["places", "missing", "/var/lib"]),
        ("severity = 1", "severity = 5", ["severity", "5", "1 (cred"]),
        ("in_image = \"absent\"", "in_image = \"gone\"", ["in_image", "gone", "write absent"]),
        ("in_image = \"absent\"", "in_image = \"without-lines\"", ["lines", "missing", "keys"]),
        ("harm = \"collides\"", "harm = \"hurts\"", ["harm", "hurts", "collides"]),
        ("unique = true", "after = [\"nothing\"]", ["acme-id", "nothing", "no item"]),
        ("unique = true", "uniqe = true", ["site.toml", "", "read"]),
    ] {
        let text = refusal(&ROW.replace(from, to));
        for word in words {
            assert!(text.contains(word), "{to}: {text}");
        }
    }
    let lines = ROW.replace("unique = true", "lines = [\"id\"]").replace("/acme/id", "/acme/**");
    assert!(refusal(&lines).contains("names files"));
}
