//! TLS keys, certificates, PKI.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Distro, Lines, Need, Renewer};

pub(super) const ITEMS: &[Item] = &[
    Item::new("snakeoil-key", "snake-oil TLS key", &[93])
        .at(&["/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/certs/ssl-cert-snakeoil.pem"])
        .applies(&[Applies::Package("ssl-cert")])
        .collides(1, "one TLS private key for every guest, used by Postfix, Dovecot and PostgreSQL")
        .when_shared("each can read and forge the TLS connections of the other's mail and databases")
        .unique_file()
        .by(Renewer::Firstboot)
        .needs(&[Need::Program("make-ssl-cert")])
        .live("ssl-cert"),
    Item::new("el-localhost-key", "Enterprise Linux's default TLS key", &[100])
        .at(&["/etc/pki/tls/private/localhost.key", "/etc/pki/tls/certs/localhost.crt"])
        .applies(&[Applies::Family(Distro::RedHat)])
        .collides(1, "one TLS private key for every guest's web server")
        .when_shared("each can read and forge the TLS connections of the other's web server")
        .unique_file()
        .by_owner("httpd-init.service"),
    Item::new("cockpit-certificate", "Cockpit's own certificate", &[35, 101, 203])
        .at(&["/etc/cockpit/ws-certs.d/0-self-signed*"])
        .applies(&[Applies::Package("cockpit-ws")])
        .collides(1, "one TLS private key for every guest's console")
        .when_shared("each can pose as the other's console and take its passwords")
        .unique_file()
        .stop(&["cockpit.service"])
        .by_owner("cockpit")
        .live("cockpit-ws"),
    Item::new("webmin-certificate", "Webmin's and Usermin's certificate", &[102, 203])
        .at(&["/etc/webmin/miniserv.pem", "/etc/usermin/miniserv.pem"])
        .applies(&[Applies::Package("webmin")])
        .collides(1, "one TLS private key for every guest's console")
        .when_shared("each can pose as the other's console and take its passwords")
        .unique_file()
        .stays_in_clones()
        .by_procedure("openssl req into miniserv.pem, or the package's reconfiguration"),
    Item::new("dovecot-key", "Dovecot's key", &[103])
        .at(&["/etc/dovecot/private/*", "/etc/pki/dovecot/private/*", "/etc/pki/dovecot/certs/*"])
        .applies(&[Applies::Package("dovecot-core")])
        .collides(1, "one TLS private key for every guest's mailboxes")
        .links_only()
        .by_procedure("a certificate of the guest's own, or Debian's links to the snake-oil key"),
    Item::new("dovecot-state", "Dovecot's state", &[103])
        .at(&["/var/lib/dovecot/ssl-parameters.dat", "/var/lib/dovecot/instances", "/var/lib/dovecot/mounts"])
        .bloats(4, "instances and mounts of the build guest")
        .by_owner("dovecot"),
    Item::new("exim-key", "Exim's TLS key", &[105])
        .at(&["/etc/exim4/exim.key", "/etc/exim4/exim.crt"])
        .collides(1, "one TLS private key for every guest's mail")
        .when_shared("each can read and forge the TLS connections of the other's mail")
        .unique_file()
        .by_procedure("exim-gencert"),
    Item::new("dkim-keys", "DKIM and ARC keys", &[106])
        .at(&["/etc/opendkim/keys/**", "/etc/dkimkeys/**", "/var/lib/rspamd/dkim/**", "/etc/mail/dkim/**"])
        .except(&["/etc/dkimkeys/README*"])
        .collides(1, "every guest signs as the builder's domain")
        .forbidden(),
    Item::new("acme-accounts", "ACME accounts and certificates", &[107])
        .at(&[
            "/etc/letsencrypt/accounts/**",
            "/etc/letsencrypt/archive/**",
            "/etc/letsencrypt/live/**",
            "/etc/letsencrypt/keys/**",
            "/etc/letsencrypt/renewal/*.conf",
            "~/.acme.sh/account.conf",
            "~/.acme.sh/ca/**",
            "/etc/traefik/**/acme.json",
            "/var/lib/traefik/**/acme.json",
            "/var/lib/caddy/.local/share/caddy/acme/**",
            "/var/lib/caddy/.local/share/caddy/certificates/**",
            "~/.local/share/caddy/acme/**",
            "~/.local/share/caddy/certificates/**",
            "/var/lib/lego/**",
            "/etc/lego/**",
            "~/.lego/**",
        ])
        .except(&["/etc/letsencrypt/live/README"])
        .collides(1, "one account and its rate limits for the fleet, and keys of names that no guest has")
        .forbidden(),
    Item::new("caddy-instance", "Caddy's instance id", &[108])
        .at(&["/var/lib/caddy/.local/share/caddy/instance.uuid", "~/.local/share/caddy/instance.uuid"])
        .applies(&[Applies::Package("caddy")])
        .collides(2, "storage locks and telemetry take two servers for one")
        .unique_file()
        .stop(&["caddy.service"])
        .by_owner("caddy"),
    Item::new("caddy-authority", "Caddy's local authority", &[108])
        .at(&["/var/lib/caddy/.local/share/caddy/pki/**", "~/.local/share/caddy/pki/**"])
        .applies(&[Applies::Package("caddy")])
        .collides(1, "whoever trusts one guest's authority trusts every guest of the golden")
        .when_shared("who trusts one of them trusts certificates that the other makes")
        .unique_file()
        .stop(&["caddy.service"])
        .by_owner("caddy"),
    Item::new("private-authorities", "keys of private authorities", &[109])
        .at(&[
            "/etc/step-ca/secrets/**",
            "/etc/step/secrets/**",
            "~/.step/secrets/**",
            "~/.local/share/mkcert/**",
            "/etc/easy-rsa/pki/**",
            "/etc/openvpn/easy-rsa/pki/**",
            "/etc/pki/CA/private/**",
            "/etc/ssl/CA/private/**",
        ])
        .collides(1, "every customer can sign in the authority's name")
        .forbidden(),
    Item::new("unbound-control-keys", "control keys of unbound", &[110])
        .at(&["/etc/unbound/unbound_*.key", "/etc/unbound/unbound_*.pem"])
        .collides(1, "whoever holds one guest's key controls every guest's name server")
        .unique_file()
        .by_procedure("unbound-control-setup"),
    Item::new("dns-keys", "TSIG and DNSSEC keys", &[110])
        .at(&[
            "/etc/bind/*.key",
            "/etc/bind/keys/**",
            "/var/lib/bind/K*.private",
            "/var/cache/bind/K*.private",
            "/var/named/K*.private",
            "/var/lib/knot/keys/**",
            "/var/lib/powerdns/*.private",
        ])
        .except(&["/etc/bind/rndc.key"])
        .leaks(1, "zones can be signed and changed in the builder's name")
        .forbidden(),
    Item::new("time-keys", "keys for time servers", &[111])
        .at(&["/etc/chrony/chrony.keys", "/etc/chrony.keys", "/etc/ntp.keys", "/etc/ntpsec/ntp.keys", "/etc/ntp/keys"])
        .leaks(2, "the keys by which time servers trust the builder's machines")
        .forbids(Lines::Keys(&["*"])),
    Item::new("clock-drift", "clock drift and measurements", &[111])
        .at(&["/var/lib/chrony/**", "/var/lib/ntp/**", "/var/lib/ntpsec/**", "/var/lib/openntpd/**"])
        .bloats(4, "the build machine's clock; a container does not keep one")
        .directories_only()
        .stop(&["chrony.service", "ntpsec.service"])
        .by_owner("the time daemon"),
    Item::new("tor-identity", "Tor's keys", &[112])
        .at(&[
            "/var/lib/tor/keys/**",
            "/var/lib/tor/fingerprint*",
            "/var/lib/tor/*/hs_*",
            "/var/lib/tor/*/hostname",
            "/var/lib/tor/*/private_key",
        ])
        .applies(&[Applies::Package("tor")])
        .collides(1, "two relays or onion services with one name")
        .unique_file()
        .stays_in_clones()
        .stop(&["tor.service", "tor@default.service"])
        .by_owner("tor")
        .live("tor"),
    Item::new("i2p-identity", "I2P's keys", &[112])
        .at(&["/var/lib/i2pd/*.keys", "/var/lib/i2pd/router.info", "/var/lib/i2pd/destinations/**", "~/.i2pd/*.keys"])
        .applies(&[Applies::Package("i2pd")])
        .collides(1, "two routers with one name")
        .unique_file()
        .stays_in_clones()
        .stop(&["i2pd.service"])
        .by_owner("i2pd")
        .live("i2pd"),
    Item::new("radius-certificates", "FreeRADIUS's certificates", &[113])
        .at(&[
            "/etc/freeradius/*/certs/*.key",
            "/etc/freeradius/*/certs/*.pem",
            "/etc/freeradius/*/certs/*.p12",
            "/etc/raddb/certs/*.key",
            "/etc/raddb/certs/*.pem",
            "/etc/raddb/certs/*.p12",
        ])
        .collides(1, "clients trust every guest's server")
        .links_only()
        .by_procedure("make -C certs"),
    Item::new("server-keys", "private keys of servers", &[114])
        .at(&[
            "/etc/ssl/private/*",
            "/etc/pki/tls/private/*",
            "/etc/nginx/**/*.key",
            "/etc/nginx/**/*.pem",
            "/etc/apache2/**/*.key",
            "/etc/apache2/**/*.pem",
            "/etc/httpd/**/*.key",
            "/etc/haproxy/**/*.pem",
            "/etc/stunnel/**/*.pem",
            "/etc/stunnel/**/*.key",
        ])
        .except(&["/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/pki/tls/private/localhost.key"])
        .collides(1, "a private key that every customer can read")
        .forbids(Lines::PrivateKeys),
    Item::new("ipsec-secrets", "IPsec secrets", &[115])
        .at(&["/etc/ipsec.secrets", "/etc/ipsec.d/*.secrets", "/var/lib/strongswan/ipsec.secrets.inc"])
        .collides(1, "every guest can pose as the builder's gateway")
        .forbids(Lines::Keys(&["*PSK", "*RSA", "*ECDSA", "*EAP", "*XAUTH", "*NTLM", "*PKCS8", "*P12"])),
    Item::new("ipsec-keys", "IPsec private keys", &[115])
        .at(&[
            "/etc/ipsec.d/private/**",
            "/etc/swanctl/private/**",
            "/etc/swanctl/rsa/**",
            "/etc/swanctl/ecdsa/**",
            "/etc/swanctl/pkcs8/**",
            "/etc/swanctl/pkcs12/**",
        ])
        .collides(1, "every guest can pose as the builder's gateway")
        .forbidden(),
    Item::new("gpg-secrets", "GnuPG secret keys", &[127])
        .at(&["~/.gnupg/private-keys-v1.d/**", "~/.gnupg/secring.gpg", "~/.gnupg/openpgp-revocs.d/**"])
        .leaks(1, "every customer can sign and decrypt in the builder's name")
        .forbidden(),
    Item::new("gpg-random-seed", "GnuPG's random seed", &[127])
        .at(&["~/.gnupg/random_seed", "~/.gnupg/S.*"])
        .collides(2, "guests that start from one seed may draw the same numbers")
        .by_owner("gpg"),
    Item::new("pacman-master-key", "pacman's master key", &[128])
        .at(&["/etc/pacman.d/gnupg/private-keys-v1.d/*", "/etc/pacman.d/gnupg/secring.gpg"])
        .applies(&[Applies::Family(Distro::Arch)])
        .collides(1, "whoever holds it makes every guest trust a package")
        .unique_file()
        .stays_in_clones()
        .copies(&["pacman-keyring"])
        .by_procedure("pacman-key --init; pacman-key --populate"),
    Item::new("pacman-keyring", "pacman's keyring", &[128])
        .at(&["/etc/pacman.d/gnupg/**"])
        .applies(&[Applies::Family(Distro::Arch)])
        .collides(1, "signed with the master key that goes")
        .by_procedure("pacman-key --init; pacman-key --populate"),
    Item::new("integrity-databases", "baselines of integrity checkers", &[129])
        .at(&[
            "/var/lib/aide/aide.db*",
            "/var/lib/tripwire/*",
            "/var/lib/rkhunter/db/rkhunter.dat*",
            "/var/lib/rkhunter/db/rkhunter_prop_list.dat",
            "/var/lib/samhain/*",
        ])
        .breaks(3, "the baseline of another system: everything that a first boot renews would look like an attack")
        .after(&["machine-id", "ssh-host-keys"])
        .by_procedure("aideinit, after the identity is the guest's own"),
    Item::new("firmware-keys", "fwupd's client key", &[130])
        .at(&["/var/lib/fwupd/pki/*"])
        .collides(2, "reports of the fleet come from one machine")
        .unique_file()
        .by_owner("fwupd"),
    Item::new("tpm-state", "TPM enrolments", &[130])
        .at(&["/var/lib/tpm/**", "/var/lib/tpm2-tss/**", "/var/lib/swtpm-localca/**"])
        .collides(2, "bound to a TPM that the guest does not have")
        .directories_only(),
];
