//! Meshes, chat, panels, and what cannot stand beside the mail group's.

use super::super::app::App;

pub(super) const APPS: &[App] = &[
    App::new(
        "exim4",
        &[9, 105],
        &["exim4-daemon-light"],
        "exim4 -bP primary_hostname; cat /etc/mailname",
        "systemctl is-active exim4.service",
    ),
    App::new("nsd", &[110], &["nsd"], "sha256sum </etc/nsd/nsd_server.key", "nsd-control status"),
    App::new(
        "syncthing",
        &[199],
        &["syncthing"],
        "syncthing --device-id",
        "systemctl is-active syncthing@root.service",
    )
    .prepared("systemctl enable --now syncthing@root.service"),
    App::new(
        "mumble-server",
        &[198],
        &["mumble-server", "openssl"],
        "openssl s_client -connect 127.0.0.1:64738 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 \
         | sed 's/.*=//'",
        "systemctl is-active mumble-server.service",
    ),
    App::new("i2pd", &[112], &["i2pd"], "sha256sum </var/lib/i2pd/router.keys", "systemctl is-active i2pd.service"),
    App::new(
        "cockpit",
        &[101],
        &["cockpit-ws", "cockpit-bridge", "curl"],
        "curl --silent --insecure --output /dev/null https://127.0.0.1:9090/; \
         openssl x509 -in /etc/cockpit/ws-certs.d/0-self-signed.cert -noout -fingerprint -sha256 | sed 's/.*=//'",
        "curl --silent --insecure --fail --output /dev/null https://127.0.0.1:9090/ping",
    ),
    App::new(
        "dropbear",
        &[34],
        &["dropbear"],
        "dropbearkey -y -f /etc/dropbear/dropbear_ed25519_host_key | sed -n 's/^Fingerprint: //p'",
        "systemctl is-active dropbear.service",
    )
    // OpenSSH has port 22 in every golden.
    .prepared("sed -i 's/^#*DROPBEAR_PORT=.*/DROPBEAR_PORT=2222/' /etc/default/dropbear; systemctl restart dropbear"),
    App::new(
        "valkey-server",
        &[193],
        &["valkey-server"],
        "valkey-cli info server | sed -n 's/^run_id://p'",
        "test \"$(valkey-cli ping)\" = PONG",
    ),
    App::new(
        "lldpd",
        &[56],
        &["lldpd"],
        "lldpcli -f keyvalue show chassis | sed -n 's/^local-chassis.chassis.mac=//p'",
        "lldpcli show chassis",
    ),
    App::new(
        "avahi-daemon",
        &[55],
        &["avahi-daemon", "avahi-utils"],
        "avahi-resolve-host-name -4 \"$(hostname).local\" | cut -f1",
        "systemctl is-active avahi-daemon.service",
    ),
];
