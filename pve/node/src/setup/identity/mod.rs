//! What a guest must not share with the template it was made from.

mod crontab;
mod host_keys;
mod machine_id;
mod password;
mod root_keys;
mod snakeoil;

pub(super) use crontab::randomise;
pub(super) use host_keys::renew as renew_host_keys;
pub(super) use machine_id::{forget, sleep};
pub(super) use password::set as set_password;
pub(super) use root_keys::write as write_root_keys;
pub(super) use snakeoil::arrange as arrange_snakeoil;
