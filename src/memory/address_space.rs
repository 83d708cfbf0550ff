//! How many addresses this process may take, and how many it has.

use super::status::status_bytes;

/// Addresses under a limit (`ulimit -v`). They count whether or not there is memory behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressSpace {
    pub used_bytes: u64,
    pub limit_bytes: u64,
}

/// `None` where there is no limit, or no system that would tell.
pub fn address_space() -> Option<AddressSpace> {
    let limit_bytes = limit_of(&std::fs::read_to_string("/proc/self/limits").ok()?)?;
    Some(AddressSpace { used_bytes: status_bytes("VmSize")?, limit_bytes })
}

/// The limit that holds now, which comes before the one up to which it might be raised.
fn limit_of(limits: &str) -> Option<u64> {
    let figures = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    figures.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_is_a_limit() {
        let limits = |soft: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max open files            1024                 4096                 files     \n\
                 Max address space         {soft:<20} unlimited            bytes     \n"
            )
        };
        assert_eq!(limit_of(&limits("1536000000")), Some(1_536_000_000));
        assert_eq!(limit_of(&limits("unlimited")), None);
        assert_eq!(limit_of("Max open files            1024                 4096                 files     \n"), None);
        assert_eq!(limit_of(""), None);
    }

    #[test]
    fn who_has_a_limit_is_within_it() {
        if let Some(space) = address_space() {
            assert!(space.used_bytes > 1 << 20 && space.used_bytes <= space.limit_bytes, "{space:?}");
        }
    }
}
