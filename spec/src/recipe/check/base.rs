//! `[base]`: a template, a bootstrapped tree, or another golden.

use super::packages::is_package_name;
use super::required;
use crate::recipe::accepted::{Base, Bootstrap};
use crate::recipe::fragment::BootstrapFragment;
use crate::recipe::keys::Problems;

pub(super) fn base(
    template: Option<String>,
    sha256: Option<String>,
    bootstrap: Option<BootstrapFragment>,
    golden: Option<String>,
    problems: &mut Problems,
) -> Option<Base> {
    match (template, bootstrap, golden) {
        (Some(template), None, None) => {
            let volid = problems.accept("base.template", template.parse());
            let sha256 = sha256.map(|text| problems.accept("base.sha256", text.parse()));
            Some(Base::Template { volid: volid?, sha256: sha256.flatten() })
        }
        (None, Some(bootstrap), None) => {
            no_digest(sha256.as_deref(), "a bootstrapped tree has none", problems);
            accept_bootstrap(bootstrap, problems).map(Base::Bootstrap)
        }
        (None, None, Some(golden)) => {
            no_digest(sha256.as_deref(), "a golden's stands in its manifest", problems);
            problems.accept("base.golden", golden.parse()).map(Base::Golden)
        }
        (None, None, None) => {
            let forms = "template = \"STORAGE:vztmpl/FILE\", bootstrap = { suite = \"trixie\" } or golden = \"NAME\"";
            problems.add("base", format!("missing; write {forms}"));
            None
        }
        _ => {
            problems.add("base", "holds more than one of template, bootstrap and golden; keep one of them");
            None
        }
    }
}

fn no_digest(sha256: Option<&str>, why: &str, problems: &mut Problems) {
    if sha256.is_some() {
        problems.add("base.sha256", format!("this is the digest of a template; {why}"));
    }
}

fn accept_bootstrap(bootstrap: BootstrapFragment, problems: &mut Problems) -> Option<Bootstrap> {
    let suite = required(bootstrap.suite, "base.bootstrap.suite", "suite = \"trixie\"", problems)?;
    if !suite.starts_with(|c: char| c.is_ascii_lowercase())
        || !suite.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        problems.add("base.bootstrap.suite", format!("{suite:?} is no Debian suite; write for instance trixie"));
    }
    let packages = bootstrap.packages.unwrap_or_default();
    for package in packages.iter().filter(|p| !is_package_name(p)) {
        problems.add("base.bootstrap.packages", format!("{package:?} is no Debian package's name"));
    }
    if let Some(snapshot) = bootstrap.snapshot.as_deref().filter(|text| !is_snapshot(text)) {
        problems.add(
            "base.bootstrap.snapshot",
            format!("{snapshot:?} is no moment of Debian's archive; write it as YYYYMMDDThhmmssZ"),
        );
    }
    Some(Bootstrap { suite, packages, snapshot: bootstrap.snapshot })
}

/// `20261101T000000Z`.
fn is_snapshot(text: &str) -> bool {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.strip_suffix('Z').and_then(|text| text.split_once('T'));
    parts.is_some_and(|(day, time)| digits(day, 8) && digits(time, 6))
}
