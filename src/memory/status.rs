//! What Linux says about this process in `/proc/self/status`.

/// The figure behind `key`, in bytes; `None` where the system keeps no such file.
pub fn status_bytes(key: &str) -> Option<u64> {
    bytes_of(&std::fs::read_to_string("/proc/self/status").ok()?, key)
}

fn bytes_of(status: &str, key: &str) -> Option<u64> {
    let figure = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    let kibibytes: u64 = figure.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1 << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_kilobytes_and_nothing_else() {
        let status = "Name:\tVmSize\nVmPeak:\t   20480 kB\nVmSize:\t   10240 kB\nThreads:\t7\n";
        assert_eq!(bytes_of(status, "VmSize"), Some(10 << 20));
        assert_eq!(bytes_of(status, "Threads"), None);
        assert_eq!(bytes_of(status, "VmHWM"), None);
        assert_eq!(bytes_of("VmSize: 99999999999999999999 kB", "VmSize"), None);
    }
}
