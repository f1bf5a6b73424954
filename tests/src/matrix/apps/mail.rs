//! Mail, names, certificates, monitoring, configuration management.

use super::super::app::App;

pub(super) const APPS: &[App] = &[
    App::new(
        "ssl-cert",
        &[93],
        &["ssl-cert", "openssl"],
        "openssl x509 -in /etc/ssl/certs/ssl-cert-snakeoil.pem -noout -fingerprint -sha256 | sed 's/.*=//'",
        "test \"$(openssl x509 -in /etc/ssl/certs/ssl-cert-snakeoil.pem -noout -pubkey)\" \
         = \"$(openssl pkey -in /etc/ssl/private/ssl-cert-snakeoil.key -pubout)\"",
    ),
    App::new(
        "postfix",
        &[9, 104],
        &["postfix"],
        "postconf -h myhostname",
        "systemctl is-active postfix.service && postfix status",
    ),
    App::new(
        "dovecot-imapd",
        &[103],
        &["dovecot-imapd"],
        "openssl s_client -connect 127.0.0.1:993 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 \
         | sed 's/.*=//'",
        "doveadm service status",
    ),
    App::new("bind9", &[110], &["bind9"], "sha256sum </etc/bind/rndc.key", "rndc status"),
    App::new(
        "tor",
        &[112],
        &["tor"],
        "cat /var/lib/tor/matrix/hostname",
        "systemctl is-active tor@default.service && test -s /var/lib/tor/matrix/hostname",
    )
    .prepared(
        "printf 'HiddenServiceDir /var/lib/tor/matrix\\nHiddenServicePort 80 127.0.0.1:80\\n' >>/etc/tor/torrc; \
         systemctl restart tor@default.service",
    ),
    App::new(
        "snmpd",
        &[56],
        &["snmpd"],
        "sed -n 's/^oldEngineID //p' /var/lib/snmp/snmpd.conf",
        "systemctl is-active snmpd.service",
    ),
    App::new(
        "popularity-contest",
        &[131],
        &["popularity-contest"],
        "popularity-contest | sed -n '1s/.* ID:\\([^ ]*\\).*/\\1/p'; sed -n 's/ \\*.*root.*//p' /etc/cron.d/popularity-contest",
        "popularity-contest",
    ),
    App::new(
        "zabbix-agent",
        &[172],
        &["zabbix-agent"],
        "zabbix_agentd -t system.hostname | sed 's/.*|\\(.*\\)]/\\1/'",
        "systemctl is-active zabbix-agent.service",
    ),
    App::new(
        "puppet-agent",
        &[167],
        &["puppet-agent"],
        // What the agent does before it asks a master for a certificate; there is no master here.
        "puppet ssl generate_request >/dev/null; sha256sum <\"$(puppet config print hostprivkey)\"",
        "puppet --version",
    ),
    App::new(
        "salt-minion",
        &[166],
        &["salt-minion"],
        "sha256sum </etc/salt/pki/minion/minion.pub",
        "systemctl is-active salt-minion.service",
    ),
    App::new(
        "netdata",
        &[171],
        &["netdata"],
        "cat /var/lib/netdata/registry/netdata.public.unique.id",
        "systemctl is-active netdata.service",
    ),
];
