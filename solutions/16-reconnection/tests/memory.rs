//! What a hundred hours of reconnecting keep, in a process of its own: other tests would be counted, too.

mod l16_memory {
    use std::alloc::System;
    use std::time::{Duration, Instant};

    use reconnection::{DisconnectReason, Manager, Output, Reconnection, State};
    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    /// What is kept must not grow; but libtest may begin a thread meanwhile, which takes ten kilobytes.
    const REST: isize = 20_000;

    /// By how many bytes more is allocated than when the region began.
    fn grown(region: &Region<'_, System>) -> isize {
        let change = region.change();
        let bytes = |count: usize| isize::try_from(count).expect("a count of bytes");
        bytes(change.bytes_allocated) - bytes(change.bytes_deallocated)
    }

    const HOUR: Duration = Duration::from_secs(3600);

    /// So many hours that a single byte for each dial could not hide in the rest.
    const HOURS: u32 = 100;

    /// A server that refuses twice, then is silent, then answers, and then ends the connection.
    fn hours(manager: &mut Manager, mut now: Instant) -> usize {
        let end = now + HOURS * HOUR;
        let mut dials = 0;
        while now < end {
            now = manager.poll_timeout().map_or(now, |due| due.max(now));
            manager.handle_timeout(now, 0.85);
            while let Some(output) = manager.poll_output() {
                if let Output::Dial(_) = output {
                    dials += 1;
                }
            }
            match (manager.state(), dials % 4) {
                (State::Opening { dial, .. }, 0 | 1) => {
                    manager.handle_failed(dial, "connection refused", now, 0.85);
                }
                (State::Opening { dial, .. }, 3) => {
                    manager.handle_opened(dial);
                    manager.handle_closed(dial, DisconnectReason::TransportClose, now, 0.85);
                }
                (State::Closed, _) => panic!("it has given up after {dials} dials"),
                _ => {}
            }
        }
        dials
    }

    #[test]
    fn s5_a_hundred_hours_of_reconnecting_keep_nothing() {
        let mut manager = Manager::new(Reconnection::default());
        let now = Instant::now();
        manager.open(now);
        let region = Region::new(ALLOCATOR);
        let dials = hours(&mut manager, now);
        println!("{dials} dials, {} bytes more than at the beginning", grown(&region));
        assert!(dials > 50_000, "expected many dials, came {dials}");
        assert!(grown(&region) < REST, "after {dials} dials, {} bytes stayed", grown(&region));
    }
}
