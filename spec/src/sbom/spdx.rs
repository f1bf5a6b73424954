//! SPDX 2.3, as JSON.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::bill::{Bill, Component};
use super::purl::purl;

/// What SPDX says where nobody knows.
const UNKNOWN: &str = "NOASSERTION";
/// Our own licence names begin so.
const REFERENCE: &str = "LicenseRef-";

/// The document.
pub fn spdx(bill: &Bill) -> Value {
    let packages = bill.components.iter().enumerate().map(|(index, component)| package(index, component, bill));
    let packages: Vec<Value> = std::iter::once(golden(bill)).chain(packages).collect();
    let contains = packages.iter().skip(1).map(|package| {
        json!({ "spdxElementId": ROOT, "relationshipType": "CONTAINS", "relatedSpdxElement": package["SPDXID"] })
    });
    let describes = json!({ "spdxElementId": DOCUMENT, "relationshipType": "DESCRIBES", "relatedSpdxElement": ROOT });
    let relationships: Vec<Value> = std::iter::once(describes).chain(contains).collect();
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": format!("{}-{}", bill.name, bill.version),
        "documentNamespace": format!("urn:uuid:{}", bill.serial()),
        "creationInfo": { "created": bill.created, "creators": [format!("Tool: mintmark-image-builder-{}", bill.tool)] },
        "packages": packages,
        "relationships": relationships,
        "hasExtractedLicensingInfos": references(bill),
    })
}

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const ROOT: &str = "SPDXRef-golden";

fn golden(bill: &Bill) -> Value {
    json!({
        "SPDXID": ROOT,
        "name": bill.name,
        "versionInfo": bill.version,
        "packageFileName": bill.archive,
        "primaryPackagePurpose": "CONTAINER",
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": false,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": UNKNOWN,
        "copyrightText": UNKNOWN,
        "checksums": [{ "algorithm": "SHA256", "checksumValue": bill.sha256 }],
        "comment": bill.system.name,
    })
}

fn package(index: usize, component: &Component, bill: &Bill) -> Value {
    let package = &component.package;
    let supplier = package.maintainer.as_ref().map_or(UNKNOWN.to_owned(), |name| format!("Organization: {name}"));
    let mut value = json!({
        "SPDXID": format!("SPDXRef-package-{}-{}", index + 1, plain(&package.name)),
        "name": package.name,
        "versionInfo": package.version,
        "supplier": supplier,
        "sourceInfo": format!("built from {} {}", package.source_name(), package.source_version.as_ref().unwrap_or(&package.version)),
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": false,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": component.licence.as_deref().unwrap_or(UNKNOWN),
        "copyrightText": UNKNOWN,
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": purl(package, &bill.system),
        }],
    });
    if let Some(page) = package.homepage.as_ref().filter(|page| page.starts_with("http")) {
        value["homepage"] = json!(page);
    }
    value
}

/// An id takes letters, digits, dots and dashes.
fn plain(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' }).collect()
}

/// Each licence that SPDX has no name for, with where its text is.
fn references(bill: &Bill) -> Vec<Value> {
    let words = bill.components.iter().filter_map(|component| component.licence.as_deref());
    let words = words.flat_map(|expression| expression.split([' ', '(', ')']));
    let names: BTreeSet<&str> = words.filter(|word| word.starts_with(REFERENCE)).collect();
    let told = names.into_iter().map(|name| {
        json!({
            "licenseId": name,
            "name": name.trim_start_matches(REFERENCE),
            "extractedText": "The text stands in /usr/share/doc/*/copyright of the packages that declare it, in the archive.",
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::super::bill::tests::bill;
    use super::*;

    #[test]
    fn every_package_is_contained_and_what_nobody_knows_is_said_so() {
        let document = spdx(&bill());
        let packages = document["packages"].as_array().unwrap();
        assert_eq!(packages.len(), 4);
        assert_eq!(packages[1]["licenseDeclared"], "GPL-3.0-or-later");
        assert_eq!(packages[2]["licenseDeclared"], "NOASSERTION");
        assert_eq!(document["relationships"].as_array().unwrap().len(), 4);
        assert_eq!(document["hasExtractedLicensingInfos"][0]["licenseId"], "LicenseRef-public-domain");
        assert_eq!(document.to_string(), spdx(&bill()).to_string());
    }
}
