//! Monitoring, telemetry, log servers.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Lines};

pub(super) const ITEMS: &[Item] = &[
    Item::new("netdata-id", "Netdata machine id", &[171])
        .at(&["/var/lib/netdata/registry/netdata.public.unique.id"])
        .applies(&[Applies::Package("netdata")])
        .collides(1, "parents and the cloud merge the fleet into one node")
        .unique_file()
        .stop(&["netdata.service"])
        .copies(&["netdata-copies", "netdata-claim"])
        .by_owner("netdata"),
    Item::new("netdata-copies", "copies of Netdata's machine id", &[171])
        .at(&[
            "/var/lib/netdata/registry/**",
            "/var/lib/netdata/status-netdata.json",
            "/var/cache/netdata/**",
            "/run/netdata/status-netdata.json",
            "/var/lib/netdata/*.db*",
            "/var/lib/netdata/bearer_tokens/**",
            "/var/lib/netdata/netdata.api.key",
        ])
        .collides(1, "status files and databases from which a removed id comes back")
        .directories_only()
        .stop(&["netdata.service"])
        .by_owner("netdata"),
    Item::new("netdata-claim", "Netdata's claim", &[171])
        .at(&["/var/lib/netdata/cloud.d/**", "/etc/netdata/claim.conf"])
        .collides(1, "keys by which the build guest is claimed")
        .directories_only()
        .stop(&["netdata.service"])
        .by_procedure("claim each guest"),
    Item::new("zabbix-name", "Zabbix host name", &[172])
        .at(&[
            "/etc/zabbix/zabbix_agentd.conf",
            "/etc/zabbix/zabbix_agentd.d/*.conf",
            "/etc/zabbix/zabbix_agentd.conf.d/*.conf",
            "/etc/zabbix/zabbix_agent2.conf",
            "/etc/zabbix/zabbix_agent2.d/*.conf",
            "/etc/zabbix/zabbix_proxy.conf",
        ])
        .applies(&[Applies::Package("zabbix-agent"), Applies::Package("zabbix-agent2")])
        .collides(2, "the server mixes the values of all guests; without the line the agent takes the hostname")
        .drops(Lines::Keys(&["Hostname"]))
        .by_owner("zabbix-agent, from the hostname"),
    Item::new("zabbix-psk", "Zabbix pre-shared keys", &[172])
        .at(&["/etc/zabbix/*.psk", "/etc/zabbix/**/*.psk"])
        .leaks(1, "every guest can speak as every other")
        .forbidden(),
    Item::new("metric-host-names", "host names in collectors' configurations", &[173])
        .at(&[
            "/etc/telegraf/telegraf.conf",
            "/etc/telegraf/telegraf.d/*.conf",
            "/etc/collectd/collectd.conf",
            "/etc/collectd.conf",
            "/etc/vector/vector.yaml",
        ])
        .collides(3, "the values of all guests come from one")
        .drops(Lines::SetKeys(&["hostname"]))
        .by_owner("the collector, from the hostname"),
    Item::new("textfile-metrics", "metrics of the build guest", &[173])
        .at(&["/var/lib/prometheus/node-exporter/*", "/var/lib/node_exporter/**", "/var/lib/collectd/**"])
        .collides(3, "values that were measured in the build guest")
        .directories_only()
        .by_owner("the collector"),
    Item::new("datadog-name", "Datadog host name", &[174])
        .at(&["/etc/datadog-agent/datadog.yaml"])
        .collides(2, "all guests are one host")
        .drops(Lines::SetKeys(&["hostname"]))
        .by_owner("datadog-agent, from the hostname"),
    Item::new("datadog-keys", "Datadog keys", &[174])
        .at(&["/etc/datadog-agent/datadog.yaml", "/etc/datadog-agent/environment"])
        .leaks(1, "the builder's account")
        .forbids(Lines::SetKeys(&["api_key", "app_key", "DD_API_KEY"])),
    Item::new("datadog-state", "Datadog state", &[174])
        .at(&[
            "/etc/datadog-agent/auth_token",
            "/etc/datadog-agent/auth/**",
            "/etc/datadog-agent/install_info",
            "/etc/datadog-agent/install.json",
            "/opt/datadog-agent/run/**",
        ])
        .collides(2, "the token of its local interface, and ids of the installation")
        .directories_only()
        .stop(&["datadog-agent.service"])
        .by_owner("datadog-agent"),
    Item::new("newrelic-state", "New Relic entity", &[175])
        .at(&["/var/db/newrelic-infra/**"])
        .collides(2, "all guests are one entity")
        .directories_only()
        .stop(&["newrelic-infra.service"])
        .by_owner("newrelic-infra"),
    Item::new("newrelic-keys", "New Relic licence key", &[175])
        .at(&["/etc/newrelic-infra.yml"])
        .leaks(1, "the builder's account")
        .forbids(Lines::SetKeys(&["license_key"])),
    Item::new("grafana-database", "Grafana database", &[176])
        .at(&["/var/lib/grafana/grafana.db*"])
        .applies(&[Applies::Package("grafana")])
        .collides(1, "users, sessions and keys that open every guest's Grafana")
        .stop(&["grafana-server.service"])
        .by_owner("grafana-server"),
    Item::new("grafana-secret", "Grafana secret key", &[176, 201])
        .at(&["/etc/grafana/grafana.ini", "/etc/grafana/*.ini"])
        .collides(1, "sessions and stored passwords of one guest open in every other")
        .forbids(Lines::SetKeys(&["secret_key", "admin_password"])),
    Item::new("grafana-agents", "ids of Alloy, Agent, Loki and Tempo", &[176])
        .at(&[
            "/var/lib/alloy/**/alloy_seed.json",
            "/var/lib/grafana-agent/**/agent_seed.json",
            "/etc/agent/**/agent_seed.json",
            "/var/lib/loki/**/loki_cluster_seed.json",
            "/var/lib/loki/loki_cluster_seed.json",
            "/var/lib/tempo/**/tempo_cluster_seed.json",
        ])
        .collides(2, "all guests report as one installation")
        .unique_file()
        .by_owner("alloy; loki; tempo"),
    Item::new("splunk-guid", "Splunk instance id", &[177])
        .at(&["/opt/splunkforwarder/etc/instance.cfg", "/opt/splunk/etc/instance.cfg"])
        .collides(1, "a deployment server sees one client")
        .unique_file()
        .stop(&["SplunkForwarder.service", "Splunkd.service"])
        .by_owner("splunkd"),
    Item::new("splunk-name", "Splunk server name", &[177])
        .at(&["/opt/splunkforwarder/etc/system/local/*.conf", "/opt/splunk/etc/system/local/*.conf"])
        .collides(2, "events of all guests come from one host")
        .drops(Lines::Keys(&["serverName", "host"]))
        .by_owner("splunkd, from the hostname"),
    Item::new("elasticsearch-node", "Elasticsearch and OpenSearch nodes", &[178])
        .at(&["/var/lib/elasticsearch/**", "/var/lib/opensearch/**"])
        .collides(1, "node and cluster ids of the build guest, with its data")
        .directories_only()
        .stop(&["elasticsearch.service", "opensearch.service"])
        .by_owner("elasticsearch"),
    Item::new("elasticsearch-keys", "Elasticsearch keys", &[178])
        .at(&["/etc/elasticsearch/elasticsearch.keystore", "/etc/elasticsearch/certs/*", "/etc/opensearch/*.pem"])
        .collides(1, "one authority and one keystore for every guest's cluster")
        .when_shared("each can join the other's cluster as a node")
        .unique_file()
        .forbidden()
        .by_procedure("elasticsearch-reconfigure-node, or installation at first boot"),
    Item::new("beats-id", "Beats ids", &[178])
        .at(&[
            "/var/lib/filebeat/meta.json",
            "/var/lib/metricbeat/meta.json",
            "/var/lib/heartbeat/meta.json",
            "/var/lib/packetbeat/meta.json",
            "/var/lib/auditbeat/meta.json",
            "/var/lib/winlogbeat/meta.json",
        ])
        .collides(2, "all guests are one beat")
        .unique_file()
        .by_owner("the beat"),
    Item::new("elastic-agent", "Elastic Agent enrolment", &[178])
        .at(&[
            "/opt/Elastic/Agent/fleet.*",
            "/opt/Elastic/Agent/state.*",
            "/opt/Elastic/Agent/data/*/state.*",
            "/etc/elastic-agent/fleet.*",
            "/var/lib/elastic-agent/**/fleet.enc",
            "/var/lib/elastic-agent/**/state.enc",
        ])
        .collides(1, "Fleet sees one agent")
        .stop(&["elastic-agent.service"])
        .by_procedure("elastic-agent enroll"),
    Item::new("graylog-node-id", "Graylog node ids", &[179])
        .at(&["/etc/graylog/**/node-id"])
        .applies(&[Applies::Package("graylog-server"), Applies::Package("graylog-sidecar")])
        .collides(2, "the cluster sees one node")
        .unique_file()
        .by_owner("graylog"),
    Item::new("checkmk-registration", "Checkmk registration", &[184])
        .at(&["/var/lib/cmk-agent/registered_connections.json", "/var/lib/cmk-agent/*.json"])
        .collides(1, "the site sees one host")
        .stop(&["cmk-agent-ctl-daemon.service"])
        .by_procedure("cmk-agent-ctl register"),
    Item::new("icinga-keys", "Icinga keys", &[184])
        .at(&["/var/lib/icinga2/certs/*.key", "/var/lib/icinga2/ca/*.key"])
        .applies(&[Applies::Package("icinga2")])
        .collides(1, "every guest speaks as the build guest's endpoint")
        .when_shared("each can report as the other's endpoint")
        .unique_file()
        .stays_in_clones()
        .by_procedure("icinga2 node setup"),
    Item::new("icinga-certificates", "Icinga certificates and state", &[184])
        .at(&[
            "/var/lib/icinga2/certs/**",
            "/var/lib/icinga2/ca/**",
            "/var/lib/icinga2/icinga2.state*",
            "/var/lib/icinga2/api/**",
        ])
        .collides(1, "certificates for the build guest's name")
        .directories_only()
        .stop(&["icinga2.service"])
        .by_procedure("icinga2 node setup"),
    Item::new("nagios-keys", "keys of NRPE and NSCA", &[184])
        .at(&["/etc/nagios/**/*.key", "/etc/nagios/**/*.pem", "/etc/send_nsca.cfg", "/etc/nsca.cfg"])
        .collides(1, "a key that every customer can read")
        .forbids(Lines::PrivateKeys),
];
