//! Applications: what makes one instance that instance.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Lines};

pub(super) const ITEMS: &[Item] = &[
    Item::new("syncthing-device", "Syncthing device certificate", &[199])
        .at(&[
            "~/.local/state/syncthing/*.pem",
            "~/.config/syncthing/*.pem",
            "/var/lib/syncthing/.local/state/syncthing/*.pem",
            "/var/lib/syncthing/.config/syncthing/*.pem",
            "/var/lib/syncthing/*.pem",
        ])
        .applies(&[Applies::Package("syncthing")])
        .collides(1, "peers take two devices for one and mix their folders")
        .unique_file()
        .stop(&["syncthing@.service"])
        .copies(&["syncthing-state"])
        .by_owner("syncthing")
        .live("syncthing"),
    Item::new("syncthing-state", "Syncthing configuration and index", &[199])
        .at(&[
            "~/.local/state/syncthing/**",
            "~/.config/syncthing/**",
            "/var/lib/syncthing/.local/state/syncthing/**",
            "/var/lib/syncthing/.config/syncthing/**",
        ])
        .collides(1, "it names the device and holds the key of its interface")
        .stop(&["syncthing@.service"])
        .by_owner("syncthing"),
    Item::new("resilio-identity", "Resilio Sync identity", &[199])
        .at(&["/var/lib/resilio-sync/**"])
        .collides(1, "peers take two devices for one")
        .directories_only()
        .stop(&["resilio-sync.service"])
        .by_owner("rslsync"),
    Item::new("ipfs-identity", "IPFS peer identity", &[199])
        .at(&[
            "~/.ipfs/config",
            "~/.ipfs/keystore/**",
            "/var/lib/ipfs/config",
            "/var/lib/ipfs/keystore/**",
            "/var/lib/ipfs/.ipfs/config",
        ])
        .collides(1, "two peers with one name")
        .forbidden()
        .by_procedure("ipfs init at first boot"),
    Item::new("matrix-signing-key", "Matrix signing key", &[199])
        .at(&[
            "/etc/matrix-synapse/homeserver.signing.key",
            "/var/lib/matrix-synapse/*.signing.key",
            "/etc/dendrite/matrix_key.pem",
        ])
        .applies(&[Applies::Package("matrix-synapse")])
        .collides(1, "one guest can write events in every other's name")
        .unique_file()
        .stays_in_clones()
        .stop(&["matrix-synapse.service"])
        .by_owner("synapse --generate-keys, before its start"),
    Item::new("runner-system-id", "GitLab runner's system id", &[200])
        .at(&["/etc/gitlab-runner/.runner_system_id", "~/.gitlab-runner/.runner_system_id"])
        .applies(&[Applies::Package("gitlab-runner")])
        .collides(1, "the server sees one machine behind all runners")
        .unique_file()
        .stop(&["gitlab-runner.service"])
        .by_owner("gitlab-runner"),
    Item::new("runner-tokens", "tokens of CI runners", &[200])
        .at(&[
            "/etc/gitlab-runner/config.toml",
            "~/.gitlab-runner/config.toml",
            "/etc/buildkite-agent/buildkite-agent.cfg",
        ])
        .collides(1, "every guest takes the builder's jobs, with their secrets")
        .forbids(Lines::SetKeys(&["token", "registration_token"])),
    Item::new("runner-registrations", "registrations of CI runners", &[200])
        .at(&[
            "~/actions-runner/.runner",
            "~/actions-runner/.credentials*",
            "/opt/actions-runner/.runner",
            "/opt/actions-runner/.credentials*",
            "/var/lib/*runner/.runner",
            "/opt/*runner/.runner",
            "/var/lib/jenkins-agent/secret-file",
        ])
        .collides(1, "every guest takes the builder's jobs, with their secrets")
        .forbidden()
        .by_procedure("register each guest"),
    Item::new("jenkins-keys", "Jenkins instance keys", &[200])
        .at(&["/var/lib/jenkins/identity.key.enc", "/var/lib/jenkins/secret.key*", "/var/lib/jenkins/secrets/**"])
        .applies(&[Applies::Package("jenkins")])
        .collides(1, "credentials of one guest's Jenkins open in every other's")
        .stop(&["jenkins.service"])
        .by_owner("jenkins"),
    Item::new("nextcloud-secrets", "Nextcloud instance secrets", &[201])
        .at(&["/var/www/**/config/config.php", "/etc/nextcloud/config.php"])
        .collides(1, "sessions and shares of one customer open at another")
        .forbids(Lines::SetKeys(&["instanceid", "secret", "passwordsalt", "dbpassword"]))
        .by_procedure("install at first boot"),
    Item::new("gitlab-secrets", "GitLab secrets", &[201])
        .at(&[
            "/etc/gitlab/gitlab-secrets.json",
            "/etc/gitlab/initial_root_password",
            "/opt/gitlab/etc/gitlab-secrets.json",
        ])
        .collides(1, "sessions, tokens and stored secrets of one customer open at another")
        .forbidden()
        .by_procedure("gitlab-ctl reconfigure at first boot"),
    Item::new("gitea-secrets", "Gitea and Forgejo secrets", &[201])
        .at(&[
            "/etc/gitea/app.ini",
            "/etc/forgejo/app.ini",
            "/var/lib/gitea/custom/conf/app.ini",
            "/var/lib/forgejo/custom/conf/app.ini",
        ])
        .collides(1, "sessions and tokens of one customer open at another")
        .forbids(Lines::SetKeys(&["SECRET_KEY", "INTERNAL_TOKEN", "JWT_SECRET", "LFS_JWT_SECRET", "PASSWD"]))
        .by_procedure("gitea generate secret"),
    Item::new("wordpress-salts", "WordPress salts", &[201])
        .at(&["/var/www/**/wp-config.php", "/srv/**/wp-config.php", "/etc/wordpress/config-*.php"])
        .collides(1, "a session of one customer's site opens every other's")
        .forbids(Lines::SetKeys(&[
            "define(*AUTH_KEY",
            "define(*SECURE_AUTH_KEY",
            "define(*LOGGED_IN_KEY",
            "define(*NONCE_KEY",
            "define(*_SALT",
            "define(*DB_PASSWORD",
        ]))
        .by_procedure("wp config shuffle-salts"),
    Item::new("framework-secrets", "secret keys of web frameworks", &[201])
        .at(&[
            "/opt/**/settings.py",
            "/srv/**/settings.py",
            "/var/www/**/settings.py",
            "/opt/**/config/secrets.yml",
            "/srv/**/config/secrets.yml",
            "/var/www/**/config/secrets.yml",
        ])
        .collides(1, "sessions of one customer open at another")
        .forbids(Lines::SetKeys(&["SECRET_KEY", "secret_key_base"])),
    Item::new("rails-master-keys", "Rails master keys", &[201])
        .at(&["/opt/**/config/master.key", "/srv/**/config/master.key", "/var/www/**/config/master.key"])
        .collides(1, "it opens the application's stored credentials")
        .forbidden(),
    Item::new("vaultwarden-keys", "Vaultwarden keys", &[201])
        .at(&["/var/lib/vaultwarden/rsa_key*", "/opt/vaultwarden/data/rsa_key*"])
        .collides(1, "a session of one customer opens every other's vault")
        .unique_file()
        .stop(&["vaultwarden.service"])
        .by_owner("vaultwarden"),
    Item::new("n8n-key", "n8n encryption key", &[201])
        .at(&["~/.n8n/config", "/var/lib/n8n/.n8n/config"])
        .collides(1, "stored credentials of one customer open at another")
        .unique_file()
        .stays_in_clones()
        .by_owner("n8n"),
    Item::new("identity-providers", "Keycloak and Authentik secrets", &[201])
        .at(&[
            "/etc/keycloak/*.conf",
            "/opt/keycloak/conf/keycloak.conf",
            "/opt/keycloak/conf/*.keystore",
            "/etc/authentik/config.yml",
            "/etc/authentik/*.env",
        ])
        .collides(1, "whoever holds them signs in as anybody")
        .forbids(Lines::SetKeys(&["db-password", "secret_key", "AUTHENTIK_SECRET_KEY", "*-password", "password"])),
    Item::new("home-assistant-id", "Home Assistant id", &[202])
        .at(&[
            "~/.homeassistant/.storage/core.uuid",
            "/var/lib/homeassistant/.storage/core.uuid",
            "/usr/share/hassio/homeassistant/.storage/core.uuid",
            "/srv/homeassistant/.storage/core.uuid",
        ])
        .collides(2, "apps and the cloud take two homes for one")
        .unique_file()
        .by_owner("home-assistant"),
    Item::new("plex-id", "Plex machine id and account", &[202])
        .at(&["/var/lib/plexmediaserver/Library/Application Support/Plex Media Server/Preferences.xml"])
        .collides(2, "one server in every customer's account")
        .unique_file()
        .stop(&["plexmediaserver.service"])
        .by_owner("plexmediaserver"),
    Item::new("jellyfin-id", "Jellyfin server id", &[202])
        .at(&["/var/lib/jellyfin/data/device.txt", "/var/lib/emby/data/device.txt"])
        .applies(&[Applies::Package("jellyfin")])
        .collides(2, "clients take two servers for one")
        .unique_file()
        .stop(&["jellyfin.service"])
        .by_owner("jellyfin"),
    Item::new("unifi-id", "UniFi controller id", &[202])
        .at(&[
            "/var/lib/unifi/system.properties",
            "/usr/lib/unifi/data/system.properties",
            "/var/lib/unifi/keystore",
            "/usr/lib/unifi/data/keystore",
        ])
        .collides(2, "devices adopt the wrong controller")
        .unique_file()
        .stays_in_clones()
        .stop(&["unifi.service"])
        .by_owner("unifi"),
    Item::new("portainer-data", "Portainer data", &[203])
        .at(&["/opt/portainer/portainer.*", "/opt/portainer/data/**", "/var/lib/portainer/**"])
        .collides(
            1,
            "one administrator and one key for every guest; without it the first visitor becomes administrator",
        )
        .forbidden()
        .by_procedure("start it at first boot behind a fence until it is claimed"),
    Item::new("dns-panels", "Pi-hole and AdGuard secrets", &[203])
        .at(&[
            "/etc/pihole/cli_pw",
            "/etc/pihole/tls*",
            "/opt/AdGuardHome/data/sessions.db",
            "/var/lib/AdGuardHome/data/sessions.db",
        ])
        .collides(1, "one session or key opens every guest's panel")
        .stop(&["pihole-FTL.service", "AdGuardHome.service"])
        .by_owner("pihole-FTL; AdGuardHome"),
    Item::new("panel-passwords", "passwords of panels", &[203])
        .at(&["/etc/pihole/pihole.toml", "/etc/pihole/setupVars.conf", "/opt/AdGuardHome/AdGuardHome.yaml"])
        .collides(1, "one password opens every guest's panel")
        .forbids(Lines::SetKeys(&["pwhash", "WEBPASSWORD", "app_pwhash", "password"])),
    Item::new("panel-databases", "databases of panels", &[203])
        .at(&[
            "/opt/uptime-kuma/data/kuma.db*",
            "/data/keys.json",
            "/data/database.sqlite",
            "/opt/npm/data/keys.json",
            "/opt/npm/data/database.sqlite",
        ])
        .collides(1, "one administrator for every guest, or the first visitor")
        .forbidden()
        .by_procedure("start it at first boot behind a fence until it is claimed"),
];
