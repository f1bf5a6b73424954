//! Credentials of the people and services that built.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::Lines;

/// Names that a secret's key ends with.
pub(super) const SECRET_KEYS: &[&str] = &[
    "*PASSWORD",
    "*PASSWD",
    "*_PASS",
    "*SECRET",
    "*SECRET_KEY",
    "*_TOKEN",
    "*API_KEY",
    "*APIKEY",
    "*PRIVATE_KEY",
    "*ACCESS_KEY",
    "APP_KEY",
];

pub(super) const ITEMS: &[Item] = &[
    Item::new("cloud-credentials", "credentials for clouds", &[162])
        .at(&[
            "~/.aws/credentials",
            "~/.aws/sso/**",
            "~/.aws/cli/cache/**",
            "~/.azure/**",
            "~/.config/gcloud/**",
            "~/.config/doctl/config.yaml",
            "~/.config/hcloud/cli.toml",
            "~/.oci/*.pem",
            "~/.s3cfg",
            "~/.boto",
            "~/.config/rclone/rclone.conf",
            "~/.terraform.d/credentials*",
            "~/.kube/config",
        ])
        .leaks(1, "every customer acts in the builder's cloud account")
        .forbidden(),
    Item::new("developer-credentials", "credentials of developers' tools", &[162])
        .at(&[
            "~/.netrc",
            "~/.git-credentials",
            "~/.config/git/credentials",
            "~/.pypirc",
            "~/.cargo/credentials*",
            "~/.gem/credentials",
            "~/.m2/settings-security.xml",
            "~/.config/gh/hosts.yml",
            "~/.config/glab-cli/config.yml",
            "~/.config/op/**",
            "~/.password-store/**",
            "~/.pgpass",
            "~/.my.cnf",
            "~/.mylogin.cnf",
            "~/.smbcredentials",
            "/var/lib/postgresql/.pgpass",
        ])
        .leaks(1, "every customer acts in the builder's name")
        .forbidden(),
    Item::new("registry-tokens", "tokens for package registries", &[162])
        .at(&["~/.npmrc", "/etc/npmrc", "~/.yarnrc.yml", "~/.config/pip/pip.conf", "~/.m2/settings.xml"])
        .leaks(1, "every customer publishes in the builder's name")
        .forbids(Lines::SetKeys(&["*_authToken", "_auth", "_password", "npmAuthToken", "*_TOKEN", "<password>*"])),
    Item::new("proxmox-tokens", "Proxmox tokens and passwords", &[162])
        .at(&["~/.config/proxmox-backup/**", "/etc/proxmox-backup/*.pw", "/etc/pve/**", "~/.config/pve/**"])
        .leaks(1, "every customer acts on the builder's cluster")
        .forbidden(),
    Item::new("age-keys", "age and sops keys", &[163])
        .at(&[
            "~/.config/sops/age/keys.txt",
            "~/.config/age/**",
            "/etc/sops/age/*",
            "/etc/sops/keys.txt",
            "/var/lib/sops-nix/key.txt",
            "/etc/age/*",
        ])
        .leaks(1, "every customer decrypts every secret that was encrypted to it")
        .forbidden(),
    Item::new("environment-files", "secrets in environment files", &[164, 201])
        .at(&[
            "/opt/**/.env*",
            "/opt/**/*.env",
            "/srv/**/.env*",
            "/srv/**/*.env",
            "/var/www/**/.env*",
            "~/.env",
            "/etc/environment",
        ])
        .except(&["/opt/**/.env.example", "/srv/**/.env.example", "/var/www/**/.env.example"])
        .collides(1, "one application secret for every customer")
        .forbids(Lines::SetKeys(SECRET_KEYS)),
    Item::new("compose-secrets", "secrets in compose files", &[164])
        .at(&[
            "/opt/**/docker-compose*.y*ml",
            "/opt/**/compose*.y*ml",
            "/srv/**/docker-compose*.y*ml",
            "/srv/**/compose*.y*ml",
            "~/docker-compose*.y*ml",
            "~/compose*.y*ml",
        ])
        .collides(1, "one application secret for every customer")
        .forbids(Lines::SetKeys(SECRET_KEYS)),
    Item::new("service-environment", "secrets in units and defaults", &[165])
        .at(&[
            "/etc/default/*",
            "/etc/sysconfig/*",
            "/etc/conf.d/*",
            "/etc/systemd/system/*.service",
            "/etc/systemd/system/*.service.d/*.conf",
        ])
        .leaks(1, "a secret that every process of every guest can read")
        .forbids(Lines::SetKeys(SECRET_KEYS)),
    Item::new("licences", "licences bound to hardware", &[204])
        .breaks(2, "a licence that is bound to a MAC address or machine-id ends when these change")
        .outside("makers keep them where they like; the drill of the application tells"),
];
