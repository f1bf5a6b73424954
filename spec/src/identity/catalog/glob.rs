//! The language of places: which paths a row means.
//!
//! | written | means |
//! |---|---|
//! | `/etc/ssh/ssh_host_*` | `*` is any bytes, `?` one byte, inside one component; leading dots too |
//! | `/var/log/**` | everything below a directory, not the directory itself |
//! | `/etc/**/*.dpkg-old` | `**` in the middle is any number of directories, none too; at most one |
//! | `~/.netrc` | in `/root` and in every `/home/*` |
//!
//! A directory at a place stands for everything in it.

/// One pattern with homes written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    /// Components before a `**`, or all of them.
    pub(super) head: Vec<&'static [u8]>,
    /// What follows them.
    pub(super) tail: Tail,
}

/// How a pattern ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tail {
    /// With its last component.
    Here,
    /// With `**`.
    Below,
    /// With these components, any number of directories further down.
    Deep(Vec<&'static [u8]>),
}

/// A pattern as a walker of trees needs it; each part is absolute or relative text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Exactly these paths.
    At(String),
    /// Everything below these directories.
    Below(String),
    /// Paths below the directories, any depth down, that end so.
    Deep {
        /// The directories.
        directory: String,
        /// The rest of the path, relative.
        ending: String,
    },
}

impl Glob {
    /// The patterns that a place stands for: one, or one for each sort of home.
    pub fn of(place: &'static str) -> Vec<Self> {
        match place.strip_prefix("~/") {
            Some(rest) => vec![Self::read(&["root"], rest), Self::read(&["home", "*"], rest)],
            None => vec![Self::read(&[], place.trim_start_matches('/'))],
        }
    }

    /// The patterns of several places.
    pub fn all(places: &[&'static str]) -> Vec<Self> {
        places.iter().flat_map(|place| Self::of(place)).collect()
    }

    fn read(before: &[&'static str], text: &'static str) -> Self {
        let mut head: Vec<&'static [u8]> = before.iter().map(|part| part.as_bytes()).collect();
        let parts: Vec<&'static [u8]> = text.split('/').map(str::as_bytes).collect();
        match parts.iter().position(|part| *part == b"**") {
            None => {
                head.extend(parts);
                Self { head, tail: Tail::Here }
            }
            Some(at) => {
                head.extend(&parts[..at]);
                let rest = parts[at + 1..].to_vec();
                Self { head, tail: if rest.is_empty() { Tail::Below } else { Tail::Deep(rest) } }
            }
        }
    }

    /// What to look for in a tree.
    pub fn search(&self) -> Search {
        let directory = format!("/{}", joined(&self.head));
        match &self.tail {
            Tail::Here => Search::At(directory),
            Tail::Below => Search::Below(directory),
            Tail::Deep(ending) => Search::Deep { directory, ending: joined(ending) },
        }
    }

    /// A path that the pattern means, for tests and for `catalog check`.
    pub fn sample(&self) -> String {
        let plain = |parts: &[&[u8]]| joined(parts).replace('*', "left").replace('?', "x");
        let head = format!("/{}", plain(&self.head));
        match &self.tail {
            Tail::Here => head,
            Tail::Below => format!("{head}/left/behind"),
            Tail::Deep(ending) => format!("{head}/left/{}", plain(ending)),
        }
    }
}

fn joined(parts: &[&[u8]]) -> String {
    String::from_utf8_lossy(&parts.join(&b'/')).into_owned()
}

/// Why a text is no place; what to write instead.
pub fn fault(place: &str) -> Option<&'static str> {
    let Some(path) = place.strip_prefix('/').or_else(|| place.strip_prefix("~/")) else {
        return Some("a place starts with / or ~/");
    };
    let parts: Vec<&str> = path.split('/').collect();
    let stars = parts.iter().filter(|part| part.contains("**")).count();
    match () {
        () if parts.iter().any(|part| part.is_empty() || *part == "." || *part == "..") => {
            Some("a place has no empty, . or .. component")
        }
        () if parts.iter().any(|part| part.contains("**") && *part != "**") => Some("** is a component of its own"),
        () if stars > 1 => Some("a place has at most one **"),
        // A place that begins with a wildcard would mean the whole tree.
        () if place.starts_with('/')
            && parts.first().is_some_and(|part| part.bytes().all(|byte| b"*?".contains(&byte))) =>
        {
            Some("the first component of a place has a name")
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_searches_and_have_samples() {
        let of = |place: &'static str| -> Vec<(Search, String)> {
            Glob::of(place).iter().map(|glob| (glob.search(), glob.sample())).collect()
        };
        let at = |text: &str| Search::At(text.to_owned());
        assert_eq!(of("/etc/x*"), [(at("/etc/x*"), "/etc/xleft".to_owned())]);
        assert_eq!(of("/var/log/**"), [(Search::Below("/var/log".into()), "/var/log/left/behind".into())]);
        let deep = Search::Deep { directory: "/etc".into(), ending: "*.old".into() };
        assert_eq!(of("/etc/**/*.old"), [(deep, "/etc/left/left.old".into())]);
        assert_eq!(
            of("~/.netrc"),
            [(at("/root/.netrc"), "/root/.netrc".into()), (at("/home/*/.netrc"), "/home/left/.netrc".into())]
        );
    }

    #[test]
    fn what_is_no_place_is_said_to_be_none() {
        for place in ["etc/x", "/", "/etc//x", "/etc/../x", "/a/**/b/**", "/etc/a**", "/*/x", "/**"] {
            assert!(fault(place).is_some(), "{place}");
        }
        for place in ["/etc/x", "~/.netrc", "/var/log/**", "/etc/**/*.old", "~/**/x"] {
            assert_eq!(fault(place), None, "{place}");
        }
    }
}
