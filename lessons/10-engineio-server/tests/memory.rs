//! What abandoned sessions leave behind, in a process of its own: other tests would be counted too.

/// Ten thousand sessions on polling are opened, given up, and swept, several times over.
#[cfg(target_os = "linux")]
mod l10_memory {
    use std::fs;
    use std::time::Duration;

    use bytes::Bytes;
    use http_body_util::{BodyExt, Empty};
    use hyper::service::Service;
    use lesson_10_engineio_server::{Connection, Server};

    const SESSIONS: usize = 10_000;

    /// More than this would be a tenth of a kilobyte for each session.
    const LEAK: usize = SESSIONS * 100;

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

    /// What the process holds, in bytes.
    fn resident() -> usize {
        let status = fs::read_to_string("/proc/self/status").expect("Linux has it");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
        let kilobytes: usize = line
            .split_whitespace()
            .nth(1)
            .and_then(|number| number.parse().ok())
            .expect("a number");
        kilobytes * 1024
    }

    #[tokio::test(start_paused = true)]
    async fn s5_ten_thousand_abandoned_sessions_leave_no_memory_behind() {
        let server = Server::builder().build();
        open_and_abandon(&server).await; // the allocator keeps what the first ones needed
        let before = resident();
        for _ in 0..3 {
            open_and_abandon(&server).await;
        }
        let grown = resident().saturating_sub(before);
        assert!(grown < LEAK, "expected to grow by less than {LEAK} bytes, grew by {grown}");
    }
}
