//! What a session weighs, in a process of its own: what other tests allocate would be counted too.

mod l13_memory {
    use std::alloc::System;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use lesson_13_socketio_session::{
        Acks, CloseReason, Config, Event, Output, Session, SocketId, SocketKey,
    };
    use socketio_packet::{AckId, EncodedPacket, Json, Message, Namespace};
    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    /// What an asker is, in a server: a pointer.
    type Asker = Box<u8>;

    /// What libtest's own thread may take or give back meanwhile. A byte for each packet of a flood.
    const NOISE: isize = 1000;

    fn kept(region: &Region<'_, System>) -> isize {
        let change = region.change();
        change.bytes_allocated as isize - change.bytes_deallocated as isize
    }

    fn joined(parser: &Arc<Json>, namespaces: usize) -> (Session<Asker>, Vec<SocketKey>) {
        let mut session = Session::new(parser.clone(), Config::default(), Instant::now());
        let keys = (0..namespaces).map(|number| {
            let nsp = if number == 0 { String::new() } else { format!("/{number},") };
            session.handle_message(Message::from(format!("0{nsp}")));
            let Some(Output::Event(Event::Connecting { key, .. })) = session.poll_output() else {
                panic!("expected Connecting")
            };
            session.accept(key, &SocketId::from("oSO0OpakMV_3jnilAAAA"));
            assert!(matches!(session.poll_output(), Some(Output::Send(_))));
            assert_eq!(session.poll_output(), None);
            key
        });
        let keys = keys.collect();
        (session, keys)
    }

    fn drain(session: &mut Session<Asker>) {
        while session.poll_output().is_some() {}
    }

    #[test]
    fn s4_a_session_that_rests_weighs_little() {
        assert!(size_of::<Session<Asker>>() <= 136, "{} bytes", size_of::<Session<Asker>>());
        let parser = Arc::new(Json::default());
        let mut sessions = Vec::with_capacity(100);
        let region = Region::new(ALLOCATOR);
        sessions.extend((0..100).map(|_| joined(&parser, 1).0));
        let rest = kept(&region) / 100;
        assert!(rest <= 256, "at rest, in one namespace: {rest} bytes");
        sessions.clear();
        assert!(kept(&region) < NOISE, "a hundred that are gone: {} bytes", kept(&region));

        let mut acks: [Acks<Asker>; 10] = Default::default();
        let now = Instant::now();
        let region = Region::new(ALLOCATOR);
        for acks in &mut acks {
            assert!(acks.insert(AckId(0), now, Box::new(0)).is_none());
            assert!(acks.take(AckId(0)).is_some());
            assert!(acks.insert(AckId(1), now, Box::new(0)).is_none());
            assert!(acks.expire(now).is_some());
        }
        assert!(kept(&region) < NOISE, "ten that were emptied: {} bytes", kept(&region));

        let region = Region::new(ALLOCATOR);
        let (mut session, keys) = joined(&parser, 1);
        let key = keys[0];
        drop(keys);
        for _ in 0..1000 {
            session.handle_message(Message::from(r#"20["a"]"#));
        }
        assert!(kept(&region) > 100_000, "a flood that nobody takes weighs nothing");
        drain(&mut session);
        assert!(kept(&region) < rest + NOISE, "after a flood: {} bytes", kept(&region));

        let packet = EncodedPacket::event(&*parser, &Namespace::MAIN, None, "a", 1).expect("JSON");
        for id in 0..1000 {
            let deadline = Instant::now() + Duration::from_secs(1000);
            session.call(key, AckId(id), packet.clone(), deadline, Box::new(0));
        }
        for id in 0..1000 {
            session.handle_message(Message::from(format!("3{id}[]")));
        }
        drop(packet);
        drain(&mut session);
        assert!(kept(&region) < rest + NOISE, "after 1000 answers: {} bytes", kept(&region));

        session.handle_close(CloseReason::ByClient);
        drain(&mut session);
        drop(session);

        let region = Region::new(ALLOCATOR);
        let (mut session, keys) = joined(&parser, 100);
        for number in 1..100 {
            session.handle_message(Message::from(format!("1/{number},")));
            drain(&mut session);
        }
        drop(keys);
        assert!(kept(&region) < rest + NOISE, "a hundred namespaces, and one is left");
    }
}
