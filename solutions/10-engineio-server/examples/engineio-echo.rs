//! Says back what it hears: to curl, to a page in a browser, to any Engine.IO client.
//!
//! ```console
//! $ cargo run -p engineio-server --example engineio-echo
//! $ curl -i 'http://127.0.0.1:4010/engine.io/?EIO=4&transport=polling'
//! ```

use std::time::Duration;

use bytes::Bytes;
use engineio_server::{Answer, Connection, Message, Server};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, StatusCode};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = listen().await.unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(2);
    });
    let address = listener.local_addr()?;
    let server = Server::builder().shutdown_timeout(Duration::from_secs(2)).build();
    let stop = async {
        // Ctrl+C first: whoever has read the line may press it.
        let _ = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)");
        });
        println!("telling {} sessions", server.sessions());
        server.shutdown().await;
    };
    join!(stop, server.serve_beside(listener, echo, page));
    Ok(())
}

/// One session.
async fn echo(mut connection: Connection) {
    let name = connection.sid().as_str()[..4].to_owned(); // all of it is a secret
    println!("{name}  opens on {}", connection.transport());
    let mut transport = connection.transport();
    while let Some(message) = connection.next().await {
        if connection.transport() != transport {
            transport = connection.transport();
            println!("{name}  moved to {transport}");
        }
        println!("{name}  {}", shown(&message));
        if connection.send(message).is_err() {
            break;
        }
    }
    if let Some(reason) = connection.close_reason() {
        println!("{name}  {reason}");
    }
}

fn shown(message: &Message) -> String {
    match message {
        Message::Text(text) => format!("{text:?}"),
        Message::Binary(bytes) => format!("{} bytes", bytes.len()),
    }
}

/// What is not a session's.
async fn page(request: Request<Incoming>) -> Answer {
    let mut answer = Answer::new(Full::from(Bytes::from_static(include_bytes!("echo.html"))));
    if request.uri().path() != "/" {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, html);
    answer
}

async fn listen() -> Result<TcpListener, String> {
    let port = port()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener.map_err(|problem| {
        format!("cannot listen on port {port}: {problem}; try another with --port")
    })
}

/// What follows `--port`; 4010 without it.
fn port() -> Result<u16, String> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(4010),
        (Some("--port"), Some(port)) => {
            port.parse().map_err(|_| format!("expected a port after --port, came {port:?}"))
        }
        (Some(came), _) => Err(format!("expected --port and a number, came {came:?}")),
    }
}
