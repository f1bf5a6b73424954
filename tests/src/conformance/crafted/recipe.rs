//! How an archive differs from a plain one, read from a scenario's lines.
//!
//! | line | the archive |
//! |---|---|
//! | `form pax`, `form ustar` | has that tar format |
//! | `packed gzip`, `none`, `frames`, `window`, `cut`, `broken`, `empty`, `words` | is packed so, whatever its name says |
//! | `names bare` | has members without `./` |
//! | `conf none`, `conf last`, `conf crlf` | has no configuration, has it as its last member, has it with CRLF |
//! | `+ LINE`, `^ LINE`, `- KEY`, `KEY: VALUE` | has a line more at the end or the beginning, has no such key, has that value |
//! | `fw` | has a firewall configuration |
//! | `owner ID` | belongs to that user and group |
//! | `drop NAME` | lacks that member |
//! | `file NAME [ID]`, `device NAME`, `fifo NAME`, `symlink NAME TARGET`, `hardlink NAME TARGET` | has a member more |

use std::collections::BTreeSet;

/// The tar format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Gnu,
    Pax,
    Ustar,
}

/// What is done with the tar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Zstd,
    Gzip,
    Plain,
    /// Two zstd frames, one after the other.
    Frames,
    /// A frame whose window is larger than zstd takes without being told.
    Window,
    /// The first half of a zstd frame.
    Cut,
    /// A zstd frame with wrong bytes in its middle.
    Broken,
    /// Nothing at all.
    Empty,
    /// A text.
    Words,
}

/// What else is odd about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Odd {
    BareNames,
    ConfLast,
    Crlf,
    Firewall,
}

/// A member beside those of the plain tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extra {
    File(u64),
    Device,
    Fifo,
    Symlink(String),
    Hardlink(String),
}

/// An archive to be made.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(super) form: Form,
    pub(super) packing: Packing,
    pub(super) odds: BTreeSet<Odd>,
    /// The configuration's lines; none: no such member.
    pub(super) conf: Option<Vec<String>>,
    pub(super) owner: u64,
    pub(super) dropped: Vec<String>,
    pub(super) extras: Vec<(String, Extra)>,
}

impl Recipe {
    /// Reads the lines of the archive `name`; `conf` are the lines of the plain configuration.
    pub(crate) fn read(name: &str, conf: &[String], lines: &[String]) -> Result<Self, String> {
        let packing = match name.rsplit('.').next() {
            Some("gz") => Packing::Gzip,
            Some("tar") => Packing::Plain,
            _ => Packing::Zstd,
        };
        let conf = Some(conf.to_vec());
        let (dropped, extras) = (Vec::new(), Vec::new());
        let mut recipe = Self { form: Form::Gnu, packing, odds: BTreeSet::new(), conf, owner: 0, dropped, extras };
        lines.iter().try_for_each(|line| recipe.apply(line))?;
        Ok(recipe)
    }

    fn apply(&mut self, line: &str) -> Result<(), String> {
        let unknown = || format!("`{line}` says nothing of an archive");
        if let Some((key, _)) = line.split_once(": ").filter(|(key, _)| !key.contains(' ')) {
            return self.replace(key, line);
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let extra = |name: &str, extra| (name.to_owned(), extra);
        match (verb, rest) {
            ("form", form) => self.form = form_of(form).ok_or_else(unknown)?,
            ("packed", packing) => self.packing = packing_of(packing).ok_or_else(unknown)?,
            ("names", "bare") => _ = self.odds.insert(Odd::BareNames),
            ("conf", "none") => self.conf = None,
            ("conf", "last") => _ = self.odds.insert(Odd::ConfLast),
            ("conf", "crlf") => _ = self.odds.insert(Odd::Crlf),
            ("fw", "") => _ = self.odds.insert(Odd::Firewall),
            ("+", line) => self.conf.get_or_insert_default().push(line.to_owned()),
            ("^", line) => self.conf.get_or_insert_default().insert(0, line.to_owned()),
            ("-", key) => self.conf.get_or_insert_default().retain(|line| !line.starts_with(&format!("{key}: "))),
            ("owner", id) => self.owner = id.parse().map_err(|_| unknown())?,
            ("drop", name) => self.dropped.push(name.to_owned()),
            ("file", rest) => {
                let numbered = rest.rsplit_once(' ').and_then(|(name, id)| Some((name, id.parse().ok()?)));
                let (name, owner) = numbered.unwrap_or((rest, 0));
                self.extras.push(extra(name, Extra::File(owner)));
            }
            ("device", name) => self.extras.push(extra(name, Extra::Device)),
            ("fifo", name) => self.extras.push(extra(name, Extra::Fifo)),
            ("symlink" | "hardlink", rest) => {
                let (name, target) = rest.split_once(' ').ok_or_else(unknown)?;
                let target_of = if verb == "symlink" { Extra::Symlink } else { Extra::Hardlink };
                self.extras.push(extra(name, target_of(target.to_owned())));
            }
            _ => return Err(unknown()),
        }
        Ok(())
    }

    fn replace(&mut self, key: &str, line: &str) -> Result<(), String> {
        let conf = self.conf.get_or_insert_default();
        let place = conf.iter_mut().find(|old| old.starts_with(&format!("{key}: ")));
        line.clone_into(place.ok_or_else(|| format!("the plain configuration has no `{key}`: write `+ {line}`"))?);
        Ok(())
    }
}

fn form_of(word: &str) -> Option<Form> {
    match word {
        "gnu" => Some(Form::Gnu),
        "pax" => Some(Form::Pax),
        "ustar" => Some(Form::Ustar),
        _ => None,
    }
}

fn packing_of(word: &str) -> Option<Packing> {
    match word {
        "zstd" => Some(Packing::Zstd),
        "gzip" => Some(Packing::Gzip),
        "none" => Some(Packing::Plain),
        "frames" => Some(Packing::Frames),
        "window" => Some(Packing::Window),
        "cut" => Some(Packing::Cut),
        "broken" => Some(Packing::Broken),
        "empty" => Some(Packing::Empty),
        "words" => Some(Packing::Words),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Recipe, String> {
        let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        Recipe::read("x.tar.zst", &own(&["arch: amd64", "memory: 128"]), &own(lines))
    }

    #[test]
    fn lines_change_the_configuration_and_add_members() {
        let recipe = read(&["memory: lots", "- arch", "+ [s1]", "^ #note", "file ./a 70000", "conf crlf"]).unwrap();
        assert_eq!(recipe.conf.unwrap(), ["#note", "memory: lots", "[s1]"]);
        assert_eq!(recipe.extras, [("./a".to_owned(), Extra::File(70000))]);
        assert!(recipe.odds.contains(&Odd::Crlf));
        assert!(read(&["cores: 1"]).is_err() && read(&["luck"]).is_err());
        assert!(read(&["conf none"]).unwrap().conf.is_none());
    }
}
