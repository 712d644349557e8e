//! What rooms take, and what they give back, in a process of its own: other tests would be counted, too.

mod l14_memory {
    use std::alloc::System;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use lesson_14_socketio_rooms::{Rooms, Selection, SocketId};
    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    const MANY: usize = 100_000;

    /// Of what a flood took, a few that stay may keep this much: some kilobytes, and ten more if libtest
    /// begins a thread meanwhile.
    const REST: isize = 50_000;

    /// One test at a time.
    fn alone() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By how many bytes more is allocated than when the region began.
    fn grown(region: &Region<'_, System>) -> isize {
        let change = region.change();
        let bytes = |count: usize| isize::try_from(count).expect("a count of bytes");
        bytes(change.bytes_allocated) - bytes(change.bytes_deallocated)
    }

    fn per_one(region: &Region<'_, System>) -> isize {
        grown(region) / isize::try_from(MANY).expect("a count")
    }

    /// The text of an id that was cloned once is counted as shared, in memory that it keeps from then on.
    fn ids() -> Vec<SocketId> {
        let ids: Vec<_> =
            (0..MANY).map(|number| SocketId::from(&*format!("{number:020}"))).collect();
        let _shared = ids.clone();
        ids
    }

    #[test]
    fn s2_a_socket_and_its_rooms_take_little() {
        let _alone = alone();
        let ids = ids();
        let region = Region::new(ALLOCATOR);
        let mut rooms = Rooms::default();
        for id in &ids {
            rooms.insert(id.clone(), 0_usize);
        }
        println!("a socket: {} bytes", per_one(&region));
        assert!(per_one(&region) <= 128, "a socket took {} bytes", per_one(&region));

        let region = Region::new(ALLOCATOR);
        for id in &ids {
            rooms.join(id.as_str(), "lobby");
        }
        println!("in a room with all the others: {} bytes", per_one(&region));
        assert!(per_one(&region) <= 12, "to be in a room took {} bytes", per_one(&region));

        let region = Region::new(ALLOCATOR);
        for (number, id) in ids.iter().enumerate() {
            rooms.join(id.as_str(), &format!("document {}", number / 10));
        }
        println!("in a second room, with nine others: {} bytes", per_one(&region));
        assert!(per_one(&region) <= 100, "to be in a second room took {} bytes", per_one(&region));
    }

    #[test]
    fn s2_a_flood_of_rooms_is_given_back() {
        let _alone = alone();
        let mut rooms = Rooms::default();
        rooms.insert("ann".into(), ());
        let names: Vec<String> =
            (0..MANY / 10).map(|number| format!("document {number}")).collect();
        let region = Region::new(ALLOCATOR);
        for name in &names {
            rooms.join("ann", name);
        }
        let most = grown(&region);
        assert!(most > 20 * REST, "expected a flood, came {most} bytes");
        for name in &names {
            rooms.leave("ann", name);
        }
        assert!(grown(&region) < REST, "of {most} bytes, {} stayed", grown(&region));
    }

    #[test]
    fn s2_a_flood_of_sockets_is_given_back_by_the_few_that_stay() {
        let _alone = alone();
        let ids = ids();
        let region = Region::new(ALLOCATOR);
        let mut rooms = Rooms::default();
        for id in &ids {
            rooms.insert(id.clone(), ());
            rooms.join(id.as_str(), "lobby");
            rooms.join(id.as_str(), &format!("the room of {id}"));
        }
        let most = grown(&region);
        assert!(most > 100 * REST, "expected a flood, came {most} bytes");
        for (number, id) in ids.iter().enumerate() {
            if number % (MANY / 10) != MANY / 10 - 1 {
                rooms.remove(id.as_str());
            }
        }
        assert_eq!(rooms.select(&Selection::default().to("lobby")).count(), 10);
        assert!(grown(&region) < REST, "of {most} bytes, {} stayed", grown(&region));
    }

    #[test]
    fn s2_one_room_that_all_enter_and_leave_keeps_nothing() {
        let _alone = alone();
        let ids = ids();
        let mut rooms = Rooms::default();
        for id in &ids {
            rooms.insert(id.clone(), ());
        }
        rooms.join(ids[0].as_str(), "lobby");
        let region = Region::new(ALLOCATOR);
        for id in &ids[1..] {
            rooms.join(id.as_str(), "lobby");
        }
        let most = grown(&region);
        assert!(most > 10 * REST, "expected a flood, came {most} bytes");
        for id in &ids[1..] {
            rooms.leave(id.as_str(), "lobby");
        }
        assert!(grown(&region) < REST, "of {most} bytes, {} stayed", grown(&region));
    }

    #[test]
    fn s5_events_that_were_polled_keep_nothing() {
        let _alone = alone();
        let mut rooms = Rooms::watched();
        rooms.insert("ann".into(), ());
        let region = Region::new(ALLOCATOR);
        for _ in 0..MANY {
            rooms.join("ann", "kitchen");
            rooms.leave("ann", "kitchen");
        }
        assert!(grown(&region) > 100 * REST, "expected events, came {} bytes", grown(&region));
        while rooms.poll_event().is_some() {}
        assert!(grown(&region) < REST, "{} bytes stayed", grown(&region));
    }

    #[test]
    fn s4_to_select_allocates_nothing_but_a_list_for_a_union() {
        let _alone = alone();
        let mut rooms = Rooms::default();
        for id in &ids()[..100] {
            rooms.insert(id.clone(), ());
            rooms.join(id.as_str(), "lobby");
        }
        // Of a thousand times: a few allocations are libtest's.
        let allocations = |selection: &Selection| {
            let region = Region::new(ALLOCATOR);
            for _ in 0..1000 {
                assert_eq!(rooms.select(selection).count(), 100);
            }
            region.change().allocations
        };
        let one = Selection::default().to("lobby").except("nobody");
        assert!(allocations(&one) < 500, "to select from one room allocates");
        let two = one.to("lobby");
        assert!(allocations(&two) < 1500, "to unite two rooms takes more than one list");
    }
}
