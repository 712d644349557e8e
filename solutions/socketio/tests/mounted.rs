//! The server where somebody else accepts the connections: the examples, as they are.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

#[cfg(feature = "tower")]
#[path = "../examples/socketio-axum.rs"]
#[expect(dead_code, reason = "its main")]
mod axum;
#[path = "../examples/socketio-hyper.rs"]
#[expect(dead_code, reason = "its main")]
mod hyper;

const PATIENCE: Duration = Duration::from_secs(20);

#[cfg(feature = "tower")]
#[tokio::test]
async fn axum_serves_it_beside_other_routes() {
    let (stop, stopped) = oneshot::channel();
    let listener = listen().await;
    let address = listener.local_addr().expect("an address").to_string();
    let serving = tokio::spawn(axum::serve(listener, async { drop(stopped.await) }));
    converse(&address, stop, serving).await;
}

#[tokio::test]
async fn hyper_serves_it_beside_other_pages() {
    let (stop, stopped) = oneshot::channel();
    let listener = listen().await;
    let address = listener.local_addr().expect("an address").to_string();
    let serving = tokio::spawn(hyper::serve(listener, async { drop(stopped.await) }));
    converse(&address, stop, serving).await;
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

/// A client comes by polling, moves to a WebSocket, hears what is posted elsewhere, and that the server stops.
async fn converse(
    address: &str,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
) {
    let opened = http(address, "GET", "/socket.io/?EIO=4&transport=polling", "").await;
    let sid = opened.split(r#""sid":""#).nth(1).and_then(|rest| rest.split('"').next());
    let sid = sid.unwrap_or_else(|| panic!("expected a sid, came {opened}"));
    let session = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
    assert!(http(address, "POST", &session, "40").await.ends_with("\r\n\r\nok"));
    let welcome = http(address, "GET", &session, "").await;
    assert!(welcome.contains(r#"42["welcome","#) && welcome.contains("127.0.0.1:"), "{welcome}");
    assert!(http(address, "GET", "/", "").await.ends_with("\r\n\r\n1 are here\n"));

    let mut socket = websocket(address, sid).await;
    socket.send(Message::text("2probe")).await.expect("it is open");
    assert_eq!(hear(&mut socket).await, "3probe");
    socket.send(Message::text("5")).await.expect("it is open");
    assert!(http(address, "POST", "/news", "breakfast").await.starts_with("HTTP/1.1 200"));
    assert_eq!(hear(&mut socket).await, r#"42["news","breakfast"]"#);

    let _ = stop.send(());
    assert_eq!(hear(&mut socket).await, "the end");
    let parted =
        timeout(PATIENCE, socket.next()).await.expect("expected the end of the connection");
    assert!(parted.is_none(), "{parted:?}");
    let ended =
        timeout(PATIENCE, serving).await.expect("the server ends when its clients have gone");
    ended.expect("it does not panic").expect("it ends well");
}

/// The whole answer.
async fn http(address: &str, method: &str, target: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
         content-type: text/plain;charset=UTF-8\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let answer = async {
        let mut stream = TcpStream::connect(address).await.expect("somebody listens");
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the server answers in text");
        answer
    };
    let answer = timeout(PATIENCE, answer).await;
    answer.unwrap_or_else(|_| panic!("expected an answer to {method} {target}"))
}

async fn websocket(address: &str, sid: &str) -> WebSocketStream<TcpStream> {
    let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket&sid={sid}");
    let stream = TcpStream::connect(address).await.expect("somebody listens");
    let opening = timeout(PATIENCE, client_async(url, stream));
    opening.await.expect("an answer to the opening handshake").expect("a 101").0
}

async fn hear(socket: &mut WebSocketStream<TcpStream>) -> String {
    let came = timeout(PATIENCE, socket.next()).await.expect("expected a message, or the end");
    match came.expect("a message before the end").expect("a message") {
        Message::Text(text) => text.to_string(),
        Message::Close(_) => "the end".to_owned(),
        other => panic!("expected a packet, came {other:?}"),
    }
}
