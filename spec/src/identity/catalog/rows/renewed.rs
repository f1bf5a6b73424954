//! Identities that no program makes again by itself once they are gone: the first-boot unit does.
//!
//! What was found in real packages stands in `docs/decisions/0004-releases.md`; `make test-matrix` proves each row.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Lines, Need, Reading, Renewer, Rewrite};

pub(super) const ITEMS: &[Item] = &[
    Item::new("mail-name", "mail name", &[9])
        .at(&["/etc/mailname"])
        .collides(3, "mail of every guest comes from the build guest")
        .filled_at_first_boot()
        .live("exim4-daemon-light"),
    Item::new("mail-server-names", "names in the mail server's configuration", &[104, 105])
        .at(&["/etc/postfix/main.cf", "/etc/exim4/update-exim4.conf.conf"])
        .collides(2, "mail servers greet with the build guest's name and take its mail for theirs")
        .forgets_names(&["myhostname", "mydomain", "myorigin", "mydestination", "dc_other_hostnames", "dc_readhost"])
        .by_owner("postfix, exim4")
        .live("postfix"),
    Item::new("name-server-control-key", "control key of BIND", &[110])
        .at(&["/etc/bind/rndc.key", "/etc/rndc.key"])
        .collides(1, "whoever has one guest's key controls the name server of every other")
        .unique_file()
        .filled_at_first_boot()
        .stop(&["named.service"])
        .live("bind9"),
    Item::new("nsd-control-keys", "control keys of NSD", &[110])
        .at(&["/etc/nsd/nsd_server.*", "/etc/nsd/nsd_control.*"])
        .collides(1, "whoever has one guest's key controls the name server of every other")
        .unique_file()
        .by(Renewer::Firstboot)
        .needs(&[Need::Program("nsd-control-setup")])
        .live("nsd"),
    Item::new("iscsi-initiator-name", "iSCSI initiator name", &[124])
        .at(&["/etc/iscsi/initiatorname.iscsi"])
        .collides(1, "a storage takes two guests for one and lets both write to one disk")
        .unique_file()
        .filled_at_first_boot()
        .live("open-iscsi"),
    Item::new("nvme-host-nqn", "NVMe host name", &[125])
        .at(&["/etc/nvme/hostnqn"])
        .collides(1, "a storage takes two guests for one host")
        .unique_file()
        .filled_at_first_boot()
        .live("nvme-cli"),
    Item::new("nvme-host-id", "NVMe host id", &[125])
        .at(&["/etc/nvme/hostid"])
        .collides(1, "a storage takes two guests for one host")
        .unique_file()
        .filled_at_first_boot()
        .live("nvme-cli"),
    Item::new("popularity-contest-id", "id of popularity-contest", &[131])
        .at(&["/etc/popularity-contest.conf"])
        .collides(3, "the survey counts a fleet as one machine")
        .drops(Lines::Keys(&["MY_HOSTID"]))
        .by(Renewer::Firstboot)
        .live("popularity-contest"),
    Item::new("popularity-contest-time", "minute of popularity-contest", &[97, 131])
        .at(&["/etc/cron.d/popularity-contest"])
        .collides(4, "every guest reports in the same minute of the day")
        .filled_at_first_boot()
        .live("popularity-contest"),
    Item::new("cfengine-key", "CFEngine's host key", &[169])
        .at(&[
            "/var/lib/cfengine3/ppkeys/localhost.*",
            "/var/cfengine/ppkeys/localhost.*",
            "/var/lib/cfengine3/randseed",
        ])
        .collides(1, "the policy hub takes every guest for one host")
        .unique_file()
        .by(Renewer::Firstboot)
        .needs(&[Need::Program("cf-key")])
        .stop(&["cfengine3.service"])
        .live("cfengine3"),
    Item::new("munge-key", "key of MUNGE", &[196])
        .at(&["/etc/munge/munge.key"])
        .collides(1, "users of one guest are believed by every other")
        .when_shared("users of one are believed by the other")
        .unique_file()
        .filled_at_first_boot()
        .stop(&["munge.service"])
        .live("munge"),
    Item::new("postgresql-cluster", "PostgreSQL system identifier", &[191])
        .at(&[
            "/var/lib/postgresql/*/*/global/pg_control",
            "/var/lib/pgsql/data/global/pg_control",
            "/var/lib/pgsql/*/data/global/pg_control",
        ])
        .collides(2, "WAL and base backups of another guest are taken for this one's")
        .unique(Reading::PostgresControl)
        .rewritten(Rewrite::ClusterAsleep)
        .by(Renewer::Firstboot)
        .stays_in_clones()
        .stop(&["postgresql.service"])
        .needs(&[Need::Program("pg_resetwal")])
        .live("postgresql"),
    Item::new("mariadb-aria-id", "uuid and log of the Aria engine", &[188])
        .at(&["/var/lib/mysql/aria_log_control", "/var/lib/mysql/aria_log.*"])
        .collides(
            3,
            "tables of another server are taken for this one's, and the uuid holds the build guest's MAC address",
        )
        .by_owner("mariadbd")
        .stop(&["mariadb.service"])
        .live("mariadb-server"),
    Item::new("erlang-cookie", "Erlang cookie", &[197, 198])
        .at(&["/var/lib/rabbitmq/.erlang.cookie", "/var/lib/ejabberd/.erlang.cookie"])
        .collides(1, "whoever has one guest's cookie runs code in the broker of every other")
        .unique_file()
        .filled_at_first_boot()
        .stop(&["rabbitmq-server.service", "ejabberd.service", "epmd.service"])
        .live("rabbitmq-server"),
    Item::new("rabbitmq-database", "RabbitMQ database", &[197])
        .at(&["/var/lib/rabbitmq/mnesia/**", "/var/lib/rabbitmq/schema/**"])
        .breaks(2, "it belongs to the node named after the build guest, which no guest is")
        .by_owner("rabbitmq-server")
        .stop(&["rabbitmq-server.service"])
        .live("rabbitmq-server"),
];
