//! `[cloud_init]`: goldens whose guests cloud-init sets up, and what it is told.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use spec::ids::GoldenName;
use ssh_key::PublicKey;

use super::setting::{BadSetting, accept};
use crate::cloud_init::{Constants, Template};

/// `[cloud_init]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Names of goldens.
    pub goldens: Vec<String>,
    /// The template of their user-data.
    pub user_data: PathBuf,
    /// Value of `{{ environment }}`.
    pub environment: Option<String>,
    /// Value of `{{ role }}`.
    pub role: Option<String>,
    /// Value of `{{ admin_key }}`: a public key in OpenSSH's one-line form.
    pub admin_key: Option<String>,
}

/// What cloud-init is told.
#[derive(Debug, Clone)]
pub struct CloudInitSettings {
    /// In whose guests.
    pub goldens: Vec<GoldenName>,
    /// The template, in which every given value is used and none is missing.
    pub template: Template,
    /// The values that are the same for every guest.
    pub constants: Constants,
}

/// Accepts the section; the template is read now, so that a mistake in it stops the command and not a guest.
pub(super) fn accepted(written: &Written) -> Result<CloudInitSettings, BadSetting> {
    let bad =
        |why: String| BadSetting { key: "cloud_init.user_data", value: written.user_data.display().to_string(), why };
    let text = fs::read_to_string(&written.user_data).map_err(|error| bad(error.to_string()))?;
    let template: Template = text.parse().map_err(|error: crate::cloud_init::TemplateError| bad(error.to_string()))?;
    let word = |key, value: &Option<String>| value.as_deref().map(|value| accept(key, value)).transpose();
    let admin_key = written.admin_key.as_deref().map(|line| accept::<PublicKey>("cloud_init.admin_key", line));
    let constants = Constants {
        environment: word("cloud_init.environment", &written.environment)?,
        role: word("cloud_init.role", &written.role)?,
        admin_key: admin_key.transpose()?,
    };
    template.check(&constants).map_err(|error| bad(error.to_string()))?;
    let goldens = written.goldens.iter().map(|name| accept("cloud_init.goldens", name));
    Ok(CloudInitSettings { goldens: goldens.collect::<Result<_, _>>()?, template, constants })
}

impl CloudInitSettings {
    /// Whether guests of this golden are set up by cloud-init.
    pub fn is_for(&self, golden: &str) -> bool {
        self.goldens.iter().any(|name| name.as_str() == golden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(template: &str, keys: &str) -> Result<CloudInitSettings, BadSetting> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("user-data");
        fs::write(&path, template).unwrap();
        let text = format!("goldens = [\"debian13-cloud\"]\nuser_data = \"{}\"\n{keys}", path.display());
        accepted(&toml::from_str(&text).unwrap())
    }

    #[test]
    fn s0_02_a_template_and_its_values_must_fit_before_anything_is_touched() {
        let settings = written("#cloud-config\nx: {{ role }}\n", "role = \"web\"").unwrap();
        assert!(settings.is_for("debian13-cloud") && !settings.is_for("debian13"));
        for (template, keys, key, word) in [
            ("#cloud-config\n", "role = \"web\"", "cloud_init.user_data", "nothing uses it"),
            ("#cloud-config\nx: {{ role }}\n", "", "cloud_init.user_data", "no value is given"),
            ("#cloud-config\nx: {{ rule }}\n", "", "cloud_init.user_data", "no variable"),
            ("#cloud-config\nx: {{ role }}\n", "role = \"a: b\"", "cloud_init.role", "word"),
            ("#cloud-config\nx: {{ admin_key }}\n", "admin_key = \"ssh-rsa x\\ny\"", "cloud_init.admin_key", ""),
        ] {
            let refused = written(template, keys).unwrap_err();
            assert_eq!(refused.key, key, "{template}");
            assert!(refused.to_string().contains(word), "{refused}");
        }
    }
}
