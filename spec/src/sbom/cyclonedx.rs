//! CycloneDX 1.6, as JSON.

use serde_json::{Value, json};

use super::bill::{Bill, Component};
use super::purl::purl;

/// The document.
pub fn cyclonedx(bill: &Bill) -> Value {
    let root = format!("golden:{}@{}", bill.name, bill.version);
    let components: Vec<Value> = bill.components.iter().map(|component| library(component, bill)).collect();
    let on: Vec<&Value> = components.iter().map(|component| &component["bom-ref"]).collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", bill.serial()),
        "version": 1,
        "metadata": {
            "timestamp": bill.created,
            "tools": { "components": [{ "type": "application", "name": "mintmark image-builder", "version": bill.tool }] },
            "component": {
                "type": "container",
                "bom-ref": root,
                "name": bill.name,
                "version": bill.version,
                "hashes": [{ "alg": "SHA-256", "content": bill.sha256 }],
                "properties": [
                    { "name": "mintmark:archive", "value": bill.archive },
                    { "name": "mintmark:system", "value": bill.system.name },
                ],
            },
        },
        "components": components,
        "dependencies": [{ "ref": root, "dependsOn": on }],
    })
}

fn library(component: &Component, bill: &Bill) -> Value {
    let package = &component.package;
    let name = purl(package, &bill.system);
    let mut properties = vec![
        json!({ "name": "mintmark:architecture", "value": package.architecture }),
        json!({ "name": "mintmark:source", "value": package.source_name() }),
    ];
    let source_version = package.source_version.iter();
    properties.extend(source_version.map(|version| json!({ "name": "mintmark:source-version", "value": version })));
    let mut library = json!({
        "type": "library",
        "bom-ref": name,
        "name": package.name,
        "version": package.version,
        "purl": name,
        "properties": properties,
    });
    if let Some(maintainer) = &package.maintainer {
        library["supplier"] = json!({ "name": maintainer });
    }
    if let Some(expression) = &component.licence {
        library["licenses"] = json!([{ "expression": expression }]);
    }
    if let Some(page) = package.homepage.as_ref().filter(|page| page.starts_with("http")) {
        library["externalReferences"] = json!([{ "type": "website", "url": page }]);
    }
    library
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::bill::tests::bill;
    use super::*;

    #[test]
    fn every_package_is_a_component_and_nothing_is_guessed() {
        let document = cyclonedx(&bill());
        let components = document["components"].as_array().unwrap();
        assert_eq!(components.len(), 3);
        assert_eq!(components[0]["licenses"][0]["expression"], "GPL-3.0-or-later");
        assert!(components[1].get("licenses").is_none());
        let references: BTreeSet<&str> = components.iter().filter_map(|one| one["bom-ref"].as_str()).collect();
        assert_eq!(references.len(), 3);
        assert_eq!(document["metadata"]["component"]["hashes"][0]["content"], bill().sha256.as_str());
        assert_eq!(document.to_string(), cyclonedx(&bill()).to_string());
    }
}
