//! The report's form for others.

/// The form of version 2 as a JSON schema (2020-12).
pub const SCHEMA: &str = include_str!("schema.json");

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::audit::{Area, Exceptions, History, Judge, Policy, Sighting, Source};
    use crate::identity::{Catalog, ForbiddenSet, Identity, IdentityKind};
    use crate::report::AuditReport;

    /// Where a value is not of the form: as much of JSON Schema as the form uses, and a panic at anything else.
    fn faults(schema: &Value, value: &Value, root: &Value, at: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (word, rule) in schema.as_object().unwrap() {
            match word.as_str() {
                "$schema" | "$defs" | "title" | "description" | "format" | "properties" => {}
                "$ref" => {
                    let target = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
                    found.extend(faults(target, value, root, at));
                }
                "type" => {
                    let fits = match rule.as_str().unwrap() {
                        "object" => value.is_object(),
                        "array" => value.is_array(),
                        "string" => value.is_string(),
                        "boolean" => value.is_boolean(),
                        "integer" => value.is_i64() || value.is_u64(),
                        other => panic!("type {other}"),
                    };
                    found.extend((!fits).then(|| format!("{at} is no {rule}")));
                }
                "const" => found.extend((value != rule).then(|| format!("{at} is not {rule}"))),
                "enum" => {
                    found
                        .extend((!rule.as_array().unwrap().contains(value)).then(|| format!("{at} is none of {rule}")));
                }
                "minimum" => found.extend((value.as_i64() < rule.as_i64()).then(|| format!("{at} is below {rule}"))),
                "maximum" => found.extend((value.as_i64() > rule.as_i64()).then(|| format!("{at} is above {rule}"))),
                "items" => {
                    for (place, one) in value.as_array().into_iter().flatten().enumerate() {
                        found.extend(faults(rule, one, root, &format!("{at}/{place}")));
                    }
                }
                "required" => {
                    let lacks = |key: &&Value| value.get(key.as_str().unwrap()).is_none();
                    found.extend(rule.as_array().unwrap().iter().filter(lacks).map(|key| format!("{at} lacks {key}")));
                }
                "additionalProperties" => {
                    assert_eq!(rule, &Value::Bool(false));
                    for (key, one) in value.as_object().into_iter().flatten() {
                        match schema["properties"].get(key) {
                            None => found.push(format!("{at} has {key}")),
                            Some(of) => found.extend(faults(of, one, root, &format!("{at}/{key}"))),
                        }
                    }
                }
                "oneOf" => {
                    let fits = rule.as_array().unwrap().iter().filter(|of| faults(of, value, root, at).is_empty());
                    found.extend((fits.count() != 1).then(|| format!("{at} is not one of them")));
                }
                other => panic!("the schema uses {other}"),
            }
        }
        found
    }

    fn check(report: &Value) -> Vec<String> {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        faults(&schema, report, &schema, "")
    }

    /// A report that has something of everything.
    pub(crate) fn full_report() -> AuditReport {
        let goldens = [ForbiddenSet {
            golden: "golden 1".into(),
            identities: [Identity::new(IdentityKind::Hostname, "build")].into(),
        }];
        let mut judge =
            Judge::new(Catalog::builtin(), &goldens, Policy { now: Some(1_800_000_000), ..Policy::default() });
        let holder = |vmid: u32, state: Value| {
            serde_json::from_value(serde_json::json!({
                "cluster": "east", "node": "a", "vmid": vmid, "kind": "lxc", "state": state, "name": "g", "tenant": "t",
                "nics": [{"index": 0, "bridge": "vmbr0", "tag": 7}], "ancestry": {}, "born": 1_700_000_000 + i64::from(vmid),
            }))
            .unwrap()
        };
        let key = IdentityKind::SshHostKey("ssh-ed25519".into());
        let states = ["\"running\"", "\"running\"", "\"template\"", r#"{"backup":{"volid":"a:b/c","taken":1}}"#];
        for (vmid, state) in (101..).zip(states) {
            let id = judge.holder(&holder(vmid, serde_json::from_str(state).unwrap()));
            judge.looked(id, Area::Configuration);
            judge.depends(id, "host-key-secrets");
            for (kind, value) in
                [(&key, "SHA256:a"), (&IdentityKind::MachineId, "00"), (&IdentityKind::Hostname, "build")]
            {
                judge.sighting(id, &Sighting::new(Identity::new(kind.clone(), value), Source::Config));
            }
        }
        let mut report = judge.finish();
        History::default().apply(&mut report);
        let accepted = format!(
            "[[accept]]\nfinding = \"{}\"\nowner = \"o\"\nuntil = \"2099-01-01\"\nwhy = \"w\"\n\
             [[accept]]\nfinding = \"none\"\nowner = \"o\"\nuntil = \"2099-01-01\"\nwhy = \"w\"\n",
            report.findings[0].id
        );
        Exceptions::parse(&accepted).unwrap().apply(&mut report, "2027-01-01T00:00:00Z".parse().unwrap());
        report
    }

    #[test]
    fn reports_are_of_the_form() {
        let report = serde_json::to_value(full_report()).unwrap();
        assert_eq!(check(&report), [] as [String; 0], "{report:#}");
        for part in ["origin", "reach", "dependants", "first_seen", "accepted", "tenant", "backup", "sources"] {
            assert!(report.to_string().contains(&format!("\"{part}\":")), "the report has no {part} to be checked");
        }
    }

    #[test]
    fn what_is_not_of_the_form_is_noticed() {
        let whole = serde_json::to_value(full_report()).unwrap();
        let changes: [(&str, Value); 4] = [
            ("/version", 1.into()),
            ("/findings/0/severity", 9.into()),
            ("/findings/0/guests/0/state", "asleep".into()),
            ("/findings/0/reach/wires/0", 1.into()),
        ];
        for (at, value) in changes {
            let mut broken = whole.clone();
            *broken.pointer_mut(at).unwrap() = value;
            assert_ne!(check(&broken), [] as [String; 0], "{at}");
        }
        let mut more = whole;
        more["surprise"] = true.into();
        assert_ne!(check(&more), [] as [String; 0]);
    }
}
