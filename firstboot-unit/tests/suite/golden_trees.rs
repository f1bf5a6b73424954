//! Strip on whole trees: what goes, what stays, and that a second strip changes nothing.
//!
//! Each file in `tests/trees` is one case: a `[before]` and an `[after]` tree in the form of [`tree`], and options.

use std::fs;
use std::path::Path;

use crate::tree::{Keys, Tree};
use firstboot_unit::observe::observe;
use firstboot_unit::strip::{StripOptions, strip};
use spec::identity::catalog::{FAMILIES, Family};
use spec::identity::{Catalog, Finding, ImageRule, Kept, MachineIdState, Verdict, judge_image};

struct Case {
    options: StripOptions,
    before: String,
    after: String,
}

fn parse(text: &str) -> Case {
    let (head, rest) = text.split_once("[before]\n").expect("a [before] section");
    let (before, after) = rest.split_once("[after]\n").expect("an [after] section");
    let mut options = StripOptions::default();
    for (key, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        match key {
            "keep" => options.keep.push(value.to_owned()),
            "machine-id" => options.machine_id = serde_json::from_value(value.into()).expect(value),
            _ => assert!(key.starts_with('#'), "{key}: no option of a case"),
        }
    }
    let after = if after.trim() == "as before" { before } else { after };
    Case { options, before: before.to_owned(), after: after.to_owned() }
}

fn check(path: &Path) {
    let name = path.display();
    let case = parse(&fs::read_to_string(path).unwrap());
    let mut keys = Keys::default();
    let (tree, expected) = (Tree::build(&case.before, &mut keys), Tree::build(&case.after, &mut keys));
    strip(&tree.root(), Catalog::builtin(), &case.options).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(tree.snapshot(), expected.snapshot(), "{name}: first strip");
    let again = strip(&tree.root(), Catalog::builtin(), &case.options).unwrap();
    assert_eq!(again.items, [], "{name}: second strip");
    assert_eq!(tree.snapshot(), expected.snapshot(), "{name}: second strip");
    agrees_with_the_judge(&name.to_string(), &tree, &case.options);
}

/// Strip and judge read one table: what strip leaves, the judge passes, but for what strip must not touch.
fn agrees_with_the_judge(name: &str, tree: &Tree, options: &StripOptions) {
    let kept: Vec<Kept> =
        options.keep.iter().map(|item| Kept { item: item.clone(), reason: "a test".into() }).collect();
    let findings =
        judge_image(Catalog::builtin(), &observe(&tree.root(), Catalog::builtin()), options.machine_id, &kept);
    // A link that leads nowhere inside the tree is left to the judge, who refuses it by name.
    let odd = |why: &str| why.starts_with("a link to");
    for finding in findings.iter().filter(|finding| finding.verdict > Verdict::Skipped && !odd(&finding.why)) {
        let item = Catalog::builtin().items().find(|item| item.id == finding.item).unwrap();
        assert_eq!(item.in_image, ImageRule::Forbidden, "{name}: after strip the judge says {finding:?}");
    }
}

#[test]
fn each_tree_becomes_what_it_must_and_stays_so() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees");
    let mut cases: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 8, "only {} cases", cases.len());
    for path in &cases {
        check(path);
    }
}

/// Every place of every row of a family, planted in one tree.
fn planted(family: &Family) -> Tree {
    let named = if family.title == "Machine" { "dir 0755 /etc" } else { "file 0644 /etc/hostname left\\n" };
    let tree = Tree::build(named, &mut Keys::default());
    for item in family.items.iter().filter(|item| item.is_looked_at()) {
        for path in item.samples() {
            let path = tree.host_path(&path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            // Several rows may look at one file.
            let before = fs::read(&path).unwrap_or_default();
            fs::write(&path, [before, item.sample_content()].concat()).unwrap();
        }
    }
    tree
}

#[test]
fn every_row_of_the_catalog_is_executable() {
    for family in FAMILIES {
        let tree = planted(family);
        let before = observe(&tree.root(), Catalog::builtin());
        let findings = judge_image(Catalog::builtin(), &before, MachineIdState::Empty, &[]);
        for item in family.items.iter().filter(|item| item.is_looked_at()) {
            for path in item.samples() {
                let here =
                    |f: &&Finding| f.item == item.id && (f.place == path || path.starts_with(&format!("{}/", f.place)));
                let finding = findings.iter().find(here).unwrap_or_else(|| panic!("{} at {path}: not seen", item.id));
                let verdict = if item.in_image == ImageRule::Report { Verdict::Pass } else { Verdict::Fail };
                assert_eq!(finding.verdict, verdict, "{} at {path}: {finding:?}", item.id);
            }
        }
        let options = StripOptions { build_names: vec!["left".into()], ..StripOptions::default() };
        let stripped = strip(&tree.root(), Catalog::builtin(), &options).unwrap();
        for item in family.items.iter().filter(|item| item.is_looked_at()) {
            let touched = stripped.items.iter().any(|stripped| stripped.item == item.id);
            let left_alone = matches!(item.in_image, ImageRule::Forbidden | ImageRule::Report);
            assert_eq!(touched, !left_alone, "{}: {stripped:?}", item.id);
        }
        agrees_with_the_judge(family.title, &tree, &options);
    }
}

#[test]
fn an_unknown_item_is_refused_before_anything_is_touched() {
    let tree = Tree::build("file 0644 /etc/hostname golden\\n", &mut Keys::default());
    let options = StripOptions { keep: vec!["hostnames".into()], ..StripOptions::default() };
    let error = strip(&tree.root(), Catalog::builtin(), &options).unwrap_err().to_string();
    assert!(error.contains("\"hostnames\""), "{error}");
    assert!(tree.host_path("/etc/hostname").exists());
}

#[test]
fn new_files_belong_to_the_trees_own_root() {
    if !crate::tree::is_root() {
        eprintln!("skipped: giving files to another owner needs root");
        return;
    }
    let text = "dir 0755 /etc\nfile 0640 /etc/shadow root:$6$a$b:1::::::\\n\ndir 0755 /var/lib/dbus\n\
        file 0644 /var/lib/dbus/machine-id 0123456789abcdef0123456789abcdef\\n";
    let tree = Tree::build(text, &mut Keys::default());
    for path in ["/", "/etc", "/var", "/var/lib", "/var/lib/dbus"] {
        std::os::unix::fs::chown(tree.host_path(path), Some(100_000), Some(100_000)).unwrap();
    }
    std::os::unix::fs::chown(tree.host_path("/etc/shadow"), Some(100_000), Some(100_042)).unwrap();
    strip(&tree.root(), Catalog::builtin(), &StripOptions::default()).unwrap();
    let owner = |path: &str| {
        let meta = fs::symlink_metadata(tree.host_path(path)).unwrap();
        (std::os::unix::fs::MetadataExt::uid(&meta), std::os::unix::fs::MetadataExt::gid(&meta))
    };
    assert_eq!(owner("/etc/machine-id"), (100_000, 100_000));
    assert_eq!(owner("/var/lib/dbus/machine-id"), (100_000, 100_000));
    assert_eq!(owner("/etc/shadow"), (100_000, 100_042));
}
