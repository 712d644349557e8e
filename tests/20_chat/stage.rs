//! A chat on a stage: people who say packets byte for byte, and a transcript of what travels.

use std::future::pending;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{DuplexStream, duplex};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use transcript::{Transcript, within};

use super::super::subject::{Chat, Limits, Page, Secret};

/// What opens the desk.
pub(crate) const TOKEN: &str = "open sesame";

/// A chat, and people in it.
pub(crate) struct Stage {
    pub(crate) transcript: Transcript,
    chat: Chat,
}

impl Stage {
    pub(crate) async fn new(lanes: &[&str]) -> Self {
        Self::with(Limits::default(), lanes).await
    }

    pub(crate) async fn with(limits: Limits, lanes: &[&str]) -> Self {
        let chat = Chat::new(limits, Secret::new(TOKEN));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let serving = chat.clone();
        tokio::spawn(async move { serving.serve(listener, Page::new(None), pending()).await });
        let lanes: Vec<&str> = lanes.iter().copied().chain(["server"]).collect();
        Self { transcript: Transcript::timed_by_tokio(&lanes), chat }
    }

    /// A client on a WebSocket, in no namespace yet.
    pub(crate) async fn connect(&self, lane: &'static str) -> Client {
        let (ours, theirs) = duplex(64 << 10);
        let io = self.chat.io().clone();
        tokio::spawn(async move { io.serve_connection(theirs, None).await });
        let url = "ws://chat/socket.io/?EIO=4&transport=websocket";
        let opened = within("the server to take a WebSocket", client_async(url, ours)).await;
        let (stream, _) = opened.expect("the server takes it");
        let mut client = Client { stream, transcript: self.transcript.clone(), lane };
        client.hear_unseen("the handshake").await;
        client
    }

    /// Somebody of the name of their lane, who has been welcomed. What was said until then is not shown.
    pub(crate) async fn enter(&self, lane: &'static str) -> Client {
        let mut client = self.connect(lane).await;
        client.send(&format!("40{}", entry(lane))).await;
        let yes = client.hear_unseen("the server's yes").await;
        assert!(yes.starts_with("40{"), "expected to be let in, came {yes}");
        let welcome = client.hear_unseen("a welcome").await;
        assert!(welcome.starts_with(r#"42["welcome""#), "expected a welcome, came {welcome}");
        client
    }

    /// People who are together in the room `tea`, and have nothing left to hear.
    pub(crate) async fn gather<const N: usize>(&self, lanes: [&'static str; N]) -> [Client; N] {
        let mut clients = Vec::new();
        for lane in lanes {
            let mut client = self.enter(lane).await;
            client.send(r#"420["join",{"room":"tea"}]"#).await;
            let joined = client.hear_unseen("the answer to join").await;
            assert!(joined.contains(r#""people""#), "expected who is there, came {joined}");
            clients.push(client);
        }
        for client in &mut clients {
            client.settle().await;
        }
        clients.try_into().expect("one for each lane")
    }

    /// Lets virtual time pass. tokio moves its clock only when every task waits, so whatever can happen has happened.
    pub(crate) async fn later(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// What somebody shows to be let in.
pub(crate) fn entry(name: &str) -> String {
    format!(r#"{{"name":"{name}","key":"{}"}}"#, key(name))
}

pub(crate) fn key(name: &str) -> String {
    format!("the key of {name:-<10}")
}

/// One WebSocket.
#[derive(Debug)]
pub(crate) struct Client {
    stream: WebSocketStream<DuplexStream>,
    transcript: Transcript,
    pub(crate) lane: &'static str,
}

impl Client {
    pub(crate) async fn say(&mut self, text: &str) {
        self.transcript.message(self.lane, "server", text);
        self.send(text).await;
    }

    /// The next packet. A ping is answered.
    pub(crate) async fn hear(&mut self) -> String {
        let before = self.transcript.to_string();
        let before = before.lines().last().unwrap_or_default().trim();
        let heard = self.hear_unseen(&format!("a packet to {}, after {before:?}", self.lane)).await;
        self.transcript.message("server", self.lane, &heard);
        heard
    }

    pub(crate) async fn ask(&mut self, text: &str) -> String {
        self.say(text).await;
        self.hear().await
    }

    /// Says something, and hears until a packet that begins so.
    pub(crate) async fn ask_through(&mut self, text: &str, last: &str) -> String {
        self.say(text).await;
        loop {
            let heard = self.hear().await;
            assert_ne!(heard, "the end", "expected {last}…");
            if heard.starts_with(last) {
                return heard;
            }
        }
    }

    /// Nothing lies here that was not heard.
    pub(crate) async fn hear_nothing(&mut self) {
        let came = self.waiting().await;
        assert!(came.is_empty(), "expected nothing, came {came:?}");
    }

    /// Nothing comes for so long but pings, which are answered.
    pub(crate) async fn hear_nothing_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(came) = timeout_at(end, self.stream.next()).await {
            let ping = matches!(&came, Some(Ok(Message::Text(text))) if *text == "2");
            assert!(ping, "expected nothing, came {came:?}");
            self.send("3").await;
        }
    }

    /// Hears what there is, without writing it down.
    pub(crate) async fn settle(&mut self) {
        self.waiting().await;
    }

    async fn waiting(&mut self) -> Vec<String> {
        // Who is given nothing to do for a millisecond of virtual time has done all.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let mut came = Vec::new();
        while let Some(next) = self.stream.next().now_or_never() {
            match next {
                Some(Ok(Message::Text(text))) if text == "2" => {}
                Some(Ok(message)) => came.push(message.to_string()),
                _ => return came,
            }
        }
        came
    }

    /// The connection breaks, without a word.
    pub(crate) fn cut(self) {
        self.transcript.event(self.lane, "the connection breaks");
    }

    async fn send(&mut self, text: &str) {
        let sent = self.stream.send(Message::text(text));
        within("the server to take a packet", sent).await.expect("the connection stands");
    }

    pub(crate) async fn hear_unseen(&mut self, awaited: &str) -> String {
        loop {
            let heard = match within(awaited, self.stream.next()).await {
                Some(Ok(Message::Text(text))) => text.to_string(),
                Some(Ok(Message::Close(_))) | None | Some(Err(_)) => "the end".to_owned(),
                Some(Ok(other)) => panic!("expected {awaited}, came {other:?}"),
            };
            if heard != "2" {
                self.rename(&heard);
                return heard;
            }
            self.send("3").await;
        }
    }

    /// What differs from run to run.
    fn rename(&self, heard: &str) {
        let json = heard.trim_start_matches(|c: char| c.is_ascii_digit());
        let Ok(json) = serde_json::from_str::<Value>(json.strip_prefix("/admin,").unwrap_or(json))
        else {
            return;
        };
        let args = json.as_array().filter(|args| args.len() > 1);
        if let Some(offset) = args.and_then(|args| args.last()?.as_str()) {
            self.transcript.rename("offset", offset);
        }
        self.rename_in(&json);
    }

    fn rename_in(&self, json: &Value) {
        match json {
            Value::Array(values) => values.iter().for_each(|value| self.rename_in(value)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    match (name.as_str(), value) {
                        ("sid" | "pid" | "epoch", Value::String(text)) => {
                            self.transcript.rename(name, text);
                        }
                        ("at", Value::Number(number)) => {
                            self.transcript.rename(name, &number.to_string());
                        }
                        _ => self.rename_in(value),
                    }
                }
            }
            _ => {}
        }
    }
}
