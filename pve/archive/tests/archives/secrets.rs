//! Every class of secret, planted; and what looks like one and is none. Samples are put together here at run time, so
//! that no file of this repository holds anything that looks like a secret.

use pve_archive::Inspection;

use crate::making::{Tar, inspected};

/// Characters drawn as if at random, the same every time.
fn drawn(alphabet: &str, length: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()]
    };
    (0..length).map(|_| draw()).collect()
}

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LOWER_HEX: &str = "0123456789abcdef";
const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn any(length: usize) -> String {
    drawn(ALPHANUMERIC, length)
}

/// `-----BEGIN … KEY-----`, a body, an end.
fn armored(kind: &str, before: &str) -> String {
    let dashes = "-".repeat(5);
    format!("{dashes}BEGIN {kind}{dashes}\n{before}{}\n{dashes}END {kind}{dashes}\n", any(64))
}

fn uuid() -> String {
    let hex = drawn(LOWER_HEX, 32);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// What each sample is called, and the sample.
fn samples() -> Vec<(&'static str, String)> {
    let private = |kind: &str| format!("{kind}PRIVATE KEY");
    let jwt = ["eyJhbGciOiJIUzI1NiJ9".to_owned(), format!("eyJ{}", any(40)), any(43)].join(".");
    vec![
        ("a private key", armored(&private(""), "")),
        ("a private key", armored(&private("RSA "), "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n")),
        ("a private key", armored(&private("OPENSSH "), "")),
        ("a private key", format!("{{\"private_key\": \"{}\"}}", armored(&private(""), "").replace('\n', "\\n"))),
        ("a private key", format!("---- BEGIN SSH2 ENCRYPTED {} ----\nComment: \"x\"\n{}\n", private(""), any(64))),
        ("a PGP private key", armored(&format!("PGP {} BLOCK", private("")), "Version: 1\n\n")),
        ("a PuTTY private key", format!("PuTTY-User-Key-File-{}: ssh-ed25519\nEncryption: none\n", 3)),
        ("an age identity", format!("AGE-SECRET-{}1{}\n", "KEY-", drawn(UPPER, 58))),
        ("a private key (JWK)", format!("{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"{}\"}}", any(43))),
        ("an AWS access key", format!("id = {}{}\n", "AKIA", drawn(UPPER, 16))),
        ("a GitHub token", format!("{}{}\n", "ghp_", any(36))),
        ("a GitHub token", format!("{}{}\n", "github_pat_", any(82))),
        ("a GitLab token", format!("{}{}\n", "glpat-", any(20))),
        ("a Slack token", format!("{}{}-{}\n", "xoxb-", drawn("0123456789", 12), any(24))),
        ("a Slack webhook", format!("https://hooks.slack.com/{}/T{}/B{}/{}\n", "services", any(10), any(10), any(24))),
        ("a Stripe key", format!("{}{}\n", "sk_live_", any(24))),
        ("a Google API key", format!("{}{}\n", "AIza", any(35))),
        ("an npm token", format!("//registry/:_auth={}{}\n", "npm_", any(36))),
        ("a PyPI token", format!("{}{}{}\n", "pypi-", "AgEIcHlwaS5vcmc", any(70))),
        ("registry credentials (Docker)", "{\"auths\": {\"h\": {\"auth\": \"dXNlcjpodW50ZXIy\"}}}".to_owned()),
        ("a JSON web token", format!("Authorization: Bearer {jwt}\n")),
        ("a Proxmox API token", format!("{}APIToken=ci@pve!build={}\n", "PVE", uuid())),
        ("a Tailscale key", format!("{}auth-{}-{}\n", "tskey-", any(12), any(32))),
        ("a Vault token", format!("{}{}\n", "hvs.", any(24))),
        ("a DigitalOcean token", format!("{}{}\n", "dop_v1_", drawn(LOWER_HEX, 64))),
        ("an Azure storage key", format!("x;{}={}==\n", "AccountKey", any(86))),
        ("a SendGrid key", format!("{}{}.{}\n", "SG.", any(22), any(43))),
        ("a password in an address", format!("url=postgres://app:{}@db.internal/app\n", any(12))),
        ("a secret that is assigned", format!("DB_PASSWORD={}\n", any(24))),
        ("a secret that is assigned", format!("  \"clientSecret\": \"{}\",\n", any(32))),
        ("a secret that is assigned", format!("auth_token: '{}'\n", drawn(LOWER_HEX, 40))),
    ]
}

fn found(inspection: &Inspection) -> Vec<(&str, &str)> {
    inspection.secrets.iter().map(|secret| (secret.path.as_str(), secret.what)).collect()
}

#[test]
fn s2_21_each_class_is_found_in_text_and_in_the_middle_of_a_large_file() {
    let samples = samples();
    let mut tar = Tar::vzdump();
    for (number, (_, sample)) in samples.iter().enumerate() {
        let around = "a line of an ordinary text\n".repeat(9000);
        tar = tar.file(&format!("./srv/{number}-small"), sample.as_bytes());
        tar = tar.file(&format!("./srv/{number}-large"), format!("{around}{sample}{around}").as_bytes());
    }
    let inspection = inspected(&tar.zstd()).unwrap();
    let found = found(&inspection);
    for (number, (what, sample)) in samples.iter().enumerate() {
        for size in ["small", "large"] {
            let path = format!("/srv/{number}-{size}");
            let here: Vec<&str> = found.iter().filter(|(place, _)| *place == path).map(|(_, what)| *what).collect();
            assert!(here.contains(what), "{path} ({sample:.40}…) gave {here:?}, not {what}");
        }
    }
}

#[test]
fn s2_21_tokens_and_keys_are_found_in_binaries_too() {
    let binary = |sample: &str| [&[0_u8, 1, 2, 255].repeat(30_000)[..], b"\n", sample.as_bytes(), &[0; 9000]].concat();
    let samples = samples();
    for (what, sample) in samples.iter().filter(|(what, _)| *what != "a secret that is assigned") {
        let inspection = inspected(&Tar::vzdump().file("./srv/program", &binary(sample)).zstd()).unwrap();
        assert!(found(&inspection).contains(&("/srv/program", what)), "{what}: {:?}", found(&inspection));
    }
}

#[test]
fn s2_21_files_are_known_by_their_names() {
    let inspection =
        inspected(&Tar::vzdump().file("./srv/app/.env", b"A=1\n").file("./srv/.netrc", b"").zstd()).unwrap();
    assert_eq!(found(&inspection), [("/srv/app/.env", "an environment file")], "an empty one holds nothing");
    let hostile = Tar::vzdump().file("./srv/\u{1b}]0;owned\u{7}/.env", b"A=1\n");
    assert_eq!(found(&inspected(&hostile.zstd()).unwrap())[0].0, r"/srv/\x1b]0;owned\x07/.env");
}

#[test]
fn s2_21_what_only_speaks_of_secrets_is_none() {
    let dashes = "-".repeat(5);
    let texts = [
        format!(
            "grep -q -- '{dashes}BEGIN PRIVATE KEY{dashes}' \"$file\"\n{dashes}BEGIN PRIVATE KEY{dashes}\n(the key)\n"
        ),
        format!("AWS_ACCESS_KEY_ID={}IOSFODNN7EXAMPLE\n", "AKIA"),
        format!("{}{}\n", "ghp_", "x".repeat(36)),
        "curl https://user:password@example.com/\ncurl https://$USER:$PASS@host/\n".to_owned(),
        "password = settings.get('database_password', None)\ntoken = next_token(stream)\n".to_owned(),
        "secret_file: /run/secrets/application-2024-key\nPASSWORD_HASH=5f4dcc3b5aa765d61d8327deb882cf99\n".to_owned(),
        format!("{{\"kty\":\"RSA\",\"n\":\"{}\",\"e\":\"AQAB\"}}\n", any(300)),
        format!("{dashes}BEGIN PUBLIC KEY{dashes}\n{}\n", any(64)),
    ];
    let tar = texts
        .iter()
        .enumerate()
        .fold(Tar::vzdump(), |tar, (number, text)| tar.file(&format!("./usr/share/doc/{number}"), text.as_bytes()));
    let inspection = inspected(&tar.zstd()).unwrap();
    assert!(inspection.secrets.is_empty(), "{:?}", inspection.secrets);
}

/// What a package ships to everybody is no secret, as long as it is what the package has.
#[test]
fn s2_21_a_packages_own_test_key_is_explained_and_not_hidden() {
    let key = armored(&["PRIVATE", "KEY"].join(" "), "");
    let sum = md5(key.as_bytes());
    let list = "/.\n/usr\n/usr/share/demo/test.pem\n/usr/share/demo/other.pem\n";
    let sums = format!("{sum}  usr/share/demo/test.pem\n{sum}  usr/share/demo/other.pem\n");
    let archive = Tar::vzdump()
        .file("./usr/share/demo/test.pem", key.as_bytes())
        .file("./usr/share/demo/other.pem", format!("{key}changed\n").as_bytes())
        .file("./usr/share/demo/stray.pem", key.as_bytes())
        .file("./var/lib/dpkg/info/demo.list", list.as_bytes())
        .file("./var/lib/dpkg/info/demo.md5sums", sums.as_bytes())
        .zstd();
    let inspection = inspected(&archive).unwrap();
    let shipped: Vec<(&str, &str)> = inspection.shipped.iter().map(|file| (&*file.path, &*file.package)).collect();
    assert_eq!(shipped, [("/usr/share/demo/test.pem", "demo")]);
    let found: Vec<&str> = found(&inspection).iter().map(|(path, _)| *path).collect();
    assert_eq!(found, ["/usr/share/demo/other.pem", "/usr/share/demo/stray.pem"]);
}

/// As `md5sum` has it.
fn md5(bytes: &[u8]) -> String {
    use std::io::Write as _;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let output = std::process::Command::new("md5sum").arg(file.path()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..32].to_owned()
}

/// A hole in front of a key hides it from nobody: PAX 1.0 sparse, the map in the first block of the content.
#[test]
fn s2_21_a_secret_in_a_sparse_file_is_found() {
    let key = armored(&["OPENSSH", "PRIVATE", "KEY"].join(" "), "");
    let mut content = format!("1\n1048576\n{}\n", key.len()).into_bytes();
    content.resize(512, 0);
    content.extend_from_slice(key.as_bytes());
    let real_size = (1_048_576 + key.len()).to_string();
    let records = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "./srv/deploy"),
        ("GNU.sparse.realsize", real_size.as_str()),
    ];
    let archive = Tar::vzdump().pax(&records).file("./GNUSparseFile.1/deploy", &content).zstd();
    assert_eq!(found(&inspected(&archive).unwrap()), [("/srv/deploy", "a private key")]);
}
