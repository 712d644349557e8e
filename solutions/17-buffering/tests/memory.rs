//! What waits takes no more than its bound, and gives it back, in a process of its own: other tests would be
//! counted, too.

mod l17_memory {
    use std::alloc::System;
    use std::hash::RandomState;
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::time::{Duration, Instant};

    use buffering::{Bound, Config, LogConfig, Mailroom, MemoryLog, Overflow};
    use socketio_packet::{Args, EncodedPacket, Json, Namespace};
    use socketio_rooms::{LostSession, MissedEvent, RecoveryLog, Selection};
    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    const MEGABYTE: usize = 1 << 20;

    /// What is bound to 1 MiB takes up to this: a packet is written into 128 bytes, however short it is.
    const TAKES: usize = MEGABYTE * 5 / 2;

    /// What remains may be this much: some kilobytes, and ten more if libtest begins a thread meanwhile.
    const REST: usize = 50_000;

    /// One test at a time.
    fn alone() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bytes more are allocated than when the region began.
    fn grown(region: &Region<'_, System>) -> usize {
        let change = region.change();
        change.bytes_allocated.saturating_sub(change.bytes_deallocated)
    }

    fn packet(length: usize, offset: &str) -> EncodedPacket {
        let args = Args(("x".repeat(length), offset));
        EncodedPacket::event(&Json::default(), &Namespace::MAIN, None, "news", args).expect("texts")
    }

    #[test]
    fn s2_a_flood_takes_no_more_than_its_bound_and_gives_it_back() {
        let _alone = alone();
        let region = Region::new(ALLOCATOR);
        for overflow in [Overflow::Refuse, Overflow::DropOldest, Overflow::DropAll] {
            let to_send = Bound { items: usize::MAX, bytes: MEGABYTE };
            let mut room: Mailroom<_, (), ()> =
                Mailroom::new(&Config { to_send, overflow, ..Config::default() });
            let mut most = 0;
            for number in 0..40_000 {
                let packet = packet(if number % 10 == 0 { 1000 } else { 10 }, "");
                let size = packet.size();
                room.emit(packet, size);
                while room.poll_output().is_some() {}
                most = most.max(grown(&region));
            }
            println!("{overflow:?}: {most} bytes, bound to {MEGABYTE}");
            assert!(most <= TAKES, "{overflow:?}: a bound of 1 MiB, and it took {most} bytes");
            room.handle_connect(Instant::now());
            while room.poll_output().is_some() {}
            let rest = grown(&region);
            assert!(rest <= REST, "{overflow:?}: all has left, and {rest} bytes are kept");
        }
    }

    #[test]
    fn s5_a_log_takes_no_more_than_its_bounds_and_gives_them_back() {
        let _alone = alone();
        let bound = Bound { items: usize::MAX, bytes: MEGABYTE };
        let config = LogConfig { events: bound, sessions: bound, ..LogConfig::default() };
        let region = Region::new(ALLOCATOR);
        let mut log = MemoryLog::new(config, RandomState::new());
        let (now, mut most) = (Instant::now(), 0);
        for number in 0..20_000 {
            let offset = log.next_offset();
            let packet = packet(10, &offset);
            let selection = Selection::default().to("kitchen");
            log.store_event(&offset, MissedEvent { nsp: Namespace::MAIN, selection, packet }, now);
            let session = LostSession {
                nsp: Namespace::MAIN,
                pid: format!("pid {number}"),
                id: (&*number.to_string()).into(),
                rooms: vec!["kitchen".to_owned(), number.to_string()],
                data: "{}".to_owned(),
            };
            log.store_session(session, now);
            most = most.max(grown(&region));
        }
        let (events, sessions) = (log.events(), log.sessions());
        println!(
            "{events} events and {sessions} sessions: {most} bytes, bound to {}",
            2 * MEGABYTE
        );
        assert!(most <= 2 * TAKES, "two bounds of 1 MiB, and it took {most} bytes");
        log.expire(now + Duration::from_secs(3600));
        let rest = grown(&region);
        assert!(rest <= REST, "all is forgotten, and {rest} bytes are kept");
    }
}
