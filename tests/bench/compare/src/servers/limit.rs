//! The least that a server on tokio-tungstenite can cost. It is no Socket.IO server: it knows the few texts
//! that the load sends, cuts them where they are the same, and checks nothing. What is left is the cost of
//! sockets, runtime and frames.
//!
//! Whatever is ready is read before anything is written, and all answers leave in one write.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes, protocol::WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

const OPEN: Message = Message::Text(Utf8Bytes::from_static(
    r#"0{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
));
const CONNECTED: Message =
    Message::Text(Utf8Bytes::from_static(r#"40{"sid":"BBBBBBBBBBBBBBBBBBBB"}"#));

/// The default of 128 KiB is taken for every connection at once.
const READ_BUFFER: usize = 4096;

type Everybody = Arc<Mutex<Vec<Member>>>;

struct Member {
    sender: UnboundedSender<Message>,
    in_room: Arc<AtomicBool>,
}

pub(super) async fn serve(listener: TcpListener) -> io::Result<()> {
    let everybody = Everybody::default();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(stream, everybody.clone()));
    }
}

/// Until the client leaves. Whatever goes wrong before, the client will say.
async fn connection(stream: TcpStream, everybody: Everybody) -> Result<(), Error> {
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let mut socket = accept_async_with_config(stream, Some(config)).await?;
    socket.send(OPEN).await?;
    let (sender, receiver) = unbounded_channel();
    let in_room = Arc::<AtomicBool>::default();
    let member = Member { sender: sender.clone(), in_room: in_room.clone() };
    everybody.lock().unwrap_or_else(PoisonError::into_inner).push(member);
    let ended = converse(&mut socket, receiver, &everybody, &in_room).await;
    let mut everybody = everybody.lock().unwrap_or_else(PoisonError::into_inner);
    everybody.retain(|member| !member.sender.same_channel(&sender));
    ended
}

async fn converse(
    socket: &mut WebSocketStream<TcpStream>,
    mut receiver: UnboundedReceiver<Message>,
    everybody: &Everybody,
    in_room: &AtomicBool,
) -> Result<(), Error> {
    loop {
        tokio::select! {
            first = socket.next() => {
                let mut answers = Vec::new();
                let mut ready = Some(first);
                while let Some(message) = ready {
                    let Some(message) = message else { return Ok(()) };
                    answers.extend(answer(message?, everybody, in_room));
                    ready = socket.next().now_or_never();
                }
                for answer in answers {
                    socket.feed(answer).await?;
                }
            }
            Some(first) = receiver.recv() => {
                socket.feed(first).await?;
                while let Ok(more) = receiver.try_recv() {
                    socket.feed(more).await?;
                }
            }
        }
        socket.flush().await?;
    }
}

fn answer(message: Message, everybody: &Everybody, in_room: &AtomicBool) -> Option<Message> {
    let text = match &message {
        Message::Text(text) => text.as_str(),
        Message::Binary(_) => return Some(message),
        _ => return None,
    };
    match text {
        "40" => Some(CONNECTED),
        _ if text.starts_with(r#"42["broadcast""#) => tell(everybody, &message, |_| true),
        _ if text.starts_with(r#"42["room""#) => {
            tell(everybody, &message, |member| member.in_room.load(Ordering::Relaxed))
        }
        _ if text.starts_with("42[") || text.starts_with("451-") => Some(message),
        _ => {
            let (id, call) = text.strip_prefix("42")?.split_once('[')?;
            if call.starts_with(r#""join""#) {
                in_room.store(true, Ordering::Relaxed);
            }
            let arguments = call.strip_prefix(r#""ack","#).unwrap_or("]");
            Some(Message::text(format!("43{id}[{arguments}")))
        }
    }
}

/// They have it from their own tasks, the sender too.
fn tell(
    everybody: &Everybody,
    message: &Message,
    is_meant: impl Fn(&Member) -> bool,
) -> Option<Message> {
    let everybody = everybody.lock().unwrap_or_else(PoisonError::into_inner);
    for member in everybody.iter().filter(|member| is_meant(member)) {
        // Whoever left is not told.
        let _ = member.sender.send(message.clone());
    }
    None
}
