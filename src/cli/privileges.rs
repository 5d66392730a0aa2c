//! Rights that only opening an interface needs.
//!
//! Job: become the user who typed `sudo` before a packet is looked at. Input: what sudo leaves
//! in the environment. Output: another user, for good.

/// Gives up root where sudo gave it. Who is root without sudo stays it.
#[cfg(unix)]
pub(super) fn give_up() -> Result<(), String> {
    use nix::unistd::{Gid, Uid, User, geteuid, setgid, setuid};

    let id = |name| std::env::var(name).ok()?.parse::<u32>().ok();
    let (Some(uid), Some(gid)) = (id("SUDO_UID"), id("SUDO_GID")) else {
        return Ok(());
    };
    if !geteuid().is_root() || uid == 0 {
        return Ok(());
    }
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    let failed = |error| {
        format!(
            "root's rights cannot be given up for those of user {uid}: {error}; \
             --keep-privileges keeps them"
        )
    };
    let user = User::from_uid(uid).ok().flatten();
    groups(user.as_ref(), gid).map_err(failed)?;
    // The groups first: only root may change them.
    setgid(gid).map_err(failed)?;
    setuid(uid).map_err(failed)?;
    if setuid(Uid::from_raw(0)).is_ok() {
        return Err(failed(nix::errno::Errno::EPERM));
    }
    Ok(())
}

/// The user's further groups, in place of root's.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn groups(user: Option<&nix::unistd::User>, gid: nix::unistd::Gid) -> nix::Result<()> {
    let name = user.and_then(|user| std::ffi::CString::new(user.name.as_str()).ok());
    match name {
        Some(name) => nix::unistd::initgroups(&name, gid),
        // A user without a name has no further groups.
        None => nix::unistd::setgroups(&[gid]),
    }
}

/// Apple's systems give processes no say in that.
#[cfg(all(unix, target_vendor = "apple"))]
fn groups(_: Option<&nix::unistd::User>, _: nix::unistd::Gid) -> nix::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn give_up() -> Result<(), String> {
    Ok(())
}
