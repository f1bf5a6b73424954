//! Logs, histories, mail: traces of the build.

use crate::identity::catalog::item::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::new("journal", "journal", &[77])
        .at(&["/var/log/journal/**", "/run/log/journal/**"])
        .leaks(2, "the build guest's log, under its machine-id")
        .directories_only()
        .by_owner("systemd-journald"),
    Item::new("logs", "log files", &[76, 79, 80, 83])
        .at(&["/var/log/**"])
        .leaks(2, "names, addresses and commands of the build")
        .directories_only()
        .by_owner("the services that log"),
    Item::new("login-records", "login records", &[78])
        .at(&["/var/lib/wtmpdb/**", "/var/lib/lastlog/**"])
        .leaks(3, "who logged in to the build guest, from where")
        .directories_only()
        .by_owner("login"),
    Item::new("logrotate-state", "logrotate state", &[82])
        .at(&["/var/lib/logrotate/status", "/var/lib/logrotate.status"])
        .bloats(4, "rotation times of the build guest")
        .by_owner("logrotate"),
    Item::new("shell-histories", "shell histories", &[84])
        .at(&[
            "/root/.bash_history",
            "/root/.zsh_history",
            "/root/.ash_history",
            "/root/.sh_history",
            "/root/.histfile",
            "/home/*/.bash_history",
            "/home/*/.zsh_history",
            "/home/*/.ash_history",
            "/home/*/.sh_history",
            "/home/*/.histfile",
        ])
        .leaks(1, "commands, and the passwords typed into them"),
    Item::new("tool-histories", "tool histories", &[85])
        .at(&[
            "/root/.lesshst",
            "/root/.viminfo",
            "/root/.python_history",
            "/root/.mysql_history",
            "/root/.psql_history",
            "/root/.rediscli_history",
            "/root/.wget-hsts",
            "/home/*/.lesshst",
            "/home/*/.viminfo",
            "/home/*/.python_history",
            "/home/*/.mysql_history",
            "/home/*/.psql_history",
            "/home/*/.rediscli_history",
            "/home/*/.wget-hsts",
        ])
        .leaks(1, "queries, and the passwords typed into them"),
    Item::new("mail", "mail", &[96])
        .at(&[
            "/var/mail/*",
            "/var/spool/mail/*",
            "/var/spool/mqueue/*",
            "/var/spool/postfix/deferred/**",
            "/var/spool/postfix/maildrop/**",
            "/var/spool/exim4/input/**",
        ])
        .leaks(2, "queued mail would be sent by every guest"),
];
