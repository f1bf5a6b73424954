//! What is written into a sleeping file. Pure: random bytes come in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The name that Debian gives to initiators: the year and month of its domain, and the domain.
const IQN: &str = "iqn.1993-08.org.debian:01";

/// A kind of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// That many random bytes.
    Bytes(usize),
    /// That many random bytes, as one line of base64.
    Base64(usize),
    /// The guest's hostname.
    Hostname,
    /// A configuration file for open-iscsi with a drawn name.
    IscsiName,
    /// The host's NVMe id, a UUID.
    HostId,
    /// The NVMe name of the same host.
    HostNqn,
    /// A key for `rndc`, as `rndc-confgen -a` writes it.
    RndcKey,
    /// popularity-contest's configuration with a new id; what it says else stays.
    PopularityContest,
    /// popularity-contest's cron job at another minute of the day.
    PopularityContestTime,
}

/// What a guest draws from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The guest's hostname.
    pub(super) hostname: String,
    /// Bytes that stay the same for one renewal: what must fit together is drawn from them.
    pub(super) host: [u8; 16],
}

impl Content {
    /// How many random bytes it takes.
    pub(super) fn appetite(self) -> usize {
        match self {
            Self::Bytes(count) | Self::Base64(count) => count,
            Self::Hostname | Self::HostId | Self::HostNqn => 0,
            Self::IscsiName => 6,
            Self::RndcKey => 32,
            Self::PopularityContest => 16,
            Self::PopularityContestTime => 2,
        }
    }

    /// The content. `random` holds as many bytes as [`Content::appetite`] says; `before` is what the file holds.
    pub(super) fn bytes(self, random: &[u8], source: &Source, before: &str) -> Vec<u8> {
        match self {
            Self::Bytes(_) => random.to_vec(),
            Self::Base64(_) => format!("{}\n", STANDARD.encode(random)).into_bytes(),
            Self::Hostname => format!("{}\n", source.hostname).into_bytes(),
            Self::IscsiName => format!(
                "## Made at this guest's first boot. Access lists of storages know the guest by this name:\n\
                 ## it must be unique, and must not change.\nInitiatorName={IQN}:{}\n",
                hex(random)
            )
            .into_bytes(),
            Self::HostId => format!("{}\n", uuid(source.host)).into_bytes(),
            Self::HostNqn => format!("nqn.2014-08.org.nvmexpress:uuid:{}\n", uuid(source.host)).into_bytes(),
            Self::RndcKey => {
                let secret = STANDARD.encode(random);
                format!("key \"rndc-key\" {{\n\talgorithm hmac-sha256;\n\tsecret \"{secret}\";\n}};\n").into_bytes()
            }
            Self::PopularityContest => {
                let line_end = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
                format!("{before}{line_end}MY_HOSTID=\"{}\"\n", hex(random)).into_bytes()
            }
            Self::PopularityContestTime => {
                let drawn = random.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)) % (24 * 60);
                let job = "/etc/cron.daily/popularity-contest";
                format!(
                    "SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin\n\
                     {} {} * * *   root    test -x {job} && {job} --crond\n",
                    drawn % 60,
                    drawn / 60
                )
                .into_bytes()
            }
        }
    }

    /// Whether a file with this text waits for its content.
    pub(super) fn is_missing_in(self, text: &str) -> bool {
        match self {
            Self::PopularityContest => !text.lines().any(|line| line.trim_start().starts_with("MY_HOSTID=")),
            _ => text.is_empty(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for half in [byte >> 4, byte & 0x0f] {
            text.extend(char::from_digit(u32::from(half), 16));
        }
        text
    })
}

/// A random UUID (version 4) of these bytes.
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: Content, before: &str) -> String {
        let random: Vec<u8> = (0..content.appetite()).map(|at| u8::try_from(at).unwrap()).collect();
        let source = Source { hostname: "acme".into(), host: [0xff; 16] };
        String::from_utf8(content.bytes(&random, &source, before)).unwrap()
    }

    #[test]
    fn each_is_what_its_reader_takes() {
        assert_eq!(text(Content::Hostname, ""), "acme\n");
        assert_eq!(text(Content::HostId, ""), "ffffffff-ffff-4fff-bfff-ffffffffffff\n");
        assert_eq!(
            text(Content::HostNqn, ""),
            format!("nqn.2014-08.org.nvmexpress:uuid:{}", text(Content::HostId, ""))
        );
        assert!(text(Content::IscsiName, "").ends_with("InitiatorName=iqn.1993-08.org.debian:01:000102030405\n"));
        assert_eq!(text(Content::Base64(42), "").len(), 57);
        assert_eq!(text(Content::Bytes(128), "").len(), 128);
        assert!(text(Content::RndcKey, "").contains("secret \"AAECAwQF"));
        assert!(text(Content::PopularityContestTime, "").contains("\n1 0 * * *   root    test -x "));
    }

    #[test]
    fn popularity_contest_keeps_what_its_file_says() {
        let content = Content::PopularityContest;
        assert_eq!(text(content, "DAY=\"1\""), "DAY=\"1\"\nMY_HOSTID=\"000102030405060708090a0b0c0d0e0f\"\n");
        assert!(content.is_missing_in("DAY=1\n#MY_HOSTID=x\n") && !content.is_missing_in("MY_HOSTID=\"x\"\n"));
        assert!(Content::HostId.is_missing_in("") && !Content::HostId.is_missing_in("x"));
    }
}
