//! The one table of what may go.

use super::choice::Profile;

/// One kind of files that a guest can do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name in recipes and manifests.
    pub name: &'static str,
    /// Why it may go, and what is lost.
    pub because: &'static str,
    /// The smallest profile that has it; none where a recipe must name it.
    pub profile: Option<Profile>,
    /// What goes, as patterns.
    pub goes: &'static [&'static str],
    /// What of it stays, as patterns; `LANG` stands for every language that the recipe keeps.
    pub stays: &'static [&'static str],
    /// Packages that need it, with `*` and `?`: where one is installed, the rule is left out.
    pub needed_by: &'static [&'static str],
    /// Whether the files come with packages, so that dpkg must be told to leave them out of upgrades.
    pub from_packages: bool,
}

/// Files that stay whatever a rule says: a golden is handed on, and licences go with what they are for.
pub const LICENCES: &[&str] = &[
    "/usr/share/common-licenses/**",
    "/usr/share/doc/**/copyright",
    "/usr/share/doc/**/copyright.*",
    "/usr/share/doc/**/LICENSE*",
    "/usr/share/doc/**/LICENCE*",
    "/usr/share/doc/**/COPYING*",
    "/usr/share/doc/**/NOTICE*",
    "/usr/share/licenses/**",
];

/// The rule with this name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// Every rule. Logs, histories, package lists and whatever tells of the build are the identity catalog's: they go
/// from every image, minimized or not.
pub const RULES: &[Rule] = &[
    Rule {
        name: "package-caches",
        because: "downloaded packages and indexes made from the lists; the package manager makes them again",
        profile: Some(Profile::Standard),
        goes: &[
            "/var/cache/apt/**",
            "/var/cache/apk/**",
            "/var/cache/dnf/**",
            "/var/cache/yum/**",
            "/var/cache/man/**",
            "/root/.cache/pip/**",
        ],
        stays: &[],
        needed_by: &[],
        from_packages: false,
    },
    Rule {
        name: "package-backups",
        because: "yesterday's copy of the package database; written again with the next change",
        profile: Some(Profile::Standard),
        goes: &["/var/lib/dpkg/*-old", "/var/cache/debconf/*-old", "/var/backups/**", "/var/lib/apt/extended_states.*"],
        stays: &[],
        needed_by: &[],
        from_packages: false,
    },
    Rule {
        name: "linker-cache",
        because: "ldconfig's memory of when it looked at which library; it looks again",
        profile: Some(Profile::Standard),
        goes: &["/var/cache/ldconfig/aux-cache"],
        stays: &[],
        needed_by: &[],
        from_packages: false,
    },
    Rule {
        name: "documentation",
        because: "change logs, examples and reports of packages; licences stay",
        profile: Some(Profile::Standard),
        goes: &[
            "/usr/share/doc/**",
            "/usr/share/doc-base/**",
            "/usr/share/lintian/**",
            "/usr/share/linda/**",
            "/usr/share/bug/**",
        ],
        // Links directly in the folder lead to another package's licence.
        stays: &["/usr/share/doc/*"],
        needed_by: &[],
        from_packages: true,
    },
    Rule {
        name: "man-pages",
        because: "manuals for people; nobody reads them in a guest",
        profile: Some(Profile::Standard),
        goes: &["/usr/share/man/**", "/usr/local/share/man/**"],
        stays: &[],
        needed_by: &[],
        from_packages: true,
    },
    Rule {
        name: "info-pages",
        because: "GNU's manuals for people",
        profile: Some(Profile::Standard),
        goes: &["/usr/share/info/**"],
        stays: &[],
        needed_by: &[],
        from_packages: true,
    },
    Rule {
        name: "translations",
        because: "messages in languages that the recipe does not keep; programs speak English then",
        profile: Some(Profile::Standard),
        goes: &["/usr/share/locale/**"],
        stays: &["/usr/share/locale/locale.alias", "/usr/share/locale/LANG/**"],
        needed_by: &[],
        from_packages: true,
    },
    Rule {
        name: "help",
        because: "manuals for people, of programs with windows and of libraries",
        profile: Some(Profile::Standard),
        goes: &["/usr/share/gtk-doc/**", "/usr/share/help/**", "/usr/share/gnome/help/**", "/usr/share/omf/**"],
        stays: &["/usr/share/help/LANG/**"],
        needed_by: &[],
        from_packages: true,
    },
    Rule {
        name: "completions",
        because: "what a shell offers at the tab key",
        profile: Some(Profile::Small),
        goes: &[
            "/usr/share/bash-completion/completions/**",
            "/usr/share/zsh/vendor-completions/**",
            "/usr/share/fish/vendor_completions.d/**",
        ],
        stays: &[],
        needed_by: &[],
        from_packages: true,
    },
    Rule {
        name: "python-bytecode",
        because: "compiled beside each source when its package was installed; without, each start compiles in memory",
        profile: Some(Profile::Small),
        goes: &[
            "/usr/lib/python3*/**/__pycache__/**",
            "/usr/share/**/__pycache__/**",
            "/usr/local/lib/**/__pycache__/**",
        ],
        stays: &[],
        needed_by: &[],
        from_packages: false,
    },
    Rule {
        name: "headers",
        because: "what a compiler reads",
        profile: Some(Profile::Small),
        goes: &["/usr/include/**", "/usr/lib/**/*.a", "/usr/lib/**/*.la", "/usr/lib/**/pkgconfig/*.pc"],
        stays: &[],
        needed_by: &["gcc", "gcc-??", "g++", "g++-??", "clang", "clang-??", "tcc", "dkms"],
        from_packages: true,
    },
    Rule {
        name: "hardware",
        because: "names and firmware of devices; a container has none of its own",
        profile: Some(Profile::Small),
        goes: &["/usr/lib/firmware/**", "/usr/lib/udev/hwdb.bin", "/usr/lib/udev/hwdb.d/**", "/etc/udev/hwdb.bin"],
        stays: &[],
        needed_by: &["linux-image-*"],
        from_packages: true,
    },
    Rule {
        name: "kernels",
        because: "a container runs its node's kernel",
        profile: Some(Profile::Small),
        goes: &["/boot/**", "/usr/lib/modules/**"],
        stays: &[],
        needed_by: &["linux-image-*", "dkms"],
        from_packages: false,
    },
    Rule {
        name: "charmaps",
        because: "what localedef makes locales in other encodings than UTF-8 of",
        profile: Some(Profile::Small),
        goes: &["/usr/share/i18n/charmaps/**"],
        stays: &["/usr/share/i18n/charmaps/UTF-8.gz"],
        needed_by: &[],
        from_packages: true,
    },
    Rule {
        name: "time-zones",
        because: "all zones but UTC: only where no guest will ever be set to another",
        profile: None,
        goes: &["/usr/share/zoneinfo/**"],
        stays: &[
            "/usr/share/zoneinfo/UTC",
            "/usr/share/zoneinfo/Etc/**",
            "/usr/share/zoneinfo/*.tab",
            "/usr/share/zoneinfo/tzdata.zi",
            "/usr/share/zoneinfo/leap*",
        ],
        needed_by: &["postgresql-*", "php*"],
        from_packages: true,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::minimize::Pattern;

    #[test]
    fn every_rule_has_a_name_of_its_own_a_reason_and_patterns_that_are_patterns() {
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        for rule in RULES {
            assert!(!rule.because.is_empty() && !rule.goes.is_empty(), "{}", rule.name);
            for pattern in rule.goes.iter().chain(rule.stays).chain(LICENCES) {
                let pattern: Pattern = pattern.parse().unwrap();
                assert_ne!(pattern.base(), "/", "{}: {pattern} would walk the whole tree", rule.name);
            }
        }
    }
}
