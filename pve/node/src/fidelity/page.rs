//! The page that tells it. Pure.

use pve_wire::api::{Method, calls};

use super::differences::{DIFFERENCES, Difference};
use crate::routes;

/// The fidelity tables, Markdown.
pub fn page() -> String {
    let methods: Vec<&Method> = calls::all().collect();
    let served = methods.iter().filter(|method| routes::handler(method).is_some()).count();
    let head = format!(
        "{served} of the {} calls in the table of the API are served; whatever else is asked for answers 501, as on a node that \
         does not know the call.\n\n| call | parameters |\n|---|---|\n",
        methods.len()
    );
    let calls: String = methods.into_iter().map(call).collect();
    let differences: String = DIFFERENCES.iter().map(difference).collect();
    format!("{head}{calls}\n| where | Proxmox VE | here | why |\n|---|---|---|---|\n{differences}")
}

fn call(method: &'static Method) -> String {
    let note = if routes::handler(method).is_some() { parameters(method) } else { "**not served**".to_owned() };
    format!("| `{} {}` | {note} |\n", method.verb, method.path)
}

fn difference(difference: &Difference) -> String {
    let Difference { at, proxmox, here, why } = difference;
    format!("| {at} | {proxmox} | {here} | {why} |\n")
}

/// How many parameters there are besides those of the path.
fn parameters(method: &Method) -> String {
    let in_path = |name: &str| method.path.contains(&format!("{{{name}}}"));
    match method.params().filter(|param| !in_path(param.name)).count() {
        0 => "–".to_owned(),
        count => count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const BEGIN: &str =
        "<!-- made from pve/node/src/fidelity; BLESS=1 cargo test -p pve-node fidelity writes it anew -->\n";
    const END: &str = "<!-- end -->\n";

    #[test]
    fn the_printed_page_is_what_the_node_says() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pve-node.md");
        let text = std::fs::read_to_string(&file).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (printed, after) = rest.split_once(END).unwrap();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, [before, BEGIN, &page(), END, after].concat()).unwrap();
        } else {
            assert!(printed == page(), "{} is not what the node says: BLESS=1 cargo test -p pve-node", file.display());
        }
    }

    #[test]
    fn no_difference_is_told_twice() {
        let mut places: Vec<&str> = DIFFERENCES.iter().map(|difference| difference.at).collect();
        places.sort_unstable();
        let count = places.len();
        places.dedup();
        assert_eq!(places.len(), count);
    }
}
