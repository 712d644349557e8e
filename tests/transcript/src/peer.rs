use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};

use crate::{Transcript, within};

/// How many bytes travel between a [`pair`] before the writer has to wait for the reader.
const PIPE: usize = 64 * 1024;

/// Two ends of a connection in memory: one for the test to speak with, one for the code under test.
///
/// What travels is written to the transcript at the test's end, both ways.
#[must_use]
pub fn pair(transcript: &Transcript, me: &str, other: &str) -> (Peer<DuplexStream>, DuplexStream) {
    let (mine, theirs) = tokio::io::duplex(PIPE);
    (Peer::new(mine, transcript, me, other), theirs)
}

/// One end of a connection, in the hands of a test: it says bytes, and waits for bytes with a
/// deadline that names what was awaited.
///
/// It reads and writes like the stream inside, so it can also be given to code under test.
#[derive(Debug)]
pub struct Peer<S> {
    stream: S,
    transcript: Transcript,
    me: String,
    other: String,
    /// What was read beyond the end of what was asked for.
    ahead: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// `stream` as the lane `me`, its other end as the lane `other`.
    pub fn new(stream: S, transcript: &Transcript, me: &str, other: &str) -> Self {
        let transcript = transcript.clone();
        Self { stream, transcript, me: me.to_owned(), other: other.to_owned(), ahead: Vec::new() }
    }

    /// Says all of `bytes`.
    ///
    /// # Panics
    ///
    /// When the other end does not take them.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let awaited = format!("{} to take {} bytes", self.other, bytes.len());
        let written = within(&awaited, async {
            self.write_all(bytes).await?;
            self.flush().await
        });
        if let Err(error) = written.await {
            panic!("expected {awaited}, came the error: {error}");
        }
    }

    /// What the other end says, up to and including `end`.
    ///
    /// # Panics
    ///
    /// When `end` does not come in time, or the connection closes before it.
    pub async fn hear_until(&mut self, end: &[u8], awaited: &str) -> Vec<u8> {
        let found = |heard: &[u8]| heard.windows(end.len()).position(|window| window == end);
        self.hear(awaited, |heard| found(heard).map(|start| start + end.len())).await
    }

    /// The next `count` bytes that the other end says.
    ///
    /// # Panics
    ///
    /// When they do not come in time, or the connection closes before it.
    pub async fn hear_exactly(&mut self, count: usize, awaited: &str) -> Vec<u8> {
        self.hear(awaited, |heard| (heard.len() >= count).then_some(count)).await
    }

    /// Everything that the other end says until it closes the connection. The transcript notes the
    /// close.
    ///
    /// # Panics
    ///
    /// When the connection does not close in time.
    pub async fn hear_close(&mut self, awaited: &str) -> Vec<u8> {
        let mut heard = std::mem::take(&mut self.ahead);
        let end = within(awaited, self.read_to_end(&mut heard)).await;
        let how = if end.is_ok() { "closes the connection" } else { "resets the connection" };
        self.transcript.event(&self.other, how);
        heard
    }

    /// Says that nothing more will be said, and goes on listening.
    ///
    /// # Panics
    ///
    /// When the connection is already broken.
    pub async fn finish(&mut self) {
        self.shutdown().await.expect("the connection still stands");
        self.transcript.event(&self.me, "has no more to say");
    }

    async fn hear(&mut self, awaited: &str, end: impl Fn(&[u8]) -> Option<usize>) -> Vec<u8> {
        let mut heard = std::mem::take(&mut self.ahead);
        loop {
            if let Some(end) = end(&heard) {
                self.ahead = heard.split_off(end);
                return heard;
            }
            let read = within(awaited, self.read_buf(&mut heard)).await;
            if !matches!(read, Ok(1..)) {
                let heard = String::from_utf8_lossy(&heard);
                panic!(
                    "expected {awaited}, came the end of the connection ({read:?}) after {heard:?}"
                );
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Peer<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            // It is in the transcript already.
            let count = buf.remaining().min(self.ahead.len());
            buf.put_slice(&self.ahead[..count]);
            self.ahead.drain(..count);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.transcript.bytes(&self.other, &self.me, &buf.filled()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Peer<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.transcript.bytes(&self.me, &self.other, &buf[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::pair;
    use crate::Transcript;

    #[tokio::test(start_paused = true)]
    async fn both_directions_are_written_down() {
        let transcript = Transcript::timed_by_tokio(&["client", "server"]);
        let (mut client, mut server) = pair(&transcript, "client", "server");
        let echo = tokio::spawn(async move {
            let mut asked = [0; 5];
            server.read_exact(&mut asked).await.expect("five bytes");
            server.write_all(b"one\ntwo\n").await.expect("room for eight bytes");
        });
        client.say("ping\n").await;
        assert_eq!(client.hear_until(b"\n", "a first line").await, b"one\n");
        assert_eq!(client.hear_exactly(3, "the second line").await, b"two");
        assert_eq!(client.hear_close("the end").await, b"\n");
        echo.await.expect("the server ends well");
        insta::assert_snapshot!(transcript, @r"
        lanes: client, server

             0s  client → server  ping\n
             0s  server → client  one\n
                                  two\n
             0s  server           closes the connection
        ");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_ahead_is_not_lost_to_who_reads_next() {
        let transcript = Transcript::timed_by_tokio(&["client", "server"]);
        let (mut client, mut server) = pair(&transcript, "client", "server");
        server.write_all(b"head\nframe").await.expect("room for ten bytes");
        client.hear_until(b"\n", "a head").await;
        let mut frame = [0; 5];
        client.read_exact(&mut frame).await.expect("the frame came with the head");
        assert_eq!(&frame, b"frame");
        insta::assert_snapshot!(transcript, @r"
        lanes: client, server

             0s  server → client  head\n
                                  frame
        ");
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "waited 10s of virtual time for an answer, and it did not come")]
    async fn a_deadline_says_what_was_awaited() {
        let transcript = Transcript::timed_by_tokio(&["client", "server"]);
        let (mut client, _server) = pair(&transcript, "client", "server");
        client.hear_until(b"\n", "an answer").await;
    }
}
