//! What an hour of reconnecting keeps, in a process of its own: other tests would be counted, too.

mod l18_memory {
    use std::alloc::System;
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use lesson_18_socketio_client::{Ack, Args, CallError, Client, Socket, State, Transports};
    use socketio_server::{Server, Socket as Guest};
    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
    use tokio::io::copy_bidirectional;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::runtime::{self, Handle};
    use tokio::sync::{Notify, watch};
    use tokio::time::{Instant, sleep, timeout};

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    const HOUR: Duration = Duration::from_secs(3600);

    /// What is made once, and what grows to its size, is there by then.
    const WARM_UP: Duration = Duration::from_secs(300);

    /// For so long every other connection is idle, so that its upgrade is done; the others break before theirs is.
    const STAY: Duration = Duration::from_secs(4);

    /// Longer than either end waits for anything of the other's.
    const QUIET: Duration = Duration::from_secs(100);

    /// Longer than it takes to come back.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// What is kept must not grow; but a request that is under way takes a kilobyte.
    const REST: isize = 5_000;

    #[test]
    fn an_hour_of_reconnecting_keeps_nothing() {
        for transports in
            [Transports::PollingOnly, Transports::WebSocketOnly, Transports::PollingThenUpgrade]
        {
            weigh_an_hour(transports);
        }
    }

    /// On tokio's paused clock, which jumps to the next deadline whenever nobody has anything to do.
    fn weigh_an_hour(transports: Transports) {
        let mut builder = runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().expect("a runtime");
        runtime.block_on(async {
            let mut visitor = Visitor::new(transports).await;
            visitor.come_and_go_for(WARM_UP).await;
            let (tasks, region) = (alive_tasks(), Region::new(ALLOCATOR));
            let visits = visitor.come_and_go_for(HOUR).await;
            let grown = grown(&region);
            println!("{transports:?}: {visits} connections in an hour, {grown} bytes more");
            assert!(visits > 500, "expected hundreds of connections, came {visits}");
            assert!(grown < REST, "after {visits} connections, {grown} bytes stayed");
            assert_eq!(alive_tasks(), tasks, "after {visits} connections");
        });
    }

    /// By how many bytes more is allocated than when the region began.
    fn grown(region: &Region<'_, System>) -> isize {
        let change = region.change();
        let bytes = |count: usize| isize::try_from(count).expect("a count of bytes");
        bytes(change.bytes_allocated) - bytes(change.bytes_deallocated)
    }

    fn alive_tasks() -> usize {
        Handle::current().metrics().num_alive_tasks()
    }

    /// A client whose connection breaks again and again.
    struct Visitor {
        socket: Socket,
        state: watch::Receiver<State>,
    }

    impl Visitor {
        async fn new(transports: Transports) -> Self {
            let url = format!("http://{}", serve().await);
            let client = Client::builder(&url).transports(transports).build().expect("a good URL");
            let socket = client.of("/");
            socket.on("welcome", async |_: Socket| ()).open();
            Self { state: socket.state(), socket }
        }

        /// How often it came. In the end it is there, and whatever was before has been missed by all.
        async fn come_and_go_for(&mut self, time: Duration) -> usize {
            let end = Instant::now() + time;
            let mut visits = 0;
            while Instant::now() < end {
                self.visit(visits).await;
                visits += 1;
            }
            self.arrive().await;
            sleep(QUIET).await;
            visits
        }

        async fn visit(&mut self, number: usize) {
            self.arrive().await;
            if number % 2 == 1 {
                sleep(STAY).await;
            }
            assert_eq!(self.call("ask", PATIENCE).await, Ok(7));
            assert_eq!(self.call("cut me off", PATIENCE).await, Err(CallError::Disconnected));
            self.socket.emit("hear", Args(()));
            let limit = Duration::from_millis(1);
            assert_eq!(self.call("ask", limit).await, Err(CallError::TimedOut { limit }));
        }

        async fn arrive(&mut self) {
            let connected = self.state.wait_for(|state| matches!(state, State::Connected { .. }));
            let connected = timeout(PATIENCE, connected).await.expect("expected to be connected");
            connected.expect("the client is there");
        }

        async fn call(&self, name: &str, limit: Duration) -> Result<u8, CallError> {
            self.socket.call(name, Args(())).timeout(limit).await
        }
    }

    /// A server of lesson 15, behind a network that it may cut: its address there.
    async fn serve() -> SocketAddr {
        let cut = Arc::new(Notify::new());
        let io = Server::builder().build();
        io.of("/")
            .on_connect(async |guest: Guest| guest.emit("welcome", Args(())))
            .on("ask", async |_: Guest| Ack(7))
            .on("hear", async |_: Guest| ());
        let cutting = Arc::clone(&cut);
        io.of("/").on("cut me off", async move |_: Guest| cutting.notify_waiters());
        let (inner, server) = listen().await;
        let (outer, address) = listen().await;
        tokio::spawn(async move { io.serve(inner).await });
        tokio::spawn(async move {
            while let Ok((client, _)) = outer.accept().await {
                tokio::spawn(carry(client, server, Arc::clone(&cut)));
            }
        });
        address
    }

    async fn listen() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        (listener, address)
    }

    /// One connection, until an end closes it or all are cut.
    async fn carry(mut client: TcpStream, server: SocketAddr, cut: Arc<Notify>) {
        let mut server = TcpStream::connect(server).await.expect("the server listens");
        // The virtual clock would not wait for what the system keeps back to send it with more.
        for stream in [&client, &server] {
            stream.set_nodelay(true).expect("it is connected");
        }
        tokio::select! {
            biased;
            () = cut.notified() => {}
            _ = copy_bidirectional(&mut client, &mut server) => {}
        }
    }
}
