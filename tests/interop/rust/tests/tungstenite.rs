//! Lesson 06 and tokio-tungstenite: each as the server of the other.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode as Code, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::{Bytes, Message as Theirs};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};
use transcript::within;
use websocket_connection::{Close, CloseCode, Closure, Config, Message, WebSocket, dial, upgrade};
use websocket_handshake::{Opening, Policy};

#[tokio::test]
async fn our_server_converses_with_their_client() {
    let (listener, address) = listen().await;
    let answer = async |request| {
        let config = Config { max_frame: 1000, ..Config::default() };
        upgrade(&request, &Policy::default(), config, async |mut socket| {
            echo(&mut socket).await;
        })
    };
    let config = http_server::Config::default();
    let server = http_server::Server::new(listener, answer, config);
    let serving = tokio::spawn(server.serve(std::future::pending()));

    let stream = within("a connection", TcpStream::connect(address)).await.expect("it listens");
    let opening = client_async(format!("ws://{address}/"), stream);
    let (mut socket, _) = within("a WebSocket", opening).await.expect("the server opens one");
    converse(&mut socket).await;
    assert_eq!(part(&mut socket).await, Some((4000, "that was all".to_owned())));
    serving.abort();
}

#[tokio::test]
async fn our_client_converses_with_their_server() {
    let (listener, address) = listen().await;
    let serving: JoinHandle<()> = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client comes");
        let mut socket = accept_async(stream).await.expect("it wants a WebSocket");
        converse(&mut socket).await;
        assert_eq!(part(&mut socket).await, Some((4000, "that was all".to_owned())));
    });
    let opening = Opening::new(&address.to_string(), "/").expect("an opening");
    let config = Config { max_frame: 1000, ..Config::default() };
    let dialled = within("a WebSocket", dial(address, opening, config)).await;
    let closure = echo(&mut dialled.expect("the server opens one")).await;
    let code = CloseCode::new(4000).expect("an application's code");
    let close = Close::new(code, "that was all").expect("it is short");
    assert_eq!(closure, Closure::ByPeer(Some(close)));
    within("the server to end", serving).await.expect("the server ends well");
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound listener has an address");
    (listener, address)
}

async fn echo<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocket<S>) -> Closure {
    loop {
        let message: Message = match socket.next().await {
            Ok(message) => message,
            Err(closure) => return closure,
        };
        socket.send(&message).await.expect("the connection is open");
    }
}

/// What tokio-tungstenite says to an echo.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) {
    let messages = [
        Theirs::text("hello"),
        Theirs::text(""),
        Theirs::text("κόσμε 😀"),
        Theirs::text("x".repeat(1 << 20)),
        Theirs::binary(Bytes::new()),
        Theirs::binary(vec![0xff; 1 << 20]),
    ];
    for message in messages {
        socket.send(message.clone()).await.expect("the echo listens");
        assert_eq!(next(socket).await, message);
    }
    let euro = "€".as_bytes();
    let fragment = |bytes, data, is_final| {
        Theirs::Frame(Frame::message(Bytes::from_static(bytes), OpCode::Data(data), is_final))
    };
    let parts = [
        fragment(&euro[..1], Data::Text, false),
        Theirs::Ping(Bytes::from_static(b"in between")),
        fragment(&euro[1..], Data::Continue, true),
    ];
    for part in parts {
        socket.send(part).await.expect("the echo listens");
    }
    let answers = [next(socket).await, next(socket).await];
    let pong = Theirs::Pong(Bytes::from_static(b"in between"));
    assert!(answers.contains(&pong) && answers.contains(&Theirs::text("€")), "came {answers:?}");
}

/// Closes with a code and a reason; those of the answer.
async fn part<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
) -> Option<(u16, String)> {
    let frame = CloseFrame { code: Code::Library(4000), reason: "that was all".into() };
    socket.close(Some(frame)).await.expect("the echo listens");
    match next(socket).await {
        Theirs::Close(Some(frame)) => Some((frame.code.into(), frame.reason.to_string())),
        _ => None,
    }
}

async fn next<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> Theirs {
    within("a message", socket.next()).await.expect("the echo goes on").expect("a message")
}
