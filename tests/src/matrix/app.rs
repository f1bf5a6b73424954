//! One application of the matrix, as data.

/// An application: how it comes, what it is known by, and how one sees that it works.
#[derive(Debug, Clone, Copy)]
pub(super) struct App {
    /// Its name in the report: the package's, mostly.
    pub(super) name: &'static str,
    /// Rows of the survey that it stands for.
    pub(super) rows: &'static [u16],
    /// The packages to install.
    pub(super) packages: &'static [&'static str],
    /// What is done once in the build guest before the packages' services are looked at; part of the golden.
    pub(super) prepare: &'static str,
    /// A shell command that prints the identity, and makes it first where the service does so only when asked.
    pub(super) identity: &'static str,
    /// A shell command that succeeds when the service works.
    pub(super) works: &'static str,
    /// Why it cannot work in an unprivileged container, if it cannot.
    pub(super) never_works: Option<&'static str>,
}

impl App {
    /// An application that needs nothing prepared.
    pub(super) const fn new(
        name: &'static str,
        rows: &'static [u16],
        packages: &'static [&'static str],
        identity: &'static str,
        works: &'static str,
    ) -> Self {
        Self { name, rows, packages, prepare: "", identity, works, never_works: None }
    }

    /// The same, with something to do in the build guest.
    pub(super) const fn prepared(self, prepare: &'static str) -> Self {
        Self { prepare, ..self }
    }

    /// The same, with the reason why its service cannot be expected to run.
    pub(super) const fn never_works(self, why: &'static str) -> Self {
        Self { never_works: Some(why), ..self }
    }
}

/// Applications that are installed in one golden.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// The golden's name.
    pub(super) name: &'static str,
    /// What is in it.
    pub(super) apps: &'static [App],
}
