//! How a release was built, as an in-toto statement with SLSA's predicate, for tools that know no Mintmark.

use serde_json::{Value, json};

use super::manifest::Manifest;
use crate::ids::Sha256Hex;

/// The statement's type (in-toto Attestation Framework, Statement v1).
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The predicate's type (SLSA Provenance v1).
const PREDICATE: &str = "https://slsa.dev/provenance/v1";
/// What the recipe's keys mean.
const BUILD_TYPE: &str = "https://mintmark.invalid/build/golden/v2";

/// The provenance of a release; `manifest_sha256` is the digest of the manifest's file.
pub fn provenance(manifest: &Manifest, manifest_sha256: &Sha256Hex) -> Value {
    let Manifest { golden, release, archive, recipe, base, builder, .. } = manifest;
    json!({
        "_type": STATEMENT,
        "subject": [
            { "name": archive.file, "digest": { "sha256": archive.sha256 } },
            { "name": format!("{}.manifest.json", archive.file), "digest": { "sha256": manifest_sha256 } },
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": { "golden": golden, "recipe": { "sha256": recipe } },
                "internalParameters": { "release": release, "catalog": manifest.catalog },
                "resolvedDependencies": [
                    { "uri": format!("pve:{}", base.template), "digest": { "sha256": base.sha256 } },
                ],
            },
            "runDetails": {
                "builder": { "id": "https://mintmark.invalid/image-builder", "version": { "image-builder": builder.version } },
                "metadata": {
                    "invocationId": format!("{golden}@{release}"),
                    "startedOn": builder.started,
                    "finishedOn": builder.finished,
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_names_what_was_built_from_what() {
        let manifest: Manifest = serde_json::from_str(include_str!("../../fixtures/manifest.json")).unwrap();
        let statement = provenance(&manifest, &Sha256Hex::of(b"manifest"));
        assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
        assert_eq!(statement["subject"][0]["digest"]["sha256"], manifest.archive.sha256.as_str());
        let definition = &statement["predicate"]["buildDefinition"];
        assert_eq!(definition["resolvedDependencies"][0]["digest"]["sha256"], manifest.base.sha256.as_str());
        assert_eq!(definition["externalParameters"]["recipe"]["sha256"], manifest.recipe.as_str());
        assert_eq!(statement["predicate"]["runDetails"]["metadata"]["startedOn"], "2026-11-20T09:58:00Z");
    }
}
