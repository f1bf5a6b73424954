//! Directory services, mail names, block storage initiators: what joins a guest to something else.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Lines};

pub(super) const ITEMS: &[Item] = &[
    Item::new("postfix-state", "Postfix's state", &[104])
        .at(&["/var/lib/postfix/prng_exch", "/var/lib/postfix/master.lock", "/var/lib/postfix/*_scache.*"])
        .applies(&[Applies::Package("postfix")])
        .collides(2, "random numbers and TLS sessions of the build guest")
        .stop(&["postfix.service"])
        .by_owner("postfix"),
    Item::new("postfix-credentials", "Postfix's relay credentials", &[104])
        .at(&["/etc/postfix/sasl_passwd*", "/etc/postfix/sasl/*passw*", "/etc/postfix/*.key"])
        .leaks(1, "every guest sends mail with the builder's account")
        .forbidden(),
    Item::new("exim-credentials", "Exim's relay credentials", &[105])
        .at(&["/etc/exim4/passwd.client", "/etc/exim4/passwd"])
        .leaks(1, "every guest sends mail with the builder's account")
        .forbids(Lines::Keys(&["*"])),
    Item::new("keytabs", "Kerberos keytabs", &[116])
        .at(&[
            "/etc/krb5.keytab",
            "/etc/*.keytab",
            "/var/lib/sss/keytabs/*",
            "/etc/krb5kdc/*.keytab",
            "/etc/krb5kdc/stash",
        ])
        .collides(1, "every guest is the build guest's account of the realm; leave the realm first")
        .when_shared("each can act as the other's account in the realm")
        .unique_file()
        .forbidden()
        .by_procedure("join the realm again"),
    Item::new("sssd-caches", "sssd's caches and secrets", &[117])
        .at(&["/var/lib/sss/db/**", "/var/lib/sss/mc/**", "/var/lib/sss/secrets/**", "/var/lib/sss/pipes/**"])
        .applies(&[Applies::Package("sssd-common")])
        .leaks(1, "password hashes of a directory's users")
        .directories_only()
        .stop(&["sssd.service"])
        .by_owner("sssd"),
    Item::new("ipa-client", "FreeIPA enrolment", &[118])
        .at(&[
            "/etc/ipa/default.conf",
            "/var/lib/ipa-client/sysrestore/**",
            "/var/lib/ipa-client/pki/**",
            "/etc/ipa/nssdb/*",
        ])
        .collides(1, "every guest is the build guest's host entry; end it first (ipa-client-install --uninstall)")
        .forbidden()
        .by_procedure("ipa-client-install"),
    Item::new("samba-identity", "Samba's machine SID and secrets", &[119])
        .at(&["/var/lib/samba/private/secrets.tdb"])
        .applies(&[Applies::Package("samba")])
        .collides(1, "one machine SID, or one domain account, for every guest")
        .when_shared(
            "the domain takes them for one member, and each breaks the other's trust when it renews its password",
        )
        .unique_file()
        .stays_in_clones()
        .stop(&["smbd.service", "nmbd.service", "winbind.service"])
        .by_owner("smbd")
        .live("samba"),
    Item::new("samba-users", "Samba's users and caches", &[119])
        .at(&[
            "/var/lib/samba/private/passdb.tdb",
            "/var/lib/samba/private/*.ldb",
            "/var/lib/samba/winbindd_*.tdb",
            "/var/lib/samba/group_mapping.tdb",
            "/var/lib/samba/account_policy.tdb",
            "/var/cache/samba/**",
        ])
        .applies(&[Applies::Package("samba")])
        .leaks(1, "password hashes, and SIDs that hang on the machine SID")
        .after(&["samba-identity"])
        .stop(&["smbd.service", "nmbd.service", "winbind.service"])
        .by_owner("smbd; users by smbpasswd"),
    Item::new("samba-name", "Samba's NetBIOS name", &[119])
        .at(&["/etc/samba/smb.conf"])
        .collides(3, "two guests announce one name")
        .drops(Lines::Keys(&["netbios name"]))
        .by_owner("smbd, from the hostname"),
    Item::new("domain-agents", "other domain agents", &[120])
        .at(&["/var/lib/pbis/**", "/etc/pbis/*.keytab", "/var/centrifydc/**", "/var/lib/adjoin/**"])
        .collides(1, "every guest is the build guest's account of the domain; leave it first")
        .forbidden()
        .by_procedure("join the domain again"),
    Item::new("iscsi-nodes", "iSCSI targets", &[124])
        .at(&["/etc/iscsi/nodes/**", "/etc/iscsi/send_targets/**", "/var/lib/iscsi/**"])
        .collides(1, "every guest logs in to the build site's disks")
        .directories_only()
        .stop(&["iscsid.service", "open-iscsi.service"]),
    Item::new("hostid", "hostid", &[126])
        .at(&["/etc/hostid"])
        .collides(2, "ZFS takes a pool of another guest for its own")
        .when_shared("each may import and destroy the other's ZFS pools")
        .unique_file()
        .by_procedure("zgenhostid"),
    Item::new("md-arrays", "software RAID arrays", &[122])
        .at(&["/etc/mdadm/mdadm.conf", "/etc/mdadm.conf"])
        .breaks(3, "arrays of the machine that this was")
        .drops(Lines::Keys(&["ARRAY"])),
];
