//! Message brokers and coordination services.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Lines};

pub(super) const ITEMS: &[Item] = &[
    Item::new("etcd-member", "etcd member", &[157])
        .at(&["/var/lib/etcd/**"])
        .applies(&[Applies::Package("etcd-server"), Applies::Package("etcd")])
        .collides(1, "two members with one id tear a cluster apart")
        .stop(&["etcd.service"])
        .by_owner("etcd"),
    Item::new("zookeeper-data", "ZooKeeper data", &[157])
        .at(&["/var/lib/zookeeper/version-2/**", "/var/lib/zookeeper/data/**"])
        .applies(&[Applies::Package("zookeeperd")])
        .collides(1, "the build guest's epoch and sessions")
        .directories_only()
        .stop(&["zookeeper.service"])
        .by_owner("zookeeper"),
    Item::new("zookeeper-id", "ZooKeeper's number", &[157])
        .at(&["/var/lib/zookeeper/myid", "/etc/zookeeper/conf/myid", "/etc/zookeeper/conf_example/myid"])
        .collides(1, "two servers with one number cannot elect a leader; set it per guest")
        .reported(),
    Item::new("kafka-ids", "Kafka and Pulsar cluster ids", &[157])
        .at(&[
            "/var/lib/kafka/**/meta.properties",
            "/var/kafka-logs/meta.properties",
            "/opt/kafka/**/meta.properties",
            "/var/lib/pulsar/**",
        ])
        .collides(1, "a broker refuses a cluster that it does not belong to, or joins the wrong one")
        .forbidden()
        .by_procedure("kafka-storage format at first boot"),
    Item::new("other-erlang-cookies", "Erlang cookies of other programs", &[195, 198])
        .at(&[
            "/var/lib/emqx/.erlang.cookie",
            "/opt/couchdb/.erlang.cookie",
            "/var/lib/couchdb/.erlang.cookie",
            "~/.erlang.cookie",
        ])
        .applies(&[Applies::Package("emqx"), Applies::Package("couchdb")])
        .collides(1, "whoever holds it runs code in every node of the fleet")
        .unique_file()
        .stays_in_clones()
        .stop(&["emqx.service", "couchdb.service", "epmd.service"])
        .by_owner("the Erlang node"),
    Item::new("nats-state", "NATS state", &[198])
        .at(&["/var/lib/nats/**", "/var/lib/nats-server/**"])
        .collides(1, "streams and the server's name in its cluster")
        .directories_only()
        .stop(&["nats-server.service"])
        .by_owner("nats-server"),
    Item::new("nats-credentials", "NATS credentials", &[198])
        .at(&["/etc/nats/*.creds", "/etc/nats/*.nk", "~/.local/share/nats/nsc/**"])
        .leaks(1, "every customer speaks as the builder's account")
        .forbidden(),
    Item::new("mqtt-state", "Mosquitto and EMQX state", &[198])
        .at(&["/var/lib/mosquitto/**", "/var/lib/emqx/mnesia/**", "/var/lib/emqx/data/**"])
        .collides(2, "retained messages and sessions of the build guest")
        .directories_only()
        .stop(&["mosquitto.service", "emqx.service"])
        .by_owner("the broker"),
    Item::new("mqtt-passwords", "Mosquitto passwords", &[198])
        .at(&["/etc/mosquitto/passw*", "/etc/mosquitto/pwfile*", "/etc/mosquitto/*.psk"])
        .leaks(1, "one password opens every guest's broker")
        .forbidden(),
    Item::new("cluster-cookies", "cookies in brokers' configurations", &[198])
        .at(&["/etc/emqx/*.conf", "/etc/emqx/**/*.hocon", "/etc/rabbitmq/rabbitmq-env.conf", "/etc/default/ejabberd"])
        .collides(1, "whoever holds it runs code in every node of the fleet")
        .forbids(Lines::SetKeys(&["cookie", "node.cookie", "RABBITMQ_ERLANG_COOKIE", "ERLANG_COOKIE"])),
    Item::new("xmpp-keys", "keys of XMPP servers", &[198])
        .at(&["/etc/ejabberd/ejabberd.pem", "/etc/prosody/certs/*.key", "/var/lib/prosody/*.key"])
        .collides(1, "one TLS private key for every guest's chats")
        .links_only()
        .by_procedure("a certificate of the guest's own"),
    Item::new("xmpp-data", "data of XMPP servers", &[198])
        .at(&["/var/lib/ejabberd/**", "/var/lib/prosody/**"])
        .except(&["/var/lib/prosody/custom_plugins/**"])
        .leaks(1, "accounts of the build guest, kept under its name")
        .directories_only()
        .after(&["erlang-cookie", "xmpp-keys"])
        .stop(&["ejabberd.service", "prosody.service"])
        .by_owner("the server"),
    Item::new("mumble-server", "Mumble server: certificate, channels, users", &[198])
        .at(&["/var/lib/mumble-server/mumble-server.sqlite*", "/var/lib/mumble-server/*.sqlite-*"])
        .applies(&[Applies::Package("mumble-server")])
        .collides(1, "clients trust one certificate, and it lies in the database with channels and users")
        .stop(&["mumble-server.service"])
        .by_owner("mumble-server, without channels and users")
        .live("mumble-server"),
];
