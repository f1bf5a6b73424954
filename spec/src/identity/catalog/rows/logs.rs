//! Logs, histories, mail, caches: traces of the build.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::Applies;

pub(super) const ITEMS: &[Item] = &[
    Item::new("journal", "journal", &[77])
        .at(&["/var/log/journal/**", "/run/log/journal/**"])
        .leaks(2, "the build guest's log, under its machine-id")
        .directories_only()
        .after(&["machine-id"])
        .by_owner("systemd-journald"),
    Item::new("logs", "log files", &[76])
        .at(&["/var/log/**"])
        .leaks(2, "names, addresses and commands of the build; services need the directories")
        .directories_only()
        .by_owner("the services that log"),
    Item::new("login-records", "login records", &[78])
        .at(&[
            "/var/lib/wtmpdb/**",
            "/var/lib/lastlog/**",
            "/var/log/wtmp*",
            "/var/log/btmp*",
            "/var/log/lastlog*",
            "/var/log/faillog*",
            "/var/log/tallylog*",
            "/run/utmp",
        ])
        .leaks(3, "who logged in to the build guest, from where")
        .directories_only()
        .by_owner("login"),
    Item::new("audit-log", "audit log", &[79])
        .at(&["/var/log/audit/**"])
        .leaks(2, "every command of the build")
        .directories_only()
        .stop(&["auditd.service"])
        .by_owner("auditd"),
    Item::new("process-accounting", "process accounting and statistics", &[80])
        .at(&["/var/account/**", "/var/log/account/**", "/var/log/sa/**", "/var/log/sysstat/**"])
        .leaks(3, "what ran in the build guest")
        .directories_only()
        .by_owner("acct; sysstat"),
    Item::new("log-cursors", "cursors of log shippers", &[81])
        .at(&[
            "/var/lib/rsyslog/imjournal.state*",
            "/var/spool/rsyslog/*",
            "/var/lib/filebeat/registry/**",
            "/var/lib/promtail/**",
            "/var/lib/vector/**",
            "/var/lib/fluent-bit/**",
            "/var/lib/systemd/journal-upload/**",
        ])
        .breaks(3, "a cursor into the build guest's log skips a guest's first lines")
        .directories_only()
        .by_owner("the log shipper"),
    Item::new("logrotate-state", "logrotate state", &[82])
        .at(&["/var/lib/logrotate/status*", "/var/lib/logrotate/logrotate.status*", "/var/lib/logrotate.status*"])
        .bloats(4, "rotation times of the build guest")
        .by_owner("logrotate"),
    Item::new("installer-logs", "installer logs and answers", &[83])
        .at(&[
            "/var/log/installer/**",
            "/var/log/anaconda/**",
            "/var/log/bootstrap.log",
            "/root/*ks.cfg",
            "/root/preseed.cfg",
        ])
        .leaks(2, "answers and password hashes of the installation"),
    Item::new("shell-histories", "shell histories", &[84])
        .at(&[
            "~/.bash_history",
            "~/.zsh_history",
            "~/.ash_history",
            "~/.sh_history",
            "~/.ksh_history",
            "~/.history",
            "~/.histfile",
            "~/.local/share/fish/fish_history",
        ])
        .leaks(1, "commands, and the passwords typed into them; shells write them when they end"),
    Item::new("tool-histories", "tool histories", &[85])
        .at(&[
            "~/.lesshst",
            "~/.viminfo",
            "~/.local/state/nvim/**",
            "~/.nano_history",
            "~/.python_history",
            "~/.node_repl_history",
            "~/.mysql_history",
            "~/.mariadb_history",
            "~/.psql_history",
            "~/.sqlite_history",
            "~/.rediscli_history",
            "~/.dbshell",
            "~/.mongodb/mongosh/*_history",
            "~/.mongodb/mongosh/*_log",
            "~/.irb_history",
            "~/.gdb_history",
            "~/.wget-hsts",
            "/var/lib/postgresql/.psql_history",
        ])
        .leaks(1, "queries, and the passwords typed into them"),
    Item::new("mail", "mail", &[96])
        .at(&[
            "/var/mail/*",
            "/var/spool/mail/*",
            "/var/spool/mqueue/*",
            "/var/spool/clientmqueue/*",
            "/var/spool/postfix/active/**",
            "/var/spool/postfix/bounce/**",
            "/var/spool/postfix/corrupt/**",
            "/var/spool/postfix/defer/**",
            "/var/spool/postfix/deferred/**",
            "/var/spool/postfix/hold/**",
            "/var/spool/postfix/incoming/**",
            "/var/spool/postfix/maildrop/**",
            "/var/spool/exim4/input/**",
            "/var/spool/exim4/msglog/**",
        ])
        .leaks(2, "queued mail would be sent by every guest"),
    Item::new("job-spools", "at and anacron spools", &[97])
        .at(&["/var/spool/cron/atjobs/*", "/var/spool/cron/atspool/*", "/var/spool/at/*", "/var/spool/anacron/*"])
        .except(&["/var/spool/cron/atjobs/.SEQ", "/var/spool/at/spool"])
        .breaks(3, "jobs of the build guest run in every guest"),
    Item::new("cron-minutes", "crontabs with fixed minutes", &[97])
        .at(&["/var/spool/cron/crontabs/*", "/var/spool/cron/root", "/etc/crontab", "/etc/cron.d/*"])
        .collides(3, "the fleet does the same work in the same minute")
        .reported(),
    Item::new("swap-files", "swap files", &[98])
        .at(&["/swapfile", "/swap.img", "/swap", "/var/swap*", "/var/cache/swap/*"])
        .leaks(1, "memory of the build guest, and its weight"),
    Item::new("derived-caches", "caches that are computed again", &[94])
        .at(&[
            "/var/cache/man/**",
            "/var/cache/fontconfig/**",
            "/var/cache/ldconfig/**",
            "/var/lib/plocate/plocate.db",
            "/var/lib/mlocate/mlocate.db",
            "/var/cache/locate/**",
        ])
        .bloats(4, "they differ in every build, and the locate database lists the builder's files")
        .directories_only()
        .by_owner("ldconfig; man-db; updatedb"),
    Item::new("byte-code", "Python byte code", &[95])
        .at(&["/usr/lib/python3/**/__pycache__"])
        .bloats(4, "it differs in every build; the minimize profiles take it out")
        .shared(),
    Item::new("documentation", "manuals, translations, headers", &[99])
        .at(&["/usr/share/doc/**", "/usr/share/man/**", "/usr/share/locale/**", "/usr/share/info/**"])
        .bloats(4, "weight that no guest reads; the minimize profiles take it out and leave the licences")
        .shared(),
    Item::new("disk-identities", "records of disks", &[122])
        .at(&[
            "/etc/lvm/devices/**",
            "/etc/lvm/backup/**",
            "/etc/lvm/archive/**",
            "/etc/lvm/cache/**",
            "/etc/multipath/wwids",
            "/etc/multipath/bindings",
            "/etc/blkid.tab*",
            "/run/blkid/**",
            "/var/cache/blkid/**",
        ])
        .applies(&[Applies::Converted])
        .breaks(2, "disks of the machine that this was")
        .directories_only(),
    Item::new("file-system-uuids", "ids of file systems and volume groups", &[123])
        .collides(2, "linked clones and snapshots share them")
        .outside("a restore makes a new file system; what a container sees of it is the node's"),
];
