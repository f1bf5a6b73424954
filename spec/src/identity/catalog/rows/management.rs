//! Configuration management.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Need};

pub(super) const ITEMS: &[Item] = &[
    Item::new("salt-minion", "Salt minion id and key", &[166])
        .at(&[
            "/etc/salt/minion_id",
            "/etc/salt/pki/minion/minion.pem",
            "/etc/salt/pki/minion/minion.pub",
            "/etc/venv-salt-minion/minion_id",
            "/etc/venv-salt-minion/pki/minion/minion.pem",
            "/etc/venv-salt-minion/pki/minion/minion.pub",
        ])
        .applies(&[Applies::Package("salt-minion")])
        .collides(1, "the master sees one minion that answers twice")
        .when_shared("the master sees one minion that answers twice, and secrets of one reach the other")
        .unique_file()
        .stop(&["salt-minion.service"])
        .by_owner("salt-minion")
        .needs(&[Need::Network]),
    Item::new("salt-state", "what Salt knows of its master", &[166])
        .at(&[
            "/etc/salt/pki/minion/minion_master.pub",
            "/etc/salt/pki/minion/*.cache",
            "/var/cache/salt/minion/**",
            "/etc/salt/pki/master/**",
            "/etc/salt/pki/api/**",
        ])
        .leaks(2, "the build site's master and what it sent")
        .directories_only()
        .stop(&["salt-minion.service", "salt-master.service"])
        .by_owner("salt-minion"),
    Item::new("puppet-keys", "Puppet agent keys", &[167])
        .at(&[
            "/etc/puppetlabs/puppet/ssl/private_keys/*",
            "/etc/puppetlabs/puppet/ssl/public_keys/*",
            "/var/lib/puppet/ssl/private_keys/*",
            "/var/lib/puppet/ssl/public_keys/*",
            "/etc/puppet/ssl/private_keys/*",
        ])
        .applies(&[Applies::Package("puppet-agent"), Applies::Package("puppet")])
        .collides(1, "the server sees one node with one certificate")
        .when_shared("the server sees one node, and secrets of one reach the other")
        .unique_file()
        .stop(&["puppet.service"])
        .by_owner("puppet")
        .needs(&[Need::Network, Need::Credential])
        .live("puppet-agent"),
    Item::new("puppet-state", "Puppet agent certificates and state", &[167])
        .at(&[
            "/etc/puppetlabs/puppet/ssl/**",
            "/var/lib/puppet/ssl/**",
            "/etc/puppet/ssl/**",
            "/opt/puppetlabs/puppet/cache/**",
            "/var/lib/puppet/state/**",
            "/var/cache/puppet/**",
        ])
        .leaks(2, "certificates for the build guest's name, and what its server sent")
        .directories_only()
        .stop(&["puppet.service"])
        .by_owner("puppet"),
    Item::new("chef-client", "Chef and Cinc client key", &[168])
        .at(&["/etc/chef/client.pem", "/etc/cinc/client.pem"])
        .collides(1, "the server sees one node")
        .unique_file()
        .stays_in_clones()
        .by_procedure("bootstrap the node again"),
    Item::new("chef-validation", "Chef validation key", &[168])
        .at(&["/etc/chef/validation.pem", "/etc/chef/*-validator.pem", "/etc/cinc/*validat*.pem"])
        .leaks(1, "every customer can register nodes")
        .forbidden(),
    Item::new("chef-state", "Chef state and node name", &[168])
        .at(&["/var/chef/**", "/etc/chef/first-boot.json", "/etc/chef/client.d/*node*", "/var/cinc/**"])
        .leaks(3, "what the server sent to the build guest")
        .directories_only()
        .by_owner("chef-client"),
    Item::new("rudder-uuid", "Rudder agent id", &[169, 187])
        .at(&["/opt/rudder/etc/uuid.hive"])
        .collides(1, "the server sees one node")
        .unique_file()
        .stays_in_clones()
        .by_procedure("rudder agent reinit"),
    Item::new("ansible-leftovers", "Ansible leftovers", &[170])
        .at(&["~/.ansible/**", "~/.ansible_async/**", "~/.vault_pass*", "/etc/ansible/*vault_pass*"])
        .except(&["~/.ansible/collections/**", "~/.ansible/roles/**"])
        .leaks(1, "modules with their arguments, and vault passwords"),
    Item::new("ansible-facts", "Ansible's local facts", &[170])
        .at(&["/etc/ansible/facts.d/*"])
        .leaks(3, "facts of the build guest that playbooks believe")
        .reported(),
];
