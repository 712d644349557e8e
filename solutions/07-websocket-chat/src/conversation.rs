use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error as SocketError, Message};

use crate::throttle::Throttled;
use crate::{Allowance, Beat, Command, Ending, Event, Limits, Mailbox, Mistake, Pulse, Visitor};

/// How much tungstenite keeps for reading and for writing, at each connection. Its default of 128 KiB
/// each is meant for few connections that carry much.
const BUFFER: usize = 4 << 10;

/// The longest header of a frame: two bytes, eight for the length, four for the mask.
const FRAME: usize = 14;

/// How much of what a client still sends is thrown away after the last word to it.
const MAX_DRAIN: u64 = 1 << 20;

/// Talks with one client until the conversation ends, and says how.
///
/// `early` is what came behind the request, before anybody read it as WebSocket.
pub async fn converse<S>(stream: S, early: Vec<u8>, visitor: Visitor, limits: &Limits) -> Ending
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        // Both: a single frame is refused at its header, many small ones when they add up.
        .max_frame_size(Some(limits.max_message))
        .max_message_size(Some(limits.max_message));
    let stream = Throttled::new(stream, bytes_a_second(limits));
    let mut socket =
        WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config)).await;
    let ending = Conversation::new(&mut socket, &visitor, limits).run().await;
    // First the others are told: a client that is slow to say goodbye does not make them wait.
    visitor.leave(&ending);
    if matches!(ending, Ending::Silent { .. }) {
        return ending; // nobody is there to say goodbye to
    }
    let goodbye = say_goodbye(&mut socket, ending.close_frame());
    // In time or not, the connection ends here.
    let _ = timeout(limits.close_deadline, goodbye).await;
    ending
}

/// As many as `max_rate` messages can have, so that only who cuts them into small pieces notices.
fn bytes_a_second(limits: &Limits) -> usize {
    let messages = usize::try_from(limits.max_rate).unwrap_or(usize::MAX);
    limits.max_message.saturating_add(FRAME).saturating_mul(messages)
}

/// One task for each of these, and no other: it owns the socket, so nothing about it needs a lock.
struct Conversation<'a, S> {
    socket: &'a mut WebSocketStream<S>,
    visitor: &'a Visitor,
    limits: &'a Limits,
    pulse: Pulse,
    allowance: Allowance,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Conversation<'a, S> {
    fn new(socket: &'a mut WebSocketStream<S>, visitor: &'a Visitor, limits: &'a Limits) -> Self {
        let now = Instant::now();
        let pulse = Pulse::new(limits.ping_interval, limits.ping_timeout, now);
        Self { socket, visitor, limits, pulse, allowance: Allowance::new(limits.max_rate, now) }
    }

    async fn run(mut self) -> Ending {
        loop {
            if let Err(ending) = self.turn().await {
                return ending;
            }
        }
    }

    // ANCHOR: turn
    /// Waits until the client, the room or the clock has something, and does it.
    ///
    /// What is lost in a `select!` is dropped, so each branch waits for something that can be waited
    /// for again: `next` keeps half a frame, `filled` takes nothing. The work is done after it.
    async fn turn(&mut self) -> Result<(), Ending> {
        let pause = self.allowance.pause(Instant::now());
        let alarm = pause.map_or(self.pulse.due(), |over| over.min(self.pulse.due()));
        tokio::select! {
            biased;
            // First, and still it keeps nobody waiting: the allowance bounds it.
            came = self.socket.next(), if pause.is_none() => self.hear(came),
            filled = self.visitor.mailbox().filled() => {
                filled?;
                deliver(self.socket, self.visitor.mailbox(), self.limits).await
            }
            () = sleep_until(alarm) => self.wake().await,
        }
    }
    // ANCHOR_END: turn

    /// Something came from the client. A mistake is answered to it alone.
    fn hear(&mut self, came: Option<Result<Message, SocketError>>) -> Result<(), Ending> {
        let message = came.ok_or(Ending::Lost)?.map_err(|error| Ending::of(&error, self.limits))?;
        let now = Instant::now();
        self.pulse.hear(now);
        self.allowance.spend(now);
        let obeyed = match message {
            Message::Text(text) => {
                Command::parse(&text).and_then(|command| self.visitor.obey(&command))
            }
            Message::Binary(bytes) => Err(Mistake::Binary { came: bytes.len() }),
            Message::Close(_) => return Err(Ending::Closed),
            // tungstenite answers a ping by itself; a bare frame it only ever sends.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
        };
        if let Err(mistake) = obeyed {
            self.visitor.tell(&Event::Error { message: &mistake.to_string() });
        }
        Ok(())
    }

    /// The clock has reached what it was set to.
    async fn wake(&mut self) -> Result<(), Ending> {
        if Instant::now() < self.pulse.due() {
            return Ok(()); // it was the end of a pause
        }
        match self.pulse.tick() {
            Beat::Ping => {
                let sent = self.socket.send(Message::Ping(Bytes::new()));
                in_time(self.limits, sent).await
            }
            Beat::Dead => {
                let silence = self.limits.ping_interval + self.limits.ping_timeout;
                Err(Ending::Silent { seconds: silence.as_secs() })
            }
        }
    }
}

/// Sends what waits, for as long as the client takes it, and lets it become no more than it may.
async fn deliver<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    mailbox: &Mailbox,
    limits: &Limits,
) -> Result<(), Ending> {
    // ANCHOR: step_7_3_c
    tokio::select! {
        biased;
        too_slow = mailbox.overflowed() => Err(too_slow),
        sent = in_time(limits, hand_over(socket, mailbox)) => sent,
    }
    // ANCHOR_END: step_7_3_c
}

/// Gives everything that waits to the socket, and lets it go in one piece.
async fn hand_over<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    mailbox: &Mailbox,
) -> Result<(), SocketError> {
    // ANCHOR: step_7_3_b
    for message in mailbox.take() {
        socket.feed(Message::Text(message)).await?;
    }
    socket.flush().await
    // ANCHOR_END: step_7_3_b
}

/// A client that takes longer than [`Limits::write_deadline`] over what is sent to it is given up.
async fn in_time(
    limits: &Limits,
    sent: impl Future<Output = Result<(), SocketError>>,
) -> Result<(), Ending> {
    match timeout(limits.write_deadline, sent).await {
        Ok(sent) => sent.map_err(|error| Ending::of(&error, limits)),
        Err(_) => Err(Ending::Stuck { seconds: limits.write_deadline.as_secs() }),
    }
}

/// The closing handshake, whoever began it; then the end of the connection, which the client should
/// close, too. Without the last part what was not read would turn into a reset on its way to the
/// client, and the reset would overtake the reason.
async fn say_goodbye<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<Throttled<S>>,
    frame: Option<CloseFrame>,
) -> Result<(), SocketError> {
    if frame.is_some() {
        socket.close(frame).await?;
    }
    while let Some(Ok(_)) = socket.next().await {}
    let stream = socket.get_mut().get_mut();
    stream.shutdown().await?;
    copy(&mut stream.take(MAX_DRAIN), &mut sink()).await?;
    Ok(())
}
