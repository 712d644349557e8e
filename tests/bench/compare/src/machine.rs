//! What the system tells and allows: only Linux does all of it without `unsafe`.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

use std::ops::Sub;
use std::time::Duration;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Pins, cpu_time, description, memory, open_more_files};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{Pins, cpu_time, description, memory, open_more_files};

/// What a process has used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct CpuTime {
    pub(crate) user: Duration,
    pub(crate) kernel: Duration,
}

impl CpuTime {
    pub(crate) fn total(self) -> Duration {
        self.user + self.kernel
    }
}

impl Sub for CpuTime {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            user: self.user.saturating_sub(earlier.user),
            kernel: self.kernel.saturating_sub(earlier.kernel),
        }
    }
}
