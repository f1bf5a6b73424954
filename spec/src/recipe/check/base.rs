//! `[base]`: a template, or a bootstrapped tree.

use super::packages::is_package_name;
use super::required;
use crate::recipe::accepted::{Base, Bootstrap};
use crate::recipe::fragment::BootstrapFragment;
use crate::recipe::keys::Problems;

pub(super) fn base(
    template: Option<String>,
    sha256: Option<String>,
    bootstrap: Option<BootstrapFragment>,
    problems: &mut Problems,
) -> Option<Base> {
    match (template, bootstrap) {
        (Some(template), None) => {
            let volid = problems.accept("base.template", template.parse());
            let sha256 = sha256.map(|text| problems.accept("base.sha256", text.parse()));
            Some(Base::Template { volid: volid?, sha256: sha256.flatten() })
        }
        (None, Some(bootstrap)) => {
            if sha256.is_some() {
                problems.add("base.sha256", "this is the digest of a template; a bootstrapped tree has none");
            }
            accept_bootstrap(bootstrap, problems).map(Base::Bootstrap)
        }
        (Some(_), Some(_)) => {
            problems.add("base", "holds both template and bootstrap; keep one of them");
            None
        }
        (None, None) => {
            problems
                .add("base", "missing; write template = \"STORAGE:vztmpl/FILE\" or bootstrap = { suite = \"trixie\" }");
            None
        }
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
    Some(Bootstrap { suite, packages })
}
