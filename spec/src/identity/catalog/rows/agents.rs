//! Security agents, inventory, remote access: programs that register a machine.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Lines, Rewrite};

pub(super) const ITEMS: &[Item] = &[
    Item::new("wazuh-keys", "Wazuh and OSSEC agent key", &[180])
        .at(&["/var/ossec/etc/client.keys"])
        .collides(1, "the manager sees one agent and refuses its replays")
        .rewritten(Rewrite::Emptied)
        .unique_file()
        .stop(&["wazuh-agent.service"])
        .by_procedure("agent-auth, or enrolment at start"),
    Item::new("wazuh-counters", "Wazuh and OSSEC replay counters", &[180])
        .at(&["/var/ossec/queue/rids/**"])
        .collides(1, "counters of another agent make the manager drop events")
        .directories_only()
        .stop(&["wazuh-agent.service"])
        .by_owner("wazuh-agent"),
    Item::new("osquery-database", "osquery database", &[181])
        .at(&["/var/osquery/osquery.db/**", "/var/lib/osquery/osquery.db/**", "/opt/orbit/osquery.db/**"])
        .applies(&[Applies::Package("osquery")])
        .collides(2, "it holds the host's id and enrolment")
        .stop(&["osqueryd.service", "orbit.service"])
        .by_owner("osqueryd"),
    Item::new("fleet-identity", "Fleet and Kolide identity", &[181])
        .at(&[
            "/opt/orbit/identifier",
            "/opt/orbit/secret-orbit-node-key.txt",
            "/var/kolide-k2/**/launcher.db",
            "/var/kolide-k2/**/*.sqlite",
        ])
        .collides(2, "the server sees one host")
        .stop(&["orbit.service", "launcher.kolide-k2.service"])
        .by_owner("orbit"),
    Item::new("endpoint-protection", "ids of endpoint protection", &[182])
        .at(&[
            "/opt/CrowdStrike/falconstore",
            "/opt/sentinelone/configuration/basic.conf",
            "/opt/sentinelone/configuration/installation_params.json",
            "/etc/opt/microsoft/mdatp/mdatp_onboard.json",
            "/opt/sophos-spl/base/etc/machine_id.txt",
            "/opt/sophos-spl/base/etc/sophosspl/mcs.config",
            "/var/opt/ds_agent/dsa_core/*.crt",
            "/opt/traps/config/agent_settings.db",
        ])
        .collides(1, "the console sees one machine; install it as the last step, or at first boot")
        .forbidden()
        .by_procedure("each maker's own for images"),
    Item::new("scanner-ids", "host ids of vulnerability scanners", &[183])
        .at(&[
            "/etc/qualys/hostid",
            "/etc/tenable_tag",
            "/etc/machine_id",
            "/opt/rapid7/ir_agent/components/bootstrap/common/*.json",
            "/var/lib/lacework/config/agent_id",
        ])
        .collides(2, "findings of all guests belong to one host")
        .unique_file()
        .by_owner("the scanner's agent"),
    Item::new("crowdsec-credentials", "CrowdSec credentials", &[185])
        .at(&["/etc/crowdsec/local_api_credentials.yaml", "/etc/crowdsec/online_api_credentials.yaml"])
        .applies(&[Applies::Package("crowdsec")])
        .collides(1, "all guests report as one machine")
        .unique_file()
        .stays_in_clones()
        .stop(&["crowdsec.service"])
        .by_procedure("cscli machines add --auto; cscli capi register"),
    Item::new("crowdsec-database", "CrowdSec database", &[185])
        .at(&["/var/lib/crowdsec/data/crowdsec.db*"])
        .leaks(3, "machines, bouncers and bans of the build guest")
        .stop(&["crowdsec.service"])
        .by_owner("crowdsec"),
    Item::new("crowdsec-bouncers", "keys of CrowdSec's bouncers", &[185])
        .at(&["/etc/crowdsec/bouncers/*.yaml", "/etc/crowdsec/bouncers/*.yaml.local"])
        .collides(1, "one key for every guest's decisions")
        .drops(Lines::SetKeys(&["api_key"]))
        .by_procedure("cscli bouncers add"),
    Item::new("fail2ban-database", "fail2ban database", &[185])
        .at(&["/var/lib/fail2ban/fail2ban.sqlite3"])
        .applies(&[Applies::Package("fail2ban")])
        .leaks(3, "addresses that attacked the build guest stay banned everywhere")
        .stop(&["fail2ban.service"])
        .by_owner("fail2ban"),
    Item::new("teleport-identity", "Teleport host id", &[35, 186])
        .at(&["/var/lib/teleport/host_uuid"])
        .collides(1, "the cluster sees one node")
        .unique_file()
        .stop(&["teleport.service"])
        .by_owner("teleport"),
    Item::new("teleport-state", "Teleport certificates and state", &[35, 186])
        .at(&["/var/lib/teleport/proc/**", "/var/lib/teleport/backend/**", "/var/lib/teleport/log/**"])
        .collides(1, "certificates of the build guest")
        .stop(&["teleport.service"])
        .by_procedure("join with a token"),
    Item::new("teleport-token", "Teleport and Boundary tokens", &[186])
        .at(&["/etc/teleport.yaml", "/etc/boundary.d/*.hcl"])
        .leaks(1, "every customer can join the builder's cluster")
        .forbids(Lines::SetKeys(&["auth_token", "token_name", "controller_generated_activation_token"])),
    Item::new("cloud-agents", "registrations of clouds' agents", &[186])
        .at(&[
            "/var/lib/amazon/ssm/**",
            "/var/opt/azcmagent/**",
            "/var/lib/waagent/**",
            "/var/lib/oracle-cloud-agent/**",
            "/var/lib/google/**",
        ])
        .collides(1, "the cloud sees one machine")
        .directories_only()
        .stop(&["amazon-ssm-agent.service", "himdsd.service", "walinuxagent.service"])
        .by_procedure("register each guest"),
    Item::new("pulse-agent", "ids of Proxmox monitors' agents", &[186])
        .at(&["/var/lib/pulse-agent/agent-id", "/var/lib/pulse/agent-id", "/etc/pulse/agent-id"])
        .collides(1, "the monitor merges the fleet into one host")
        .unique_file()
        .by_owner("pulse-agent"),
    Item::new("inventory-agents", "device ids of inventory agents", &[187])
        .at(&[
            "/var/lib/glpi-agent/**",
            "/var/lib/fusioninventory-agent/**",
            "/var/lib/ocsinventory-agent/**",
            "/usr/local/manageengine/uems_agent/data/**",
        ])
        .collides(2, "the inventory sees one machine")
        .directories_only()
        .by_owner("the inventory agent"),
    Item::new("remote-control", "ids of remote control", &[187])
        .at(&[
            "/etc/teamviewer/global.conf",
            "/etc/anydesk/*.conf",
            "~/.anydesk/*.conf",
            "~/.config/rustdesk/*.toml",
            "/usr/local/mesh_services/meshagent/meshagent.db",
            "/usr/local/mesh/meshagent.db",
            "/opt/meshagent/meshagent.db",
        ])
        .collides(1, "one number reaches a guest nobody chose, with one password for all")
        .stop(&["teamviewerd.service", "anydesk.service", "rustdesk.service", "meshagent.service"])
        .by_owner("the program"),
];
