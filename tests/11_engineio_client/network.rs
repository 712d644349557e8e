//! What may stand between a client and its server: a proxy, and a server that says what it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use transcript::Transcript;

/// What a proxy does with a WebSocket. All else passes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// It passes, too.
    Pass,
    /// It answers with 403.
    Forbid,
    /// It lets the handshake pass, and cuts the connection.
    Cut,
    /// It never answers.
    Stall,
    /// It lets everything pass, each piece so much later.
    Delay(Duration),
}

/// A proxy, until it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(server: SocketAddr, rule: Rule, transcript: &Transcript) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let way =
            Way { server, rule, transcript: transcript.clone(), waits: watch::channel(false).0 };
        let task = tokio::spawn(async move {
            let way = Arc::new(way);
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(Arc::clone(&way).carry(client));
            }
        });
        Self { address, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Way {
    server: SocketAddr,
    rule: Rule,
    transcript: Transcript,
    /// Whether a GET of a session waits at the server. All else waits until one does, so that the
    /// transcript does not depend on which of two connections was quicker.
    waits: watch::Sender<bool>,
}

impl Way {
    async fn carry(self: Arc<Self>, mut client: TcpStream) {
        let Ok(mut server) = TcpStream::connect(self.server).await else { return };
        match self.rule {
            Rule::Delay(delay) => {
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                tokio::join!(
                    slowly(&mut from_client, &mut to_server, delay),
                    slowly(&mut from_server, &mut to_client, delay),
                );
            }
            _ => drop(self.carry_messages(BufReader::new(client), BufReader::new(server)).await),
        }
    }

    /// `None` at the end of one of the two connections.
    async fn carry_messages(
        &self,
        mut client: BufReader<TcpStream>,
        mut server: BufReader<TcpStream>,
    ) -> Option<()> {
        loop {
            let request = HttpMessage::read(&mut client).await?;
            let is_waiting_get = request.begins("GET ") && request.is_of_a_session();
            if request.is_of_a_session() && (request.is_upgrade() || !is_waiting_get) {
                self.waits.subscribe().wait_for(|waits| *waits).await.ok()?;
            }
            let forbidden = matches!(self.rule, Rule::Forbid | Rule::Stall) && request.is_upgrade();
            let hears = if forbidden { "proxy" } else { "server" };
            self.transcript.message("client", hears, request.shown());
            if request.is_upgrade() {
                return self.carry_websocket(request, client, server).await;
            }
            self.waits.send_replace(is_waiting_get || *self.waits.borrow());
            server.write_all(&request.bytes()).await.ok()?;
            let answer = HttpMessage::read(&mut server).await?;
            if is_waiting_get {
                self.waits.send_replace(false);
            }
            if let Some(sid) = answer.sid() {
                self.transcript.rename("sid", &sid);
            }
            self.transcript.message("server", "client", answer.shown());
            client.write_all(&answer.bytes()).await.ok()?;
        }
    }

    async fn carry_websocket(
        &self,
        request: HttpMessage,
        mut client: BufReader<TcpStream>,
        mut server: BufReader<TcpStream>,
    ) -> Option<()> {
        match self.rule {
            Rule::Forbid => {
                let answer =
                    "HTTP/1.1 403 Forbidden\r\nContent-Length: 18\r\n\r\nno WebSockets here";
                self.transcript.message("proxy", "client", "403 no WebSockets here");
                client.write_all(answer.as_bytes()).await.ok()?;
            }
            Rule::Stall => {
                self.transcript.event("proxy", "never answers");
                client.read_u8().await.ok()?;
            }
            Rule::Cut => {
                self.pass_handshake(&request, &mut client, &mut server).await?;
                if request.is_of_a_session() {
                    let probe = read_masked(&mut client).await?;
                    self.transcript.message("client", "proxy", format!("ws {probe}"));
                }
                self.transcript.event("proxy", "cuts the connection");
            }
            Rule::Pass | Rule::Delay(_) => {
                self.pass_handshake(&request, &mut client, &mut server).await?;
                copy_bidirectional(&mut client, &mut server).await.ok()?;
            }
        }
        Some(())
    }

    async fn pass_handshake(
        &self,
        request: &HttpMessage,
        client: &mut BufReader<TcpStream>,
        server: &mut BufReader<TcpStream>,
    ) -> Option<()> {
        server.write_all(&request.bytes()).await.ok()?;
        let answer = HttpMessage::read(server).await?;
        self.transcript.message("server", "client", answer.shown());
        client.write_all(&answer.bytes()).await.ok()
    }
}

/// A short frame of a client (RFC 6455, section 5.2): two bytes, the mask, the text.
async fn read_masked(client: &mut BufReader<TcpStream>) -> Option<String> {
    let header = [client.read_u8().await.ok()?, client.read_u8().await.ok()?];
    let mut mask = [0; 4];
    client.read_exact(&mut mask).await.ok()?;
    let mut text = vec![0; usize::from(header[1] & 0x7f)];
    client.read_exact(&mut text).await.ok()?;
    text.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    String::from_utf8(text).ok()
}

async fn slowly(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    delay: Duration,
) {
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        tokio::time::sleep(delay).await;
        if to.write_all(&piece[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

/// A request or an answer.
#[derive(Clone, Debug)]
pub(crate) struct HttpMessage {
    head: String,
    body: Vec<u8>,
}

impl HttpMessage {
    async fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut message = Self { head: String::new(), body: Vec::new() };
        while !message.head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut message.head).await.ok()? == 0 {
                return None;
            }
        }
        let length =
            message.header("content-length").map_or(0, |length| length.parse().unwrap_or(0));
        message.body.resize(length, 0);
        stream.read_exact(&mut message.body).await.ok()?;
        Some(message)
    }

    /// The header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// Whether its first line begins with this.
    pub(crate) fn begins(&self, with: &str) -> bool {
        self.head.starts_with(with)
    }

    /// The value of a pair in the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.head.lines().next()?.split(' ').nth(1)?.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// The body, if it is text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or("(bytes)")
    }

    pub(crate) fn is_upgrade(&self) -> bool {
        self.header("upgrade").is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"))
    }

    fn is_of_a_session(&self) -> bool {
        self.query("sid").is_some()
    }

    fn sid(&self) -> Option<String> {
        let (_, rest) = self.text().split_once(r#"0{"sid":""#)?;
        Some(rest.split('"').next()?.to_owned())
    }

    /// As a transcript has it: without headers, and without what is random.
    fn shown(&self) -> String {
        let line = self.head.lines().next().unwrap_or_default();
        let line = line.trim_end_matches(" HTTP/1.1").trim_start_matches("HTTP/1.1 ");
        let line = line.split("&t=").next().unwrap_or_default();
        let body = self.text().replace('\u{1e}', "␞");
        let upgrade =
            if self.is_upgrade() && self.begins("GET") { "  Upgrade: websocket" } else { "" };
        format!("{line}{upgrade} {body}").trim_end().to_owned()
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }
}

/// A server that answers each request as a test says, until it is dropped.
pub(crate) struct Answers {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<HttpMessage>>>,
    task: JoinHandle<()>,
}

impl Answers {
    /// `answer` gives the status line, headers and body; `None` if the request is never answered.
    pub(crate) async fn with<F>(answer: F) -> Self
    where
        F: Fn(&HttpMessage) -> Option<String> + Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (answer, heard) = (answer.clone(), Arc::clone(&heard));
                connections.spawn(async move {
                    let mut client = BufReader::new(client);
                    while let Some(request) = HttpMessage::read(&mut client).await {
                        let answer = answer(&request);
                        heard.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                        match answer {
                            Some(answer) => client.write_all(answer.as_bytes()).await?,
                            None => drop(client.read_u8().await?),
                        }
                    }
                    std::io::Result::Ok(())
                });
            }
        });
        Self { address, requests, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<HttpMessage> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with this status, these header lines and this body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}
