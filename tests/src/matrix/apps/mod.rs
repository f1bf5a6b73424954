//! The applications, a file for each golden.

mod data;
mod mail;
mod mesh;
mod storage;

use super::app::Group;

/// All groups, in the order they are built.
pub(super) const GROUPS: &[Group] = &[
    Group { name: "matrix-data", apps: data::APPS },
    Group { name: "matrix-storage", apps: storage::APPS },
    Group { name: "matrix-mail", apps: mail::APPS },
    Group { name: "matrix-mesh", apps: mesh::APPS },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use spec::identity::Catalog;
    use spec::identity::catalog::Proof;

    use super::*;

    #[test]
    fn every_application_is_whole_and_stands_once() {
        let mut names = BTreeSet::new();
        for app in GROUPS.iter().flat_map(|group| group.apps) {
            assert!(names.insert(app.name), "{} stands twice", app.name);
            assert!(!app.packages.is_empty() && !app.rows.is_empty(), "{}", app.name);
            assert!(!app.identity.is_empty() && !app.works.is_empty(), "{}", app.name);
        }
        assert!(names.len() >= 20, "the issue asks for twenty applications, these are {}", names.len());
    }

    #[test]
    fn every_row_that_is_said_to_be_proven_here_is() {
        let live = Catalog::builtin().items().filter_map(|item| match item.proof {
            Proof::Live(package) => Some((item, package)),
            _ => None,
        });
        let mut count = 0;
        for (item, package) in live {
            let app = GROUPS.iter().flat_map(|group| group.apps).find(|app| app.packages.contains(&package));
            let rows = app.map(|app| app.rows).unwrap_or_default();
            assert!(
                rows.iter().any(|row| item.rows.contains(row)),
                "{}: no application of {package} stands for one of its rows",
                item.id
            );
            count += 1;
        }
        assert!(count >= 20, "only {count} rows are proven with real packages");
    }

    #[test]
    fn group_names_are_golden_names() {
        for group in GROUPS {
            assert!(group.name.parse::<spec::ids::GoldenName>().is_ok(), "{}", group.name);
        }
    }
}
