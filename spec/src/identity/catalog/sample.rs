//! What to plant so that a row must be seen: for tests and for `catalog check`.

use super::glob::Glob;
use super::item::Item;
use super::rules::{ImageRule, Lines, Reading, Rewrite};
use crate::identity::reading::postgres;

impl Item {
    /// A path for every pattern of the row's places.
    pub fn samples(&self) -> Vec<String> {
        Glob::all(self.places).iter().map(Glob::sample).collect()
    }

    /// Content that an image must not have at them, where the row refuses or changes anything. The machine is called
    /// `left`.
    pub fn sample_content(&self) -> Vec<u8> {
        let key = |keys: &[&str]| keys.first().copied().unwrap_or_default().replace('*', "left");
        let text = match (self.in_image, self.reading) {
            (_, Reading::PostgresControl) => return postgres::sample(77, 1),
            (ImageRule::Rewritten(Rewrite::HostsResidue), _) => "127.0.1.1 left\n".to_owned(),
            (_, Reading::Hostname) => "left\n".to_owned(),
            (_, Reading::Names(keys) | Reading::Lines(Lines::Keys(keys))) => format!("{} = left\n", key(keys)),
            (_, Reading::Lines(Lines::SetKeys(keys))) => format!("{} = s3cret-left\n", key(keys)),
            (_, Reading::Lines(Lines::UrlPasswords)) => {
                "deb https://left:s3cret@left.example/ stable main\n".to_owned()
            }
            (_, Reading::Lines(Lines::PrivateKeys)) => "-----BEGIN PRIVATE KEY-----\n".to_owned(),
            _ => "left:behind:1::::::\n".to_owned(),
        };
        text.into_bytes()
    }
}
