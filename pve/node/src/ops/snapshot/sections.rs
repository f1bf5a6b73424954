//! What becomes of a configuration when a snapshot is taken, let go, or gone back to. Pure.

use spec::pct::{PctConf, Section, SectionName};

use crate::error::Die;

/// Keys that belong to a configuration's moment and do not go from one to another.
const OWN: &[&str] = &["snapstate", "snaptime", "lock", "digest"];

/// How many `unusedN` there are.
const UNUSED: u16 = 256;

/// The section of a snapshot, to change it.
pub(super) fn of<'a>(conf: &'a mut PctConf, name: &str) -> &'a mut Section {
    conf.section_mut(&SectionName::Snapshot(name.to_owned()))
}

/// Adds the section of a snapshot in the making.
pub(super) fn begin(conf: &mut PctConf, name: &str, comment: Option<&str>, now: i64) -> Result<(), Die> {
    for other in names(conf) {
        let section = of(conf, &other);
        if section.get("parent") == Some(name) {
            section.remove("parent");
        }
    }
    let current = conf.current().clone();
    let section = of(conf, name);
    copy(&current, section)?;
    set(section, "snapstate", "prepare")?;
    set(section, "snaptime", &now.to_string())?;
    if let Some(comment) = comment {
        section.set_description(comment);
    }
    Ok(())
}

/// The snapshot is there: from here on the guest descends from it.
pub(super) fn commit(conf: &mut PctConf, name: &str) -> Result<(), Die> {
    if conf.get("lock") != Some("snapshot") {
        return Err(Die::text("missing snapshot lock"));
    }
    let state = super::section(conf, Some(name))?.get("snapstate");
    if state != Some("prepare") {
        return Err(Die::text("wrong snapshot state"));
    }
    of(conf, name).remove("snapstate");
    conf.remove("lock");
    set(conf.current_mut(), "parent", name)
}

/// A disk's snapshot is gone: the section mounts it no more.
pub(super) fn forget_disk(conf: &mut PctConf, name: &str, key: &str) -> Result<(), Die> {
    let volume = volume_of(super::section(conf, Some(name))?, key);
    let section = of(conf, name);
    section.remove(key);
    volume.map_or(Ok(()), |volume| add_unused(section, &volume))
}

/// The snapshot is gone: what descended from it descends from its parent. Volumes that only it mounted are unused.
pub(super) fn forget(conf: &mut PctConf, name: &str, volumes: &[String]) -> Result<(), Die> {
    let parent = super::section(conf, Some(name))?.get("parent").map(str::to_owned);
    conf.remove_section(&SectionName::Snapshot(name.to_owned()));
    let relink = |section: &mut Section| match &parent {
        _ if section.get("parent") != Some(name) => Ok(()),
        Some(parent) => set(section, "parent", parent),
        None => {
            section.remove("parent");
            Ok(())
        }
    };
    relink(conf.current_mut())?;
    for other in names(conf) {
        relink(of(conf, &other))?;
    }
    conf.remove("lock");
    volumes.iter().try_for_each(|volume| add_unused(conf.current_mut(), volume))
}

/// The guest is again what it was: only its description and what it does not use stay.
pub(super) fn go_back(conf: &mut PctConf, name: &str) -> Result<(), Die> {
    let before = conf.current().clone();
    let snapshot = super::section(conf, Some(name))?.clone();
    conf.remove_section(&SectionName::Current);
    conf.remove_section(&SectionName::Pending);
    let current = conf.current_mut();
    for (index, volume) in before.unused() {
        set(current, &format!("unused{index}"), volume)?;
    }
    current.set_description(before.description().unwrap_or_default());
    for (_, mount) in super::mounts(&before)? {
        let is_volume = mount.source() == spec::pct::MountSource::Volume;
        if is_volume && !in_use(&snapshot, mount.volume())? {
            add_unused(current, mount.volume())?;
        }
    }
    copy(&snapshot, current)?;
    set(current, "parent", name)
}

/// Whether a configuration mounts a volume or keeps it as unused.
pub(in crate::ops) fn in_use(section: &Section, volume: &str) -> Result<bool, Die> {
    let mounted = super::mounts(section)?.iter().any(|(_, mount)| mount.volume() == volume);
    Ok(mounted || section.unused().iter().any(|(_, unused)| *unused == volume))
}

/// A volume that nothing mounts any more stays the guest's, under the first free `unusedN`.
pub(in crate::ops) fn add_unused(section: &mut Section, volume: &str) -> Result<(), Die> {
    let unused = section.unused();
    if unused.iter().any(|(_, other)| *other == volume) {
        return Ok(());
    }
    let is_free = |index: &u16| unused.iter().all(|(at, _)| u16::from(*at) != *index);
    let free = (0..UNUSED).find(is_free);
    let free = free.ok_or_else(|| Die::text("Too many unused volumes - please delete them first."))?;
    set(section, &format!("unused{free}"), volume)
}

fn names(conf: &PctConf) -> Vec<String> {
    conf.snapshots().keys().map(|name| (*name).to_owned()).collect()
}

fn volume_of(section: &Section, key: &str) -> Option<String> {
    let mounts = super::mounts(section).ok()?;
    let (_, mount) = mounts.into_iter().find(|(other, _)| other == key)?;
    mount.volid().map(|volid| volid.to_string())
}

/// What one configuration takes over from another.
fn copy(from: &Section, to: &mut Section) -> Result<(), Die> {
    let stays = |key: &str| OWN.contains(&key) || key.starts_with("unused");
    from.entries().filter(|(key, _)| !stays(key)).try_for_each(|(key, value)| set(to, key, value))?;
    from.raw_lxc().iter().for_each(|raw| to.add_raw_lxc(raw));
    Ok(())
}

fn set(section: &mut Section, key: &str, value: &str) -> Result<(), Die> {
    section.put(key, value).map_err(|error| Die::text(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUEST: &str = "#mine\nfeatures: \nhostname: b200\nmemory: 128\nmp0: bt:200/vm-200-disk-1.raw,mp=/data,size=1G\n\
        rootfs: bt:200/subvol-200-disk-0.subvol,size=0T\nunused0: bt:200/vm-200-disk-9.raw\nlxc.cap.drop: sys_rawio\n";

    fn taken(text: &str, name: &str) -> PctConf {
        let mut conf = PctConf::parse(text);
        begin(&mut conf, name, Some("first"), 1_795_178_061).unwrap();
        conf.set("lock", "snapshot").unwrap();
        commit(&mut conf, name).unwrap();
        conf
    }

    #[test]
    fn a_snapshot_keeps_all_but_description_and_unused() {
        let conf = taken(GUEST, "s1");
        let wanted = "#mine\nfeatures:  \nhostname: b200\nmemory: 128\nmp0: bt:200/vm-200-disk-1.raw,mp=/data,size=1G\nparent: s1\n\
            rootfs: bt:200/subvol-200-disk-0.subvol,size=0T\nunused0: bt:200/vm-200-disk-9.raw\nlxc.cap.drop: sys_rawio\n\
            \n[s1]\n#first\nfeatures:  \nhostname: b200\nmemory: 128\nmp0: bt:200/vm-200-disk-1.raw,mp=/data,size=1G\n\
            rootfs: bt:200/subvol-200-disk-0.subvol,size=0T\nsnaptime: 1795178061\nlxc.cap.drop: sys_rawio\n";
        assert_eq!(conf.canonical(), wanted);
    }

    #[test]
    fn what_descends_from_a_snapshot_that_goes_descends_from_its_parent() {
        let text = taken(GUEST, "s1").canonical();
        let text = taken(&text, "s2").canonical();
        let mut conf = taken(&text, "s3");
        forget(&mut conf, "s2", &["bt:200/vm-200-disk-1.raw".to_owned(), "bt:200/vm-200-disk-5.raw".to_owned()])
            .unwrap();
        let written = PctConf::parse(&conf.canonical());
        assert_eq!(written.snapshots()["s3"].get("parent"), Some("s1"));
        assert_eq!(written.get("parent"), Some("s3"));
        let unused: Vec<&str> = written.current().unused().into_iter().map(|(_, volume)| volume).collect();
        assert_eq!(unused, ["bt:200/vm-200-disk-9.raw", "bt:200/vm-200-disk-5.raw"]);
        forget(&mut conf, "s1", &[]).unwrap();
        assert_eq!(conf.snapshots()["s3"].get("parent"), None);
    }

    #[test]
    fn going_back_keeps_description_and_new_volumes() {
        let mut conf = taken(GUEST, "s1");
        conf.set("hostname", "renamed").unwrap();
        conf.set("mp1", "bt:200/vm-200-disk-2.raw,mp=/new,size=1G").unwrap();
        conf.set("tags", "new").unwrap();
        conf.set_description("other");
        go_back(&mut conf, "s1").unwrap();
        let current = conf.canonical().split("\n[s1]").next().unwrap().to_owned();
        let wanted = "#other\nfeatures:  \nhostname: b200\nmemory: 128\nmp0: bt:200/vm-200-disk-1.raw,mp=/data,size=1G\nparent: s1\n\
            rootfs: bt:200/subvol-200-disk-0.subvol,size=0T\nunused0: bt:200/vm-200-disk-9.raw\n\
            unused1: bt:200/vm-200-disk-2.raw\nlxc.cap.drop: sys_rawio\n";
        assert_eq!(current, wanted);
    }

    #[test]
    fn a_snapshot_half_made_is_not_committed() {
        let mut conf = PctConf::parse(GUEST);
        begin(&mut conf, "s1", None, 1).unwrap();
        assert_eq!(commit(&mut conf, "s1").unwrap_err().to_string(), "missing snapshot lock");
        conf.set("lock", "snapshot").unwrap();
        forget_disk(&mut conf, "s1", "mp0").unwrap();
        assert_eq!(conf.snapshots()["s1"].unused(), [(0, "bt:200/vm-200-disk-1.raw")]);
        of(&mut conf, "s1").set("snapstate", "delete").unwrap();
        assert_eq!(commit(&mut conf, "s1").unwrap_err().to_string(), "wrong snapshot state");
    }
}
