//! Says back whatever it is told, as a server or as a client, until the other side closes.
//!
//!     cargo run -p lesson-06-websocket-connection --example websocket-echo
//!     cargo run -p lesson-06-websocket-connection --example websocket-echo -- --dial 127.0.0.1:4006
//!
//! `--port N` listens on another port, `--target T` dials another target than `/`, `--fragment N`
//! sends frames of at most N bytes, `--limit N` takes messages of at most N bytes. Open
//! http://127.0.0.1:4006/ in a browser, and in the console of that page:
//!
//!     socket = new WebSocket("ws://127.0.0.1:4006/")
//!     socket.onmessage = (event) => console.log(event.data)
//!     socket.onclose = (event) => console.log(event.code, event.reason)
//!     socket.send("hello")

use std::error::Error;

use http_message::Request;
use http_server::Server;
use lesson_06_websocket_connection::{Close, CloseCode, Closure, Config, WebSocket, dial, upgrade};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::sync::watch;
use websocket_handshake::{Opening, Policy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Options { port, host, target, fragment, limit } = Options::read(std::env::args().skip(1))?;
    let config = Config {
        max_message: limit,
        max_buffered: limit.max(Config::default().max_buffered),
        max_frame: fragment,
        ..Config::default()
    };
    let (stop, stopped) = watch::channel(false);
    let wait = async move {
        ctrl_c().await.expect("Ctrl+C can be listened for");
        stop.send_replace(true);
    };
    if let Some(host) = host {
        tokio::spawn(wait);
        let socket = dial(&host, Opening::new(&host, &target)?, config).await?;
        println!("open");
        echo(socket, stopped).await;
        return Ok(());
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    let wait = async {
        // Ctrl+C first: whoever has read the line may press it.
        join!(biased; wait, async { println!("listening on http://{address} (Ctrl+C stops)") });
    };
    let answer = async move |request: Request| {
        upgrade(&request, &Policy::default(), config, |socket| echo(socket, stopped))
    };
    let report = Server::new(listener, answer, http_server::Config::default()).serve(wait).await;
    println!("{report:?}");
    Ok(())
}

async fn echo<S>(mut socket: WebSocket<S>, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let ended = tokio::select! {
        biased;
        closure = say_back(&mut socket) => Some(closure),
        _ = stopped.wait_for(|stopped| *stopped) => None,
    };
    let closure = match ended {
        Some(closure) => closure,
        None => {
            let close = Close::new(CloseCode::GOING_AWAY, "stopping").expect("it is short");
            socket.close(Some(&close)).await
        }
    };
    println!("{closure}");
}

async fn say_back<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocket<S>) -> Closure {
    loop {
        match socket.next().await {
            Ok(message) => {
                // If it cannot be sent, the connection closes, and `next` says why.
                let _ = socket.send(&message).await;
            }
            Err(closure) => return closure,
        }
    }
}

struct Options {
    port: u16,
    /// The server to dial, if it is not to be one.
    host: Option<String>,
    target: String,
    fragment: usize,
    limit: usize,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let limit = Config::default().max_message;
        let target = "/".to_owned();
        let mut options = Self { port: 4006, host: None, target, fragment: usize::MAX, limit };
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or(format!("expected a value after {option}"))?;
            match option.as_str() {
                "--port" => options.port = value.parse()?,
                "--dial" => options.host = Some(value),
                "--target" => options.target = value,
                "--fragment" => options.fragment = value.parse()?,
                "--limit" => options.limit = value.parse()?,
                _ => {
                    let expected = "expected --port, --dial, --target, --fragment or --limit";
                    return Err(format!("{expected}, came {option}").into());
                }
            }
        }
        Ok(options)
    }
}
