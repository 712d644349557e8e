//! What abandoned sessions, large messages and many small ones leave behind, in a process of its own:
//! other tests would be counted too. What counts is what is allocated and not yet freed: the memory
//! of the process also holds what its allocator keeps, more on one machine than on another.

mod l10_memory {
    use std::alloc::System;
    use std::net::SocketAddr;
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use bytes::Bytes;
    use http_body_util::{BodyExt, Empty, Full};
    use hyper::service::Service;
    use lesson_10_engineio_server::{Application, Builder, Connection, Message, Server};
    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::runtime;
    use tokio::sync::mpsc;

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    const SESSIONS: usize = 10_000;

    /// Growing by more than this, each of them would leave a pointer behind.
    const LEAK: isize = SESSIONS as isize * 8;

    /// What a large message may leave at its connection, at most: tungstenite alone keeps 2.6 MB.
    const REST: isize = 10_000;

    async fn echo(mut connection: Connection) {
        while let Some(message) = connection.next().await {
            if connection.send(message).is_err() {
                break;
            }
        }
    }

    async fn idle(mut connection: Connection) {
        while connection.next().await.is_some() {}
    }

    async fn open_and_abandon(server: &Server) {
        let service = server.service(idle);
        for _ in 0..SESSIONS {
            let request = hyper::Request::get("/engine.io/?EIO=4&transport=polling")
                .body(Empty::<Bytes>::new())
                .expect("a request");
            let answer = service.call(request).await.expect("never an error");
            answer.into_body().collect().await.expect("a whole body");
        }
        assert_eq!(server.sessions(), SESSIONS);
        // Virtual time: ping_interval and ping_timeout are over.
        tokio::time::sleep(Duration::from_secs(46)).await;
        assert_eq!(server.sessions(), 0);
    }

    /// Runs a test while no other runs. Its runtime is gone before the next one's turn.
    fn alone(runtime: &mut runtime::Builder, test: impl Future<Output = ()>) {
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.enable_all().build().expect("a runtime").block_on(test);
    }

    fn real_time() -> runtime::Builder {
        runtime::Builder::new_current_thread()
    }

    fn virtual_time() -> runtime::Builder {
        let mut runtime = real_time();
        runtime.start_paused(true);
        runtime
    }

    /// By how many bytes more is allocated than when the region began.
    fn grown(region: &Region<'_, System>) -> isize {
        let change = region.change();
        let bytes = |count: usize| isize::try_from(count).expect("a count of bytes");
        bytes(change.bytes_allocated) - bytes(change.bytes_deallocated)
    }

    #[test]
    fn s5_ten_thousand_abandoned_sessions_leave_no_memory_behind() {
        alone(&mut virtual_time(), async {
            // What the runtime keeps is made now; what a server keeps counts.
            open_and_abandon(&Server::builder().build()).await;
            let region = Region::new(ALLOCATOR);
            let server = Server::builder().build();
            open_and_abandon(&server).await;
            let grown = grown(&region);
            assert!(grown < LEAK, "expected to grow by less than {LEAK} bytes, grew by {grown}");
        });
    }

    #[test]
    fn s5_nor_over_real_connections() {
        alone(&mut real_time(), async {
            const AT_ONCE: usize = 1_000;
            let (ended, mut ends) = mpsc::unbounded_channel();
            let wait = move |mut connection: Connection| {
                let ended = ended.clone();
                async move {
                    while connection.next().await.is_some() {}
                    ended.send(()).expect("the test listens");
                }
            };
            let soon = Duration::from_millis(20);
            let (server, address) =
                serve(Server::builder().ping_interval(soon).ping_timeout(soon), wait).await;
            let mut open_and_abandon = async || {
                let mut stream = TcpStream::connect(address).await.expect("the server listens");
                for _ in 0..AT_ONCE {
                    let request =
                        b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: a\r\n\r\n";
                    stream.write_all(request).await.expect("the connection stands");
                    hear_handshake(&mut stream).await;
                }
                for _ in 0..AT_ONCE {
                    transcript::within("the end of a session", ends.recv()).await;
                }
            };
            open_and_abandon().await;
            let region = Region::new(ALLOCATOR);
            for _ in 0..SESSIONS / AT_ONCE {
                open_and_abandon().await;
            }
            let grown = grown(&region);
            assert_eq!(server.sessions(), 0);
            assert!(grown < LEAK, "expected to grow by less than {LEAK} bytes, grew by {grown}");
        });
    }

    #[test]
    fn s3_what_a_body_of_many_messages_made_grow_is_given_back() {
        const BODIES: usize = 10;
        const MESSAGES: usize = 400_000;
        alone(&mut virtual_time(), async {
            let (taken, mut all_taken) = mpsc::unbounded_channel();
            let take_all = move |mut connection: Connection| {
                let taken = taken.clone();
                async move {
                    for _ in 0..MESSAGES {
                        connection.next().await.expect("a message");
                    }
                    taken.send(()).expect("the test listens");
                    idle(connection).await;
                }
            };
            let service = Server::builder().build().service(take_all);
            let body = Bytes::from(["4"; MESSAGES].join("\u{1e}"));
            let mut post = async || {
                let open = hyper::Request::get("/engine.io/?EIO=4&transport=polling");
                let answer = service.call(open.body(Full::default()).expect("a request")).await;
                let open = answer.expect("never an error").into_body().collect().await;
                let open = String::from_utf8(open.expect("a whole body").to_bytes().into());
                let sid = open.expect("text")[9..29].to_owned();
                let target = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
                let post = hyper::Request::post(target).body(Full::from(body.clone()));
                let answer = service.call(post.expect("a request")).await.expect("never an error");
                assert_eq!(answer.status(), 200);
                transcript::within("all messages to be taken", all_taken.recv()).await;
            };
            post().await;
            let region = Region::new(ALLOCATOR);
            for _ in 0..BODIES {
                post().await;
            }
            let rest = grown(&region) / BODIES as isize;
            assert!(rest < REST, "expected less than {REST} bytes for each session, came {rest}");
        });
    }

    #[test]
    fn s3_what_a_large_answer_made_grow_is_given_back() {
        const CONNECTIONS: usize = 20;
        const LARGE: usize = 900_000;
        const REST: isize = 50_000; // hyper keeps what it read into
        alone(&mut real_time(), async {
            let large = async |mut connection: Connection| {
                let _ = connection.send(Message::Text("7".repeat(LARGE).into()));
                idle(connection).await;
            };
            let (_server, address) = serve(Server::builder(), large).await;
            let open = async || {
                let mut stream = TcpStream::connect(address).await.expect("the server listens");
                let request =
                    b"GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: a\r\n\r\n";
                stream.write_all(request).await.expect("the connection stands");
                transcript::within("a large answer", hear_sevens(&mut stream, LARGE)).await;
                stream
            };
            let mut connections = vec![open().await];
            let region = Region::new(ALLOCATOR);
            for _ in 0..CONNECTIONS {
                connections.push(open().await);
            }
            let rest = grown(&region) / CONNECTIONS as isize;
            assert!(
                rest < REST,
                "expected less than {REST} bytes for each connection, came {rest}"
            );
        });
    }

    #[test]
    fn s4_what_a_large_message_made_grow_is_given_back() {
        echoes_are_given_back(1, 900_000);
    }

    #[test]
    fn s4_what_messages_that_leave_together_made_grow_is_given_back() {
        echoes_are_given_back(15, 1_000);
    }

    fn echoes_are_given_back(messages: usize, length: usize) {
        const CONNECTIONS: usize = 50;
        alone(&mut real_time(), async {
            let (_server, address) = serve(Server::builder(), echo).await;
            let mut connections = vec![echoes(address, messages, length).await];
            let region = Region::new(ALLOCATOR);
            for _ in 0..CONNECTIONS {
                connections.push(echoes(address, messages, length).await);
            }
            let rest = grown(&region) / CONNECTIONS as isize;
            assert!(
                rest < REST,
                "expected less than {REST} bytes for each connection, came {rest}"
            );
        });
    }

    #[test]
    fn s4_an_idle_websocket_weighs_little() {
        const CONNECTIONS: usize = 500;
        const WEIGHT: isize = 6_000;
        alone(&mut real_time(), async {
            let (_server, address) = serve(Server::builder(), idle).await;
            let mut connections = vec![open(address).await];
            let region = Region::new(ALLOCATOR);
            for _ in 0..CONNECTIONS {
                connections.push(open(address).await);
            }
            let each = grown(&region) / CONNECTIONS as isize;
            assert!(each < WEIGHT, "expected less than {WEIGHT} bytes for each, came {each}");
        });
    }

    /// It is allocated for each request, and while a GET waits it lives.
    #[test]
    fn s4_an_answer_that_is_not_ready_is_small() {
        let service = Server::builder().build().service(idle);
        let answer = service.answer(hyper::Request::new(Empty::<Bytes>::new()), None);
        assert!(size_of_val(&answer) < 1_000, "came {}", size_of_val(&answer));
    }

    /// What an application holds is a handle: the session itself is boxed, so that no future that a
    /// connection is moved through grows with it.
    #[test]
    fn s4_a_connection_is_small() {
        assert!(size_of::<Connection>() <= 64, "came {}", size_of::<Connection>());
    }

    /// A WebSocket that has heard the handshake. It is spoken by hand, so that this end keeps nothing.
    async fn open(address: SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let request = "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: a\r\n\
                       upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.expect("the connection stands");
        hear_handshake(&mut stream).await;
        stream
    }

    /// Reads up to the end of the handshake's JSON.
    async fn hear_handshake(stream: &mut TcpStream) {
        let (mut heard, mut buffer) = (Vec::new(), [0; 512]);
        while !heard.ends_with(b"}") {
            let read = stream.read(&mut buffer);
            let count = transcript::within("the handshake", read).await.expect("it stands");
            assert!(count > 0, "expected the handshake, came the end");
            heard.extend_from_slice(&buffer[..count]);
        }
    }

    async fn serve(builder: Builder, application: impl Application) -> (Server, SocketAddr) {
        let server = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let serving = server.clone();
        tokio::spawn(async move { serving.serve(listener, application).await });
        (server, address)
    }

    /// A WebSocket that has echoed binary messages which came together.
    async fn echoes(address: SocketAddr, messages: usize, length: usize) -> TcpStream {
        let mut stream = open(address).await;
        let length_field = match u16::try_from(length) {
            Ok(length) => [&[0x80 | 126], &length.to_be_bytes()[..]].concat(),
            Err(_) => [&[0x80 | 127], &(length as u64).to_be_bytes()[..]].concat(),
        };
        // A mask of zeros changes nothing.
        let frame = [&[0x82], &length_field[..], &[0; 4], &vec![b'7'; length]].concat();
        let frames = frame.repeat(messages);
        let (mut reader, mut writer) = stream.split();
        let write = async { writer.write_all(&frames).await.expect("the connection stands") };
        let read = hear_sevens(&mut reader, messages * length);
        transcript::within("all echoes", async { tokio::join!(write, read) }).await;
        // The server is idle again once it has answered what came after.
        let ping = [0x89, 0x80, 0, 0, 0, 0];
        stream.write_all(&ping).await.expect("the connection stands");
        let mut pong = [0; 2];
        let read = stream.read_exact(&mut pong);
        transcript::within("a pong", read).await.expect("the connection stands");
        assert_eq!(pong, [0x8a, 0]);
        stream
    }

    /// The payload is the only place where a 7 stands this often.
    async fn hear_sevens(stream: &mut (impl AsyncRead + Unpin), expected: usize) {
        let (mut sevens, mut buffer) = (0, [0; 4096]);
        while sevens < expected {
            let count = stream.read(&mut buffer).await.expect("the connection stands");
            assert!(count > 0, "expected {expected} bytes, came {sevens}");
            sevens += buffer[..count].iter().filter(|byte| **byte == b'7').count();
        }
    }
}
