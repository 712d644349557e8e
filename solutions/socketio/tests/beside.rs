//! What is served beside Socket.IO, by the application.

use std::time::Duration;

use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, UPGRADE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use socketio::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// The 101 of a session waits for its first frame. This one has to leave by itself.
#[tokio::test]
async fn another_path_may_switch_to_another_protocol() {
    let greet = async |request: Request<Incoming>| {
        tokio::spawn(async {
            let upgraded = hyper::upgrade::on(request).await.expect("the 101 is sent");
            let hello = TokioIo::new(upgraded).write_all(b"hello").await;
            hello.expect("the client is there");
        });
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        answer.headers_mut().insert(UPGRADE, HeaderValue::from_static("greeting"));
        answer
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let io = Server::builder().build();
    tokio::spawn(async move { io.serve_beside(listener, greet).await });

    let mut client = TcpStream::connect(address).await.expect("the server listens");
    let request =
        b"GET /greet HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: greeting\r\n\r\n";
    client.write_all(request).await.expect("the server is there");
    let mut came = String::new();
    let all = timeout(Duration::from_secs(30), client.read_to_string(&mut came)).await;
    all.expect("the connection ends").expect("text");
    assert!(came.starts_with("HTTP/1.1 101 "), "{came}");
    assert!(came.ends_with("\r\n\r\nhello"), "{came}");
}
